"""From the graph of mutual nearest neighbours to clusters: pure."""
