"""Filters: their criteria, and the table of photos that they are applied to."""
