"""Grey, cropped and resized pictures."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from photosim.duplicates.looks import Box, GreyImage

Picture = npt.NDArray[np.uint8]


def grey_of(picture: Picture) -> GreyImage:
    """Return a picture (H, W, 3) in grey (H, W)."""
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)


def cropped(picture: Picture, box: Box) -> tuple[Picture, Box]:
    """Return the pixels of a picture (H, W, ...) in a box, and the box that they are exactly."""
    height, width = picture.shape[:2]
    x, y, w, h = box
    left, top = min(math.floor(x * width), width - 1), min(math.floor(y * height), height - 1)
    right = min(max(math.ceil((x + w) * width), left + 1), width)
    bottom = min(max(math.ceil((y + h) * height), top + 1), height)
    exact = left / width, top / height, (right - left) / width, (bottom - top) / height
    return picture[top:bottom, left:right], exact


def scaled(picture: GreyImage, factor: float) -> GreyImage:
    """Return a grey picture (H, W) with its edges multiplied by `factor`."""
    height, width = picture.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=how).astype(np.uint8, copy=False)


def least_edge(picture: npt.NDArray[np.uint8], box: Box) -> float:
    """Return the shorter edge in pixels of a part of a picture (H, W, ...)."""
    height, width = picture.shape[:2]
    return float(min(box[2] * width, box[3] * height))
