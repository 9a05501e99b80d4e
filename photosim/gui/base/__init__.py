"""Foundations of the window: jobs, theme, formatting, focus. No widgets of ours, no library."""
