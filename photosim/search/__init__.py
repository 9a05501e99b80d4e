"""Vectors, the HNSW index, exact search, queries and filters: pure, no I/O beyond the index files."""
