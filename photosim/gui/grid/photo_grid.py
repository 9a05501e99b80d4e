"""The interactive grid: mouse, keyboard and wheel, and the changes of its model."""

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

from photosim.gui.grid.drag import drag_files
from photosim.gui.grid.layout import HEADING_HEIGHT, MARGIN
from photosim.gui.grid.tile_model import Index, Role, TileModel
from photosim.gui.grid.tile_requests import TileRequester
from photosim.gui.grid.tile_view import TileView
from photosim.gui.state.ordering import MAX_TILE_EDGE, MIN_TILE_EDGE

_OPEN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)

_NOTCH = 120
"""Angle delta of one notch of the wheel; touchpads send small fractions of it."""


class PhotoGrid(TileView):
    """A grid of tiles that the user selects, opens and drags; its signals report what the user does."""

    tile_selected = Signal(QModelIndex, bool)
    """The user made this tile the current one; True: with the keyboard."""

    tile_opened = Signal(QModelIndex)
    """The user double-clicked a tile, or pressed Space (or Enter, with `enter_opens`) on it."""

    enter_pressed = Signal(QModelIndex)
    """The user pressed Enter on a tile, without `enter_opens`."""

    stale_double_click = Signal()
    """The user double-clicked, and the first click replaced the content of the grid."""

    zoom_requested = Signal(int)
    """The user turned the wheel with Ctrl: the number of notches, positive for larger tiles."""

    def __init__(self, model: TileModel, parent: QWidget | None = None, margin: int = MARGIN) -> None:
        self._requester = TileRequester(model)
        self._press_pos = QPoint()  # in content coordinates
        self._press_index = QPersistentModelIndex()
        self._current_changed = False
        self._wheel_delta = 0
        self.enter_opens = True
        self._row_changes: list[tuple[int, int]] = []  # see `relayout`
        super().__init__(model, parent, margin)
        self._requester.set_view(self)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setDragEnabled(True)
        self.viewport().setMouseTracking(True)
        model.batch_finished.connect(self._apply_row_changes)
        self.doubleClicked.connect(self.tile_opened)

    @property
    def tile_size(self) -> int:
        """The requested side of a tile in logical pixels."""
        return self._tile_size

    @property
    def is_resizing(self) -> bool:
        return self._requester.is_resizing

    def set_tile_size(self, size: int) -> None:
        """Resize the tiles, keeping the first visible line where it is."""
        size = min(max(size, MIN_TILE_EDGE), MAX_TILE_EDGE)
        if size == self._tile_size:
            return
        self._tile_size = size
        self.relayout()
        self._requester.schedule_resize()

    def set_square(self, square: bool) -> None:
        """Crop the thumbnails to squares, or show the whole photos."""
        self._requester.square = square
        self._requester.schedule_restyle()

    def select_row(self, row: int | None, *, scroll: bool = True) -> None:
        """Make a row the current and only selected one, or clear the selection, without `tile_selected`."""
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
        """Select more rows, without `tile_selected`."""
        for row in rows:
            self.selectionModel().select(self.model().index(row, 0), QItemSelectionModel.SelectionFlag.Select)

    def layout_changed(self) -> None:
        self._requester.schedule()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_viewport()
        self._requester.schedule_restyle()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().scroll(dx, dy)
        if self.sticky_headings and self._layout.sections:
            # The pixels of the sticky heading have moved along: repaint where they are now and where they belong.
            for top in {0, max(dy, 0)}:
                self.viewport().update(0, top, self.viewport().width(), HEADING_HEIGHT)
        self._requester.scrolling_up = dy > 0
        self._requester.schedule()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.DevicePixelRatioChange, QEvent.Type.StyleChange):
            self._requester.schedule_restyle()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._requester.schedule_restyle()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._requester.cancel()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        self._press_pos = point + QPoint(0, self.verticalOffset())
        self._press_index = QPersistentModelIndex(self.indexAt(point))
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._anchor = QPersistentModelIndex(self.indexAt(point))
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self._press_index.isValid():
            self.tile_selected.emit(self.currentIndex(), False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # The persistent index of the first click becomes invalid when that click replaces the content.
        if self._press_index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            super().mouseDoubleClickEvent(event)
        else:
            self.stale_double_click.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        self._set_hovered(self.indexAt(point))
        super().mouseMoveEvent(event)
        if self.state() == QAbstractItemView.State.DragSelectingState:
            self._rubber_band = QRect(self._press_pos, point + QPoint(0, self.verticalOffset())).normalized()
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if not self._rubber_band.isNull():
            self._rubber_band = QRect()
            self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(QModelIndex())
        super().leaveEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:  # noqa: ARG002
        rows = self.selected_rows()
        paths = dict.fromkeys(path for row in rows for path in self._tile_model.file_paths(row))
        if paths:
            thumbnails = [self.model().index(row, 0).data(Role.THUMBNAIL) for row in rows[:3]]
            drag_files(self, list(paths), thumbnails)

    def focusInEvent(self, event: QFocusEvent) -> None:
        # Not QAbstractItemView's, which makes the first tile the current one.
        QAbstractScrollArea.focusInEvent(self, event)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.state() == QAbstractItemView.State.EditingState:
            return  # the Enter that commits an inline rename also arrives here
        if event.key() in _OPEN_KEYS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            opens = self.enter_opens or event.key() == Qt.Key.Key_Space
            if self.currentIndex().isValid():
                (self.tile_opened if opens else self.enter_pressed).emit(self.currentIndex())
            return
        self._current_changed = False
        super().keyPressEvent(event)
        # Emitted after Qt has handled the key, as the receiver may change the selection.
        if self._current_changed and self.currentIndex().isValid():
            self.tile_selected.emit(self.currentIndex(), True)
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._anchor = QPersistentModelIndex(self.currentIndex())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        self._wheel_delta += event.angleDelta().y()
        notches = int(self._wheel_delta / _NOTCH)
        self._wheel_delta -= notches * _NOTCH
        if notches:
            self.zoom_requested.emit(notches)
        event.accept()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        for index in (current, previous):
            self.viewport().update(self.visualRect(index))
        self._current_changed = True

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        self.relayout(keep_scroll=False)

    def reset(self) -> None:
        super().reset()
        self._hovered = QPersistentModelIndex()
        self.relayout(keep_scroll=False)
        self.verticalScrollBar().setValue(0)

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        super().rowsInserted(parent, start, end)
        self._row_changes.append((start, end - start + 1))
        if not self._tile_model.in_batch:
            self._apply_row_changes()

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        super().rowsAboutToBeRemoved(parent, start, end)
        self._row_changes.append((start, start - end - 1))

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:  # noqa: ARG002
        visible = self.visible_rows()
        if first.row() < visible.stop and last.row() >= visible.start:
            self.viewport().update()
            self._requester.schedule()

    def _apply_row_changes(self) -> None:
        """Recompute the layout once for all insertions and removals of a batch."""
        row_changes, self._row_changes = self._row_changes, []
        if row_changes:
            self.relayout(row_changes=row_changes)

    def _set_hovered(self, index: QModelIndex) -> None:
        if index == self._hovered:
            return
        self.viewport().update(self.visualRect(self._hovered))
        self._hovered = QPersistentModelIndex(index)
        self.viewport().update(self.visualRect(index))
