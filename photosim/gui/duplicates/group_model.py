"""The model of the list of groups."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from photosim.duplicates.results import DuplicateGroup
from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.state.duplicates.keep_marks import Review
from photosim.gui.state.duplicates.listing import ListChange
from photosim.gui.state.text.duplicates import group_summary, kind_name, percent_text

Index = QModelIndex | QPersistentModelIndex

MAX_THUMBNAILS = 3
"""Photos of a group that its row shows."""


class GroupRole(IntEnum):
    """Roles of a row in addition to those of Qt."""

    GROUP = Qt.ItemDataRole.UserRole + 1
    REVIEW = Qt.ItemDataRole.UserRole + 2
    """The Review of the group, None while it is open."""
    CONTENT = Qt.ItemDataRole.UserRole + 3
    """All that is painted, in one call: a RowContent."""


class RowContent(NamedTuple):
    """What is painted in a row; `photo_ids` are the photos of the thumbnails."""

    photo_ids: tuple[int, ...]
    title: str
    certainty: str
    """In percent; empty where there is no doubt."""
    lines: tuple[str, ...]
    is_reviewed: bool


class GroupModel(QAbstractListModel):
    """A row for each listed group, in the order of the library: the one that frees most first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.groups: list[DuplicateGroup] = []
        self.reviews: Mapping[str, Review] = {}
        """The reviews so far, by group id."""

    def show(self, change: ListChange, reviews: Mapping[str, Review]) -> None:
        """Replace the list: by the rows that differ where they are known, else as a whole."""
        self.reviews = reviews
        if change.removed is None or change.inserted is None:
            self.beginResetModel()
            self.groups = change.groups
            self.endResetModel()
            return
        groups = list(self.groups)
        self.groups = groups
        for row in change.removed:
            self.beginRemoveRows(QModelIndex(), row, row)
            del groups[row]
            self.endRemoveRows()
        for row in change.inserted:
            self.beginInsertRows(QModelIndex(), row, row)
            groups.insert(row, change.groups[row])
            self.endInsertRows()
        self.groups = change.groups
        self.update_all()

    def update_review(self, group_id: str) -> None:
        """Show that the review of a group has changed."""
        row = self.row_of(group_id)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row))

    def update_all(self) -> None:
        """Show that the reviews of many groups have changed."""
        if self.groups:
            self.dataChanged.emit(self.index(0), self.index(len(self.groups) - 1))

    def row_of(self, group_id: str) -> int | None:
        """The row of a group, None where it is not listed."""
        return next((row for row, group in enumerate(self.groups) if group.id == group_id), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.groups)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self.groups):
            return None
        group = self.groups[index.row()]
        review = self.reviews.get(group.id)
        if role == GroupRole.CONTENT:
            return _content(group, review)
        if role == GroupRole.GROUP:
            return group
        if role == GroupRole.REVIEW:
            return review
        if role == Qt.ItemDataRole.DisplayRole:
            return tr("{kind}: {photos}").format(kind=kind_name(group.kind), photos=group_summary(group))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _accessible_text(group, review)
        if role == Qt.ItemDataRole.ToolTipRole:
            shown = [formatting.display_path(member.photo.path) for member in group.photos[:12]]
            left = len(group.photos) - len(shown)
            return formatting.plain_tooltip(*shown, *([tr("and %Ln other(s)", "", left)] if left else ()))
        return None


def review_text(group: DuplicateGroup, review: Review) -> str:
    """What was decided about a group."""
    if review.is_different:
        return tr("Not the same")
    kept = len(review.kept.intersection(group.file_ids))
    if kept == len(group.photos):
        return tr("All kept")
    return tr("%Ln kept", "", kept)


def _content(group: DuplicateGroup, review: Review | None) -> RowContent:
    photo_ids = tuple(member.photo.photo_id for member in group.photos[:MAX_THUMBNAILS])
    count = formatting.count_photos(len(group.photos))
    if review is not None:
        state = review_text(group, review)
    else:
        state = tr("{size} to free").format(size=formatting.format_size(group.bytes_freed))
    certainty = percent_text(group.confidence) if group.confidence < 1 else ""
    return RowContent(photo_ids, kind_name(group.kind), certainty, (count, state), review is not None)


def _accessible_text(group: DuplicateGroup, review: Review | None) -> str:
    name = formatting.display_name(group.photos[0].photo.path)
    state = tr("to review") if review is None else review_text(group, review)
    return f"{kind_name(group.kind)}, {name}, {group_summary(group)}, {state}"
