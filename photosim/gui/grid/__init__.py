"""Grids of tiles: layout, models, views and delegates."""
