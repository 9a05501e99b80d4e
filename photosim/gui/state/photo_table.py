"""Photos with what they are sorted by, as columns, so that a million of them are sorted in half a second."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeVar, overload

import numpy as np
import numpy.typing as npt

from photosim.gui.base.long_lists import CHUNK_SIZE, free_in_steps
from photosim.gui.state.ordering import date_number, name_key, sort_in_chunks
from photosim.records import Photo

Integers = npt.NDArray[np.int64]

_Value = TypeVar("_Value", bound=npt.NDArray[Any])

_NARROWEST, _WIDEST = 0.4, 3.0
"""Proportions of tiles; the ends of longer photos are cropped."""

_SMALL_PART = 4
"""Of a part that has less than this share of the photos, columns are made for itself."""


class PhotoTable(Sequence[Photo]):
    """N photos, and columns (N,) of them that are made when they are first needed, by any thread."""

    def __init__(
        self, photos: Sequence[Photo], whole: PhotoTable | None = None, rows: Integers | None = None
    ) -> None:
        """`whole` is a table that these photos are a part of, and `rows` (N,) are their rows in it."""
        self.photos = photos
        self._whole = whole if whole is not None and len(photos) * _SMALL_PART > len(whole) else None
        self._rows = rows

    def part(self, rows: Integers) -> PhotoTable:
        """Return some of the photos (M,) as a table, which shares the columns of this one unless it is small."""
        return PhotoTable(photos_at(self.photos, rows), self, rows)

    def rows_of(self, file_ids: Sequence[int] | Integers) -> Integers:
        """Return the rows of these files (M,) in their order, -1 for unknown ones."""
        wanted = np.asarray(file_ids, np.int64)
        if not len(self) or not len(wanted):
            return np.full(len(wanted), -1, np.int64)
        order, ids = self._by_id
        places = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
        return np.where(ids[places] == wanted, order[places], -1)

    @cached_property
    def ids(self) -> Integers:
        """The file ids."""
        return self._column("ids", lambda: self._integers(photo.file_id for photo in self.photos))

    @cached_property
    def dates(self) -> Integers:
        """The dates as numbers, see `date_number`."""
        return self._column("dates", lambda: self._integers(map(date_number, self.photos)))

    @cached_property
    def sizes(self) -> Integers:
        """The sizes of the files in bytes."""
        return self._column("sizes", lambda: self._integers(photo.size for photo in self.photos))

    @cached_property
    def formats(self) -> Integers:
        """Numbers that sort as the names of the formats do."""
        return self._column("formats", lambda: self._codes(photo.facts.format for photo in self.photos))

    @cached_property
    def name_ranks(self) -> Integers:
        """Numbers that sort as the names of the files do, see `name_key`."""
        return self._column("name_ranks", lambda: _name_ranks(self.photos))

    @cached_property
    def aspects(self) -> npt.NDArray[np.float32]:
        """See `aspect_ratios`."""
        return self._column("aspects", lambda: aspect_ratios(self.photos))

    def ranks_of(self, rows: Integers) -> Integers:
        """Return numbers (M,) that sort as the names of the photos of these rows do."""
        whole = self if self._whole is None else self._whole
        if "name_ranks" in vars(self) or "name_ranks" in vars(whole) or 2 * len(rows) > len(self):
            return self.name_ranks[rows]
        return _name_ranks(photos_at(self.photos, rows))

    @cached_property
    def _by_id(self) -> tuple[Integers, Integers]:
        """The rows in the order of the ids, and the ids."""
        order = np.argsort(self.ids)
        return order, self.ids[order]

    def _integers(self, values: Iterator[int]) -> Integers:
        return np.fromiter(values, np.int64, len(self.photos))

    def _codes(self, values: Iterator[str]) -> Integers:
        return codes_of(values, len(self.photos))[0]

    def _column(self, name: str, make: Callable[[], _Value]) -> _Value:
        if self._whole is None or self._rows is None:
            return make()
        column: _Value = getattr(self._whole, name)[self._rows]
        return column

    def __len__(self) -> int:
        return len(self.photos)

    def __iter__(self) -> Iterator[Photo]:
        return iter(self.photos)

    @overload
    def __getitem__(self, index: int) -> Photo: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Photo]: ...
    def __getitem__(self, index: int | slice) -> Photo | Sequence[Photo]:
        return self.photos[index]


class ScoreTable(Mapping[int, float]):
    """Scores by file id as two columns: a dict of a million blocks all threads while it is made, and when it is freed."""

    def __init__(self, file_ids: Integers, scores: npt.NDArray[np.float64]) -> None:
        """`scores` (N,) are those of the files (N,)."""
        order = np.argsort(file_ids)
        self.file_ids, self.scores = file_ids[order], scores[order]

    @classmethod
    def of(cls, scores: Mapping[int, float]) -> ScoreTable:
        """Return scores as a table."""
        if isinstance(scores, ScoreTable):
            return scores
        count = len(scores)
        return cls(np.fromiter(scores, np.int64, count), np.fromiter(scores.values(), np.float64, count))

    def __getitem__(self, file_id: int) -> float:
        place = int(np.searchsorted(self.file_ids, file_id))
        if place == len(self.file_ids) or self.file_ids[place] != file_id:
            raise KeyError(file_id)
        return float(self.scores[place])

    def __iter__(self) -> Iterator[int]:
        return map(int, self.file_ids)

    def __len__(self) -> int:
        return len(self.file_ids)


def codes_of(values: Iterable[Any], count: int) -> tuple[Integers, list[Any]]:
    """Return for each of `count` values (N,) its place among the distinct ones in their order, and these."""
    numbers: dict[Any, int] = {}
    # A generator and no map: in between other threads can run.
    found = np.fromiter((numbers.setdefault(value, len(numbers)) for value in values), np.int64, count)
    distinct = sorted(numbers)
    places = np.zeros(len(distinct), np.int64)
    places[[numbers[value] for value in distinct]] = np.arange(len(distinct))
    return places[found], distinct


def photos_at(photos: Sequence[Photo], rows: Integers) -> list[Photo]:
    """Return the photos of some rows (M,), in their order."""
    found: list[Photo] = []
    for start in range(0, len(rows), CHUNK_SIZE):
        found += [photos[row] for row in rows[start : start + CHUNK_SIZE].tolist()]
    return found


def aspect_ratios(photos: Sequence[Photo]) -> npt.NDArray[np.float32]:
    """The proportions of the tiles of photos, width / height (N,): their own ones, but for panoramas and the like."""
    ratios = np.fromiter(
        (photo.facts.width / (photo.facts.height or 1) for photo in photos), np.float32, len(photos)
    )
    ratios[ratios <= 0] = 1
    return ratios.clip(_NARROWEST, _WIDEST)


def _name_ranks(photos: Sequence[Photo]) -> Integers:
    keys = [name_key(photo) for photo in photos]
    order = sort_in_chunks(range(len(keys)), keys.__getitem__)
    is_new = (keys[before] != keys[row] for before, row in pairwise(order))
    ranks = np.zeros(len(order), np.int64)
    ranks[order[1:]] = np.fromiter(is_new, np.int64, max(len(order) - 1, 0)).cumsum()
    free_in_steps(keys)
    return ranks
