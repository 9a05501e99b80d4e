"""The widget of the map: mouse, keyboard, and what screen readers say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from photosim.gui.base.jobs import Jobs
from photosim.gui.base.translation import tr
from photosim.gui.map.camera import Camera
from photosim.gui.map.data import Rect
from photosim.gui.map.painter import MapPainter
from photosim.gui.map.scene import MapScene

if TYPE_CHECKING:
    from photosim.gui.services.tiles.thumbnails import ThumbnailLoader

_STEP, _WHEEL_STEP = 1.4, 1.0015
"""Zoom of a key, and of a unit of the wheel, of which a notch has 120."""

_LASSO_STEP, _LEAST_POINTS = 3, 5
"""Least distance between two points of an outline, logical pixels, and how many it has at least; fewer are a click."""

_PAN = 80
"""How far a key moves the map, logical pixels."""


class MapCanvas(QWidget):
    """Shows a scene and lets one move on it."""

    photo_selected = Signal(int)
    deselected = Signal()
    """The user clicked beside the photos, or pressed Escape."""

    photo_opened = Signal(int)
    area_selected = Signal(object)
    """An Area whose photos are to be opened."""

    lasso_changed = Signal(bool)

    menu_requested = Signal(int, QPoint)
    """On a photo, at a global position."""

    def __init__(self, jobs: Jobs, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = MapScene(jobs, self)
        self._painter = MapPainter(self, self.scene, thumbnails)
        self.scene.changed.connect(self.update)
        thumbnails.loaded.connect(lambda _: self.update())
        self._pressed: QPointF | None = None
        self._drag_from: QPointF | None = None
        """Where the pointer was last, while the map is dragged."""

        self._area: QRectF | None = None
        self.is_lasso = False
        """Whether a drag draws an outline, and does not move the map."""

        self._outline: list[tuple[float, float]] | None = None
        """What is drawn, as points of the map."""

        self._in_overview = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Map of photos"))
        self.setMinimumSize(240, 180)
        self._update_faint()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom at a point, by default at the selected photo where it is shown, else in the middle."""
        scene = self.scene
        if at is None and scene.selected is not None:
            point = scene.point(scene.selected)
            at = point if self.rect().contains(point.toPoint()) else None
        scene.set_camera(scene.camera.zoomed(factor, at))

    def fit(self) -> None:
        """Show the whole map."""
        self.scene.set_camera(Camera.fit(QSizeF(self.size()), self.scene.data.bounds))

    def set_lasso(self, on: bool) -> None:
        """Let a drag draw an outline around photos, or move the map."""
        if on != self.is_lasso:
            self.is_lasso, self._outline = on, None
            self._show_cursor()
            self.update()
            self.lasso_changed.emit(on)

    def announce(self, text: str) -> None:
        """Let a screen reader say what is selected."""
        self.setAccessibleDescription(text)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        if not len(self.scene.data):
            return
        self._painter.paint(painter)
        color = self.palette().color(QPalette.ColorRole.Highlight)
        painter.setPen(QPen(color, 1.5))
        color.setAlpha(40)
        painter.setBrush(color)
        if self._area is not None:
            painter.drawRect(self._area.normalized())
        if self._outline is not None:
            points = [self.scene.camera.to_view(x, y) for x, y in self._outline]
            painter.drawPolygon(QPolygonF(points), Qt.FillRule.WindingFill)

    def hideEvent(self, event: QHideEvent) -> None:
        self._painter.release()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.scene.resize(QSizeF(event.size()))
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._update_faint()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_by(_WHEEL_STEP ** event.angleDelta().y(), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_by(1 + event.value(), event.position())
                return True
        elif event.type() == QEvent.Type.ContextMenu:
            self._request_menu()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if event.button() == Qt.MouseButton.RightButton:
            self._select_at(point)
        if event.button() != Qt.MouseButton.LeftButton:
            return
        overview = self.scene.overview_area()
        self._in_overview = overview is not None and overview.contains(point)
        if self._in_overview:
            self.scene.move_by_overview(point)
            return
        self._pressed = point
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._area = QRectF(point, point)
        elif self.is_lasso:
            self._outline = [self.scene.camera.to_map(point)]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._in_overview:
            self.scene.move_by_overview(point)
        elif self._area is not None:
            self._area.setBottomRight(point)
            self.update()
        elif self._outline is not None:
            last = self.scene.camera.to_view(*self._outline[-1])
            if (point - last).manhattanLength() >= _LASSO_STEP:
                self._outline.append(self.scene.camera.to_map(point))
                self.update()
        elif self._drag_from is not None:
            moved = point - self._drag_from
            self._drag_from = point
            self.scene.set_camera(self.scene.camera.moved(moved.x(), moved.y()))
        elif (
            self._pressed is not None
            and (point - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        ):
            self._drag_from = self._pressed
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._show_cursor()
        area, self._area = self._area, None
        outline, self._outline = self._outline, None
        was_click = self._pressed is not None and self._drag_from is None
        self._pressed = self._drag_from = None
        if self._in_overview:
            self._in_overview = False
        elif area is not None:
            self.update()
            self._select_area(area.normalized())
        elif outline is not None and len(outline) >= _LEAST_POINTS:
            self.set_lasso(False)
            self.area_selected.emit(np.array(outline))
        elif was_click and self.scene.row_at(event.position()) is None:
            self.deselected.emit()
        elif was_click:
            self._select_at(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self.scene.row_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and row is not None:
            self.photo_opened.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        direction = _DIRECTIONS.get(Qt.Key(key))
        if direction is not None and shift:
            self.scene.set_camera(self.scene.camera.moved(-direction[0] * _PAN, -direction[1] * _PAN))
        elif direction is not None:
            row = self.scene.row_towards(*direction)
            if row is not None:
                self._select(row, reveal=True)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / _STEP)
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Home):
            self.fit()
        elif key == Qt.Key.Key_L and not event.modifiers():
            self.set_lasso(not self.is_lasso)
        elif key == Qt.Key.Key_Escape and self.is_lasso:
            self.set_lasso(False)
        elif (
            key == Qt.Key.Key_Escape and self.scene.selected is not None and not self.window().isFullScreen()
        ):
            self.deselected.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.scene.selected is not None:
            self.photo_opened.emit(self.scene.selected)
        else:
            super().keyPressEvent(event)

    def _select_at(self, point: QPointF) -> None:
        row = self.scene.row_at(point)
        if row is not None:
            self._select(row)

    def _select_area(self, area: QRectF) -> None:
        left, top = self.scene.camera.to_map(area.topLeft())
        right, bottom = self.scene.camera.to_map(area.bottomRight())
        self.area_selected.emit(Rect(left, top, right, bottom))

    def _select(self, row: int, *, reveal: bool = False) -> None:
        self.scene.set_selected(row, reveal=reveal)
        self.photo_selected.emit(row)

    def _show_cursor(self) -> None:
        if self.is_lasso:
            self.setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.unsetCursor()

    def _request_menu(self) -> None:
        if self.scene.selected is not None:
            point = self.scene.point(self.scene.selected).toPoint()
            self.menu_requested.emit(self.scene.selected, self.mapToGlobal(point))

    def _update_faint(self) -> None:
        color = self.palette().color(QPalette.ColorRole.Mid)
        self.scene.set_faint((color.red(), color.green(), color.blue()))


_DIRECTIONS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
