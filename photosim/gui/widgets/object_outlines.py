"""Outlines of the objects in a photo, one of which can be chosen to search by."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from photosim.gui.base.boxes import RADIUS, Box, box_rect, paint_outline
from photosim.gui.base.translation import tr
from photosim.records import PhotoObject

_LABEL_FILL = QColor(0, 0, 0, 190)
_LABEL_PADDING = (8.0, 3.0)
_ROOMY = 3.5
"""Heights of its label that an object has at least which the label does not hide."""


class ObjectOutlines(QObject):
    """The outlines over the photo that a widget shows, once the pointer moves over it or as long as they are `pinned`.

    The widget reports the pointer by `hover` and `leave`, and paints by `paint`.
    """

    wanted = Signal()
    """The objects of the photo are about to be outlined, and are not known yet."""

    unwanted = Signal()
    """Nobody waits for the objects any more: another photo is shown, or the pointer has left."""

    chosen = Signal(object)
    """The PhotoObject to search by."""

    current_changed = Signal()
    """Another object is highlighted, or none."""

    pinned_changed = Signal(bool)

    def __init__(self, widget: QWidget, target: Callable[[], QRectF]) -> None:
        """`target` returns the rectangle of the photo in the widget."""
        super().__init__(widget)
        self._widget, self._target = widget, target
        self._objects: Sequence[PhotoObject] | None = None
        self._is_hovered = False
        self.current: PhotoObject | None = None
        """The object that is highlighted."""
        self.marked: Box | None = None
        """The object that a search has found in the photo, outlined quietly wherever the pointer is."""
        self.pinned = False
        """Whether objects are outlined wherever the pointer is."""

    @property
    def objects(self) -> Sequence[PhotoObject]:
        """The objects of the photo, as far as they are known."""
        return self._objects or ()

    @property
    def are_shown(self) -> bool:
        """Whether objects are outlined as soon as they are known."""
        return self.pinned or self._is_hovered

    def clear(self) -> None:
        """Forget the objects, for another photo; a pointer that rests over it does not ask for those of the next one."""
        self._objects = None
        self._is_hovered = False
        self._set_current(None)
        self.unwanted.emit()
        self._request()
        self._widget.update()

    def show_objects(self, objects: Sequence[PhotoObject]) -> None:
        """Set the objects of the photo."""
        self._objects = objects
        if self._is_hovered:
            position = self._widget.mapFromGlobal(self._widget.cursor().pos())
            self._set_current(self.object_at(QPointF(position)))
        self._widget.update()

    def set_pinned(self, pinned: bool) -> None:
        """Outline the objects wherever the pointer is, or only below it."""
        self.pinned = pinned
        if not pinned:
            self._set_current(None)
        self._request()
        self.pinned_changed.emit(pinned)
        self._widget.update()

    def toggle_pinned(self) -> None:
        """Outline the objects wherever the pointer is, or no longer."""
        self.set_pinned(not self.pinned)

    def step(self) -> None:
        """Outline the objects and highlight the next one."""
        self.set_pinned(True)
        if self._objects:
            index = -1 if self.current is None else self._objects.index(self.current)
            self._set_current(self._objects[(index + 1) % len(self._objects)])

    def choose(self) -> None:
        """Search by the object that is highlighted."""
        if self.current is not None:
            self.chosen.emit(self.current)

    def hover(self, position: QPointF) -> None:
        """Highlight the object below the pointer."""
        if not self._is_hovered:
            self._is_hovered = True
            self._request()
            self._widget.update()
        self._set_current(self.object_at(position))

    def leave(self) -> None:
        """Outline nothing, unless the outlines are pinned."""
        self._is_hovered = False
        self._set_current(None)
        if self._objects is None and not self.pinned:
            self.unwanted.emit()
        self._widget.update()

    def object_at(self, position: QPointF) -> PhotoObject | None:
        """Return the smallest object below a position, since larger ones contain it."""
        below = [found for found in self.objects if self._rect(found).contains(position)]
        return min(below, key=lambda found: found.box[2] * found.box[3], default=None)

    def paint(self, painter: QPainter) -> None:
        """Paint the outlines, and what a click on the highlighted object does."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not (self._objects and self.are_shown):
            if self.marked is not None:
                paint_outline(painter, box_rect(self.marked, self._target()))
            return
        for found in self._objects:
            if found is not self.current:
                paint_outline(painter, self._rect(found))
        if self.current is not None:
            paint_outline(painter, self._rect(self.current), strong=True)
            self._paint_label(painter, self.current)

    def _request(self) -> None:
        if self._objects is None and self.are_shown:
            self.wanted.emit()

    def _set_current(self, found: PhotoObject | None) -> None:
        if found is self.current:
            return
        self.current = found
        self._widget.update()
        self._widget.setAccessibleDescription("" if found is None else found.label)
        event = QAccessibleEvent(self._widget, QAccessible.Event.DescriptionChanged)
        QAccessible.updateAccessibility(event)
        self.current_changed.emit()

    def _rect(self, found: PhotoObject) -> QRectF:
        return box_rect(found.box, self._target())

    def _paint_label(self, painter: QPainter, found: PhotoObject) -> None:
        text = tr("Find this: {label}").format(label=found.label)
        metrics = QFontMetricsF(self._widget.font())
        across, down = _LABEL_PADDING
        size = QSizeF(metrics.horizontalAdvance(text) + 2 * across, metrics.height() + 2 * down)
        rect = label_rect(self._rect(found), size, QRectF(self._widget.rect()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_LABEL_FILL)
        painter.drawRoundedRect(rect, RADIUS, RADIUS)
        painter.setPen(Qt.GlobalColor.white)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


def label_rect(outline: QRectF, size: QSizeF, room: QRectF) -> QRectF:
    """Return where a label is: in the corner of an outline that is large enough, or else below or above it."""
    visible = outline.intersected(room)
    if visible.width() >= size.width() + 2 * RADIUS and visible.height() >= _ROOMY * size.height():
        return QRectF(visible.topLeft() + QPointF(RADIUS, RADIUS), size)
    rect = QRectF(QPointF(visible.x(), visible.bottom() + RADIUS), size)
    if rect.bottom() > room.bottom():
        rect.moveBottom(max(visible.top() - RADIUS, room.top() + size.height()))
    rect.moveLeft(max(min(rect.left(), room.right() - size.width()), room.left()))
    return rect
