"""Reads photos to be looked at closely: the thumbnail at once, their own pixels when they are there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from photosim.gui.base import images
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.imaging.sharpness import sharpness
from photosim.records import Photo

Fetch = Callable[[int], bytes | None]

_MANY_EDGE = 6000
"""Pixels of the longer side of more than two photos at once, which would take a gigabyte whole."""

_JUDGED_EDGE = 1024
"""Pixels of the longer side at which sharpness is measured: the same for all, or a smaller copy would seem sharper."""


@dataclass(frozen=True, slots=True)
class CloseUp:
    """A photo with its smaller copies, largest first, and how sharp it is."""

    levels: list[QImage]
    sharpness: float


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


def load_levels(path: str, cancel: CancelToken) -> list[QImage]:
    """A photo and its smaller copies, largest first, in a job. Raises UnreadablePhotoError."""
    cancel.check()
    image = images.load_photo(path)
    cancel.check()
    return images.build_mipmaps(image)


def load_close_up(path: str, together: int, cancel: CancelToken) -> CloseUp:
    """One of so many photos that are compared, in a job. Raises UnreadablePhotoError."""
    cancel.check()
    image = images.load_photo(path, None if together <= 2 else _MANY_EDGE)
    cancel.check()
    levels = images.build_mipmaps(image)
    cancel.check()
    return CloseUp(levels, sharpness(_grey(levels[-1])))


def free_images(jobs: Jobs, pictures: list[list[QImage]]) -> None:
    """Free pictures that nobody shows any more in a job: giving back the memory of large ones holds the window up."""
    if pictures:
        jobs.start(lambda _: pictures.clear(), lambda _value, _error: None, Priority.LOW)


def _grey(image: QImage) -> np.ndarray:
    """The picture in grey at the size that sharpness is measured at, as (H, W) uint8."""
    size = QSize(_JUDGED_EDGE, _JUDGED_EDGE)
    mode, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    grey = image.scaled(size, mode, smooth).convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8, grey.sizeInBytes()).reshape(grey.height(), -1)
    return rows[:, : grey.width()].copy()


def load_thumbnail(fetch: Fetch, photo_id: int, cancel: CancelToken) -> QImage | None:
    """What stands for a photo until its own pixels are there, in a job; None where there is no thumbnail."""
    cancel.check()
    data = fetch(photo_id)
    return None if data is None else images.image_from_jpeg(data)
