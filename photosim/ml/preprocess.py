"""Turn a photo of any size into the square of pixels that a model takes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from photosim.imaging.color import Picture
from photosim.ml.model_spec import FitMode, Preprocessing

RESAMPLING = Image.Resampling.BILINEAR
"""Pillow widens a filter with the scale, so that none of them aliases. Bilinear finds the most edited copies, half of
which are smaller (recall at 99% precision: bilinear 0.939, bicubic 0.937, Lanczos 0.934, Hamming 0.867, box 0.758);
Lanczos takes twice the time."""

REDUCING_GAP = 2.0
"""A large photo is first reduced by an integer factor to at least this many times the target size: faster, with the
same result."""

_LONGEST_SCALED = 4
"""Longest side of a picture that is scaled before it is cropped, as a multiple of the crop's size."""

Resize = Callable[[Picture, tuple[int, int]], Picture]
"""Resize to (width, height) by a triangle filter without aliasing."""


def preprocess(image: Image.Image, preprocessing: Preprocessing) -> Picture:
    """Return the model's input for an upright photo of any mode: uint8 of `preprocessing.shape`, RGB.

    LETTERBOX scales, up too, the longer side to `size` and centres the photo on a background of `fill`, as Ultralytics'
    letterbox does. CENTRE_CROP scales the shorter side to `size` and crops the centre, as Ultralytics'
    `classify_transforms` does. LETTERBOX_AND_CROP returns both, the letterbox first.
    """
    photo = image if image.mode == "RGB" else image.convert("RGB")
    if preprocessing.fit is FitMode.CENTRE_CROP:
        return _centre_crop(photo, preprocessing.size)
    size = fit_inside(photo.size, preprocessing.size)
    small = photo if photo.size == size else photo.resize(size, RESAMPLING, reducing_gap=REDUCING_GAP)
    square = _letterbox(np.asarray(small), preprocessing)
    if preprocessing.fit is FitMode.LETTERBOX:
        return square
    return np.concatenate([square, _centre_crop(photo, preprocessing.size)])


def preprocess_picture(picture: Picture, preprocessing: Preprocessing, resize: Resize) -> Picture:
    """Like `preprocess` for pixels that `resize` scales; the same to within 1 of 255."""
    if preprocessing.fit is FitMode.CENTRE_CROP:
        return _crop_picture(picture, preprocessing.size, resize)
    height, width = picture.shape[:2]
    size = fit_inside((width, height), preprocessing.size)
    square = _letterbox(picture if (width, height) == size else resize(picture, size), preprocessing)
    if preprocessing.fit is FitMode.LETTERBOX:
        return square
    return np.concatenate([square, _crop_picture(picture, preprocessing.size, resize)])


def fit_inside(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Scale a size (width, height) so that its longer side is `longest`."""
    width, height = (max(1, round(side * (longest / max(size)))) for side in size)
    return width, height


def _letterbox(photo: Picture, preprocessing: Preprocessing) -> Picture:
    """Centre a photo on a square background."""
    size = preprocessing.size
    square = np.full((size, size, 3), preprocessing.fill, np.uint8)
    height, width = photo.shape[:2]
    left, top = (size - width) // 2, (size - height) // 2
    square[top : top + height, left : left + width] = photo
    return square


def _centre_crop(photo: Image.Image, size: int) -> Picture:
    """Scale and crop in one step, so that a long strip takes no more memory than a square."""
    (left, right), (top, bottom) = (_crop_span(side, min(photo.size), size) for side in photo.size)
    box = (left, top, right, bottom)
    return np.array(photo.resize((size, size), RESAMPLING, box=box, reducing_gap=REDUCING_GAP))


def _crop_picture(picture: Picture, size: int, resize: Resize) -> Picture:
    """Scale, then crop, which is faster with `resize`; enlarged pictures and long strips as `_centre_crop` does."""
    height, width = picture.shape[:2]
    shorter = min(width, height)
    scaled = (size * width // shorter, size * height // shorter)
    if shorter < size or max(scaled) > _LONGEST_SCALED * size:
        return _centre_crop(Image.fromarray(picture), size)
    left, top = (round((side - size) / 2) for side in scaled)
    return resize(picture, scaled)[top : top + size, left : left + size]


def _crop_span(side: int, shorter: int, size: int) -> tuple[float, float]:
    """Return where the crop begins and ends along one side of a photo, in its pixels.

    `shorter` is the shorter side, which is scaled to `size`. Rounded like torchvision's Resize and CenterCrop, which
    Ultralytics uses.
    """
    scaled = size * side // shorter
    begin = round((scaled - size) / 2)
    return begin * side / scaled, (begin + size) * side / scaled
