"""The headings that a view of photos can have: by day, by folder or by cluster, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from PySide6.QtCore import QDate, QLocale

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.state.ordering import SortKey, natural_key
from photosim.gui.state.sections import Section, Sections
from photosim.records import Cluster, Photo


class GroupBy(StrEnum):
    """What the photos of a view are put under."""

    NONE = "none"
    DAY = "day"
    FOLDER = "folder"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Grouper:
    """Which heading a photo belongs under (`group_of`), in the order of the groups, and what it says."""

    group_of: Callable[[Photo], Any]
    title_of: Callable[[Any], tuple[str, str]]
    """The heading, and quiet words behind it."""

    def sort_key(self, inner: SortKey) -> SortKey:
        """The order of photos under their headings, given the order under each of them."""
        group_of = self.group_of
        return lambda photo: (group_of(photo), inner(photo))

    def make_sections(self, photos: Sequence[Photo], first: int = 0, before: Any = None) -> list[Section]:
        """The headings of photos in their order; `before` is the group that the first of them may go on with."""
        found = []
        for row, photo in enumerate(photos, first):
            group = self.group_of(photo)
            if group != before:
                found.append(Section(row, *self.title_of(group), group))
                before = group
        return found


def make_grouper(headings: GroupBy, clusters: Sequence[Cluster] = ()) -> Grouper | None:
    """How to group photos under such headings; None for no headings. `clusters` are for those by cluster."""
    if headings is GroupBy.DAY:
        return Grouper(_day, lambda day: (_day_title(-day), ""))
    if headings is GroupBy.FOLDER:
        return Grouper(_folder, lambda group: _folder_title(group[1]))
    if headings is GroupBy.CLUSTER:
        ranks = {file_id: rank for rank, one in enumerate(clusters) for file_id in one.file_ids}
        last = len(clusters)
        return Grouper(
            lambda photo: ranks.get(photo.file_id, last),
            lambda rank: (_cluster_title(clusters[rank]) if rank < last else tr("In no cluster"), ""),
        )
    return None


def insert_sections(sections: Sections, row: int, photos: Sequence[Photo], grouping: Grouper) -> Sections:
    """The headings when photos have come in at a row, where they belong in the order."""
    at = int(np.searchsorted(sections.firsts, row))
    before = sections[at - 1].group if at else None
    new = grouping.make_sections(photos, row, before)
    goes_on = new[-1].group if new else before
    after = sections[at] if at < len(sections) else None
    # The photos of the heading at this row may now stand under the one that came before them.
    joined = after is not None and after.first == row and after.group == goes_on
    return sections.spliced(at, int(joined), new, len(photos))


def _day(photo: Photo) -> int:
    """The newest day first; photos without one last."""
    try:
        return -int((photo.facts.taken_at or "")[:10].replace("-", ""))
    except ValueError:
        return 0


def _day_title(day: int) -> str:
    date = QDate(day // 10_000, day // 100 % 100, day % 100)
    if not date.isValid():
        return tr("Without a date")
    return QLocale().toString(date, QLocale.FormatType.LongFormat)


def _folder(photo: Photo) -> tuple[str, str]:
    folder = photo.path[: max(photo.path.rfind("/"), photo.path.rfind("\\"))]
    return natural_key(folder), folder


def _folder_title(folder: str) -> tuple[str, str]:
    cut = max(folder.rfind("/"), folder.rfind("\\"))
    return formatting.display_path(folder[cut + 1 :] or folder), formatting.display_path(
        folder[: max(cut, 0)]
    )


def _cluster_title(cluster: Cluster) -> str:
    return cluster.title or tr("Cluster {number}").format(number=cluster.id)
