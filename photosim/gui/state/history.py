"""Back and Forward: the places that were visited, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

DEPTH = 200
"""Places remembered: more than anyone goes back, little enough to hold their photos in memory."""


class History(Generic[T]):
    """A line of places with one of them the present; places are compared by value."""

    def __init__(self, start: T) -> None:
        self._places = [start]
        self._at = 0

    @property
    def here(self) -> T:
        """The present place."""
        return self._places[self._at]

    @property
    def can_go_back(self) -> bool:
        """Whether there is a place before this one."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether a place was left by going back."""
        return self._at < len(self._places) - 1

    def go(self, place: T) -> None:
        """Visit a place; what lay ahead is forgotten. The present place again changes nothing."""
        if place == self.here:
            return
        self._places[self._at + 1 :] = [place]
        del self._places[:-DEPTH]
        self._at = len(self._places) - 1

    def replace(self, place: T) -> None:
        """Put another place where we are, as if the present one had not been visited."""
        self._places[self._at] = place

    @property
    def places(self) -> tuple[T, ...]:
        """All places that were visited, the first one first."""
        return tuple(self._places)

    def amend(self, change: Callable[[T], T]) -> None:
        """Put for each place what `change` makes of it."""
        self._places = [change(place) for place in self._places]

    def back(self) -> T:
        """Go one place back, if there is one."""
        self._at = max(self._at - 1, 0)
        return self.here

    def forward(self) -> T:
        """Go one place forward, if there is one."""
        self._at = min(self._at + 1, len(self._places) - 1)
        return self.here
