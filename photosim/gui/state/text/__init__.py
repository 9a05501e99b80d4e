"""What the window says, by subject."""
