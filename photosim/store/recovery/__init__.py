"""Recovers what can be read of damaged libraries."""
