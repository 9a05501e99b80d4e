"""Criteria of how many objects a photo shows and where they stand: "two people", "dog left"."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from photosim.search.filters.columns import Integers, Mask

MANY = 10
"""A photo has no more objects than this; a criterion of as many is fulfilled by photos that show more."""

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SIDE = 0.45
"""The middle of an object on the left is in this share of the photo's width, and so on for the other sides."""


class Place(StrEnum):
    """Where in a photo an object is; the value is the word for it in a search."""

    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    BOTTOM = "bottom"


_PLACES = frozenset(map(str, Place))


@dataclass(frozen=True, slots=True)
class ObjectCriterion:
    """A photo has exactly `count` objects with a label, or one at a place."""

    label: str
    count: int = 0
    place: Place | None = None

    @property
    def text(self) -> str:
        """The criterion as text, "2 person" or "dog left", which `parse` reads."""
        return f"{self.count} {self.label}" if self.place is None else f"{self.label} {self.place}"

    @classmethod
    def parse(cls, text: str) -> ObjectCriterion | None:
        """Read a criterion, None if the text is none."""
        first, _, rest = text.partition(" ")
        if rest and first.isascii() and first.isdecimal() and len(first) <= len(str(MANY)):
            return cls(rest, count=int(first))
        label, _, last = text.rpartition(" ")
        return cls(label, place=Place(last)) if label and last in _PLACES else None


def count_of(word: str) -> int | None:
    """Return the number from 1 to MANY that a folded word names, None if it names none."""
    if word in _NUMBERS:
        return _NUMBERS.index(word) + 1
    is_number = word.isascii() and word.isdecimal() and len(word) <= len(str(MANY))
    return int(word) if is_number and 0 < int(word) <= MANY else None


def places_starting(word: str) -> Iterator[Place]:
    """Yield the places whose word begins with this folded one."""
    yield from (place for place in Place if place.startswith(word))


@dataclass(frozen=True, slots=True)
class ObjectColumn:
    """Objects as rows of a table of photos, indices `codes` into `names`, and the middles of their boxes, all (M,).

    Ordered by `codes`. The middles are in fractions of the upright photo.
    """

    rows: npt.NDArray[np.int32]
    codes: npt.NDArray[np.int16]
    names: tuple[str, ...]
    across: npt.NDArray[np.float32]
    down: npt.NDArray[np.float32]

    @classmethod
    def from_objects(
        cls, rows: Integers, codes: Integers, names: Sequence[str], boxes: npt.NDArray[np.float32]
    ) -> ObjectColumn:
        """Build the column from unordered objects (M,), (M,) with boxes (M, 4); those with a negative row are dropped."""
        order = np.argsort(codes, kind="stable")
        order = order[rows[order] >= 0]
        middles = boxes[order, :2] + boxes[order, 2:] / 2
        return cls(
            rows[order].astype(np.int32),
            codes[order].astype(np.int16),
            tuple(names),
            np.ascontiguousarray(middles[:, 0]),
            np.ascontiguousarray(middles[:, 1]),
        )

    def mask(self, criteria: Collection[str], length: int) -> Mask:
        """Return which of `length` photos fulfil all of these criteria, see `ObjectCriterion.text`."""
        mask = np.ones(length, bool)
        for text in criteria:
            mask &= self._mask(ObjectCriterion.parse(text), length)
        return mask

    def _mask(self, criterion: ObjectCriterion | None, length: int) -> Mask:
        mask = np.zeros(length, bool)
        if criterion is None or criterion.label not in self.names:
            return mask
        code = self.names.index(criterion.label)
        objects = slice(*np.searchsorted(self.codes, [code, code + 1]).tolist())
        rows = self.rows[objects]
        if criterion.place is None:
            counts = np.bincount(rows, minlength=length)
            return counts >= MANY if criterion.count >= MANY else counts == criterion.count
        mask[rows[self._is_at(criterion.place, objects)]] = True
        return mask

    def _is_at(self, place: Place, objects: slice) -> Mask:
        match place:
            case Place.LEFT:
                return self.across[objects] <= _SIDE
            case Place.RIGHT:
                return self.across[objects] >= 1 - _SIDE
            case Place.TOP:
                return self.down[objects] <= _SIDE
            case Place.BOTTOM:
                return self.down[objects] >= 1 - _SIDE
