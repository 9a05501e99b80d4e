"""The place where duplicates are reviewed."""
