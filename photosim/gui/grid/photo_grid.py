"""The interactive grid: mouse, keyboard and wheel, and the changes of its model."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import (
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
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QToolTip, QWidget

from photosim.gui.grid.drag import drag_files
from photosim.gui.grid.hover import TileAction, action_text
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
    """The user double-clicked, and the first click has replaced the content."""

    similar_requested = Signal(QModelIndex)
    """The user clicked the button that finds what is similar to this tile."""

    stack_requested = Signal(QModelIndex)
    """The user clicked the badge of a tile that stands for several photos."""

    deselected = Signal()
    """The user clicked beside the tiles, or pressed Escape."""

    rubber_band_finished = Signal()
    """The user has selected tiles by dragging."""

    fold_toggled = Signal(int)
    """The user clicked the heading of a section that can be folded."""

    end_neared = Signal()
    """The tiles that are visible, or will soon be, include the last one."""

    laid_out = Signal()
    """Tiles have moved or others have become visible."""

    zoom_requested = Signal(int)
    """The user turned the wheel with Ctrl: the number of notches, positive for larger tiles."""

    def __init__(self, model: TileModel, parent: QWidget | None = None, margin: int = MARGIN) -> None:
        self._requester = TileRequester(model)
        self._press_pos = QPoint()  # in content coordinates
        self._press_index = QPersistentModelIndex()
        self._pressed_tile = False
        self._pressed_action: TileAction | None = None
        self._pressed_heading: int | None = None
        self._current_changed = False
        self._wheel_delta = 0
        self.enter_opens = True
        super().__init__(model, parent, margin)
        self._requester.set_view(self)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setDragEnabled(True)
        self.viewport().setMouseTracking(True)

    @property
    def is_rubber_band_active(self) -> bool:
        """Whether the user is selecting tiles by dragging."""
        return self.state() == QAbstractItemView.State.DragSelectingState

    @property
    def tile_size(self) -> int:
        """The requested side of a tile in logical pixels."""
        return self._tile_size

    @property
    def is_resizing(self) -> bool:
        return self._requester.is_resizing

    def set_tile_size(self, size: int) -> None:
        """Resize the tiles, keeping the current one, or else the first visible line, where it is."""
        size = min(max(size, MIN_TILE_EDGE), MAX_TILE_EDGE)
        if size == self._tile_size:
            return
        self._tile_size = size
        self.relayout()
        self._requester.schedule_resize()

    def set_square(self, square: bool) -> None:
        super().set_square(square)
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
        self.laid_out.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_viewport()
        if self.has_different_tiles:  # each width has other tiles
            self._requester.schedule_resize()
        else:
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
        point, is_left = event.position().toPoint(), event.button() == Qt.MouseButton.LeftButton
        index = self.indexAt(point)
        self._press_pos = point + QPoint(0, self.verticalOffset())
        self._press_index, self._pressed_tile = QPersistentModelIndex(index), index.isValid()
        self._pressed_heading = self.foldable_section_at(point) if is_left else None
        self._pressed_action = self._action_at(point) if is_left else None
        if self._pressed_action is not None:
            self._run_action(self._pressed_action, index)
            return
        if self._pressed_heading is not None:
            return
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._anchor = QPersistentModelIndex(self.indexAt(point))
        super().mousePressEvent(event)
        if is_left and self._press_index.isValid():
            self.tile_selected.emit(self.currentIndex(), False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # Opens what the first click was on: that click may have moved the tiles, or replaced them.
        if event.button() != Qt.MouseButton.LeftButton or event.modifiers() or not self._pressed_tile:
            super().mouseDoubleClickEvent(event)
        elif self._pressed_action is not None:
            self.mousePressEvent(event)
        elif self._press_index.isValid():
            self.tile_opened.emit(self.model().index(self._press_index.row(), 0))
        else:
            self.stale_double_click.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        action = self._action_at(point)
        self._set_hovered(self.indexAt(point), action)
        is_link = action is TileAction.SHOW_STACK or self.foldable_section_at(point) is not None
        shape = Qt.CursorShape.PointingHandCursor if is_link else Qt.CursorShape.ArrowCursor
        if self.viewport().cursor().shape() is not shape:
            self.viewport().setCursor(shape)
        if self._pressed_action is not None or self._pressed_heading is not None:
            return  # these are no places to begin dragging
        super().mouseMoveEvent(event)
        if self.state() == QAbstractItemView.State.DragSelectingState:
            self._rubber_band = QRect(self._press_pos, point + QPoint(0, self.verticalOffset())).normalized()
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        heading, action = self._pressed_heading, self._pressed_action
        self._pressed_heading = self._pressed_action = None
        if heading is not None and heading == self.foldable_section_at(event.position().toPoint()):
            self.fold_toggled.emit(heading)
        if heading is not None or action is not None:
            return
        super().mouseReleaseEvent(event)
        if not self._rubber_band.isNull():
            self._rubber_band = QRect()
            self.viewport().update()
            self.rubber_band_finished.emit()
        elif event.button() == Qt.MouseButton.LeftButton and not event.modifiers() and not self._pressed_tile:
            self._deselect()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            action = self._action_at(event.pos())
            if action is not None:
                selected = self.selectionModel().isSelected(self.indexAt(event.pos()))
                QToolTip.showText(event.globalPos(), action_text(action, selected=selected), self)
                return True
        return super().viewportEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(QModelIndex(), None)
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
        if event.key() == Qt.Key.Key_Escape and not self.window().isFullScreen() and self._deselect():
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

    def _run_action(self, action: TileAction, index: QModelIndex) -> None:
        if action is TileAction.FIND_SIMILAR:
            self.similar_requested.emit(index)
        elif action is TileAction.SHOW_STACK:
            self.stack_requested.emit(index)
        elif action is TileAction.VIEW:
            self.tile_opened.emit(index)
        else:
            self._anchor = QPersistentModelIndex(index)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.Toggle)
            self.tile_selected.emit(index, False)

    def _deselect(self) -> bool:
        """Clear the selection as the user asks for; return whether there was one."""
        had_selection = self.selectionModel().hasSelection()
        self.clearSelection()
        self.deselected.emit()
        return had_selection
