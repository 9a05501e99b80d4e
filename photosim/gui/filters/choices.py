"""The choices of one facet as a Qt model: names to tick, each with a count."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from photosim.gui.base import formatting
from photosim.search.facets import FacetValue
from photosim.search.photo_filter import fold_text

Index = QModelIndex | QPersistentModelIndex


class ChoiceRole(IntEnum):
    """What a choice knows, beside Qt's own roles."""

    VALUE = Qt.ItemDataRole.UserRole + 1
    COUNT = Qt.ItemDataRole.UserRole + 2


class ChoiceModel(QAbstractListModel):
    """One row for each choice whose name holds what is searched for."""

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
        """Show these choices; what is chosen is among them, also without a photo.

        With `keep_order` those that were there stay where they are, since the person is looking at them.
        """
        listed = {one.value for one in choices}
        every = [*choices, *(FacetValue(value, 0) for value in sorted(selected) if value not in listed)]
        if keep_order:
            places = {one.value: place for place, one in enumerate(self._choices)}
            every.sort(key=lambda one: places.get(one.value, len(places)))
        self._choices, self._selected = tuple(every), selected
        self._update_rows()

    def search(self, text: str) -> None:
        """Show only the choices whose name holds this."""
        self._search_text = fold_text(text.strip())
        self._update_rows()

    @property
    def total(self) -> int:
        """How many rows there are without a search."""
        return len(self._choices)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """How many choices are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Each can be ticked."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The value of a role of one choice."""
        if not index.isValid():
            return None
        one = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._name_of(one.value)
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if one.value in self._selected else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._name_of(one.value)}, {formatting.count_photos(one.count)}"
        if role == ChoiceRole.VALUE:
            return one.value
        if role == ChoiceRole.COUNT:
            return one.count
        return None

    def _update_rows(self) -> None:
        rows = [one for one in self._choices if self._search_text in fold_text(self._name_of(one.value))]
        if [one.value for one in rows] == [one.value for one in self._rows]:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
