"""The file system: scanning, paths, volumes, copying, moving and watching. Knows no library."""
