"""Tests of the view of the map."""
