"""Thumbnails, made into tiles and kept."""
