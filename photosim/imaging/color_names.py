"""The colors that a picture has much of, by their basic names."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from PIL import Image

_EDGE = 64
"""Pixels of the longer side of the picture that is looked at."""

_MIN_SHARE = 0.08
"""Share of either picture that a color in common has at least."""

_MAX_COMMON = 3


class ColorName(StrEnum):
    """Basic colors, those of Berlin and Kay, "Basic Color Terms" (1969), without brown, which is a dark orange."""

    BLACK = "black"
    GREY = "grey"
    WHITE = "white"
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    BROWN = "brown"


_HUES = (
    (12, ColorName.RED),
    (28, ColorName.ORANGE),
    (46, ColorName.YELLOW),
    (122, ColorName.GREEN),
    (180, ColorName.BLUE),
    (212, ColorName.PURPLE),
    (240, ColorName.PINK),
    (256, ColorName.RED),
)
"""Upper ends of the hues, in 256 steps."""

_NAMES = tuple(ColorName)


def color_shares(image: Image.Image) -> Mapping[ColorName, float]:
    """Return the share of each color in an image, 0 to 1."""
    small = image.convert("RGB")
    small.thumbnail((_EDGE, _EDGE), Image.Resampling.BOX)
    hue, saturation, value = np.asarray(small.convert("HSV")).reshape(-1, 3).astype(np.int16).T
    ends = np.array([end for end, _ in _HUES])
    named = np.array([_NAMES.index(name) for _, name in _HUES])[np.searchsorted(ends, hue, side="right")]
    _set(
        named,
        (value < 170) & np.isin(named, _indices(ColorName.ORANGE, ColorName.YELLOW)) & (hue < 36),
        "brown",
    )
    is_colorless = saturation < 40
    _set(named, is_colorless, "grey")
    _set(named, is_colorless & (value > 210), "white")
    _set(named, value < 50, "black")
    counts = np.bincount(named, minlength=len(_NAMES)) / len(named)
    return {name: float(count) for name, count in zip(_NAMES, counts, strict=True)}


def in_common(one: Mapping[ColorName, float], other: Mapping[ColorName, float]) -> tuple[ColorName, ...]:
    """Return the colors that both have much of, the most first, three at most."""
    shares = {name: min(one[name], other[name]) for name in ColorName}
    common = sorted(
        (name for name in ColorName if shares[name] >= _MIN_SHARE), key=lambda name: -shares[name]
    )
    return tuple(common[:_MAX_COMMON])


def _indices(*names: ColorName) -> list[int]:
    return [_NAMES.index(name) for name in names]


def _set(named: npt.NDArray[np.int64], mask: npt.NDArray[np.bool_], name: str) -> None:
    named[mask] = _NAMES.index(ColorName(name))
