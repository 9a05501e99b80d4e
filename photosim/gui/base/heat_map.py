"""The picture of a heat map, to be painted over a photo."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

Floats = npt.NDArray[np.float32]

_SCALE = 8
"""Pixels of the picture for each cell of the map; what paints it scales it smoothly."""

_BLUR = 1.0
"""Standard deviation of the blur, in cells: where in a cell a feature stands is not known."""

_LEAST = 0.25
"""Share of the largest value below which nothing is painted."""

_OPACITY = 0.72
_WEAK, _STRONG = (255, 200, 60), (255, 60, 30)
"""Colors, red, green and blue."""


class HeatMap(NamedTuple):
    """A transparent picture, stronger where values are larger, and the share of their sum that lies where it paints."""

    image: QImage
    share: float


def heat_map(cells: Floats) -> HeatMap:
    """Return the picture of a map (rows, columns). For jobs."""
    heat = _blurred(np.maximum(cells, 0).repeat(_SCALE, 0).repeat(_SCALE, 1))
    strength = heat / max(float(heat.max()), 1e-9)
    is_painted = strength[_SCALE // 2 :: _SCALE, _SCALE // 2 :: _SCALE] > _LEAST
    share = float(cells[is_painted].sum() / max(float(cells.sum()), 1e-9))
    above = np.clip((strength - _LEAST) / (1 - _LEAST), 0, 1)[..., None]
    opacity = _OPACITY * np.sqrt(above)
    color = (np.array(_WEAK) + (np.array(_STRONG) - _WEAK) * above) * opacity
    rgba = np.concatenate([color, 255 * opacity], axis=2).round().astype(np.uint8)
    height, width = strength.shape
    image = QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888_Premultiplied)
    own = image.convertToFormat(
        QImage.Format.Format_ARGB32_Premultiplied
    )  # `rgba` is freed with this function
    return HeatMap(own, share)


def _blurred(values: Floats) -> Floats:
    """Blur by a Gaussian; beyond the edges the values go on as they are there."""
    reach = round(3 * _BLUR * _SCALE)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (_BLUR * _SCALE)) ** 2)
    kernel = (kernel / kernel.sum()).astype(np.float32)
    for axis in (0, 1):
        padded = np.pad(values, [(reach, reach) if side == axis else (0, 0) for side in (0, 1)], mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, len(kernel), axis)
        values = np.asarray(windows @ kernel, np.float32)
    return values
