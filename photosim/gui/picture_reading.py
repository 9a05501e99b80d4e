"""Reads photos to be looked at closely: the thumbnail at once, their own pixels when they are there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from photosim.core.records import Photo
from photosim.gui import imaging
from photosim.gui.jobs import Cancel

Fetch = Callable[[int], bytes | None]


def full_size(photo: Photo, image: QImage | None) -> QSize:
    """The photo's own size: what is shown of it may be smaller."""
    size = QSize(photo.facts.width, photo.facts.height)
    if image is None or image.isNull():
        return size
    # A file that changed since it was indexed is shown as it is now.
    same_shape = abs(size.width() * image.height() - size.height() * image.width()) <= 2 * max(
        image.width(), image.height(), size.width(), size.height()
    )
    return size if same_shape and size.width() >= image.width() else image.size()


def levels_of(path: str, cancel: Cancel) -> list[QImage]:
    """A photo and its smaller copies, largest first, in a job. Raises UnreadablePhotoError."""
    cancel.check()
    image = imaging.photo(path)
    cancel.check()
    return imaging.levels(image)


def thumbnail_of(fetch: Fetch, photo_id: int, cancel: Cancel) -> QImage | None:
    """What stands for a photo until its own pixels are there, in a job; None where there is no thumbnail."""
    cancel.check()
    data = fetch(photo_id)
    return None if data is None else QImage.fromData(data)
