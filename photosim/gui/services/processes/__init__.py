"""Child processes of the window: indexing, models, comparisons and photos."""
