"""The pipeline: scan, read, embed, store, build the index and the clusters."""
