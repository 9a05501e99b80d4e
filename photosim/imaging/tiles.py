"""Thumbnails decoded for tiles of the screen, in one call that lets other threads run."""

from __future__ import annotations

import threading
from typing import NamedTuple

import simplejpeg

from photosim.imaging.decode import THUMBNAIL_EDGE

_own = threading.local()
"""Each thread decodes into the same bytes again: large pieces that come and go would leave holes in the memory."""


class TilePixels(NamedTuple):
    """A picture as the screen takes it: rows of `stride` bytes, 4 of them a pixel: blue, green, red and 255.

    It is there until the thread that made it makes another.
    """

    data: memoryview
    width: int
    height: int
    stride: int


def decode_tile(jpeg: bytes, edge: int, *, square: bool) -> TilePixels | None:
    """A thumbnail, or its middle as a square, smaller than it is where a tile of `edge` pixels needs no more.

    None when the JPEG bytes are damaged.
    """
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(jpeg)
        shrink = edge / (min(width, height) if square else max(width, height))
        wanted = {"min_width": max(1, round(width * shrink)), "min_height": max(1, round(height * shrink))}
        # Whole, half or less: what lies between takes the decoder longer than the whole does.
        buffer = _buffer(4 * width * height)
        array = simplejpeg.decode_jpeg(jpeg, "BGRA", min_factor=2, buffer=buffer, **wanted)
    except ValueError:
        return None
    height, width = array.shape[:2]
    data, stride = memoryview(array.reshape(-1)), 4 * width
    if not square:
        return TilePixels(data, width, height, stride)
    side = min(width, height)
    first = (height - side) // 2 * stride + (width - side) // 2 * 4
    return TilePixels(data[first : first + (side - 1) * stride + side * 4], side, side, stride)


def _buffer(size: int) -> bytearray:
    """So many bytes and maybe more, kept for the next thumbnail unless this one is larger than any of ours."""
    usual = 4 * THUMBNAIL_EDGE**2
    if size > usual:
        return bytearray(size)
    if not hasattr(_own, "buffer"):
        _own.buffer = bytearray(usual)
    buffer: bytearray = _own.buffer
    return buffer
