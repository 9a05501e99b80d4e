"""Clusters of a library with the user's edits and their names, and events, which are clusters in time."""
