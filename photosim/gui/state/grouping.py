"""Groups the photos of a view by day, folder or cluster, and titles the groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from PySide6.QtCore import QDate, QLocale

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.state.ordering import SortKey, SortOrder, inverted_key, natural_key
from photosim.gui.state.sections import Section, Sections
from photosim.records import Cluster, Photo

_NO_DAY = 10**9
"""After any day as a number."""


class GroupBy(StrEnum):
    """What the photos of a view are grouped by."""

    NONE = "none"
    DAY = "day"
    FOLDER = "folder"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Grouper:
    """Assigns photos to groups: `group_of` returns a value that sorts like the groups."""

    group_of: Callable[[Photo], Any]
    title_of: Callable[[Any], tuple[str, str]]
    """The title of a group, and a detail beside it."""

    keeps_dates: bool = False
    """Whether photos sorted by date stay so in groups."""

    def sort_key(self, inner: SortKey) -> SortKey:
        """The sort key of photos in groups, given the one within a group."""
        group_of = self.group_of
        return lambda photo: (group_of(photo), inner(photo))

    def make_sections(
        self, photos: Sequence[Photo], first_row: int = 0, previous_group: Any = None
    ) -> list[Section]:
        """Make the sections of sorted photos. The first photos may continue the group of the photo before them."""
        sections = []
        for row, photo in enumerate(photos, first_row):
            group = self.group_of(photo)
            if group != previous_group:
                sections.append(Section(row, *self.title_of(group), group))
                previous_group = group
        return sections


def make_grouper(
    group_by: GroupBy,
    clusters: Sequence[Cluster] = (),
    order: SortOrder = SortOrder.DATE,
    *,
    descending: bool | None = None,
) -> Grouper | None:
    """Make the grouper, None for no groups. `clusters` are those to group by, in their order.

    Days follow the direction of an order by date, and folders that of an order by name; else the newest day is first,
    and folders are from A to Z.
    """
    is_reversed = descending is not None and descending is not order.is_descending
    if group_by is GroupBy.DAY:
        if is_reversed and order is SortOrder.DATE:
            return Grouper(_ascending_day_of, lambda group: _day_title(*group), keeps_dates=True)
        return Grouper(_day_of, lambda group: _day_title(-group[0], group[1]), keeps_dates=True)
    if group_by is GroupBy.FOLDER:
        is_from_z = is_reversed and order is SortOrder.NAME
        return Grouper(_FolderGroups(inverted=is_from_z).of, lambda group: _folder_title(group[1]))
    if group_by is GroupBy.CLUSTER:
        ranks = {file_id: rank for rank, cluster in enumerate(clusters) for file_id in cluster.file_ids}
        last = len(clusters)
        return Grouper(
            lambda photo: ranks.get(photo.file_id, last),
            lambda rank: (_cluster_title(clusters[rank]) if rank < last else tr("Ungrouped"), ""),
        )
    return None


def insert_sections(sections: Sections, row: int, photos: Sequence[Photo], grouper: Grouper) -> Sections:
    """Return the sections after photos were inserted at a row, which sorts them."""
    index = int(np.searchsorted(sections.firsts, row))
    previous_group = sections[index - 1].group if index else None
    new = grouper.make_sections(photos, row, previous_group)
    last_group = new[-1].group if new else previous_group
    following = sections[index] if index < len(sections) else None
    # The section that began at this row may continue the group of the inserted photos.
    is_joined = following is not None and following.first == row and following.group == last_group
    return sections.spliced(index, int(is_joined), new, len(photos))


def _day_of(photo: Photo) -> tuple[int, bool]:
    """The negative day, so that the newest is first and 0, none, is last, and whether it is only that of the file.

    Files that were copied all have the day of the copy: they have a section of their own after the photos of that day.
    """
    try:
        day = int((photo.facts.taken_at or "")[:10].replace("-", ""))
    except ValueError:
        day = 0
    return -day, bool(day) and photo.facts.taken_from == "file"


def _ascending_day_of(photo: Photo) -> tuple[int, bool]:
    day, from_file = _day_of(photo)
    return -day or _NO_DAY, from_file


def _day_title(day: int, from_file: bool) -> tuple[str, str]:
    date = QDate(day // 10_000, day // 100 % 100, day % 100)
    if not date.isValid():
        return tr("No date"), ""
    title = QLocale().toString(date, QLocale.FormatType.LongFormat)
    return title, tr("Estimated from file dates") if from_file else ""


class _FolderGroups:
    """The groups of photos by folder, each made once."""

    def __init__(self, *, inverted: bool) -> None:
        self._inverted = inverted
        self._groups: dict[str, tuple[Any, str]] = {}

    def of(self, photo: Photo) -> tuple[Any, str]:
        """The group of a photo: what its folder is sorted by, and the folder."""
        folder = _folder_path(photo)
        group = self._groups.get(folder)
        if group is None:
            key = natural_key(folder)
            group = self._groups[folder] = (inverted_key(key) if self._inverted else key), folder
        return group


def _folder_path(photo: Photo) -> str:
    return photo.path[: max(photo.path.rfind("/"), photo.path.rfind("\\"))]


def _folder_title(folder: str) -> tuple[str, str]:
    separator = max(folder.rfind("/"), folder.rfind("\\"))
    name, parent = folder[separator + 1 :] or folder, folder[: max(separator, 0)]
    return formatting.display_path(name), formatting.display_path(parent)


def _cluster_title(cluster: Cluster) -> str:
    return formatting.cluster_title(cluster) or tr("Cluster {number}").format(number=cluster.id)
