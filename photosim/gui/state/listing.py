"""Photos as a grid shows them, in order and under section headings; built in a job."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from photosim.gui.base.boxes import FoundObject
from photosim.gui.base.long_lists import CHUNK_SIZE
from photosim.gui.state.grouping import Grouper
from photosim.gui.state.ordering import SortKey, SortOrder, month_of, sort_in_chunks, sort_key
from photosim.gui.state.sections import Section, Sections
from photosim.gui.state.stacks import StackedPhotos, StackMap
from photosim.records import Photo

_NARROWEST, _WIDEST = 0.4, 3.0
"""Proportions of tiles; the ends of longer photos are cropped."""


@dataclass(frozen=True, slots=True)
class PhotoList:
    """Photos in order with their sections. The model that shows a list owns and changes it from then on."""

    photos: list[Photo] = field(default_factory=list)
    file_ids: list[int] = field(default_factory=list)
    id_set: set[int] = field(default_factory=set)
    similarities: Mapping[int, float] = field(default_factory=dict)
    """By file id."""

    sections: Sections = field(default_factory=Sections)
    sort_key: SortKey = field(default=sort_key(SortOrder.NAME))
    grouper: Grouper | None = None
    """Makes the sections of photos that are inserted later."""

    order_hash: int | None = None
    """A hash of the file ids in their order; None while it is not known."""

    aspects: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    """See `aspect_ratios`."""

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

    def with_stacks(self, stacked: StackedPhotos) -> PhotoList:
        """The list of the photos of `stacked`, with what it tells about them."""
        return replace(self, stacks=stacked.stacks, hidden=stacked.hidden) if stacked.stacks else self


class MonthStart(NamedTuple):
    """The first photo of a month in a list by date."""

    row: int
    month: int | None
    """Counted from the year 0; None for photos without a date."""


def find_months(photos: Sequence[Photo]) -> tuple[MonthStart, ...]:
    """Find where each month begins in photos sorted by date, in either direction."""
    starts = []
    row = 0
    while row < len(photos):
        month = month_of(photos[row])
        starts.append(MonthStart(row, month))
        row = bisect_left(photos, True, lo=row, key=partial(_is_of_another_month, month))
    return tuple(starts)


def _is_of_another_month(month: int | None, photo: Photo) -> bool:
    return month_of(photo) != month


def aspect_ratios(photos: Sequence[Photo]) -> npt.NDArray[np.float32]:
    """The proportions of the tiles of photos, width / height (N,): their own ones, but for panoramas and the like."""
    ratios = np.fromiter(
        (photo.facts.width / (photo.facts.height or 1) for photo in photos), np.float32, len(photos)
    )
    ratios[ratios <= 0] = 1
    return ratios.clip(_NARROWEST, _WIDEST)


def sorted_list(
    photos: Sequence[Photo],
    order: SortOrder,
    similarities: Mapping[int, float] | None = None,
    grouper: Grouper | None = None,
    *,
    descending: bool | None = None,
) -> PhotoList:
    """Sort photos, in sections where there is a grouper. `similarities` are by file id, for the orders by rank."""
    key = sort_key(order, similarities, descending=descending)
    if grouper is not None:
        key = grouper.sort_key(key)
    ordered = sort_in_chunks(photos, key)
    sections = Sections(grouper.make_sections(ordered) if grouper is not None else ())
    shown = similarities if order is SortOrder.SIMILARITY else None
    photo_list = _build(ordered, shown or {}, sections, key)
    is_by_date = order is SortOrder.DATE and (grouper is None or grouper.keeps_dates)
    return replace(photo_list, grouper=grouper, months=find_months(ordered) if is_by_date else None)


def make_list(
    photos: Sequence[Photo], similarities: Mapping[int, float] | None = None, sections: Iterable[Section] = ()
) -> PhotoList:
    """List photos in the order in which they are given."""
    ranks = {photo.file_id: rank for rank, photo in enumerate(photos)}
    return _build(
        list(photos),
        similarities or {},
        Sections(sections),
        lambda photo: ranks.get(photo.file_id, len(ranks)),
    )


def _build(
    photos: list[Photo], similarities: Mapping[int, float], sections: Sections, key: SortKey
) -> PhotoList:
    file_ids = [photo.file_id for photo in photos]
    id_set: set[int] = set()
    order_hash = 0
    for start in range(0, len(file_ids), CHUNK_SIZE):
        chunk = file_ids[start : start + CHUNK_SIZE]
        id_set.update(chunk)
        order_hash = hash((order_hash, *chunk))
    return PhotoList(
        photos,
        file_ids,
        id_set,
        similarities,
        sections,
        key,
        order_hash=order_hash,
        aspects=aspect_ratios(photos),
    )
