"""Photos as a grid shows them, in order and under section headings; built in a job."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from photosim.gui.base.boxes import FoundObject
from photosim.gui.state.grouping import Grouper
from photosim.gui.state.ordering import NEVER, SortKey, SortOrder, month_of, sort_key
from photosim.gui.state.photo_rows import PhotoRows
from photosim.gui.state.photo_table import Integers, PhotoTable, ScoreTable, codes_of, photos_at
from photosim.gui.state.sections import Section, Sections
from photosim.gui.state.stacks import StackedPhotos, StackMap
from photosim.records import Photo

_HASHED_BYTES = 1 << 16
"""Bytes of ids that are hashed at once: no other thread can run meanwhile."""

_UNRANKED = 2.0
"""Behind any similarity, when these are sorted by their negative."""


@dataclass(frozen=True, slots=True)
class PhotoList:
    """Photos in order with their sections. The model that shows a list owns and changes it from then on."""

    photos: PhotoRows = field(default_factory=PhotoRows)
    similarities: Mapping[int, float] = field(default_factory=dict)
    """By file id."""

    sections: Sections = field(default_factory=Sections)
    sort_key: SortKey = field(default=sort_key(SortOrder.NAME))
    grouper: Grouper | None = None
    """Makes the sections of photos that are inserted later."""

    order_hash: int | None = None
    """A hash of the file ids in their order; None while it is not known."""

    aspects: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    """See `aspect_ratios` of `photo_table`."""

    months: tuple[MonthStart, ...] | None = None
    """Where each month begins; None where the photos are not in the order of their dates."""

    found: Mapping[int, FoundObject] = field(default_factory=dict)
    """The objects that a search has found, by file id."""

    stacks: StackMap = field(default_factory=dict)
    """The stacks that are shown as one photo."""

    hidden: int = 0
    """The number of photos in them that are not shown."""

    is_in_columns: bool = False
    """Whether each section is a column, its first photo large, and similarities are shown on the photos."""

    @property
    def file_ids(self) -> list[int]:
        """The file ids of the photos, in their order."""
        file_ids: list[int] = self.photos.ids.tolist()
        return file_ids

    def with_stacks(self, stacked: StackedPhotos) -> PhotoList:
        """The list of the photos of `stacked`, with what it tells about them."""
        return replace(self, stacks=stacked.stacks, hidden=stacked.hidden) if stacked.stacks else self


class MonthStart(NamedTuple):
    """The first photo of a month in a list by date."""

    row: int
    month: int | None
    """Counted from the year 0; None for photos without a date."""


def find_months(photos: Sequence[Photo]) -> Iterator[MonthStart]:
    """Find where each month begins in photos sorted by date, in either direction; one after the other."""
    row = 0
    while row < len(photos):
        month = month_of(photos[row])
        yield MonthStart(row, month)
        row = bisect_left(photos, True, lo=row, key=partial(_is_of_another_month, month))


def _is_of_another_month(month: int | None, photo: Photo) -> bool:
    return month_of(photo) != month


def sorted_list(
    photos: Sequence[Photo],
    order: SortOrder,
    similarities: Mapping[int, float] | None = None,
    grouper: Grouper | None = None,
    *,
    descending: bool | None = None,
) -> PhotoList:
    """Sort photos, in sections where there is a grouper. `similarities` are by file id, for the orders by rank.

    A PhotoTable that is sorted again has its columns already.
    """
    table = photos if isinstance(photos, PhotoTable) else PhotoTable(photos)
    key = sort_key(order, similarities, descending=descending)
    sections: list[Section] = []
    keys = _sort_columns(table, order, similarities or {}, descending=descending)
    if grouper is None:
        rows = _sorted_rows(table, keys)
    else:
        key = grouper.sort_key(key)
        codes, groups = codes_of(map(grouper.group_of, table.photos), len(table))
        rows = _sorted_rows(table, [codes, *keys])
        codes = codes[rows]
        for first in np.flatnonzero(np.diff(codes, prepend=-1)).tolist():
            group = groups[codes[first]]
            sections.append(Section(first, *grouper.title_of(group), group))
    shown = similarities if order is SortOrder.SIMILARITY else None
    photo_list = _build(table, rows, shown or {}, Sections(sections), key)
    is_by_date = order is SortOrder.DATE and (grouper is None or grouper.keeps_dates)
    months = tuple(find_months(photo_list.photos)) if is_by_date else None
    return replace(photo_list, grouper=grouper, months=months)


def make_list(
    photos: Sequence[Photo], similarities: Mapping[int, float] | None = None, sections: Iterable[Section] = ()
) -> PhotoList:
    """List photos in the order in which they are given."""
    ranks = {photo.file_id: rank for rank, photo in enumerate(photos)}
    return _build(
        PhotoTable(photos),
        None,
        similarities or {},
        Sections(sections),
        lambda photo: ranks.get(photo.file_id, len(ranks)),
    )


def _build(
    table: PhotoTable,
    rows: Integers | None,
    similarities: Mapping[int, float],
    sections: Sections,
    key: SortKey,
) -> PhotoList:
    """List the photos of a table by rows (N,), or all of them in its order."""
    photos, ids, aspects = table.photos, table.ids, table.aspects
    if rows is not None:
        photos, ids, aspects = photos_at(photos, rows), ids[rows], aspects[rows]
    return PhotoList(
        PhotoRows(photos, ids),
        similarities,
        sections,
        key,
        order_hash=_hash_of(ids),
        aspects=aspects.copy(),
    )


def _sort_columns(
    table: PhotoTable, order: SortOrder, similarities: Mapping[int, float], *, descending: bool | None
) -> list[npt.NDArray[Any]]:
    """The columns that sort as `sort_key` does, the most important first; equal photos follow by name."""
    descending = order.is_descending if descending is None else descending
    sign = -1 if descending else 1
    if order is SortOrder.DATE:
        dates = table.dates
        return [-dates if descending else np.where(dates > 0, dates, NEVER)]
    if order is SortOrder.ADDED:
        return [sign * table.ids]
    if order is SortOrder.SIZE:
        return [sign * table.sizes]
    if order is SortOrder.TYPE:
        return [sign * table.formats]
    if order.is_ranked or order is SortOrder.UNIQUENESS:
        known = ScoreTable.of(similarities)
        scores = np.full(len(table), _UNRANKED)
        rows = table.rows_of(known.file_ids)
        scores[rows[rows >= 0]] = -known.scores[rows >= 0]
        return [scores]
    return [sign * table.name_ranks]


def _sorted_rows(table: PhotoTable, columns: Sequence[npt.NDArray[Any]]) -> Integers:
    """The rows of a table sorted by columns, the most important first, and by name where these are equal."""
    rows = np.lexsort(tuple(reversed(columns)))
    is_same = np.ones(max(len(rows) - 1, 0), bool)
    for column in columns:
        is_same &= column[rows[1:]] == column[rows[:-1]]
    is_tied = np.append(is_same, False) | np.append(False, is_same)
    if is_tied.any():
        tied = rows[is_tied]
        runs = np.append(0, np.cumsum(~is_same))[is_tied]
        rows[is_tied] = tied[np.lexsort((table.ranks_of(tied), runs))]
    return rows


def _hash_of(ids: Integers) -> int:
    data, order_hash = ids.tobytes(), 0
    for start in range(0, len(data), _HASHED_BYTES):
        order_hash = hash((order_hash, data[start : start + _HASHED_BYTES]))
    return order_hash
