"""Data of the window: places, sorting, grouping, filters. No widgets."""
