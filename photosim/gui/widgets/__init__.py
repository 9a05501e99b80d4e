"""Reusable widgets that know nothing about the library."""
