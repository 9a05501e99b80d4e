"""Makes QImages of thumbnails and of what a photo worker has decoded, in jobs."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from photosim.errors import PhotoSimError
from photosim.gui.base.boxes import Box, box_rect, part_around
from photosim.imaging.proportions import crop_box
from photosim.workers import pixels

_SMALLEST_MIPMAP = 1024
"""Longer side in pixels down to which mipmaps are made, so that a photo looks smooth when zoomed out."""

_SCREEN_FORMAT = QImage.Format.Format_ARGB32_Premultiplied
"""Painted without a conversion each time."""

_IGNORE, _SMOOTH = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation


class TileStyle(NamedTuple):
    """The size of a tile and the radius of its corners, in device pixels.

    A tile shows as much of the middle of the photo as has its proportions, or the part around a `box`, which is in
    fractions of the photo.
    """

    width: int
    height: int
    radius: int = 0
    box: Box | None = None

    @classmethod
    def square(cls, edge: int, radius: int = 0) -> TileStyle:
        """The style of square tiles."""
        return cls(edge, edge, radius)


def image_from_jpeg(data: bytes) -> QImage:
    """Decode the JPEG data of a thumbnail; a null image when it is damaged.

    Qt is told the format and does not detect it: its SVG decoder, which inspects every file, connects signals while
    PySide holds Python's lock. The window's thread, disconnecting a signal, holds Qt's lock and waits for Python's:
    deadlock.
    """
    jpeg: Any = "JPEG"  # PySide declares bytes and accepts str only
    return QImage.fromData(QByteArray(data), jpeg)


def make_tile(data: bytes, style: TileStyle) -> QImage | None:
    """Make a tile of the JPEG data of a thumbnail; None when it is damaged."""
    from photosim.imaging import turbojpeg

    if style.box is not None:
        image = image_from_jpeg(data)
        return None if image.isNull() else tile_of(image, style)
    tile = turbojpeg.decode_tile(data, style.width, style.height)
    if tile is None:
        return None
    decoded = QImage(tile.data, tile.width, tile.height, tile.stride, _SCREEN_FORMAT)
    image = decoded.scaled(style.width, style.height, _IGNORE, _SMOOTH)
    if image.size() == decoded.size():
        image = decoded.copy()  # owns its pixels: `tile` is freed when this function returns
    _round_corners(image, style.radius)
    return image


def crop_square(image: QImage, edge: int, radius: int = 0) -> QImage | None:
    """Crop the middle of an image and scale it to `edge` pixels, up or down; None for a null image."""
    if image.isNull():
        return None
    return tile_of(image, TileStyle.square(edge, radius))


def tile_of(image: QImage, style: TileStyle) -> QImage:
    """Make a tile of a decoded picture, scaled up or down."""
    tile = image.copy(_shown_rect(image.size(), style)).scaled(style.width, style.height, _IGNORE, _SMOOTH)
    tile = tile.convertToFormat(_SCREEN_FORMAT)
    _round_corners(tile, style.radius)
    return tile


def _shown_rect(size: QSize, style: TileStyle) -> QRect:
    """The rectangle of a picture of this size that a tile shows."""
    if style.box is None:
        return crop_rect(size, QSize(style.width, style.height))
    from photosim.imaging.turbojpeg import thumbnail_size

    # Of a larger picture the same part as of the thumbnail, since its box is painted there.
    part = part_around(style.box, thumbnail_size((size.width(), size.height())), (style.width, style.height))
    return box_rect(part, QRectF(QPointF(), size)).toRect()


def crop_rect(size: QSize, shape: QSize) -> QRect:
    """The largest rectangle with the proportions of `shape` in the middle of a picture of this size."""
    x, y, width, height = crop_box(size.width(), size.height(), shape.width(), shape.height())
    return QRect(x, y, width, height)


def fit_rect(size: QSize, rect: QRect) -> QRect:
    """The largest rectangle with the proportions of `size` in the middle of `rect`."""
    fitted = QRect(rect.topLeft(), size.scaled(rect.size(), Qt.AspectRatioMode.KeepAspectRatio))
    fitted.moveCenter(rect.center())
    return fitted


def image_from_pixels(file: Path, width: int, height: int) -> QImage:
    """Read a file that a photo worker has written, and remove it. Raises OSError and PhotoSimError."""
    image = QImage(width, height, QImage.Format.Format_RGB888)
    if image.isNull():
        pixels.remove(file)
        raise PhotoSimError("There is not enough memory to show the photo.")
    if not pixels.read_pixels(file, memoryview(image.bits())):
        raise PhotoSimError("The photo could not be passed on from the background process.")
    return image.convertToFormat(QImage.Format.Format_RGB32)  # painted without a conversion each time


def build_mipmaps(image: QImage) -> list[QImage]:
    """Return the image and ever smaller halves of it, largest first, for painting it smoothly at any zoom."""
    mipmaps = [image]
    while max(mipmaps[-1].width(), mipmaps[-1].height()) > 2 * _SMALLEST_MIPMAP:
        half = QSize(max(mipmaps[-1].width() // 2, 1), max(mipmaps[-1].height() // 2, 1))
        mipmaps.append(mipmaps[-1].scaled(half, _IGNORE, _SMOOTH))
    return mipmaps


def _round_corners(image: QImage, radius: int) -> None:
    """Round the corners of an image in `_SCREEN_FORMAT`, in place."""
    width, height = image.width(), image.height()
    radius = min(radius, width // 2, height // 2)
    if not radius:
        return
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    for left, x in ((0, 0), (radius, width - radius)):
        for top, y in ((0, 0), (radius, height - radius)):
            painter.drawImage(x, y, _disc(radius), left, top, radius, radius)
    painter.end()


@lru_cache(maxsize=64)
def _disc(radius: int) -> QImage:
    """A white disc, whose quarters are the masks of corners with this radius."""
    disc = QImage(2 * radius, 2 * radius, _SCREEN_FORMAT)
    disc.fill(Qt.GlobalColor.transparent)
    painter = QPainter(disc)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.white)
    painter.drawEllipse(disc.rect())
    painter.end()
    return disc
