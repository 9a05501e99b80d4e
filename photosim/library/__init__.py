"""The library façade that the window and the command line call, and its services."""

from photosim.library.library import Library

__all__ = ["Library"]
