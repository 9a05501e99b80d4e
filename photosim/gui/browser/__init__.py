"""The centre of the window: photos, clusters and unreadable files."""
