"""The grid of photos: a view of tiles that asks for their pictures, and tells what the person chose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QWidget

from photosim.gui.grid import drag
from photosim.gui.grid.layout import HEADING_HEIGHT, MARGIN
from photosim.gui.grid.tile_model import Index, Role, TileModel
from photosim.gui.grid.tile_requests import TileRequester
from photosim.gui.grid.tile_view import TileView
from photosim.gui.state.ordering import MAX_TILE_EDGE, MIN_TILE_EDGE

_OPEN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)

_NOTCH = 120
"""Angle delta of one notch of the wheel; touch pads send many small parts of it."""


class PhotoGrid(TileView):
    """A grid that a person works in."""

    tile_selected = Signal(QModelIndex, bool)
    """The person made this tile the current one; True: with the keyboard."""

    tile_opened = Signal(QModelIndex)
    """The person double-clicked a tile, or pressed Space (or Enter, while `enter_opens`) on it."""

    enter_pressed = Signal(QModelIndex)
    """The person pressed Enter on a tile, where that does not open it."""

    stale_double_click = Signal()
    """A double click whose first click has changed what the grid shows."""

    zoom_requested = Signal(int)
    """The person turned the wheel with Ctrl held: steps to a larger (or smaller) size."""

    def __init__(self, model: TileModel, parent: QWidget | None = None, margin: int = MARGIN) -> None:
        self._requester = TileRequester(model)
        self._press_pos = QPoint()
        self._press_index = QPersistentModelIndex()
        self._current_changed = False
        self._wheel_delta = 0
        self.enter_opens = True
        self._row_changes: list[tuple[int, int]] = []  # rows, and how many came in before them, or went
        super().__init__(model, parent, margin)
        self._requester.set_view(self)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setDragEnabled(True)
        self.viewport().setMouseTracking(True)
        model.batch_finished.connect(self._apply_row_changes)
        self.doubleClicked.connect(self.tile_opened)

    # --- what the window sets ----------------------------------------------------------------------------

    @property
    def tile_size(self) -> int:
        """The side of a tile that was asked for, in logical pixels."""
        return self._tile_size

    def set_tile_size(self, size: int) -> None:
        """Make the tiles larger or smaller, keeping in sight what is there."""
        size = min(max(size, MIN_TILE_EDGE), MAX_TILE_EDGE)
        if size == self._tile_size:
            return
        self._tile_size = size
        self.relayout()
        self._requester.schedule_resize()

    def set_square(self, square: bool) -> None:
        """Cut the tiles square, or show the photos whole."""
        self._requester.square = square
        self._requester.schedule_restyle()

    def select_row(self, row: int | None, *, scroll: bool = True) -> None:
        """Make a row the current and only selected one, or none; nobody is told that the person did it."""
        if row is None:
            self.selectionModel().clear()
            return
        index = self.model().index(row, 0)
        self._anchor = QPersistentModelIndex(index)
        if index == self.currentIndex() and self.selectionModel().isSelected(index):
            return
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if scroll:
            self.scrollTo(index)

    def add_to_selection(self, rows: Iterable[int]) -> None:
        """Select more rows; nobody is told that the person did it."""
        for row in rows:
            self.selectionModel().select(self.model().index(row, 0), QItemSelectionModel.SelectionFlag.Select)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Another tile is the current one: whether the person did it, the events know."""
        super().currentChanged(current, previous)
        for index in (current, previous):
            self.viewport().update(self.visualRect(index))
        self._current_changed = True

    # --- events ------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the tiles out for the new size."""
        super().resizeEvent(event)
        self.fit_viewport()
        self._requester.schedule_restyle()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted and paint only what came in."""
        self.viewport().scroll(dx, dy)
        if self.sticky_headings and self._layout.sections:
            # What was held has moved along, and is held anew where it was.
            for top in {0, max(dy, 0)}:
                self.viewport().update(0, top, self.viewport().width(), HEADING_HEIGHT)
        self._requester.scrolling_up = dy > 0
        self._requester.schedule()

    def changeEvent(self, event: QEvent) -> None:
        """Make tiles for the pixels of the screen that the window moved to."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.DevicePixelRatioChange, QEvent.Type.StyleChange):
            self._requester.schedule_restyle()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the tiles in sight."""
        super().showEvent(event)
        self._requester.schedule_restyle()

    def hideEvent(self, event: QHideEvent) -> None:
        """Want no tiles while nobody looks."""
        super().hideEvent(event)
        self._requester.cancel()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses."""
        point = event.position().toPoint()
        self._press_pos = point + QPoint(0, self.verticalOffset())
        self._press_index = QPersistentModelIndex(self.indexAt(point))
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._anchor = QPersistentModelIndex(self.indexAt(point))
        self._current_changed = False
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self._press_index.isValid():
            self.tile_selected.emit(self.currentIndex(), False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what the first click was on, even when that click brought other photos."""
        if self._press_index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            super().mouseDoubleClickEvent(event)
        else:
            self.stale_double_click.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer, and draw the rubber band while it is dragged."""
        point = event.position().toPoint()
        self._hover(self.indexAt(point))
        super().mouseMoveEvent(event)
        if self.state() == QAbstractItemView.State.DragSelectingState:
            self._rubber_band = QRect(self._press_pos, point + QPoint(0, self.verticalOffset())).normalized()
            self.viewport().update()

    def startDrag(self, actions: Qt.DropAction) -> None:  # noqa: ARG002
        """Carry the files of the chosen tiles to another program or folder."""
        rows = self.selected_rows()
        paths = dict.fromkeys(path for row in rows for path in self._tile_model.file_paths(row))
        if paths:
            pictures = [self.model().index(row, 0).data(Role.THUMBNAIL) for row in rows[:3]]
            drag.drag_files(self, list(paths), pictures)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The rubber band has done its work."""
        super().mouseReleaseEvent(event)
        if not self._rubber_band.isNull():
            self._rubber_band = QRect()
            self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Getting the keyboard chooses nothing: Qt would make the first tile the current one."""
        QAbstractScrollArea.focusInEvent(self, event)
        self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is gone."""
        self._hover(QModelIndex())
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys move and open."""
        if self.state() == QAbstractItemView.State.EditingState:
            return  # the Enter that ends the typing of a name comes by here, too
        if event.key() in _OPEN_KEYS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            opens = self.enter_opens or event.key() == Qt.Key.Key_Space
            if self.currentIndex().isValid():
                (self.tile_opened if opens else self.enter_pressed).emit(self.currentIndex())
            return
        self._current_changed = False
        super().keyPressEvent(event)
        # Told when Qt has finished with the key, so that the window may change what is selected.
        if self._current_changed and self.currentIndex().isValid():
            self.tile_selected.emit(self.currentIndex(), True)
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._anchor = QPersistentModelIndex(self.currentIndex())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, or zoom with Ctrl."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        self._wheel_delta += event.angleDelta().y()
        notches = int(self._wheel_delta / _NOTCH)
        self._wheel_delta -= notches * _NOTCH
        if notches:
            self.zoom_requested.emit(notches)
        event.accept()

    # --- the model's changes -----------------------------------------------------------------------------

    def reset(self) -> None:
        """Other photos: start at the top."""
        super().reset()
        self._hovered = QPersistentModelIndex()
        self.relayout(keep_scroll=False)
        self.verticalScrollBar().setValue(0)

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        """New photos appear; what the person looks at stays where it is."""
        super().rowsInserted(parent, start, end)
        self._row_changes.append((start, end - start + 1))
        if not self._tile_model.in_batch:
            self._apply_row_changes()

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        """Photos go; the others in sight stay where they are."""
        super().rowsAboutToBeRemoved(parent, start, end)
        self._row_changes.append((start, start - end - 1))

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model."""
        super().setModel(model)
        self.relayout(keep_scroll=False)

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:  # noqa: ARG002
        """Paint again what changed, where it is on the screen."""
        visible = self.visible_rows()
        if first.row() < visible.stop and last.row() >= visible.start:
            self.viewport().update()
            self._requester.schedule()

    @property
    def is_resizing(self) -> bool:
        """While the size changes: tiles of the size that it comes to are made then."""
        return self._requester.is_resizing

    def layout_changed(self) -> None:
        """Called when the tiles have moved."""
        self._requester.schedule()

    # --- helpers -----------------------------------------------------------------------------------------

    def _apply_row_changes(self) -> None:
        """Lay the tiles out once for all rows that came in and went together."""
        came_in, self._row_changes = self._row_changes, []
        if came_in:
            self.relayout(row_changes=came_in)

    def _hover(self, index: QModelIndex) -> None:
        if index == self._hovered:
            return
        self.viewport().update(self.visualRect(self._hovered))
        self._hovered = QPersistentModelIndex(index)
        self.viewport().update(self.visualRect(index))
