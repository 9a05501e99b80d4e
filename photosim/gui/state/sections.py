"""The headings of a grid in their order, thousands of them, between which photos come in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the row of the first tile under it."""

    first: int
    title: str
    detail: str = ""
    """Quiet words behind the title."""
    group: Any = None
    """What the tiles under it have in common."""


class Sections(Sequence[Section]):
    """Cannot be changed; others like it are made at a cost that hardly grows with their number.

    The rows stand apart from the words: when photos come in only the rows move.
    """

    def __init__(self, sections: Iterable[Section] = ()) -> None:
        made = list(sections)
        self._words = [(one.title, one.detail, one.group) for one in made]
        self.firsts = np.array([one.first for one in made], np.int64)
        """The rows of the first tiles."""

    def spliced(self, at: int, out: int, coming: Iterable[Section], shift: int) -> Sections:
        """From `at` on leave so many out, put others in, and move those behind by so many rows."""
        new, made = Sections(coming), Sections()
        made._words = [*self._words[:at], *new._words, *self._words[at + out :]]
        made.firsts = np.concatenate((self.firsts[:at], new.firsts, self.firsts[at + out :] + shift))
        return made

    def __len__(self) -> int:
        return len(self._words)

    @overload
    def __getitem__(self, place: int) -> Section: ...
    @overload
    def __getitem__(self, place: slice) -> Sections: ...
    def __getitem__(self, place: int | slice) -> Section | Sections:
        if isinstance(place, slice):
            made = Sections()
            made._words, made.firsts = self._words[place], self.firsts[place]
            return made
        return Section(int(self.firsts[place]), *self._words[place])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Sections):
            return np.array_equal(self.firsts, other.firsts) and self._words == other._words
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))
