"""The indexing pipeline: scan, read, embed, save, build the index and the clusters."""
