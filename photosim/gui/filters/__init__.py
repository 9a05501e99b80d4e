"""The filter bar and its pop-ups."""
