"""Fast JPEG decoding and encoding by libjpeg-turbo: photos, thumbnails and tiles of the screen."""

from __future__ import annotations

import mmap
import threading
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import simplejpeg
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from photosim.imaging.color import Picture
from photosim.imaging.proportions import crop_box
from photosim.runtime.file_memory import file_memory, releasing_pages

THUMBNAIL_EDGE = 320
"""Longest side of a thumbnail in pixels."""

THUMBNAIL_QUALITY = 80

_MIN_EDGE = 8
"""Longest side in pixels from which on a size determines the scale, in eighths, that libjpeg used."""

_LARGE_BYTES = 32_000_000
"""Larger pictures are decoded into memory in a file: a progressive photo of 200 megapixels takes 600 MB besides it."""

_local = threading.local()
"""Each thread reuses one buffer: freeing and allocating such large blocks would fragment the memory."""

_BUFFER_BYTES = 4 * THUMBNAIL_EDGE**2


GreyPicture = npt.NDArray[np.uint8]


class TilePixels(NamedTuple):
    """Pixels for the screen: rows of `stride` bytes, with blue, green, red and 255 for each pixel.

    They are valid until the thread decodes its next tile.
    """

    data: memoryview
    width: int
    height: int
    stride: int


def decode_pixels(image: JpegImageFile, data: bytes | mmap.mmap) -> Picture | None:
    """Decode an RGB photo at the size that was drafted, with the same result as Pillow in 0.95 of its time.

    `image` was opened from `data` and is not decoded. Returns None for what only Pillow decodes: other modes, damaged
    files, anything else that libjpeg warns of, and very small images.
    """
    if image.mode != "RGB" or max(image.size) < _MIN_EDGE:
        return None
    width, height = image.size
    size = 3 * width * height
    target = file_memory(size) if size > _LARGE_BYTES else None
    in_files = [memory for memory in (target, data) if isinstance(memory, mmap.mmap)]
    try:
        with releasing_pages(*in_files):
            array: Picture = simplejpeg.decode_jpeg(
                data, "RGB", min_width=width, min_height=height, buffer=target
            )
    except ValueError:
        return None
    return array if array.shape == (height, width, 3) else None


def decode_tile(jpeg: bytes, tile_width: int, tile_height: int) -> TilePixels | None:
    """Decode the middle of a thumbnail, as much as has the proportions of a tile of this size, at full or reduced size.

    Returns None when the JPEG is damaged.
    """
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(jpeg)
        scale = max(tile_width / width, tile_height / height)
        array = simplejpeg.decode_jpeg(
            jpeg,
            "BGRA",
            min_width=max(1, round(width * scale)),
            min_height=max(1, round(height * scale)),
            min_factor=2,  # factors between 1 and 2 take longer than the full size
            buffer=_buffer(4 * width * height),
        )
    except ValueError:
        return None
    height, width = array.shape[:2]
    data, stride = memoryview(array.reshape(-1)), 4 * width
    x, y, width, height = crop_box(width, height, tile_width, tile_height)
    first = y * stride + x * 4
    return TilePixels(data[first : first + (height - 1) * stride + width * 4], width, height, stride)


def encode_jpeg(picture: Picture, quality: int) -> bytes:
    """Encode an RGB picture as a JPEG without metadata."""
    data: bytes = simplejpeg.encode_jpeg(np.ascontiguousarray(picture), quality, "RGB", "420")
    return data


def encode_thumbnail(
    image: Image.Image, edge: int = THUMBNAIL_EDGE, quality: int = THUMBNAIL_QUALITY
) -> bytes:
    """Encode an RGB image as a JPEG whose longest side is at most `edge` pixels, without metadata."""
    size = thumbnail_size(image.size, edge)
    if image.size != size:
        image = image.resize(size, Image.Resampling.HAMMING)
    return encode_jpeg(np.asarray(image), quality)


def decode_thumbnail(jpeg: bytes) -> Picture | None:
    """Decode a thumbnail to RGB pixels (H, W, 3); returns None when it is damaged."""
    try:
        picture: Picture = simplejpeg.decode_jpeg(jpeg, "RGB")
    except ValueError:
        return None
    return picture


def decode_grey_thumbnail(jpeg: bytes) -> GreyPicture | None:
    """Decode the brightness of a thumbnail (H, W), in half the time of its colors; returns None when it is damaged."""
    try:
        picture: GreyPicture = simplejpeg.decode_jpeg(jpeg, "GRAY")[:, :, 0]
    except ValueError:
        return None
    return picture


def thumbnail_size(size: tuple[int, int], edge: int = THUMBNAIL_EDGE) -> tuple[int, int]:
    """Return width and height of the thumbnail of a picture of this size; small pictures keep theirs."""
    longest = max(size)
    if longest <= edge:
        return size
    width, height = (max(1, round(side * edge / longest)) for side in size)
    return width, height


def _buffer(size: int) -> bytearray:
    """Return a buffer of at least `size` bytes: that of the thread unless it is too small."""
    if size > _BUFFER_BYTES:
        return bytearray(size)
    if not hasattr(_local, "buffer"):
        _local.buffer = bytearray(_BUFFER_BYTES)
    buffer: bytearray = _local.buffer
    return buffer
