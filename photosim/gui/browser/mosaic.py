"""The layout of several photos on the cover of a cluster."""

from __future__ import annotations

from functools import lru_cache

MAX_PHOTOS = 4

Part = tuple[int, int, int, int]
"""Left, top, width and height."""

_GAPS = 80
"""Gaps that fit into the width of a cover."""


@lru_cache(maxsize=64)
def mosaic(photos: int, width: int, height: int) -> tuple[Part, ...]:
    """Return the part of each of 1 to MAX_PHOTOS photos: one whole, halves side by side, or quarters in the right half.

    Sizes are in any unit of pixels.
    """
    gap = max(1, round(width / _GAPS))
    left, top = (width - gap) // 2, (height - gap) // 2
    right, bottom = width - gap - left, height - gap - top
    x, y = left + gap, top + gap
    return {
        1: ((0, 0, width, height),),
        2: ((0, 0, left, height), (x, 0, right, height)),
        3: ((0, 0, left, height), (x, 0, right, top), (x, y, right, bottom)),
        4: ((0, 0, left, top), (x, 0, right, top), (0, y, left, bottom), (x, y, right, bottom)),
    }[photos]
