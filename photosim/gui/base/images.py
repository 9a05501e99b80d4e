"""Makes QImages of files and JPEG data, in jobs: tiles of thumbnails, and photos at any size."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColorSpace, QImage, QImageReader, QPainter

from photosim.errors import PhotoSimError

QT_FORMATS = {name: name.lower().encode() for name in ("JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF")}
"""The formats that Qt may decode, our name to Qt's; the library decodes the others.

Qt is always told the format and never detects it: its SVG decoder, which inspects every file, connects signals while
PySide holds Python's lock. The window's thread, disconnecting a signal, holds Qt's lock and waits for Python's: deadlock.
"""

MAX_PIXELS = 60_000_000
"""Larger photos are scaled down: each pixel takes 4 bytes, and two more photos are read ahead."""

_SMALLEST_MIPMAP = 1024
"""Longer side in pixels down to which mipmaps are made, so that a photo looks smooth when zoomed out."""

_SCREEN_FORMAT = QImage.Format.Format_ARGB32_Premultiplied
"""Painted without a conversion each time."""

_IGNORE, _SMOOTH = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation


class TileStyle(NamedTuple):
    """The side of a tile in device pixels, whether it is cropped to a square, and the radius of its corners."""

    edge: int
    square: bool = True
    radius: int = 0


def image_from_jpeg(data: bytes) -> QImage:
    """Decode the JPEG data of a thumbnail; a null image when it is damaged."""
    jpeg: Any = "JPEG"  # PySide declares bytes and accepts str only
    return QImage.fromData(QByteArray(data), jpeg)


def make_tile(data: bytes, style: TileStyle) -> QImage | None:
    """Make a tile of the JPEG data of a thumbnail; None when it is damaged.

    A whole tile fits into the side, a square one shows the middle of the photo.
    """
    from photosim.imaging import turbojpeg

    pixels = turbojpeg.decode_tile(data, style.edge, square=style.square)
    if pixels is None:
        return None
    decoded = QImage(pixels.data, pixels.width, pixels.height, pixels.stride, _SCREEN_FORMAT)
    longest = max(pixels.width, pixels.height)
    width, height = (max(1, style.edge * side // longest) for side in (pixels.width, pixels.height))
    image = decoded.scaled(width, height, _IGNORE, _SMOOTH)
    if image.size() == decoded.size():
        image = decoded.copy()  # owns its pixels: `pixels` is freed when this function returns
    _round_corners(image, style.radius)
    return image


def crop_square(image: QImage, edge: int, radius: int = 0) -> QImage | None:
    """Crop the middle of an image and scale it to `edge` pixels, up or down; None for a null image."""
    if image.isNull():
        return None
    side = min(image.width(), image.height())
    middle = image.copy((image.width() - side) // 2, (image.height() - side) // 2, side, side)
    square = middle.scaled(edge, edge, _IGNORE, _SMOOTH).convertToFormat(_SCREEN_FORMAT)
    _round_corners(square, radius)
    return square


def load_photo(path: str, edge: int | None = None) -> QImage:
    """Load a photo upright and in sRGB, with a longer side of at most `edge` pixels, or at full size.

    Raises UnreadablePhotoError.
    """
    image = _decode_with_qt(path, edge)
    if image is None:
        image = _decode_with_library(path, edge)
    return _to_screen_format(image)


def build_mipmaps(image: QImage) -> list[QImage]:
    """Return the image and ever smaller halves of it, largest first, for painting it smoothly at any zoom."""
    mipmaps = [image]
    while max(mipmaps[-1].width(), mipmaps[-1].height()) > 2 * _SMALLEST_MIPMAP:
        half = QSize(max(mipmaps[-1].width() // 2, 1), max(mipmaps[-1].height() // 2, 1))
        mipmaps.append(mipmaps[-1].scaled(half, _IGNORE, _SMOOTH))
    return mipmaps


def _decode_with_qt(path: str, edge: int | None) -> QImage | None:
    """Decode a photo with Qt; None where Qt cannot or may not."""
    name = _qt_format(path)
    if name is None:
        return None
    reader = QImageReader(path, QByteArray(name))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    factor = _scale_factor(size, edge)
    if factor < 1:
        width, height = (max(round(side * factor), 1) for side in (size.width(), size.height()))
        reader.setScaledSize(QSize(width, height))
    image = reader.read()
    return None if image.isNull() else image


def _qt_format(path: str) -> bytes | None:
    """Detect the format from the file's bytes and return Qt's name of it; None when Qt may not decode it."""
    from photosim.imaging.file_types import detect_format

    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - a path with any bytes
            return QT_FORMATS.get(detect_format(stream))
    except (OSError, PhotoSimError):
        return None  # the library's decoder reports what is wrong


def _decode_with_library(path: str, edge: int | None) -> QImage:
    from photosim.imaging.decode import read_photo

    decoded = read_photo(path, edge=edge or 2**20).image.convert("RGBA")
    data = decoded.tobytes()
    stride = 4 * decoded.width
    # The copy owns its pixels: `data` is freed when this function returns.
    image = QImage(data, decoded.width, decoded.height, stride, QImage.Format.Format_RGBA8888).copy()
    factor = _scale_factor(image.size(), edge)
    if factor < 1:
        image = image.scaled(image.size() * factor, Qt.AspectRatioMode.KeepAspectRatio, _SMOOTH)
    return image


def _scale_factor(size: QSize, edge: int | None) -> float:
    """The factor that makes an image fit; 1 when it fits, or when its size is not known."""
    if size.isEmpty():
        return 1.0
    by_pixels = math.sqrt(MAX_PIXELS / (size.width() * size.height()))
    by_edge = 1.0 if edge is None else edge / max(size.width(), size.height())
    return min(1.0, by_pixels, by_edge)


def _to_screen_format(image: QImage) -> QImage:
    """Convert to sRGB and to a format that is painted without a conversion each time."""
    srgb = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
    color_space = image.colorSpace()
    if color_space.isValid() and color_space != srgb:
        image = image.convertedToColorSpace(srgb)
    return image.convertToFormat(_SCREEN_FORMAT if image.hasAlphaChannel() else QImage.Format.Format_RGB32)


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
