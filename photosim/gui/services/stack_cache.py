"""Keeps the stacks of the library in memory."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from photosim.gui.state.stacks import Stacks

if TYPE_CHECKING:
    from photosim.library import Library


class StackCache:
    """Loads the stacks in jobs, and again when other photos are duplicates."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._groups: list[tuple[int, ...]] = []
        self._stacks = Stacks()
        self.is_on = False
        """Whether the user wants duplicates and bursts to be stacked."""

    def load(self) -> Stacks:
        """Return the stacks; none while they are off."""
        if not self.is_on:
            return Stacks()
        groups = self._library.duplicates.stacks()
        with self._lock:
            if groups != self._groups:
                self._groups, self._stacks = groups, Stacks.of_groups(groups)
            return self._stacks
