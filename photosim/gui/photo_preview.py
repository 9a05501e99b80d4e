"""A photo shown whole in the space there is: its thumbnail at once, its own pixels as soon as they are read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from photosim.gui import imaging, words
from photosim.gui.jobs import SOON, Cancel, Jobs
from photosim.gui.photo_delegate import fitted
from photosim.gui.places import Query

_EDGE = 1280
"""Longest side decoded, in device pixels: enough for the panel at its widest on a screen of double density."""


_ENLARGED = 2.0
"""How much a small picture may grow: beyond this it only becomes blurred."""


class PhotoPreview(QWidget):
    """The photo beside its facts."""

    opened = Signal()
    """The person wants to see it in the full window."""

    def __init__(
        self, jobs: Jobs, thumbnail: Callable[[int], bytes | None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._thumbnail = jobs, thumbnail
        self._query: Query | None = None
        self._image = QImage()
        self._sharp = False
        self._failed = ""
        self._pending: list[int] = []
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(120)

    @property
    def is_sharp(self) -> bool:
        """Whether the photo's own pixels are shown."""
        return self._sharp

    def show_query(self, query: Query | None) -> None:
        """Show another photo; the old one stays until there is something to show in its place."""
        if query == self._query:
            return
        for job in self._pending:
            self._jobs.cancel(job)
        self._query, self._sharp, self._failed = query, False, ""
        self.setAccessibleName("" if query is None else words.name(query.path))
        self.setToolTip("" if query is None else self.tr("Click to see it in the full window"))
        if query is None:
            self._image = QImage()
            self.update()
            return
        self._pending = [self._jobs.start(partial(_read, query.path), partial(self._take, query, True), SOON)]
        if query.photo is not None:
            first = partial(_read_thumbnail, self._thumbnail, query.photo.photo_id)
            self._pending.append(self._jobs.start(first, partial(self._take, query, False), SOON))

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
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self._target(), self._image)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click opens the photo."""
        inside = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and inside and self._query is not None:
            self.opened.emit()

    def _target(self) -> QRect:
        size = self._image.size()
        photo = None if self._query is None else self._query.photo
        if not self._sharp and photo is not None and photo.facts.width and photo.facts.height:
            size = QSize(photo.facts.width, photo.facts.height)  # a thumbnail stands where the photo will
        room = self.rect()
        small = size * (_ENLARGED / self.devicePixelRatioF())
        if small.width() <= room.width() and small.height() <= room.height():
            target = QRect(room.topLeft(), small)
            target.moveCenter(room.center())
            return target
        return fitted(size, room)

    def _take(self, query: Query, sharp: bool, image: QImage | None, error: Exception | None) -> None:
        if query != self._query or (self._sharp and not sharp):
            return
        if image is not None:
            self._image, self._sharp, self._failed = image, sharp, ""
        elif sharp and error is not None:
            self._failed = str(error)
            if query.photo is None:
                self._image = QImage()
        self.update()


def _read(path: str, cancel: Cancel) -> QImage:
    cancel.check()
    image = imaging.photo(path, _EDGE)
    ratio = max(image.width(), image.height()) / 900
    if ratio > 1:
        # Painting shrinks by a factor of two at most without losing smoothness.
        size = image.size() / ratio
        image = image.scaled(
            size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    return image


def _read_thumbnail(fetch: Callable[[int], bytes | None], photo_id: int, cancel: Cancel) -> QImage | None:
    cancel.check()
    data = fetch(photo_id)
    return None if data is None else QImage.fromData(data)
