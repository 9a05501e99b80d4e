"""Folders that are compared: what was read of them, and the last results; a cache in a file of its own."""
