"""Nearest-neighbour search, similarity queries and filters. No I/O but for the files of the index."""
