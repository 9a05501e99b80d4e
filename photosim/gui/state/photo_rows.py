"""Photos in the order of the rows of a grid, of which any can be found, inserted and removed in a millisecond."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from operator import eq
from typing import overload

import numpy as np
import numpy.typing as npt

from photosim.gui.base.long_lists import FREE_CHUNK_SIZE
from photosim.records import Photo

Ids = npt.NDArray[np.int64]

_BLOCK = FREE_CHUNK_SIZE


class PhotoRows(Sequence[Photo]):
    """A sequence of photos in blocks that are replaced but never changed, so that a copy shares them.

    Inserting a photo in a list of a million, or looking for an id in one, takes as long as painting a frame.
    """

    def __init__(self, photos: Iterable[Photo] = (), ids: Ids | None = None) -> None:
        """`ids` are the file ids of the photos (N,), where they are known."""
        items = photos if isinstance(photos, list) else list(photos)
        self._blocks: list[tuple[Photo, ...]] = [
            tuple(items[start : start + _BLOCK]) for start in range(0, len(items), _BLOCK)
        ]
        starts = range(0, len(items), _BLOCK)
        if ids is None:
            self._id_blocks = [_ids_of(block) for block in self._blocks]
        else:
            self._id_blocks = [ids[start : start + _BLOCK] for start in starts]
        self._starts, self._count = list(starts), len(items)
        self._ids = ids

    @property
    def ids(self) -> Ids:
        """The file ids of the photos (N,); read-only."""
        if self._ids is None:
            self._ids = np.concatenate([np.zeros(0, np.int64), *self._id_blocks])
        return self._ids

    def row_of(self, file_id: int) -> int | None:
        """Return the row of a file, None if it is not among them."""
        ids = self.ids
        row = int((ids == file_id).argmax()) if len(ids) else 0
        return row if row < len(ids) and ids[row] == file_id else None

    def rows_of(self, file_ids: Collection[int]) -> list[int]:
        """Return the rows of those of these files that are among them, ascending."""
        if len(file_ids) < 2:
            found = (self.row_of(file_id) for file_id in file_ids)
            return [row for row in found if row is not None]
        wanted = np.fromiter(file_ids, np.int64, len(file_ids))
        # A table by id: sorting a million ids, as `np.isin` may do, takes longer than painting a frame.
        is_wanted = np.zeros(int(wanted.max()) + 2, bool)
        is_wanted[wanted] = True
        rows: list[int] = np.flatnonzero(is_wanted.take(self.ids, mode="clip")).tolist()
        return rows

    def copy(self) -> PhotoRows:
        """Return a copy that later changes of this one leave as it is, in a time that hardly depends on its length."""
        other = PhotoRows()
        other._blocks, other._id_blocks = list(self._blocks), list(self._id_blocks)
        other._starts, other._count, other._ids = self._starts, self._count, self._ids
        return other

    def splice(self, rows: range, photos: Sequence[Photo]) -> None:
        """Replace consecutive rows by photos; either may be empty."""
        first = max(bisect_right(self._starts, rows.start) - 1, 0)
        last = max(bisect_right(self._starts, max(rows.stop - 1, rows.start)) - 1, 0)
        start = self._starts[first] if self._starts else 0
        inside = slice(rows.start - start, rows.stop - start)
        items = list(chain.from_iterable(self._blocks[first : last + 1]))
        items[inside] = photos
        ids = np.concatenate([np.zeros(0, np.int64), *self._id_blocks[first : last + 1]])
        ids = np.concatenate((ids[: inside.start], _ids_of(photos), ids[inside.stop :]))
        size = len(items) if len(items) <= 2 * _BLOCK else _BLOCK
        places = range(0, len(items), max(size, 1))
        self._blocks[first : last + 1] = [tuple(items[at : at + size]) for at in places]
        self._id_blocks[first : last + 1] = [ids[at : at + size] for at in places]
        ends = accumulate(map(len, self._blocks[first:]), initial=start)
        self._starts = [*self._starts[:first], *ends]
        self._count = self._starts.pop()
        self._ids = None

    def free_in_steps(self) -> None:
        """Remove all photos, block by block: other threads can run in between."""
        self._ids, self._count = None, 0
        self._id_blocks.clear()
        while self._blocks:
            self._blocks.pop()
        self._starts = []

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Photo]:
        return chain.from_iterable(self._blocks)

    @overload
    def __getitem__(self, index: int) -> Photo: ...
    @overload
    def __getitem__(self, index: slice) -> list[Photo]: ...
    def __getitem__(self, index: int | slice) -> Photo | list[Photo]:
        if isinstance(index, slice):
            rows = range(*index.indices(self._count))
            return [self[row] for row in rows] if rows.step != 1 else self._between(rows)
        if index < 0:
            index += self._count
        if not 0 <= index < self._count:
            raise IndexError(index)
        number = bisect_right(self._starts, index) - 1
        photo: Photo = self._blocks[number][index - self._starts[number]]
        return photo

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"PhotoRows({list(self)!r})"

    def _between(self, rows: range) -> list[Photo]:
        if not rows:
            return []
        first = bisect_right(self._starts, rows.start) - 1
        last = bisect_right(self._starts, rows.stop - 1) - 1
        start, stop = rows.start - self._starts[first], rows.stop - self._starts[last]
        if first == last:
            return list(self._blocks[first][start:stop])
        inner = chain.from_iterable(self._blocks[first + 1 : last])
        return [*self._blocks[first][start:], *inner, *self._blocks[last][:stop]]


def _ids_of(photos: Sequence[Photo]) -> Ids:
    return np.fromiter((photo.file_id for photo in photos), np.int64, len(photos))
