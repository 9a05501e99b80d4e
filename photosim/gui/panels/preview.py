"""A photo shown whole in the space there is: its thumbnail at once, its own pixels as soon as they are read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
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

from photosim.gui.base import formatting, images
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.grid.delegate import fit_rect
from photosim.gui.state.places import Query
from photosim.gui.widgets import region
from photosim.gui.widgets.region import RegionSelector

_LOWEST = 64  # logical pixels
_EDGE = 1280
"""Longest side decoded, in device pixels: enough for the panel at its widest on a screen of double density."""


_SETTLE_MS = 120
"""The picture is fitted anew when the panel has kept its size for this long."""

_ENLARGED = 2.0
"""How much a small picture may grow: beyond this it only becomes blurred."""


class PhotoPreview(QWidget):
    """The photo beside its facts."""

    opened = Signal()
    """The person wants to see it in the full window."""

    region_chosen = Signal(object)
    """The person drew a rectangle on it: the Region to search by."""

    def __init__(
        self, jobs: Jobs, thumbnail: Callable[[int], bytes | None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._thumbnail = jobs, thumbnail
        self._query: Query | None = None
        self._image = QImage()
        self._fitted = QPixmap()
        """The picture in the pixels of the screen: scaling it takes longer than painting may."""
        self._sharp = False
        self._failed = ""
        self._pending: list[int] = []
        self._band = RegionSelector()
        self._pressed: QPoint | None = None
        self._settle = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._settle.timeout.connect(self._fit_again)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(_LOWEST)

    @property
    def is_sharp(self) -> bool:
        """Whether the photo's own pixels are shown."""
        return self._sharp

    def show_query(self, query: Query | None) -> None:
        """Show another photo; the old one stays until there is something to show in its place."""
        if query == self._query:
            return
        if query is not None and self._query is not None and _shows_same(query, self._query):
            self._query = query
            self.update()
            return
        for job in self._pending:
            self._jobs.cancel(job)
        self._query, self._sharp, self._failed = query, False, ""
        self.setAccessibleName("" if query is None else formatting.display_name(query.path))
        self.setToolTip(
            ""
            if query is None
            else tr("Click to see it in the full window. Draw a rectangle to search by a part of it.")
        )
        if query is None:
            self._image, self._fitted = QImage(), QPixmap()
            self.update()
            return
        self._pending = [
            self._jobs.start(partial(_read, query.path), partial(self._take, query, True), Priority.HIGH)
        ]
        if query.photo is not None:
            first = partial(_read_thumbnail, self._thumbnail, query.photo.photo_id)
            self._pending.append(self._jobs.start(first, partial(self._take, query, False), Priority.HIGH))

    def sizeHint(self) -> QSize:
        """As wide as the panel, in the proportions of most photos."""
        return QSize(340, 255)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Paint the photo in the middle."""
        painter = QPainter(self)
        if self._image.isNull():
            if self._failed:
                painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(self.rect().adjusted(16, 0, -16, 0), flags, self._failed)
            return
        target = self._target()
        if self._fitted.size() == target.size() * self.devicePixelRatioF():
            painter.drawPixmap(target, self._fitted)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(target, self._image)
            self._settle.start()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        asked = region.region_rect(None if self._query is None else self._query.region)
        region.paint_region(painter, self._band.rect if self._band.is_dragging else asked, QRectF(target))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press is the beginning of a click, or of a rectangle."""
        if event.button() == Qt.MouseButton.LeftButton and not self._image.isNull():
            self._pressed = event.position().toPoint()
        super().mousePressEvent(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw the rectangle."""
        point, target = event.position().toPoint(), QRectF(self._target())
        if self._pressed is None:
            return
        if not self._band.is_dragging:
            if (point - self._pressed).manhattanLength() < QApplication.startDragDistance():
                return
            self._band.start_drag(QPointF(self._pressed), target)
            self.setCursor(Qt.CursorShape.CrossCursor)
            self.grabKeyboard()
        self._band.update_drag(event.position(), target)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives the rectangle up."""
        if event.key() == Qt.Key.Key_Escape and self._band.is_dragging:
            self._end_drawing()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is drawn on what is not seen."""
        self._end_drawing()
        super().hideEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click opens the photo; a rectangle searches by its part."""
        drawing, pressed = self._band.is_dragging, self._pressed
        region = self._band.finish_drag(QRectF(self._target())) if drawing else None
        self._end_drawing()
        if region is not None:
            self.region_chosen.emit(region)
        if drawing or pressed is None:
            return
        inside = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and inside and self._query is not None:
            self.opened.emit()

    def _end_drawing(self) -> None:
        if self._band.is_dragging or self._band.is_drawn:
            self.releaseKeyboard()
        self._band.clear()
        self._pressed = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.update()

    def _target(self) -> QRect:
        return self._target_of(self._image.size(), self._sharp)

    def _target_of(self, size: QSize, sharp: bool) -> QRect:
        photo = None if self._query is None else self._query.photo
        if not sharp and photo is not None and photo.facts.width and photo.facts.height:
            size = QSize(photo.facts.width, photo.facts.height)  # a thumbnail stands where the photo will
        room = self.rect()
        small = size * (_ENLARGED / self.devicePixelRatioF())
        if small.width() <= room.width() and small.height() <= room.height():
            target = QRect(room.topLeft(), small)
            target.moveCenter(room.center())
            return target
        return fit_rect(size, room)

    def _take(self, query: Query, sharp: bool, image: QImage | None, error: Exception | None) -> None:
        if self._query is None or not _shows_same(query, self._query) or (self._sharp and not sharp):
            return
        if image is not None:
            self._fit(query, sharp, image)
        elif sharp and error is not None:
            self._failed = str(error)
            if query.photo is None:
                self._image = QImage()
            self.update()

    def _fit(self, query: Query, sharp: bool, image: QImage) -> None:
        size = self._target_of(image.size(), sharp).size() * self.devicePixelRatioF()
        work, done = partial(_scaled, image, size), partial(self._show, query, sharp, image)
        self._pending.append(self._jobs.start(work, done, Priority.HIGH))

    def _fit_again(self) -> None:
        if self._query is not None and not self._image.isNull():
            self._fit(self._query, self._sharp, self._image)

    def _show(
        self, query: Query, sharp: bool, image: QImage, fitted: QImage | None, _: Exception | None
    ) -> None:
        if self._query is None or not _shows_same(query, self._query) or (self._sharp and not sharp):
            return
        self._image, self._sharp, self._failed = image, sharp, ""
        self._fitted = QPixmap() if fitted is None else QPixmap.fromImage(fitted)
        self.update()


def _shows_same(one: Query, other: Query) -> bool:
    return (one.path, one.photo) == (other.path, other.photo)


def _read(path: str, cancel: CancelToken) -> QImage:
    cancel.check()
    image = images.load_photo(path, _EDGE)
    ratio = max(image.width(), image.height()) / 900
    if ratio > 1:
        # Painting shrinks by a factor of two at most without losing smoothness.
        size = image.size() / ratio
        image = image.scaled(
            size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    return image


def _scaled(image: QImage, size: QSize, cancel: CancelToken) -> QImage:
    cancel.check()
    modes = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    alpha = image.hasAlphaChannel()
    shown = QImage.Format.Format_ARGB32_Premultiplied if alpha else QImage.Format.Format_RGB32
    return image.scaled(size, *modes).convertToFormat(shown)


def _read_thumbnail(
    fetch: Callable[[int], bytes | None], photo_id: int, cancel: CancelToken
) -> QImage | None:
    cancel.check()
    data = fetch(photo_id)
    return None if data is None else images.image_from_jpeg(data)
