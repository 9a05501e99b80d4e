"""What the map shows: points with their groups, and which photos are shown as thumbnails at which zoom. No widgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from photosim.gui.map.legend import Legend

Ids = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp]
Outline = npt.NDArray[np.float64]
"""Points (M, 2) of the map, the last one joined with the first."""

_CELLS = 256
"""Cells of the grid along each axis, in which points are looked up."""

_ROUNDS = 4
"""Rounds in which thumbnails are chosen; more find few."""

_HASH = 2_654_435_761
"""Knuth's multiplier: spreads the thumbnails among the photos of a folder."""


class Rect(NamedTuple):
    """A rectangle of the map, whose coordinates go from 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float


Area = Rect | Outline


@dataclass(frozen=True, slots=True)
class MapCluster:
    """A cluster as the map names it: its id, title ("" without one), size and the row of its cover."""

    id: int
    title: str
    size: int
    row: int


@dataclass(frozen=True)
class MapData:
    """The photos of the map; rows are indices into the arrays.

    `xy` (N, 2) are the places, `clusters` (N,) the ids of their clusters, 0 for none, `colors` (N, 3) red, green and blue,
    which the `legend` explains. `named` are the clusters, the largest first.
    """

    file_ids: Ids
    photo_ids: Ids
    xy: npt.NDArray[np.float32]
    clusters: Ids
    colors: npt.NDArray[np.uint8]
    named: Sequence[MapCluster] = ()
    legend: Legend | None = None

    @classmethod
    def empty(cls) -> MapData:
        """The map of no photos."""
        none = np.empty(0, np.int64)
        return cls(none, none, np.empty((0, 2), np.float32), none, np.empty((0, 3), np.uint8))

    def __len__(self) -> int:
        return len(self.file_ids)

    @cached_property
    def bounds(self) -> Rect:
        """The smallest rectangle with all photos."""
        if not len(self):
            return Rect(0, 0, 1, 1)
        (left, top), (right, bottom) = self.xy.min(axis=0).tolist(), self.xy.max(axis=0).tolist()
        return Rect(left, top, right, bottom)

    @cached_property
    def rank(self) -> Ids:
        """The order (N,) in which photos are shown where there is no room for all: covers first, of large clusters."""
        rank = self.file_ids * _HASH % 2**32 + len(self.named)
        for number, cluster in enumerate(self.named):
            rank[cluster.row] = min(number, rank[cluster.row])
        return rank

    @cached_property
    def named_rows(self) -> Rows:
        """The rows of the covers of the clusters."""
        return np.array([cluster.row for cluster in self.named], np.intp)

    @cached_property
    def has_title(self) -> npt.NDArray[np.bool_]:
        """Whether each of the clusters has a title."""
        return np.array([bool(cluster.title) for cluster in self.named], bool)

    @cached_property
    def cluster_of_id(self) -> Mapping[int, MapCluster]:
        """The clusters by id."""
        return {cluster.id: cluster for cluster in self.named}

    def row_of(self, file_id: int) -> int | None:
        """Return the row of a photo file, None if it is not on the map."""
        position = int(np.searchsorted(self._sorted_ids, file_id))
        if position == len(self) or self._sorted_ids[position] != file_id:
            return None
        return int(self._by_id[position])

    def rows_of(self, file_ids: Ids) -> Rows:
        """Return the rows of those of these files that are on the map."""
        if not len(self):
            return np.empty(0, np.intp)
        positions = np.minimum(np.searchsorted(self._sorted_ids, file_ids), len(self) - 1)
        found: Rows = self._by_id[positions[self._sorted_ids[positions] == file_ids]]
        return found

    def rows_in(self, rect: Rect) -> Rows:
        """Return the rows of the photos in a rectangle."""
        left, top, right, bottom = (min(max(int(edge * _CELLS), 0), _CELLS - 1) for edge in rect)
        starts, order = self._cells
        parts = [
            order[starts[row * _CELLS + left] : starts[row * _CELLS + right + 1]]
            for row in range(top, bottom + 1)
        ]
        rows = np.concatenate(parts) if parts else np.empty(0, np.intp)
        x, y = self.xy[rows].T
        inside = (x >= rect.left) & (x <= rect.right) & (y >= rect.top) & (y <= rect.bottom)
        found: Rows = rows[inside]
        return found

    def rows_inside(self, outline: Outline) -> Rows:
        """Return the rows of the photos inside an outline, also those that it goes around several times.

        The winding number of a point changes by each side of the outline that passes it on its right.
        """
        left, top = outline.min(axis=0).tolist()
        right, bottom = outline.max(axis=0).tolist()
        rows = self.rows_in(Rect(left, top, right, bottom))
        rows = rows[np.argsort(self.xy[rows, 1], kind="stable")]
        x, y = self.xy[rows].astype(np.float64).T
        winding = np.zeros(len(rows), np.int32)
        for (x1, y1), (x2, y2) in zip(outline.tolist(), np.roll(outline, -1, axis=0).tolist(), strict=True):
            first, last = np.searchsorted(y, (min(y1, y2), max(y1, y2)))
            if first < last:
                side = x1 + (y[first:last] - y1) * ((x2 - x1) / (y2 - y1))
                winding[first:last] += np.where(side > x[first:last], 1 if y2 > y1 else -1, 0)
        found: Rows = rows[winding != 0]
        return found

    def rows_in_area(self, area: Area) -> Rows:
        """Return the rows of the photos in a rectangle or an outline."""
        return self.rows_in(area) if isinstance(area, Rect) else self.rows_inside(area)

    def nearest(self, x: float, y: float, distance: float) -> int | None:
        """Return the row of the photo nearest to a point, None if none is within a distance along each axis."""
        rows = self.rows_in(Rect(x - distance, y - distance, x + distance, y + distance))
        if not len(rows):
            return None
        squared = ((self.xy[rows] - np.array([x, y], np.float32)) ** 2).sum(axis=1)
        return int(rows[squared.argmin()])

    def with_room(self, level: int) -> Rows:
        """Return the rows of photos whose squares with edges of 2 ** -level do not overlap, the best ranked ones.

        In each round the best photo of each cell of a lattice is kept unless it overlaps a better one of a cell beside it,
        then those that overlap a kept one are left out.
        """
        edge = 2.0**-level
        column, row = (np.floor(axis / edge).astype(np.int64) + 1 for axis in self.xy.T)
        side = 2**level + 3
        keys = row * side + column
        left = np.lexsort((self.rank, keys))
        kept: Rows = np.empty(0, np.intp)
        for _ in range(_ROUNDS):
            best = left[np.diff(keys[left], prepend=-1) != 0]
            loses = np.zeros(len(best), bool)
            for beside, overlaps in self._overlaps(best, best, keys, side, edge):
                loses |= overlaps & (self.rank[beside] < self.rank[best])
            kept = np.concatenate([kept, best[~loses]])
            kept = kept[np.argsort(keys[kept])]
            is_free = np.ones(len(left), bool)
            for _, overlaps in self._overlaps(left, kept, keys, side, edge):
                is_free &= ~overlaps
            left = left[is_free]
            if not len(left):
                break
        return kept

    def _overlaps(
        self, rows: Rows, others: Rows, keys: Ids, side: int, edge: float
    ) -> Iterator[tuple[Rows, npt.NDArray[np.bool_]]]:
        """Yield for a cell and each one beside it the one of `others` (M,) there, and whether `rows` (n,) overlap it.

        `others` are ordered by the keys of their cells, of which each has one at most.
        """
        other_keys = keys[others]
        for shift in (0, 1, -1, side - 1, side, side + 1, 1 - side, -side, -side - 1):
            if not len(others):
                return
            place = np.minimum(np.searchsorted(other_keys, keys[rows] + shift), len(others) - 1)
            found = others[place]
            overlaps = other_keys[place] == keys[rows] + shift
            overlaps &= (np.abs(self.xy[found] - self.xy[rows]) < edge).all(axis=1)
            yield found, overlaps

    @cached_property
    def _by_id(self) -> Rows:
        return np.argsort(self.file_ids)

    @cached_property
    def _sorted_ids(self) -> Ids:
        return self.file_ids[self._by_id]

    @cached_property
    def _cells(self) -> tuple[Rows, Rows]:
        """Where the rows of each cell start in an order of all rows, and that order."""
        column, row = np.clip((self.xy * _CELLS).astype(np.intp), 0, _CELLS - 1).T
        cell = row * _CELLS + column
        order = np.argsort(cell, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=_CELLS * _CELLS))])
        return starts.astype(np.intp), order

    def prepare(self) -> None:
        """Compute what is looked up later, in a job."""
        _ = self.bounds, self.rank, self._sorted_ids, self._cells
        _ = self.named_rows, self.has_title, self.cluster_of_id
