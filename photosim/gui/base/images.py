"""From files and bytes to QImages, in jobs: thumbnails cut to tiles, and photos at any size."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColorSpace, QImage, QImageReader, QPainter

from photosim.errors import PhotoSimError

QT_FORMATS = {name: name.lower().encode() for name in ("JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF")}
"""What Qt's decoders may read, by our name of it, as they call it; the rest goes through the library's decoder.

Qt is always told the format, and never asked for it: its SVG decoder, which looks at everything, connects signals while
it does, and PySide then holds Python's lock. The window, disconnecting one meanwhile, has Qt's lock and wants Python's.
"""

MAX_PIXELS = 60_000_000
"""Photos above this are shown smaller: the pixels of one photo take 4 bytes each, and two more are read ahead."""

_MIP_EDGE = 1024
"""Smaller copies of a photo are made down to about this size, so that it looks smooth when zoomed out."""


_PAINTED = QImage.Format.Format_ARGB32_Premultiplied
"""What the screen takes without converting it each time."""

_IGNORE, _SMOOTH = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation


class TileStyle(NamedTuple):
    """How a tile is made: its side in device pixels, cut square or whole, and the radius of its corners."""

    edge: int
    square: bool = True
    radius: int = 0


def image_from_jpeg(data: bytes) -> QImage:
    """The picture in a thumbnail's JPEG bytes; null when they are damaged."""
    jpeg: Any = "JPEG"  # PySide says that it takes bytes, and takes text only
    return QImage.fromData(QByteArray(data), jpeg)


def make_tile(data: bytes, style: TileStyle) -> QImage | None:
    """A tile made from a thumbnail's JPEG bytes, or None when they are damaged.

    Whole tiles fit into the edge; square ones show the middle of the photo.
    """
    from photosim.imaging import turbojpeg

    picture = turbojpeg.decode_tile(data, style.edge, square=style.square)
    if picture is None:
        return None
    whole = QImage(picture.data, picture.width, picture.height, picture.stride, _PAINTED)
    longest = max(picture.width, picture.height)
    width, height = (max(1, style.edge * side // longest) for side in (picture.width, picture.height))
    made = whole.scaled(width, height, _IGNORE, _SMOOTH)
    if made.size() == whole.size():
        made = whole.copy()  # that owns its pixels: `picture` is gone when this function ends
    _round_corners(made, style.radius)
    return made


def crop_square(image: QImage, edge: int, radius: int = 0) -> QImage | None:
    """The middle of a picture as a square of `edge` pixels, enlarged too; None of nothing."""
    if image.isNull():
        return None
    side = min(image.width(), image.height())
    middle = image.copy((image.width() - side) // 2, (image.height() - side) // 2, side, side)
    small = middle.scaled(edge, edge, _IGNORE, _SMOOTH).convertToFormat(_PAINTED)
    _round_corners(small, radius)
    return small


def load_photo(path: str, edge: int | None = None) -> QImage:
    """A photo's upright picture in sRGB, its longest side at most `edge` pixels, or whole when `edge` is None.

    Raises UnreadablePhotoError with the reason in plain words.
    """
    image = _through_qt(path, edge)
    if image is None:
        image = _through_library(path, edge)
    return _ready_to_paint(image)


def build_mipmaps(image: QImage) -> list[QImage]:
    """The picture and its halves down to screen size, largest first, for painting it smoothly at any zoom."""
    made = [image]
    while max(made[-1].width(), made[-1].height()) > 2 * _MIP_EDGE:
        half = QSize(max(made[-1].width() // 2, 1), max(made[-1].height() // 2, 1))
        made.append(made[-1].scaled(half, _IGNORE, _SMOOTH))
    return made


# --- helpers -------------------------------------------------------------------------------------------------


def _through_qt(path: str, edge: int | None) -> QImage | None:
    """The picture as Qt's own decoders read it, or None when they cannot or may not."""
    name = _format_of(path)
    if name is None:
        return None
    reader = QImageReader(path, QByteArray(name))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    factor = _shrink(size, edge)
    if factor < 1:
        reader.setScaledSize(
            QSize(max(round(size.width() * factor), 1), max(round(size.height() * factor), 1))
        )
    image = reader.read()
    return None if image.isNull() else image


def _format_of(path: str) -> bytes | None:
    """Qt's name of the format that the file's bytes say it has; None when Qt is not to read it."""
    from photosim.imaging.file_types import detect_format

    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - a path with any bytes
            return QT_FORMATS.get(detect_format(stream))
    except (OSError, PhotoSimError):
        return None  # the library's decoder says what is wrong


def _through_library(path: str, edge: int | None) -> QImage:
    from photosim.imaging.decode import read_photo

    picture = read_photo(path, edge=edge or 2**20).image.convert("RGBA")
    data = picture.tobytes()
    stride = 4 * picture.width
    # The copy owns its pixels: `data` is gone when this function ends.
    image = QImage(data, picture.width, picture.height, stride, QImage.Format.Format_RGBA8888).copy()
    factor = _shrink(image.size(), edge)
    if factor < 1:
        size = image.size() * factor
        image = image.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, _SMOOTH)
    return image


def _shrink(size: QSize, edge: int | None) -> float:
    """By how much a picture of this size must shrink: 1 when it need not, or when its size is not known."""
    if size.isEmpty():
        return 1.0
    by_pixels = math.sqrt(MAX_PIXELS / (size.width() * size.height()))
    by_edge = 1.0 if edge is None else edge / max(size.width(), size.height())
    return min(1.0, by_pixels, by_edge)


def _ready_to_paint(image: QImage) -> QImage:
    """In sRGB and in the format that the screen takes without converting it each time."""
    srgb = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
    space = image.colorSpace()
    if space.isValid() and space != srgb:
        image = image.convertedToColorSpace(srgb)
    alpha = image.hasAlphaChannel()
    wanted = _PAINTED if alpha else QImage.Format.Format_RGB32
    return image.convertToFormat(wanted)


def _round_corners(image: QImage, radius: int) -> None:
    """Take the corners off a picture in the format of `_PAINTED`."""
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
    """A white disc, whose four quarters are what is left of corners of this radius."""
    disc = QImage(2 * radius, 2 * radius, _PAINTED)
    disc.fill(Qt.GlobalColor.transparent)
    painter = QPainter(disc)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.white)
    painter.drawEllipse(disc.rect())
    painter.end()
    return disc
