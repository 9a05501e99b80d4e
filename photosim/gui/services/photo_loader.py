"""Loads photos at full size for the viewer and the comparison, in jobs."""

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

ThumbnailFetcher = Callable[[int], bytes | None]

_MAX_EDGE_OF_MANY = 6000
"""Longer side in pixels when more than two photos are compared, which would take a gigabyte at full size."""

_SHARPNESS_EDGE = 1024
"""Longer side in pixels at which sharpness is measured: the same for all, or a smaller copy would seem sharper."""


@dataclass(frozen=True, slots=True)
class CloseUp:
    """The mipmaps of a photo, largest first, and its sharpness."""

    levels: list[QImage]
    sharpness: float


def full_size(photo: Photo, image: QImage | None) -> QSize:
    """The size of a photo in pixels, of which `image` may be a smaller copy."""
    size = QSize(photo.facts.width, photo.facts.height)
    if image is None or image.isNull():
        return size
    # A file that changed since it was indexed is shown as it is now.
    same_shape = abs(size.width() * image.height() - size.height() * image.width()) <= 2 * max(
        image.width(), image.height(), size.width(), size.height()
    )
    return size if same_shape and size.width() >= image.width() else image.size()


def load_levels(path: str, cancel: CancelToken) -> list[QImage]:
    """Load the mipmaps of a photo, largest first. Raises UnreadablePhotoError."""
    cancel.check()
    image = images.load_photo(path)
    cancel.check()
    return images.build_mipmaps(image)


def load_close_up(path: str, photo_count: int, cancel: CancelToken) -> CloseUp:
    """Load one of `photo_count` photos that are compared. Raises UnreadablePhotoError."""
    cancel.check()
    image = images.load_photo(path, None if photo_count <= 2 else _MAX_EDGE_OF_MANY)
    cancel.check()
    levels = images.build_mipmaps(image)
    cancel.check()
    return CloseUp(levels, sharpness(_to_gray(levels[-1])))


def free_images(jobs: Jobs, images: list[list[QImage]]) -> None:
    """Free images in a job: releasing the memory of large ones blocks the window's thread."""
    if images:
        jobs.start(lambda _: images.clear(), lambda _value, _error: None, Priority.LOW)


def _to_gray(image: QImage) -> np.ndarray:
    """The image in gray at the size at which sharpness is measured, (H, W) uint8."""
    size = QSize(_SHARPNESS_EDGE, _SHARPNESS_EDGE)
    mode, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    gray = image.scaled(size, mode, smooth).convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(gray.constBits(), np.uint8, gray.sizeInBytes()).reshape(gray.height(), -1)
    return rows[:, : gray.width()].copy()


def load_thumbnail(fetch: ThumbnailFetcher, photo_id: int, cancel: CancelToken) -> QImage | None:
    """Load the thumbnail that is shown until the photo is loaded; None where there is none."""
    cancel.check()
    data = fetch(photo_id)
    return None if data is None else images.image_from_jpeg(data)
