"""Preview of the selected photo: its thumbnail at first, its own pixels once they are loaded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from photosim.gui.base import formatting
from photosim.gui.base.boxes import paint_outline, placed
from photosim.gui.base.images import fit_rect
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.services.photo_loader import ThumbnailFetcher, load_thumbnail
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.state.places import Query, QueryImage
from photosim.gui.widgets import region
from photosim.gui.widgets.object_outlines import ObjectOutlines
from photosim.gui.widgets.region import RegionSelector
from photosim.records import PhotoObject

_MIN_HEIGHT = 64  # logical pixels
_SHARP_EDGE = 900
"""Longest side in pixels: painting stays smooth only when it shrinks by a factor of 2 at most."""

_RESCALE_DELAY_MS = 120
"""The image is scaled again once the panel has kept its size for this long."""

_MAX_ENLARGEMENT = 2.0
"""Small images are enlarged by this factor at most: beyond it they look blurred."""


class PhotoPreview(QWidget):
    """Shows one photo. A click opens it, or searches by an object; dragging selects a region to search by."""

    open_requested = Signal()
    """Open the photo in the viewer."""

    region_selected = Signal(object)
    """A rectangle was drawn: the Region to search by."""

    objects_wanted = Signal(object)
    """The objects of this QueryImage are about to be outlined: answer with `show_objects`."""

    object_chosen = Signal(object)
    """An object was clicked: the PhotoObject to search by."""

    def __init__(
        self, jobs: Jobs, client: PhotoClient, thumbnail: ThumbnailFetcher, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._client, self._thumbnail = jobs, client, thumbnail
        self._request: int | None = None
        self._query: Query | None = None
        self._image = QImage()
        self._scaled_pixmap = QPixmap()
        """The image at the size of the screen: scaling takes too long for a paint event."""
        self._is_sharp = False
        self._error = ""
        self._pending: list[int] = []
        self._selector = RegionSelector()
        self._press_position: QPoint | None = None
        self.outlines = ObjectOutlines(self, lambda: QRectF(self.target_rect))
        self.outlines.wanted.connect(self._request_objects)
        self.outlines.chosen.connect(self.object_chosen)
        self._rescale_timer = QTimer(self, interval=_RESCALE_DELAY_MS, singleShot=True)
        self._rescale_timer.timeout.connect(self._rescale_current)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(_MIN_HEIGHT)

    @property
    def is_sharp(self) -> bool:
        """Whether the photo itself is shown rather than its thumbnail."""
        return self._is_sharp

    def show_query(self, query: Query | None) -> None:
        """Show another photo; the previous one stays until an image of it is loaded."""
        if query == self._query:
            return
        if query is not None and self._query is not None and _is_same_photo(query, self._query):
            self._query = query
            self.update()
            return
        for job in self._pending:
            self._jobs.cancel(job)
        self._pending.clear()
        self._client.cancel(self._request)
        self._query, self._is_sharp, self._error = query, False, ""
        self.outlines.clear()
        self.setAccessibleName("" if query is None else formatting.display_name(query.path))
        hint = tr("Click to view, or on an object to find it. Drag to search by selection.")
        self.setToolTip("" if query is None else hint)
        if query is None:
            self._image, self._scaled_pixmap = QImage(), QPixmap()
            self.update()
            return
        accept = partial(self._accept_image, query, True)
        self._request = self._client.load(query.path, _SHARP_EDGE, _shrink, accept, Priority.HIGH)
        if query.photo is not None:
            loading_thumbnail = partial(load_thumbnail, self._thumbnail, query.photo.photo_id)
            accept = partial(self._accept_image, query, False)
            self._pending.append(self._jobs.start(loading_thumbnail, accept, Priority.HIGH))

    def show_objects(self, image: QueryImage, objects: Sequence[PhotoObject]) -> None:
        """Outline the objects of a photo, if it is still shown."""
        if self._query is not None and image.path == self._query.path:
            self.outlines.show_objects(objects)

    def sizeHint(self) -> QSize:
        return QSize(340, 255)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        if self._image.isNull():
            if self._error:
                painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(self.rect().adjusted(16, 0, -16, 0), flags, self._error)
            return
        target = self.target_rect
        if self._scaled_pixmap.size() == target.size() * self.devicePixelRatioF():
            painter.drawPixmap(target, self._scaled_pixmap)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(target, self._image)
            self._rescale_timer.start()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_selection(painter, QRectF(target))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._image.isNull():
            self._press_position = event.position().toPoint()
        super().mousePressEvent(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point, target = event.position().toPoint(), QRectF(self.target_rect)
        if self._press_position is None:
            if target.contains(event.position()) and not self._image.isNull():
                self.outlines.hover(event.position())
            return
        if not self._selector.is_dragging:
            if (point - self._press_position).manhattanLength() < QApplication.startDragDistance():
                return
            self._selector.start_drag(QPointF(self._press_position), target)
            self.setCursor(Qt.CursorShape.CrossCursor)
            self.grabKeyboard()
        self._selector.update_drag(event.position(), target)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._selector.is_dragging:
            self._end_selection()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.outlines.leave()

    def hideEvent(self, event: QHideEvent) -> None:
        self._end_selection()
        super().hideEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        was_dragging, pressed_at = self._selector.is_dragging, self._press_position
        selected = self._selector.finish_drag(QRectF(self.target_rect)) if was_dragging else None
        self._end_selection()
        if selected is not None:
            self.region_selected.emit(selected)
        if was_dragging or pressed_at is None:
            return
        is_inside = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and is_inside and self._query is not None:
            found = self.outlines.object_at(QPointF(pressed_at))
            if found is None:
                self.open_requested.emit()
            else:
                self.outlines.chosen.emit(found)

    def _paint_selection(self, painter: QPainter, target: QRectF) -> None:
        """Paint the rectangle that is drawn, or the region or object of the query, and the objects."""
        image = None if self._query is None else self._query.images[0]
        if self._selector.is_dragging:
            region.paint_region(painter, self._selector.rect, target)
            return
        selected = region.region_rect(None if image is None else image.region)
        if image is not None and image.is_object:
            paint_outline(painter, placed(selected, target), strong=True)
        else:
            region.paint_region(painter, selected, target)
        self.outlines.paint(painter)

    def _request_objects(self) -> None:
        if self._query is not None:
            self.objects_wanted.emit(self._query.images[0])

    def _end_selection(self) -> None:
        if self._selector.is_dragging or self._selector.is_drawn:
            self.releaseKeyboard()
        self._selector.clear()
        self._press_position = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.update()

    @property
    def target_rect(self) -> QRect:
        """The rectangle that the photo covers, in logical pixels of the widget."""
        return self._target_rect_for(self._image.size(), self._is_sharp)

    def _target_rect_for(self, size: QSize, sharp: bool) -> QRect:
        photo = None if self._query is None else self._query.photo
        if not sharp and photo is not None and photo.facts.width and photo.facts.height:
            size = QSize(photo.facts.width, photo.facts.height)  # the thumbnail takes the place of the photo
        available = self.rect()
        enlarged = size * (_MAX_ENLARGEMENT / self.devicePixelRatioF())
        if enlarged.width() <= available.width() and enlarged.height() <= available.height():
            target = QRect(available.topLeft(), enlarged)
            target.moveCenter(available.center())
            return target
        return fit_rect(size, available)

    def _accept_image(self, query: Query, sharp: bool, image: QImage | None, error: Exception | None) -> None:
        if self._query is None or not _is_same_photo(query, self._query) or (self._is_sharp and not sharp):
            return
        if image is not None:
            self._rescale(query, sharp, image)
        elif sharp and error is not None:
            self._error = str(error)
            if query.photo is None:
                self._image = QImage()
            self.update()

    def _rescale(self, query: Query, sharp: bool, image: QImage) -> None:
        size = self._target_rect_for(image.size(), sharp).size() * self.devicePixelRatioF()
        scaling, show = partial(_scale, image, size), partial(self._show, query, sharp, image)
        self._pending.append(self._jobs.start(scaling, show, Priority.HIGH))

    def _rescale_current(self) -> None:
        if self._query is not None and not self._image.isNull():
            self._rescale(self._query, self._is_sharp, self._image)

    def _show(
        self, query: Query, sharp: bool, image: QImage, scaled: QImage | None, _: Exception | None
    ) -> None:
        if self._query is None or not _is_same_photo(query, self._query) or (self._is_sharp and not sharp):
            return
        self._image, self._is_sharp, self._error = image, sharp, ""
        self._scaled_pixmap = QPixmap() if scaled is None else QPixmap.fromImage(scaled)
        self.update()


def _is_same_photo(a: Query, b: Query) -> bool:
    return (a.path, a.photo) == (b.path, b.photo)


def _shrink(image: QImage, _: QSize, cancel: CancelToken) -> QImage:
    cancel.check()
    ratio = max(image.width(), image.height()) / _SHARP_EDGE
    if ratio <= 1:
        return image
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return image.scaled(image.size() / ratio, keep, smooth)


def _scale(image: QImage, size: QSize, cancel: CancelToken) -> QImage:
    cancel.check()
    scaled = image.scaled(
        size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    has_alpha = image.hasAlphaChannel()
    return scaled.convertToFormat(
        QImage.Format.Format_ARGB32_Premultiplied if has_alpha else QImage.Format.Format_RGB32
    )
