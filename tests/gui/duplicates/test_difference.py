"""The picture of where two photos differ, and the outline of a crop."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from photosim.duplicates.results import CopyRelation
from photosim.gui.base.jobs import CancelToken
from photosim.gui.duplicates.difference import make_difference, outline_of
from tests.support.images import make_scene

HALF = CopyRelation((2.0, 0.0, -0.5, 0.0, 2.0, -0.5), 0.25)
"""The middle quarter of the photo."""


def image_of(number: int, size: tuple[int, int] = (240, 160)) -> QImage:
    picture = make_scene(number, size).convert("RGB")
    data = picture.tobytes()
    return QImage(data, *size, 3 * size[0], QImage.Format.Format_RGB888).copy()


def brightness(image: QImage) -> np.ndarray:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8, grey.sizeInBytes()).reshape(grey.height(), -1)
    return rows[:, : grey.width()].copy()


def test_equal_photos_are_black_and_a_mark_is_not() -> None:
    keep, copy = image_of(1), image_of(1)
    assert brightness(make_difference(keep, copy, None, CancelToken())).max() == 0
    for x in range(100, 120):
        for y in range(60, 80):
            copy.setPixelColor(x, y, QColor(255, 0, 255))
    difference = brightness(make_difference(keep, copy, None, CancelToken()))
    assert difference[65:75, 105:115].mean() > 60
    assert difference[:40, :60].mean() < 20


def test_a_brighter_copy_differs_in_nothing_else() -> None:
    keep = image_of(1)
    pixels = np.frombuffer(keep.constBits(), np.uint8, keep.sizeInBytes()).copy()
    lower = (pixels // 2).tobytes()
    brighter = (pixels // 2 + 60).astype(np.uint8).tobytes()
    images = [
        QImage(data, keep.width(), keep.height(), keep.bytesPerLine(), keep.format()).copy()
        for data in (lower, brighter)
    ]
    assert brightness(make_difference(images[0], images[1], None, CancelToken())).mean() < 1


def test_a_crop_is_compared_with_its_part_of_the_photo() -> None:
    keep = image_of(1)
    copy = keep.copy(60, 40, 120, 80)
    aligned = brightness(make_difference(keep, copy, HALF, CancelToken()))
    stretched = brightness(make_difference(keep, copy, None, CancelToken()))
    assert aligned[4:-4, 4:-4].mean() < 8 < stretched.mean()


def test_a_crop_is_outlined_where_it_is() -> None:
    corners = [value for corner in outline_of(HALF) for value in (corner.x(), corner.y())]
    assert corners == pytest.approx([0.25, 0.25, 0.75, 0.25, 0.75, 0.75, 0.25, 0.75])
    assert outline_of(None) == ()
    assert outline_of(CopyRelation((1, 0, 0, 0, 1, 0), 1.0)) == ()
    assert outline_of(CopyRelation((0, 0, 0, 0, 0, 0), 0.5)) == ()
