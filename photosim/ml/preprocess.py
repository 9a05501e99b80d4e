"""A photo of any size to the square of pixels that a model looks at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from photosim.imaging.color import Picture
from photosim.ml.catalog import FitMode, Preprocessing

RESAMPLING = Image.Resampling.BILINEAR
"""Pillow widens a filter with the scale, so that none of them aliases. Among edited copies, half of them smaller,
the triangle finds most (recall at 99% precision: bilinear 0.939, bicubic 0.937, Lanczos 0.934, Hamming 0.867, box
0.758), and Lanczos takes twice the time."""

REDUCING_GAP = 2.0
"""A large photo is first shrunk by whole numbers to no less than this many times the size wanted: faster, same
picture."""


Resize = Callable[[Picture, tuple[int, int]], Picture]
"""Gives a picture in another size (width, height), by the triangle filter without aliases."""


def preprocess(image: Image.Image, preprocessing: Preprocessing) -> Picture:
    """The model's input for one photo: uint8 array (size, size, 3), RGB.

    `image` is upright; any mode but RGB is converted. It is scaled, up too. With LETTERBOX its longer side
    becomes `size`, centred on a ground of `fill`, as Ultralytics' letterbox does; with CENTRE_CROP its shorter
    side becomes `size` and the middle is cut out, as Ultralytics' `classify_transforms` does.
    """
    photo = image if image.mode == "RGB" else image.convert("RGB")
    if preprocessing.fit is FitMode.CENTRE_CROP:
        return _centre_crop(photo, preprocessing.size)
    size = _fit_inside(photo.size, preprocessing.size)
    if photo.size != size:
        photo = photo.resize(size, RESAMPLING, reducing_gap=REDUCING_GAP)
    return _letterbox(np.asarray(photo), preprocessing)


def preprocess_picture(picture: Picture, preprocessing: Preprocessing, resize: Resize) -> Picture:
    """As `prepare`, with pixels that `resize` scales: the same to within 1 of 255."""
    if preprocessing.fit is FitMode.CENTRE_CROP:
        return _centre_crop(Image.fromarray(picture), preprocessing.size)
    height, width = picture.shape[:2]
    size = _fit_inside((width, height), preprocessing.size)
    return _letterbox(picture if (width, height) == size else resize(picture, size), preprocessing)


def _fit_inside(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """The width and height of a photo of this size when its longer side is `longest`."""
    width, height = (max(1, round(side * (longest / max(size)))) for side in size)
    return width, height


def _letterbox(photo: Picture, preprocessing: Preprocessing) -> Picture:
    """A photo in the middle of a square."""
    size = preprocessing.size
    square = np.full((size, size, 3), preprocessing.fill, np.uint8)
    height, width = photo.shape[:2]
    left, top = (size - width) // 2, (size - height) // 2
    square[top : top + height, left : left + width] = photo
    return square


def _centre_crop(photo: Image.Image, size: int) -> Picture:
    """Scale and cut in one step: a strip of any length takes no more memory than a square."""
    (left, right), (top, bottom) = (_crop_span(side, min(photo.size), size) for side in photo.size)
    box = (left, top, right, bottom)
    return np.array(photo.resize((size, size), RESAMPLING, box=box, reducing_gap=REDUCING_GAP))


def _crop_span(side: int, shorter: int, size: int) -> tuple[float, float]:
    """Where the middle begins and ends along one side of a photo whose shorter side becomes `size`, in its pixels.

    Rounded as torchvision's Resize and CenterCrop, which Ultralytics uses, round.
    """
    scaled = size * side // shorter
    begin = round((scaled - size) / 2)
    return begin * side / scaled, (begin + size) * side / scaled
