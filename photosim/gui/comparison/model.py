"""The model of a list of compared photos."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from photosim.duplicates.comparison import ComparedPhoto
from photosim.gui.base import formatting
from photosim.gui.state.text.comparison import match_text, state_name, why_texts
from photosim.records import UnreadableFile

Index = QModelIndex | QPersistentModelIndex
ComparedRow = ComparedPhoto | UnreadableFile


class ComparisonRole(IntEnum):
    """Roles of a row in addition to those of Qt."""

    ROW = Qt.ItemDataRole.UserRole + 1
    """The ComparedPhoto or UnreadableFile."""
    CONTENT = Qt.ItemDataRole.UserRole + 2
    """All that is painted, in one call: a RowContent."""


class RowContent(NamedTuple):
    """What is painted in a row; the ids are those of the tiles, None for none."""

    photo_id: int | None
    match_id: int | None
    title: str
    facts: str
    match: str
    why: str


class ComparisonModel(QAbstractListModel):
    """A row for each photo in one state, or for each file that can't be read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[ComparedRow] = ()
        self._other = ""

    def show(self, rows: Sequence[ComparedRow], other: str = "") -> None:
        """Replace the list; `other` is the folder that they were compared with, empty for the library."""
        self.beginResetModel()
        self.rows, self._other = rows, other
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == ComparisonRole.ROW:
            return row
        if role == ComparisonRole.CONTENT:
            return _content(row, self._other)
        path = row.photo.path if isinstance(row, ComparedPhoto) else row.path
        if role == Qt.ItemDataRole.DisplayRole:
            return formatting.display_name(path)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _accessible_text(row, self._other)
        if role == Qt.ItemDataRole.ToolTipRole:
            match = row.match if isinstance(row, ComparedPhoto) else None
            return formatting.plain_tooltip(
                *(formatting.display_path(each) for each in (path, match) if each)
            )
        return None


def tile_ids(row: ComparedRow) -> tuple[int, ...]:
    """The ids of the tiles that a row shows: of the photo, and of its match."""
    if isinstance(row, UnreadableFile):
        return ()
    return tuple(tile_id(digest) for digest in (row.digest, row.match_digest) if digest is not None)


def tile_id(digest: bytes) -> int:
    """The id of the tile of a photo: tiles stay valid whatever is compared next."""
    return int.from_bytes(digest[:7], "big")


def _content(row: ComparedRow, other: str) -> RowContent:
    if isinstance(row, UnreadableFile):
        folder = formatting.display_folder(row.path)
        return RowContent(None, None, formatting.display_name(row.path), folder, "", row.reason)
    photo = row.photo
    facts = (
        formatting.format_dimensions(photo.facts.width, photo.facts.height),
        formatting.format_size(photo.size),
        formatting.display_folder(photo.path),
    )
    ids = tile_ids(row)
    return RowContent(
        ids[0],
        ids[1] if len(ids) > 1 else None,
        formatting.display_name(photo.path),
        "  ·  ".join(facts),
        match_text(row, other),
        "  ·  ".join(why_texts(row, other)),
    )


def _accessible_text(row: ComparedRow, other: str) -> str:
    if isinstance(row, UnreadableFile):
        return f"{formatting.display_name(row.path)}, {row.reason}"
    parts = [formatting.display_name(row.photo.path), state_name(row.state, other), *why_texts(row, other)]
    parts.append(match_text(row, other))
    return ", ".join(part for part in parts if part)
