"""Where a photo and an image show the same, and which of the two was made from the other."""

from __future__ import annotations

import math
from dataclasses import dataclass

from photosim.duplicates.image_parts import area
from photosim.duplicates.looks import Box
from photosim.duplicates.results import CopyRelation, Surround

WHOLE_SHARE = 0.94
"""Share from which a photo counts as completely shown."""

_SAME_SIZE = 0.87
"""Ratio of sizes from which they count as different."""

_MAX_TURN = 10.0
"""Degrees; a place that was found upright is aligned otherwise by chance only."""


@dataclass(frozen=True, slots=True)
class PlacedPhoto:
    """Where a photo and an image show the same.

    `relation` tells how the image would be made from the photo. `box` is the part of the photo that the image shows,
    `box_in_image` the part of the image that shows it, `correlation` how well they agree there, 0 to 1. `is_grey` is
    whether only the image is black and white, `is_photo_grey` whether only the photo is.
    """

    confidence: float
    relation: CopyRelation
    box: Box
    box_in_image: Box
    correlation: float = 1.0
    is_grey: bool = False
    is_photo_grey: bool = False

    def scale(self, image_size: tuple[int, int], photo_size: tuple[int, int]) -> float:
        """Return how many pixels of the image there are for one of the photo, along an edge; sizes in pixels."""
        a, b, _, c, d, _ = self.relation.matrix
        (width, height), (photo_width, photo_height) = image_size, photo_size
        return math.sqrt(abs(a * d - b * c) * width * height / max(photo_width * photo_height, 1))

    def is_made_from_photo(self, scale: float, surround: Surround) -> bool:
        """Return whether the image was made from the photo, and not the photo from the image."""
        if self.is_photo_grey:
            return False
        shows_photo, shows_image = area(self.box) >= WHOLE_SHARE, area(self.box_in_image) >= WHOLE_SHARE
        if shows_image and not shows_photo:
            return scale <= 1 / _SAME_SIZE  # else the photo is a collage with a smaller copy of the image
        if shows_photo and not shows_image and surround is Surround.OTHER:
            return scale < _SAME_SIZE  # else the photo is a crop of the image
        if surround in (Surround.FRAME, Surround.BARS, Surround.COLLAGE):
            return True
        return scale <= 1 / _SAME_SIZE


def is_turned(relation: CopyRelation) -> bool:
    """Return whether the image would be made from the photo by turning it."""
    return min(relation.turned, 360 - relation.turned) > _MAX_TURN
