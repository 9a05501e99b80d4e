"""Clusters of similar photos, computed from the graph of mutual nearest neighbours. No I/O."""
