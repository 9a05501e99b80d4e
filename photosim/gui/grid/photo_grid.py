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
from photosim.gui.grid.layout import HEADING, MARGIN
from photosim.gui.grid.tile_model import Index, Role, TileModel
from photosim.gui.grid.tile_requests import TileRequester
from photosim.gui.grid.tile_view import TileView
from photosim.gui.state.ordering import LARGEST, SMALLEST

_OPENING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)

_NOTCH = 120
"""Angle delta of one notch of the wheel; touch pads send many small parts of it."""


class PhotoGrid(TileView):
    """A grid that a person works in."""

    chosen = Signal(QModelIndex, bool)
    """The person made this tile the current one; True: with the keyboard."""

    opened = Signal(QModelIndex)
    """The person double-clicked a tile, or pressed Space (or Enter, while `enter_opens`) on it."""

    entered = Signal(QModelIndex)
    """The person pressed Enter on a tile, where that does not open it."""

    clicked_twice = Signal()
    """A double click whose first click has changed what the grid shows."""

    zoomed = Signal(int)
    """The person turned the wheel with Ctrl held: steps to a larger (or smaller) size."""

    def __init__(self, model: TileModel, parent: QWidget | None = None, margin: int = MARGIN) -> None:
        self._wishes = TileRequester(model)
        self._pressed = QPoint()
        self._pressed_index = QPersistentModelIndex()
        self._moved = False
        self._turned = 0
        self.enter_opens = True
        self._came_in: list[tuple[int, int]] = []  # rows, and how many came in before them, or went
        super().__init__(model, parent, margin)
        self._wishes.serve(self)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setDragEnabled(True)
        self.viewport().setMouseTracking(True)
        model.grown.connect(self._make_room)
        self.doubleClicked.connect(self.opened)

    # --- what the window sets ----------------------------------------------------------------------------

    @property
    def edge(self) -> int:
        """The side of a tile that was asked for, in logical pixels."""
        return self._edge

    def set_edge(self, edge: int) -> None:
        """Make the tiles larger or smaller, keeping in sight what is there."""
        edge = min(max(edge, SMALLEST), LARGEST)
        if edge == self._edge:
            return
        self._edge = edge
        self.relayout()
        self._wishes.ask_at_rest()

    def set_square(self, square: bool) -> None:
        """Cut the tiles square, or show the photos whole."""
        self._wishes.square = square
        self._wishes.ask_anew()

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

    def select_also(self, rows: Iterable[int]) -> None:
        """Select more rows; nobody is told that the person did it."""
        for row in rows:
            self.selectionModel().select(self.model().index(row, 0), QItemSelectionModel.SelectionFlag.Select)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Another tile is the current one: whether the person did it, the events know."""
        super().currentChanged(current, previous)
        for index in (current, previous):
            self.viewport().update(self.visualRect(index))
        self._moved = True

    # --- events ------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the tiles out for the new size."""
        super().resizeEvent(event)
        self.make_room()
        self._wishes.ask_anew()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted and paint only what came in."""
        self.viewport().scroll(dx, dy)
        if self.pins_headings and self._layout.sections:
            # What was held has moved along, and is held anew where it was.
            for top in {0, max(dy, 0)}:
                self.viewport().update(0, top, self.viewport().width(), HEADING)
        self._wishes.upwards = dy > 0
        self._wishes.ask()

    def changeEvent(self, event: QEvent) -> None:
        """Make tiles for the pixels of the screen that the window moved to."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.DevicePixelRatioChange, QEvent.Type.StyleChange):
            self._wishes.ask_anew()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the tiles in sight."""
        super().showEvent(event)
        self._wishes.ask_anew()

    def hideEvent(self, event: QHideEvent) -> None:
        """Want no tiles while nobody looks."""
        super().hideEvent(event)
        self._wishes.drop()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses."""
        point = event.position().toPoint()
        self._pressed = point + QPoint(0, self.verticalOffset())
        self._pressed_index = QPersistentModelIndex(self.indexAt(point))
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._anchor = QPersistentModelIndex(self.indexAt(point))
        self._moved = False
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self._pressed_index.isValid():
            self.chosen.emit(self.currentIndex(), False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what the first click was on, even when that click brought other photos."""
        if self._pressed_index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            super().mouseDoubleClickEvent(event)
        else:
            self.clicked_twice.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer, and draw the rubber band while it is dragged."""
        point = event.position().toPoint()
        self._hover(self.indexAt(point))
        super().mouseMoveEvent(event)
        if self.state() == QAbstractItemView.State.DragSelectingState:
            self._band = QRect(self._pressed, point + QPoint(0, self.verticalOffset())).normalized()
            self.viewport().update()

    def startDrag(self, actions: Qt.DropAction) -> None:  # noqa: ARG002
        """Carry the files of the chosen tiles to another program or folder."""
        rows = self.chosen_rows()
        paths = dict.fromkeys(path for row in rows for path in self._tiles.files(row))
        if paths:
            pictures = [self.model().index(row, 0).data(Role.TILE) for row in rows[:3]]
            drag.drag(self, list(paths), pictures)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The rubber band has done its work."""
        super().mouseReleaseEvent(event)
        if not self._band.isNull():
            self._band = QRect()
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
        if event.key() in _OPENING and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            opens = self.enter_opens or event.key() == Qt.Key.Key_Space
            if self.currentIndex().isValid():
                (self.opened if opens else self.entered).emit(self.currentIndex())
            return
        self._moved = False
        super().keyPressEvent(event)
        # Told when Qt has finished with the key, so that the window may change what is selected.
        if self._moved and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex(), True)
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._anchor = QPersistentModelIndex(self.currentIndex())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, or zoom with Ctrl."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        self._turned += event.angleDelta().y()
        notches = int(self._turned / _NOTCH)
        self._turned -= notches * _NOTCH
        if notches:
            self.zoomed.emit(notches)
        event.accept()

    # --- the model's changes -----------------------------------------------------------------------------

    def reset(self) -> None:
        """Other photos: start at the top."""
        super().reset()
        self._hovered = QPersistentModelIndex()
        self.relayout(keep=False)
        self.verticalScrollBar().setValue(0)

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        """New photos appear; what the person looks at stays where it is."""
        super().rowsInserted(parent, start, end)
        self._came_in.append((start, end - start + 1))
        if not self._tiles.growing:
            self._make_room()

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        """Photos go; the others in sight stay where they are."""
        super().rowsAboutToBeRemoved(parent, start, end)
        self._came_in.append((start, start - end - 1))

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model."""
        super().setModel(model)
        self.relayout(keep=False)

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:  # noqa: ARG002
        """Paint again what changed, where it is on the screen."""
        visible = self.visible_rows()
        if first.row() < visible.stop and last.row() >= visible.start:
            self.viewport().update()
            self._wishes.ask()

    @property
    def hurried(self) -> bool:
        """While the size changes: tiles of the size that it comes to are made then."""
        return self._wishes.changes

    def laid_out(self) -> None:
        """Called when the tiles have moved."""
        self._wishes.ask()

    # --- helpers -----------------------------------------------------------------------------------------

    def _make_room(self) -> None:
        """Lay the tiles out once for all rows that came in and went together."""
        came_in, self._came_in = self._came_in, []
        if came_in:
            self.relayout(moved=came_in)

    def _hover(self, index: QModelIndex) -> None:
        if index == self._hovered:
            return
        self.viewport().update(self.visualRect(self._hovered))
        self._hovered = QPersistentModelIndex(index)
        self.viewport().update(self.visualRect(index))
