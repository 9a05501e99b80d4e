"""Compare the colors of two pictures of the same."""

from __future__ import annotations

import math

import cv2
import numpy as np

from photosim.duplicates.origin.pixels import Picture
from photosim.duplicates.origin.placed import is_turned
from photosim.duplicates.results import CopyRelation

_COLOR_CELLS = 12

_MIN_COLOR_DEVIATION = 6.0

_MIN_COLOR_CORRELATION = 0.4
"""Colors are compared in so many cells along each edge, if their differences deviate by as many values."""


def colors_agree(shown: Picture, source: Picture, relation: CopyRelation) -> bool:
    """Return whether the colors of two pictures (H, W, 3) are distributed alike, tints apart; if any has hardly any, too.

    Those of turned pictures are not compared.
    """
    if relation.is_mirrored:
        source = source[:, ::-1]
    if is_turned(relation):
        return True
    patterns = []
    for picture in (shown, source):
        small = cv2.resize(picture, (_COLOR_CELLS, _COLOR_CELLS), interpolation=cv2.INTER_AREA)
        red, green, blue = np.moveaxis(small.astype(np.float32), 2, 0)
        pattern = np.stack([red - green, blue - green])
        patterns.append(pattern - pattern.mean(axis=(1, 2), keepdims=True))
    one, other = patterns
    if min(float(one.std()), float(other.std())) < _MIN_COLOR_DEVIATION:
        return True
    correlation = (one * other).sum() / math.sqrt(float((one * one).sum() * (other * other).sum()))
    return bool(correlation >= _MIN_COLOR_CORRELATION)


def colorfulness(picture: Picture) -> float:
    """Return the mean distance of the highest from the lowest color value of the pixels (H, W, 3)."""
    return float((picture.max(axis=2).astype(np.int16) - picture.min(axis=2)).mean())
