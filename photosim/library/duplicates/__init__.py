"""The duplicates of a library: their groups, the user's decisions about them, and the rules."""

from photosim.library.duplicates.service import DuplicateService

__all__ = ["DuplicateService"]
