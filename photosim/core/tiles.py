"""Thumbnails to tiles for the screen. Pillow lets other threads run while it decodes; Qt's bindings hold them up."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageDraw
from PIL.JpegImagePlugin import JpegImageFile

_FINER = 4
"""The mask of the corners is drawn so many times larger, and shrunk: its edges are smooth then."""


class Pixels(NamedTuple):
    """A picture as the screen takes it: 4 bytes a pixel, blue, green, red, alpha, colours multiplied by alpha."""

    data: bytes
    width: int
    height: int


def tile(jpeg: bytes, edge: int, *, square: bool, radius: int) -> Pixels | None:
    """A tile made from a thumbnail's JPEG bytes, or None when they are damaged.

    Its longest side has `edge` pixels, its corners have `radius`; a square one shows the middle of the photo.
    """
    try:
        with JpegImageFile(io.BytesIO(jpeg)) as image:
            width, height = image.size
            short, long = sorted(image.size)
            shrink = edge / (short if square else long)
            image.draft("RGB", (max(1, round(width * shrink)), max(1, round(height * shrink))))
            picture = image.convert("RGB")
    except (OSError, ValueError, SyntaxError):  # Pillow's answers to what is no JPEG at all
        return None
    width, height = picture.size
    if square:
        side = min(width, height)
        box = ((width - side) / 2, (height - side) / 2, (width + side) / 2, (height + side) / 2)
        size = edge, edge
    else:
        box = 0, 0, width, height
        longest = max(width, height)
        size = max(1, edge * width // longest), max(1, edge * height // longest)
    picture = picture.resize(size, Image.Resampling.BILINEAR, box)
    mask = _corners(*size, radius)
    picture = Image.composite(picture, Image.new("RGB", size), mask)
    picture.putalpha(mask)
    return Pixels(picture.tobytes("raw", "BGRA"), *size)


@lru_cache(maxsize=64)
def _corners(width: int, height: int, radius: int) -> Image.Image:
    """What is left of a picture with round corners."""
    if not radius:
        return Image.new("L", (width, height), 255)
    mask = Image.new("L", (width * _FINER, height * _FINER))
    whole = 0, 0, width * _FINER - 1, height * _FINER - 1
    ImageDraw.Draw(mask).rounded_rectangle(whole, radius * _FINER, 255)
    return mask.resize((width, height), Image.Resampling.BOX)
