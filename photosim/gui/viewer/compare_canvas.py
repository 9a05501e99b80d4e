"""Canvases that can show the same part of their images, whatever size each image has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent

from photosim.gui.viewer.canvas import ImageCanvas


@dataclass(frozen=True, slots=True)
class ViewTransform:
    """Visible part of an image, independent of its resolution."""

    fitted: bool
    """Whether all of the image is visible; the other values do not matter then."""
    extent: float
    """Longer side of the image in device pixels of the screen."""
    x: float
    """Image position at the centre of the canvas, 0 (left) to 1 (right)."""
    y: float
    """Image position at the centre of the canvas, 0 (top) to 1 (bottom)."""


class CompareCanvas(ImageCanvas):
    """Canvas whose view can be copied to and from others."""

    view_changed = Signal(object)
    """This canvas shows another part of its image: the CompareCanvas."""

    _is_refitting = False
    _outline: Sequence[QPointF] = ()
    _heat = QImage()

    def show_outline(self, corners: Sequence[QPointF]) -> None:
        """Outline the part of the image that another one shows: its corners in fractions of the image; none to hide it."""
        self._outline = corners
        self.update()

    def show_heat(self, image: QImage) -> None:
        """Paint a transparent picture over the whole image; a null one to hide it."""
        self._heat = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._levels and not self._heat.isNull():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.target_rect, self._heat)
            painter.end()
        if self._outline and self._levels:
            target = self.target_rect
            corners = [
                QPointF(target.x() + corner.x() * target.width(), target.y() + corner.y() * target.height())
                for corner in self._outline
            ]
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for color, width in ((QColor(0, 0, 0, 150), 4), (QColor(255, 255, 255), 1.6)):
                painter.setPen(QPen(color, width))
                painter.drawPolygon(QPolygonF(corners))

    @property
    def view_transform(self) -> ViewTransform:
        """The visible part of the image."""
        width, height = max(self._full_size.width(), 1), max(self._full_size.height(), 1)
        extent = self._zoom * max(width, height)
        return ViewTransform(self._is_fitted, extent, self._centre.x() / width, self._centre.y() / height)

    def apply_transform(self, transform: ViewTransform) -> None:
        """Show the same part as another canvas."""
        if self._full_size.isEmpty():
            return
        if transform.fitted:
            self.fit()
            return
        width, height = self._full_size.width(), self._full_size.height()
        self._is_fitted = False
        self._zoom = transform.extent / max(width, height)
        self._centre = QPointF(transform.x * width, transform.y * height)
        self._clamp_centre()
        self._update_cursor()
        self.zoom_changed.emit(self._zoom)

    def pan(self, dx: float, dy: float) -> None:
        """Move the view right and down, in fractions of the visible part."""
        ratio = self.devicePixelRatioF() / self._zoom
        self._centre += QPointF(dx * self.width() * ratio, dy * self.height() * ratio)
        self._clamp_centre()

    def set_selecting(self, selecting: bool) -> None:
        """Do nothing: the comparison has no search by selection."""

    def _fit_zoom(self) -> float:
        """Enlarge small images too: compared photos must have the same size on the screen."""
        if self._full_size.isEmpty() or self.width() < 2 or self.height() < 2:
            return 1.0
        ratio = self.devicePixelRatioF()
        return ratio * min(self.width() / self._full_size.width(), self.height() / self._full_size.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._is_refitting = self._is_fitted  # each canvas fits itself: the others need not follow
        super().resizeEvent(event)
        self._is_refitting = False

    def _clamp_centre(self) -> None:
        super()._clamp_centre()
        if not self._is_refitting:
            self.view_changed.emit(self)


class LinkedViews:
    """Keeps several canvases on the same part of their images while `linked`."""

    def __init__(self) -> None:
        self.linked = True
        self._canvases: list[CompareCanvas] = []
        self._is_updating = False

    def set_canvases(self, canvases: Sequence[CompareCanvas]) -> None:
        """Link these canvases instead of the previous ones."""
        for canvas in self._canvases:
            canvas.view_changed.disconnect(self._apply_to_others)
        self._canvases = list(canvases)
        for canvas in self._canvases:
            canvas.view_changed.connect(self._apply_to_others)

    def set_linked(self, linked: bool, source: CompareCanvas | None = None) -> None:
        """Link the canvases, beginning with the view of `source`, or unlink them."""
        self.linked = linked
        if linked and source is not None:
            self._apply_to_others(source)

    def _apply_to_others(self, source: CompareCanvas) -> None:
        if not self.linked or self._is_updating:
            return
        self._is_updating = True
        try:
            for canvas in self._canvases:
                if canvas is not source:
                    canvas.apply_transform(source.view_transform)
        finally:
            self._is_updating = False
