"""The view of a folder that was compared with the library."""
