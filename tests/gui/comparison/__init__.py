"""Tests of the view of compared folders."""
