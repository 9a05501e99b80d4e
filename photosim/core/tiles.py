"""Thumbnails decoded for tiles of the screen, in one call that lets other threads run."""

from __future__ import annotations

from typing import NamedTuple

import simplejpeg


class Pixels(NamedTuple):
    """A picture as the screen takes it: rows of `stride` bytes, 4 of them a pixel: blue, green, red and 255."""

    data: memoryview
    width: int
    height: int
    stride: int


def pixels(jpeg: bytes, edge: int, *, square: bool) -> Pixels | None:
    """A thumbnail, or its middle as a square, smaller than it is where a tile of `edge` pixels needs no more.

    None when the JPEG bytes are damaged.
    """
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(jpeg)
        shrink = edge / (min(width, height) if square else max(width, height))
        wanted = {"min_width": max(1, round(width * shrink)), "min_height": max(1, round(height * shrink))}
        # Whole, half or less: what lies between takes the decoder longer than the whole does.
        array = simplejpeg.decode_jpeg(jpeg, "BGRA", min_factor=2, **wanted)
    except ValueError:
        return None
    height, width = array.shape[:2]
    data, stride = memoryview(array.reshape(-1)), 4 * width
    if not square:
        return Pixels(data, width, height, stride)
    side = min(width, height)
    first = (height - side) // 2 * stride + (width - side) // 2 * 4
    return Pixels(data[first : first + (side - 1) * stride + side * 4], side, side, stride)
