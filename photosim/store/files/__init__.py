"""Tables and queries about files: where they are, what a scan found, and which belong together."""
