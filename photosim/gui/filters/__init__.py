"""Filter bar and its popups."""
