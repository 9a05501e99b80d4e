"""Where tiles stand in a view, and how one moves among them and selects them; nothing of how they look.

QListView keeps a position for every item: at 300,000 items each resize took it 0.3 s. Here only what is on the
screen is ever computed, so the grid costs the same for a hundred photos as for a million.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from photosim.gui.grid.layout import GAP, HEADING_HEIGHT, MARGIN, GridLayout
from photosim.gui.grid.tile_model import Index, Role, TileModel
from photosim.gui.state.ordering import DEFAULT_TILE_EDGE

_MAX_RANGES = 50
"""Selected ranges up to which they are all looked through for each frame."""

_HALF_GAP = GAP // 2
"""A cell is a tile with half of the gap on each side, so that its ring is painted with it."""

_CURSOR = QAbstractItemView.CursorAction
_LINES = {_CURSOR.MoveUp: -1, _CURSOR.MoveDown: 1}
_STEPS = {_CURSOR.MoveLeft: -1, _CURSOR.MovePrevious: -1, _CURSOR.MoveRight: 1, _CURSOR.MoveNext: 1}


class TileViewBase(QAbstractItemView):
    """Has the tiles of a TileModel in lines of equal tiles, under headings where the model has some."""

    def __init__(self, tiles: TileModel, parent: QWidget | None = None, margin: int = MARGIN) -> None:
        super().__init__(parent)
        self._tile_model, self._margin, self._tile_size = tiles, margin, DEFAULT_TILE_EDGE
        self._layout = GridLayout(0, 1, self._tile_size)
        self.sticky_headings = False
        """Whether the heading of the tiles at the top stays in sight while they are scrolled."""
        self._anchor = QPersistentModelIndex()
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    @property
    def caption_height(self) -> int:
        """The height that is kept under each tile, in logical pixels."""
        return 0

    def visible_rows(self) -> range:
        """The rows that are on the screen, whole or in part."""
        top = self.verticalOffset()
        return self._layout.rows_between(top, top + self.viewport().height())

    @property
    def actual_tile_size(self) -> int:
        """The side that the tiles have, in logical pixels: that which was asked for, or so much more that lines are full."""
        return self._layout.tile_size

    def relayout(self, *, keep_scroll: bool = True, row_changes: Sequence[tuple[int, int]] = ()) -> None:
        """Compute the layout anew; `keep` holds the first line in sight. `moved`: where so many rows came in, or went."""
        bar = self.verticalScrollBar()
        anchor, above = None, 0
        if keep_scroll and bar.value() > 0 and self._layout.count:
            anchor = min(self.visible_rows().start, self._layout.count - 1)
            above = self._layout.tile_box(anchor).y - bar.value()
            for row, rows in row_changes:
                anchor = max(anchor + rows, row) if row <= anchor else anchor
        model = self.model()
        count = model.rowCount() if model is not None else 0
        self._layout = GridLayout(
            count,
            self.viewport().width(),
            self._tile_size,
            caption=self.caption_height,
            sections=self._tile_model.sections if count else (),
            margin=self._margin,
        )
        self.updateGeometries()
        if anchor is not None and anchor < count:
            bar.setValue(self._layout.tile_box(anchor).y - above)
        self.viewport().update()
        self.layout_changed()

    def fit_viewport(self) -> None:
        """The viewport has another size: where only its height has changed, all tiles stand where they stood."""
        if self.viewport().width() != self._layout.width:
            self.relayout()
        else:
            self.updateGeometries()
            self.layout_changed()

    def layout_changed(self) -> None:
        """Called when the tiles have moved."""

    def scroll_anchor(self) -> tuple[int, int] | None:
        """The photo at the top of the screen and how far it is scrolled out, to come back to; None at the top."""
        if self.verticalOffset() == 0 or not self._layout.count:
            return None
        row = min(self.visible_rows().start, self._layout.count - 1)
        return self.model().index(row, 0).data(Role.FILE_ID), self._layout.tile_box(
            row
        ).y - self.verticalOffset()

    def restore_scroll(self, mark: tuple[int, int] | None) -> None:
        """Scroll to where `scroll_anchor` was taken, if its photo is still there."""
        row = self._tile_model.row_of(mark[0]) if mark is not None else None
        if mark is not None and row is not None:
            self.verticalScrollBar().setValue(self._layout.tile_box(row).y - mark[1])

    # --- geometry ----------------------------------------------------------------------------------------

    def visualRect(self, index: Index) -> QRect:
        """The cell of a tile in the viewport."""
        if not index.isValid() or index.row() >= self._layout.count:
            return QRect()
        return self._cell_rect(index.row(), self.verticalOffset())

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The tile at a point of the viewport."""
        if self.sticky_heading_rect().contains(point):
            return QModelIndex()
        row = self._layout.row_at(point.x(), point.y() + self.verticalOffset())
        return QModelIndex() if row is None else self.model().index(row, 0)

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Scroll as little as needed to show a tile, or to where the hint says."""
        if not index.isValid() or index.row() >= self._layout.count:
            return
        box, bar, room = (
            self._layout.tile_box(index.row()),
            self.verticalScrollBar(),
            self.viewport().height(),
        )
        hints = QAbstractItemView.ScrollHint
        held = HEADING_HEIGHT if self.sticky_headings and self._layout.sections else 0
        top, bottom = box.y - max(self._margin, held), box.y + box.height + self._margin - room
        if hint == hints.PositionAtCenter:
            bar.setValue(box.y - (room - box.height) // 2)
        elif hint == hints.PositionAtTop or bar.value() > top:
            bar.setValue(top)
        elif hint == hints.PositionAtBottom or bar.value() < bottom:
            bar.setValue(bottom)

    def horizontalOffset(self) -> int:
        """The grid never scrolls sideways."""
        return 0

    def verticalOffset(self) -> int:
        """How far the content is scrolled, in logical pixels."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:  # noqa: ARG002
        """No tile is hidden."""
        return False

    def updateGeometries(self) -> None:
        """Fit the scroll bar to the content."""
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        bar.setPageStep(height)
        bar.setSingleStep(max(self._layout.step_y // 3, 20))
        bar.setRange(0, max(self._layout.height - height, 0))
        super().updateGeometries()

    # --- moving and selecting ----------------------------------------------------------------------------

    def moveCursor(
        self,
        action: QAbstractItemView.CursorAction,
        modifiers: Qt.KeyboardModifier,  # noqa: ARG002
    ) -> QModelIndex:
        """Where a key takes the current tile."""
        count = self._layout.count
        if count == 0:
            return QModelIndex()
        row = self.currentIndex().row()
        if row < 0:
            return self.model().index(min(self.visible_rows().start, count - 1), 0)
        page = max(self.viewport().height() // self._layout.step_y, 1)
        if action == _CURSOR.MoveHome:
            row = 0
        elif action == _CURSOR.MoveEnd:
            row = count - 1
        elif action in _STEPS:
            row += _STEPS[action]
        elif action in _LINES:
            row = self._layout.row_below(row, _LINES[action])
        elif action == _CURSOR.MovePageUp:
            row = self._layout.row_below(row, -page)
        elif action == _CURSOR.MovePageDown:
            row = self._layout.row_below(row, page)
        return self.model().index(min(max(row, 0), count - 1), 0)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select what a rectangle of the viewport touches, or with Shift all from the anchor to the current tile."""
        dragging = self.state() == QAbstractItemView.State.DragSelectingState
        if command & QItemSelectionModel.SelectionFlag.Current and not dragging and self._anchor.isValid():
            ends = sorted((self._anchor.row(), self.currentIndex().row()))
            selection = QItemSelection(self.model().index(ends[0], 0), self.model().index(ends[1], 0))
        else:
            selection = self._selection_in_rect(rect.normalized())
        self.selectionModel().select(selection, command)

    def selected_ranges(self) -> list[range]:
        """The selected rows from top to bottom, those that follow each other together."""
        return sorted(_row_ranges(self.selectionModel().selection()), key=lambda rows: rows.start)

    def selected_rows(self) -> list[int]:
        """The selected rows from top to bottom, however many they are."""
        return list(chain.from_iterable(self.selected_ranges()))

    def sticky_heading_rect(self) -> QRect:
        """Where the heading of the tiles at the top is held in the viewport; empty where none is."""
        offset = self.verticalOffset()
        pinned = self._layout.sticky_heading(offset) if self.sticky_headings else None
        if pinned is None:
            return QRect()
        return QRect(0, pinned[1] - offset, self.viewport().width(), HEADING_HEIGHT)

    # --- helpers -----------------------------------------------------------------------------------------

    def _selection_in_rect(self, rect: QRect) -> QItemSelection:
        offset = self.verticalOffset()
        selection = QItemSelection()
        start = None
        rows = self._layout.rows_between(rect.top() + offset, rect.bottom() + 1 + offset)
        for row in rows:
            box = self._layout.tile_box(row)
            inside = rect.intersects(QRect(box.x, box.y - offset, box.width, box.height))
            if inside and start is None:
                start = row
            if start is not None and (not inside or row == rows[-1]):
                end = row if inside else row - 1
                selection.select(self.model().index(start, 0), self.model().index(end, 0))
                start = None
        return selection

    def _selected_among(self, selection: QItemSelection, rows: range) -> Collection[int]:
        if selection.size() > _MAX_RANGES:
            return {row for row in rows if selection.contains(self.model().index(row, 0))}
        return {
            row
            for one in _row_ranges(selection)
            for row in range(max(one.start, rows.start), min(one.stop, rows.stop))
        }

    def _cell_rect(self, row: int, offset: int) -> QRect:
        box = self._layout.tile_box(row)
        return QRect(box.x - _HALF_GAP, box.y - offset - _HALF_GAP, box.width + GAP, box.height + GAP)

    def _cell_rects(self, rows: range, offset: int) -> Iterator[tuple[int, QRect]]:
        width, height = self._layout.step_x, self._layout.step_y
        for row, x, y in self._layout.tile_positions(rows):
            yield row, QRect(x - _HALF_GAP, y - offset - _HALF_GAP, width, height)


def _row_ranges(selection: QItemSelection) -> list[range]:
    """The rows of a selection; a range that its rows have left has none."""
    ranges = (selection.at(number) for number in range(selection.size()))
    return [range(one.top(), one.bottom() + 1) for one in ranges if one.isValid()]
