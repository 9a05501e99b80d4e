"""One photo in the full window, and two to four side by side."""
