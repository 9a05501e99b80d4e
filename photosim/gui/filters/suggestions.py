"""Qt model of what typed words may mean: suggestions with counts, under a heading for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from photosim.gui.base import formatting
from photosim.gui.state.text import filters as filter_text
from photosim.search.words.terms import Suggestion

Index = QModelIndex | QPersistentModelIndex


class SuggestionRole(IntEnum):
    """Roles of a row in addition to those of Qt; all are None for a heading."""

    SUGGESTION = Qt.ItemDataRole.UserRole + 1
    COUNT = Qt.ItemDataRole.UserRole + 2
    ICON_NAME = Qt.ItemDataRole.UserRole + 3
    DETAIL = Qt.ItemDataRole.UserRole + 4
    """Where a folder is."""


class SuggestionModel(QAbstractListModel):
    """One row for each suggestion, and for each kind a heading before its first."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[str | Suggestion] = []

    def show(self, suggestions: Sequence[Suggestion]) -> None:
        """Replace the suggestions, which are sorted by kind."""
        rows: list[str | Suggestion] = []
        kind = None
        for suggestion in suggestions:
            if suggestion.term.kind is not kind:
                kind = suggestion.term.kind
                rows.append(filter_text.kind_name(kind))
            rows.append(suggestion)
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def suggestion(self, row: int) -> Suggestion | None:
        """Return the suggestion of a row, None for a heading or a row that does not exist."""
        found = self._rows[row] if 0 <= row < len(self._rows) else None
        return found if isinstance(found, Suggestion) else None

    def next_row(self, row: int, step: int) -> int:
        """Return the nearest row with a suggestion after (1) or before (-1) another one, -1 if there is none.

        Before row -1 come the last rows.
        """
        row = len(self._rows) if row < 0 and step < 0 else row
        row += step
        while 0 <= row < len(self._rows) and self.suggestion(row) is None:
            row += step
        return row if 0 <= row < len(self._rows) else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self.suggestion(index.row()) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if isinstance(row, str):
            return row if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return filter_text.term_name(row.term)
        if role == Qt.ItemDataRole.ToolTipRole:
            return formatting.plain_tooltip(
                filter_text.term_detail(row.term) or filter_text.term_name(row.term)
            )
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return describe(row)
        if role == SuggestionRole.SUGGESTION:
            return row
        if role == SuggestionRole.COUNT:
            return row.photos
        if role == SuggestionRole.ICON_NAME:
            return filter_text.kind_icon(row.term.kind)
        if role == SuggestionRole.DETAIL:
            return filter_text.term_detail(row.term)
        return None


def describe(suggestion: Suggestion) -> str:
    """A suggestion as a screen reader says it: "dog, Objects, 33 photos"."""
    kind = filter_text.kind_name(suggestion.term.kind)
    photos = formatting.count_photos(suggestion.photos)
    return f"{filter_text.term_name(suggestion.term)}, {kind}, {photos}"
