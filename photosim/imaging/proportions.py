"""Cropping a picture to given proportions."""

from __future__ import annotations


def crop_box(width: int, height: int, shape_width: int, shape_height: int) -> tuple[int, int, int, int]:
    """Return x, y, width and height of the largest rectangle of a shape in the middle of a picture, in pixels."""
    cropped_width = min(width, max(1, round(height * shape_width / shape_height)))
    cropped_height = min(height, max(1, round(width * shape_height / shape_width)))
    return (width - cropped_width) // 2, (height - cropped_height) // 2, cropped_width, cropped_height
