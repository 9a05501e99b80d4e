"""The sections of a grid in their order, thousands of them, between which photos are inserted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, overload

import numpy as np


@dataclass(frozen=True, slots=True)
class Section:
    """A section heading and the row of the first tile under it."""

    first: int
    title: str
    detail: str = ""
    """A muted text beside the title."""

    group: Any = None
    """What the tiles of the section have in common."""

    folded: bool | None = None
    """Whether only its heading is shown, without tiles; None where it can't be folded. Only the last one can be."""

    counted: bool = True
    """Whether the number of its tiles is shown."""


class Sections(Sequence[Section]):
    """An immutable sequence; a spliced copy costs little, whatever the number of sections.

    The rows are kept apart from the texts, since an insertion shifts rows only.
    """

    def __init__(self, sections: Iterable[Section] = ()) -> None:
        items = list(sections)
        self._texts = [
            (section.title, section.detail, section.group, section.folded, section.counted)
            for section in items
        ]
        self.firsts = np.array([section.first for section in items], np.int64)
        """The rows of the first tiles."""

    def spliced(self, index: int, removed: int, inserted: Iterable[Section], shift: int) -> Sections:
        """Return a copy with sections replaced from `index` on, and those behind shifted by a number of rows."""
        new, copy = Sections(inserted), Sections()
        end = index + removed
        copy._texts = [*self._texts[:index], *new._texts, *self._texts[end:]]
        copy.firsts = np.concatenate((self.firsts[:index], new.firsts, self.firsts[end:] + shift))
        return copy

    def without_rows(self, removed: Sequence[int], count: int) -> Sections:
        """Return a copy after some of `count` rows were removed; sections that have lost all their rows go with them."""
        firsts = self.firsts - np.searchsorted(np.sort(np.array(removed, np.int64)), self.firsts)
        remains = firsts < np.append(firsts[1:], count - len(removed))
        copy = Sections()
        copy._texts, copy.firsts = list(compress(self._texts, remains)), firsts[remains]
        return copy

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, index: int) -> Section: ...
    @overload
    def __getitem__(self, index: slice) -> Sections: ...
    def __getitem__(self, index: int | slice) -> Section | Sections:
        if isinstance(index, slice):
            part = Sections()
            part._texts, part.firsts = self._texts[index], self.firsts[index]
            return part
        return Section(int(self.firsts[index]), *self._texts[index])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Sections):
            return np.array_equal(self.firsts, other.firsts) and self._texts == other._texts
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))
