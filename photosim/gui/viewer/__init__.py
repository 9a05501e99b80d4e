"""Viewer and comparison of photos."""
