"""Keyboard navigation and selection in a view of tiles."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtWidgets import QAbstractItemView, QWidget

from photosim.gui.grid.base_view import TileViewBase
from photosim.gui.grid.layout import MARGIN, TileLayout
from photosim.gui.grid.tile_model import TileModel

_MAX_RANGES = 50
"""With more selected ranges than this, the selection is asked for each visible row instead of walking the ranges."""

_CURSOR = QAbstractItemView.CursorAction
_LINE_STEPS = {_CURSOR.MoveUp: -1, _CURSOR.MoveDown: 1}
_PAGE_STEPS = {_CURSOR.MovePageUp: -1, _CURSOR.MovePageDown: 1}
_ROW_STEPS = {_CURSOR.MovePrevious: -1, _CURSOR.MoveNext: 1}
_SIDE_STEPS = {_CURSOR.MoveLeft: -1, _CURSOR.MoveRight: 1}


class TileSelectionView(TileViewBase):
    """Moves the cursor by tiles and lines, and selects ranges and rectangles."""

    def __init__(self, model: TileModel, parent: QWidget | None = None, margin: int = MARGIN) -> None:
        super().__init__(model, parent, margin)
        self._anchor = QPersistentModelIndex()
        self._line_move: tuple[int, TileLayout, int] = (-1, self._layout, 0)
        """The row that the cursor went to by lines, in which layout, and the x coordinate where that began."""
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)

    def moveCursor(
        self,
        action: QAbstractItemView.CursorAction,
        modifiers: Qt.KeyboardModifier,  # noqa: ARG002
    ) -> QModelIndex:
        count = self._layout.count
        if count == 0:
            return QModelIndex()
        row = self.currentIndex().row()
        if row < 0:
            return self.model().index(min(self.visible_rows().start, count - 1), 0)
        if action == _CURSOR.MoveHome:
            row = 0
        elif action == _CURSOR.MoveEnd:
            row = count - 1
        elif action in _ROW_STEPS:
            row += _ROW_STEPS[action]
        elif action in _SIDE_STEPS:
            row = self._layout.row_beside(row, _SIDE_STEPS[action])
        elif action in _LINE_STEPS:
            row = self._row_below(row, _LINE_STEPS[action])
        elif action in _PAGE_STEPS:
            lines_per_page = max(self.viewport().height() // self._layout.step_y, 1)
            row = self._row_below(row, _PAGE_STEPS[action] * lines_per_page)
        return self.model().index(min(max(row, 0), count - 1), 0)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        # With Shift the rows from the anchor to the current one, in reading order; else what the rectangle touches.
        dragging = self.state() == QAbstractItemView.State.DragSelectingState
        if command & QItemSelectionModel.SelectionFlag.Current and not dragging and self._anchor.isValid():
            first, last = sorted((self._anchor.row(), self.currentIndex().row()))
            selection = QItemSelection(self.model().index(first, 0), self.model().index(last, 0))
        else:
            selection = self._selection_in_rect(rect.normalized())
        self.selectionModel().select(selection, command)

    def selected_ranges(self) -> list[range]:
        """The selected rows as ascending ranges."""
        return sorted(_row_ranges(self.selectionModel().selection()), key=lambda rows: rows.start)

    def selected_rows(self) -> list[int]:
        """The selected rows, ascending."""
        return list(chain.from_iterable(self.selected_ranges()))

    def _selection_in_rect(self, rect: QRect) -> QItemSelection:
        """The tiles that a rectangle of the viewport touches."""
        offset = self.verticalOffset()
        selection = QItemSelection()
        start = None
        rows = self._layout.rows_between(rect.top() + offset, rect.bottom() + 1 + offset)
        for row, box in self._layout.tiles(rows):
            inside = rect.intersects(QRect(box.x, box.y - offset, box.width, box.height))
            if inside and start is None:
                start = row
            if start is not None and (not inside or row == rows[-1]):
                end = row if inside else row - 1
                selection.select(self.model().index(start, 0), self.model().index(end, 0))
                start = None
        return selection

    def _selected_among(self, selection: QItemSelection, rows: range) -> Collection[int]:
        """Those of these rows that are in a selection."""
        if selection.size() > _MAX_RANGES:
            return {row for row in rows if selection.contains(self.model().index(row, 0))}
        return {
            row
            for selected in _row_ranges(selection)
            for row in range(max(selected.start, rows.start), min(selected.stop, rows.stop))
        }

    def _row_below(self, row: int, lines: int) -> int:
        """The row some lines below, nearest to where the cursor started to move by lines."""
        last_row, layout, x = self._line_move
        if last_row != row or layout is not self._layout:
            x = self._layout.middle_of(row)
        target = self._layout.row_below(row, lines, x)
        self._line_move = target, self._layout, x
        return target


def _row_ranges(selection: QItemSelection) -> list[range]:
    """The rows of a selection, without ranges whose rows were removed."""
    ranges = (selection.at(number) for number in range(selection.size()))
    return [range(selected.top(), selected.bottom() + 1) for selected in ranges if selected.isValid()]
