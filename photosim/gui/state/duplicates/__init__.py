"""State of the review of duplicates."""
