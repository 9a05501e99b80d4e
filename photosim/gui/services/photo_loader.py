"""Loads photos for the viewer, the comparison, the preview and the tiles; a photo worker decodes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from photosim.gui.base import images
from photosim.gui.base.images import TileStyle
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.imaging.sharpness import laplacian_variance
from photosim.imaging.turbojpeg import THUMBNAIL_EDGE
from photosim.records import Photo

if TYPE_CHECKING:
    from photosim.library import Library

ThumbnailFetcher = Callable[[int], bytes | None]
"""Reads the cached thumbnail of a photo."""

FULL_SIZE = 0
"""Edge of a photo with all its pixels, as far as there is memory for them."""

MIN_EDGE = 1024
"""Longer side in pixels of the smallest picture that is loaded to be shown large."""

_SHARPNESS_EDGE = 1024
"""Longer side in pixels at which sharpness is measured: the same for all, or a smaller copy would seem sharper."""


@dataclass(frozen=True, slots=True)
class LoadedPhoto:
    """The mipmaps of a photo, largest first, the size of the photo itself, and its sharpness where it was measured."""

    levels: list[QImage]
    size: QSize
    edge: int
    """Longest side in pixels that was requested, or `FULL_SIZE`."""
    sharpness: float = 0.0

    def is_sufficient(self, edge: int) -> bool:
        """Return whether there is nothing to gain from loading it at `edge`: its longest side in pixels, or `FULL_SIZE`."""
        longest = max(self.levels[0].width(), self.levels[0].height())
        own = max(self.size.width(), self.size.height())
        wanted = own if edge == FULL_SIZE else min(edge, own)
        return self.edge == FULL_SIZE or wanted <= max(self.edge, longest)

    def without_details(self, edge: int) -> tuple[LoadedPhoto, list[QImage]]:
        """Return the photo without the levels that are larger than `edge` needs, and these levels."""
        first = max(
            (row for row, image in enumerate(self.levels) if max(image.width(), image.height()) >= edge),
            default=0,
        )
        if not first:
            return self, []
        return LoadedPhoto(self.levels[first:], self.size, edge, self.sharpness), self.levels[:first]


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


def edge_for(size: QSize, ratio: float) -> int:
    """Return the edge of a photo that fills a widget of `size` logical pixels."""
    return max(math.ceil(max(size.width(), size.height()) * ratio), MIN_EDGE)


def load_photo(
    client: PhotoClient,
    path: str,
    edge: int,
    done: Callable[[LoadedPhoto | None, Exception | None], None],
    priority: Priority = Priority.HIGH,
    *,
    measure: bool = False,
) -> int:
    """Load the mipmaps of a photo, and with `measure` its sharpness; returns the id of the request."""
    return client.load(path, edge, partial(_build_photo, edge, measure), done, priority)


def _build_photo(edge: int, measure: bool, image: QImage, size: QSize, cancel: CancelToken) -> LoadedPhoto:
    levels = images.build_mipmaps(image)
    cancel.check()
    return LoadedPhoto(levels, size, edge, laplacian_variance(_to_gray(levels[-1])) if measure else 0.0)


def free_images(jobs: Jobs, images: Sequence[list[QImage]]) -> None:
    """Free images in a job: releasing the memory of large ones blocks the window's thread."""
    lists = [levels for levels in images if levels]
    if lists:
        jobs.start(lambda _: lists.clear(), lambda _value, _error: None, Priority.LOW)


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


TileDone = Callable[[QImage | None, Exception | None], None]


def load_missing_tile(
    library: Library, jobs: Jobs, client: PhotoClient, photo_id: int, style: TileStyle, done: TileDone
) -> Callable[[], None]:
    """Make the tile of a photo whose thumbnail is not cached, from the first of its files that can be read.

    Returns a function that cancels it.
    """
    task = _TileTask(jobs, client, style, done)
    task.job = jobs.start(
        lambda _: [photo.path for photo in library.copies(photo_id)], task.try_next, Priority.NORMAL
    )
    return task.cancel


@dataclass(eq=False, slots=True)
class _TileTask:
    jobs: Jobs
    client: PhotoClient
    style: TileStyle
    done: TileDone
    job: int | None = None
    request: int | None = None
    paths: list[str] = field(default_factory=list)

    def try_next(self, paths: list[str] | None, error: Exception | None) -> None:
        """Load the first of these files."""
        if not paths:
            self.done(None, error)
            return
        path, *self.paths = paths
        build = partial(_build_tile, self.style)
        self.request = self.client.load(path, THUMBNAIL_EDGE, build, self._accept)

    def cancel(self) -> None:
        """Call nobody back."""
        self.jobs.cancel(self.job)
        self.client.cancel(self.request)

    def _accept(self, image: QImage | None, error: Exception | None) -> None:
        if image is None and self.paths:
            self.try_next(self.paths, error)
        else:
            self.done(image, error)


def _build_tile(style: TileStyle, image: QImage, _: QSize, cancel: CancelToken) -> QImage:
    cancel.check()
    return images.tile_of(image, style)
