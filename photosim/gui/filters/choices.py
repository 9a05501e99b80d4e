"""Qt model of the values of a facet, with check boxes and counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from photosim.gui.base import formatting
from photosim.search.filters.columns import FacetValue
from photosim.search.filters.criteria import fold_text

Index = QModelIndex | QPersistentModelIndex


class ChoiceRole(IntEnum):
    """Roles of a choice in addition to those of Qt."""

    VALUE = Qt.ItemDataRole.UserRole + 1
    COUNT = Qt.ItemDataRole.UserRole + 2


class ChoiceModel(QAbstractListModel):
    """One row for each choice whose name contains the search text."""

    def __init__(self, name_of: Callable[[str], str]) -> None:
        super().__init__()
        self._name_of = name_of
        self._choices: tuple[FacetValue, ...] = ()
        self._rows: list[FacetValue] = []
        self._selected: Collection[str] = frozenset()
        self._search_text = ""

    def show(
        self, choices: Sequence[FacetValue], selected: Collection[str], *, keep_order: bool = False
    ) -> None:
        """Replace the choices; selected ones are listed even without a photo.

        With `keep_order` the present choices keep their positions: the user is looking at them.
        """
        listed = {choice.value for choice in choices}
        unlisted = (FacetValue(value, 0) for value in sorted(selected) if value not in listed)
        all_choices = [*choices, *unlisted]
        if keep_order:
            positions = {choice.value: position for position, choice in enumerate(self._choices)}
            all_choices.sort(key=lambda choice: positions.get(choice.value, len(positions)))
        self._choices, self._selected = tuple(all_choices), selected
        self._update_rows()

    def search(self, text: str) -> None:
        """Show only the choices whose name contains this text."""
        self._search_text = fold_text(text.strip())
        self._update_rows()

    @property
    def total(self) -> int:
        """Number of choices without a search."""
        return len(self._choices)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        choice = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._name_of(choice.value)
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if choice.value in self._selected else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._name_of(choice.value)}, {formatting.count_photos(choice.count)}"
        if role == ChoiceRole.VALUE:
            return choice.value
        if role == ChoiceRole.COUNT:
            return choice.count
        return None

    def _update_rows(self) -> None:
        rows = [
            choice for choice in self._choices if self._search_text in fold_text(self._name_of(choice.value))
        ]
        if [choice.value for choice in rows] == [choice.value for choice in self._rows]:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
