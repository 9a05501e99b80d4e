"""The central view of the window: photos, clusters and unreadable files."""
