"""Searches of a library: by words, filters, photos, objects and time."""
