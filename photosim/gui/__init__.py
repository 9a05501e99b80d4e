"""The window: the only package that imports PySide6; it never loads torch."""
