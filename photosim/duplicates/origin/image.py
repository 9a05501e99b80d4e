"""An image whose origin is searched: its parts, where it shows a photo, and what is around that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from photosim.duplicates.image_parts import WHOLE, area, cells, common_area, content_box
from photosim.duplicates.looks import Box, GreyImage
from photosim.duplicates.origin.colors import colorfulness, colors_agree
from photosim.duplicates.origin.pixels import Picture, cropped, grey_of, least_edge
from photosim.duplicates.origin.placed import WHOLE_SHARE, PlacedPhoto
from photosim.duplicates.origin.search import ImagePart, part_of
from photosim.duplicates.results import CopyRelation, Surround
from photosim.duplicates.shown_part import shown_part

_MIN_AGREEMENT = 0.6
"""Share of the common part that must agree pixel by pixel."""

_MIN_EDGE_PX = 48
"""Least edge in pixels of what both show: in smaller pictures, one contour in each is enough to be alike."""

_MIN_STRIP = 0.02
"""Less around a photo, as a share of an edge, is the rounding of its place."""

_PLAIN_TOLERANCE, _PLAIN_SHARE = 10, 0.85
"""What is around a photo is plain if this share of it has its middle grey value, within this tolerance."""

_GREY, _COLORED = 5.0, 14.0
"""Mean distance of the highest from the lowest color value, below which a picture is grey, and above which it is not."""

_EXPLAINED = 0.8
"""Share of the image that photos must show so that no parts are searched."""


class OriginImage:
    """An image whose origin is searched; `picture` (H, W, 3) is upright."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self.grey = grey_of(picture)

    @cached_property
    def content(self) -> Box:
        """What is inside uniform borders."""
        return content_box(self.grey)

    @cached_property
    def _cells(self) -> list[Box]:
        return cells(self.grey)

    def first_parts(self) -> list[Box]:
        """Return the parts to compare first: the whole, and what is inside of borders."""
        return [WHOLE] if area(self.content) >= WHOLE_SHARE else [WHOLE, self.content]

    def further_parts(self) -> list[Box]:
        """Return the parts to compare if the first ones explain too little: the cells of a collage."""
        return self._cells

    def part(self, box: Box) -> ImagePart:
        """Return a part to compare."""
        return part_of(self.grey, box)

    def is_explained_by(self, placed: Sequence[PlacedPhoto]) -> bool:
        """Return whether these photos show most of what the image shows."""
        mask = np.zeros((64, 64), np.bool_)
        for found in placed:
            x, y, width, height = (round(value * 64) for value in found.box_in_image)
            mask[y : y + height, x : x + width] = True
        x, y, width, height = (round(value * 64) for value in self.content)
        inside = mask[y : y + height, x : x + width]
        return bool(inside.size and inside.mean() >= _EXPLAINED)

    def place(self, relation: CopyRelation, confidence: float, photo: Picture) -> PlacedPhoto | None:
        """Return where the image shows a photo, by how it was made from it; None if they do not agree there.

        `photo` (H, W, 3) is its thumbnail.
        """
        matrix = np.array(relation.matrix, np.float64).reshape(2, 3)
        found = shown_part(self.grey, grey_of(photo), matrix, self.content)
        if found is None or found.agreement < _MIN_AGREEMENT:
            return None
        if min(least_edge(self.grey, found.box), least_edge(photo, found.box_in_source)) < _MIN_EDGE_PX:
            return None
        shown, source = cropped(self._picture, found.box)[0], cropped(photo, found.box_in_source)[0]
        if not colors_agree(shown, source, relation):
            return None
        colors = colorfulness(shown), colorfulness(source)
        return PlacedPhoto(
            confidence,
            replace(relation, covers=area(found.box_in_source)),
            found.box_in_source,
            found.box,
            found.correlation,
            is_grey=colors[0] < _GREY and colors[1] > _COLORED,
            is_photo_grey=colors[1] < _GREY and colors[0] > _COLORED,
        )

    def surround(self, placed: PlacedPhoto, others: Sequence[PlacedPhoto]) -> Surround:
        """Return what is around a photo, given the other photos that were found in the image."""
        shown = placed.box_in_image
        if area(shown) >= WHOLE_SHARE:
            return Surround.NONE
        apart = [other for other in others if common_area(shown, other.box_in_image) < 0.2 * area(shown)]
        if apart:
            return Surround.COLLAGE
        has_columns, has_rows = 1 - shown[2] > _MIN_STRIP, 1 - shown[3] > _MIN_STRIP
        if all(map(_is_plain, _strips_around(self.grey, shown))):
            return Surround.FRAME if has_columns and has_rows else Surround.BARS
        if any(common_area(shown, cell) >= 0.8 * max(area(shown), area(cell)) for cell in self._cells):
            return Surround.COLLAGE
        return Surround.OTHER if area(placed.box) >= WHOLE_SHARE else Surround.NONE


def _strips_around(grey: GreyImage, box: Box) -> list[GreyImage]:
    """Return what is above, below, left and right of a part of a picture."""
    height, width = grey.shape
    x, y, w, h = box
    margin = round(_MIN_STRIP * max(width, height))  # the place is not known to the pixel
    left, right = max(round(x * width) - margin, 0), round((x + w) * width) + margin
    top, bottom = max(round(y * height) - margin, 0), round((y + h) * height) + margin
    strips = []
    if y > _MIN_STRIP:
        strips.append(grey[:top])
    if 1 - y - h > _MIN_STRIP:
        strips.append(grey[bottom:])
    if x > _MIN_STRIP:
        strips.append(grey[:, :left])
    if 1 - x - w > _MIN_STRIP:
        strips.append(grey[:, right:])
    return strips


def _is_plain(grey: GreyImage) -> bool:
    if not grey.size:
        return True
    deviation = np.abs(grey.astype(np.float32) - float(np.median(grey)))
    return bool((deviation <= _PLAIN_TOLERANCE).mean() >= _PLAIN_SHARE)
