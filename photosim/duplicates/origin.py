"""Find out whether an image was made from a photo, or the photo from the image, and where one lies in the other.

`geometry.align` compares pictures that show about the same. A small part of a photo has no keypoints in common with its
thumbnail: it is searched at every place and in many sizes by normalised cross-correlation at a low resolution, and then
aligned with that place alone. Of 100 crops to 30 to 70% of the edges, `align` by itself confirms 0, 6, 44, 87 and 96, with
the search 90, 98, 97, 97 and 99.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from photosim.duplicates.geometry import Alignment, align, relation_of
from photosim.duplicates.image_parts import WHOLE, area, cells, common_area, content_box
from photosim.duplicates.looks import Box, GreyImage, PhotoLook, look_at, resized_for_look
from photosim.duplicates.results import CopyRelation, Surround
from photosim.duplicates.shown_part import shown_part

Picture = npt.NDArray[np.uint8]

CONFIRMED = 0.5
"""Confidence from which one was made from the other."""

_SEARCH_EDGE = 80
"""Pixels of the longer edge of the picture that is searched."""

_SIZES = tuple(0.84**step for step in range(9))
"""Sizes of the picture that is searched for, as shares of the largest that fits: down to a quarter of the edges."""

_MIN_TEMPLATE_PX = 9
_MIN_DEVIATION = 4.0
"""Grey values; pictures with less in them correlate by chance."""

_MIN_CORRELATION = 0.75
"""Of crops to 40% nine tenths reach 0.82, of other photos one tenth."""

_ALIGNED = 10
"""Places that are aligned, those that correlate most."""

_DIRECT = 30
"""Photos that are aligned as a whole, the first of those given."""

_MARGIN = 0.15
"""A place is aligned with that much around it, as a share of its edges."""

_MAX_TURN = 10.0
"""Degrees; a place that was found upright is aligned otherwise by chance only."""

_MIN_AGREEMENT = 0.6
"""Share of the common part that must agree pixel by pixel."""

_MIN_EDGE_PX = 48
"""Least edge in pixels of what both show: in smaller pictures, one contour in each is enough to be alike."""

_WHOLE = 0.94
"""Share from which a photo counts as completely shown."""

_MIN_STRIP = 0.02
"""Less around a photo, as a share of an edge, is the rounding of its place."""

_PLAIN_TOLERANCE, _PLAIN_SHARE = 10, 0.85
"""What is around a photo is plain if this share of it has its middle grey value, within this tolerance."""

_EXPLAINED = 0.8
"""Share of the image that photos must show so that no parts are searched."""

_GREY, _COLORED = 5.0, 14.0
"""Mean distance of the highest from the lowest color value, below which a picture is grey, and above which it is not."""

_COLOR_CELLS = 12
_MIN_COLOR_DEVIATION = 6.0
_MIN_COLOR_CORRELATION = 0.4
"""Colors are compared in so many cells along each edge, if their differences deviate by as many values."""

_SAME_SIZE = 0.87
"""Ratio of sizes from which they count as different."""


@dataclass(frozen=True, slots=True)
class PlacedPhoto:
    """Where a photo and an image show the same.

    `relation` tells how the image would be made from the photo. `box` is the part of the photo that the image shows,
    `box_in_image` the part of the image that shows it, `correlation` how well they agree there, 0 to 1. `is_grey` is whether only the image is black and white.
    """

    confidence: float
    relation: CopyRelation
    box: Box
    box_in_image: Box
    correlation: float = 1.0
    is_grey: bool = False

    def scale(self, image_size: tuple[int, int], photo_size: tuple[int, int]) -> float:
        """Return how many pixels of the image there are for one of the photo, along an edge; sizes in pixels."""
        a, b, _, c, d, _ = self.relation.matrix
        (width, height), (photo_width, photo_height) = image_size, photo_size
        return math.sqrt(abs(a * d - b * c) * width * height / max(photo_width * photo_height, 1))

    def is_made_from_photo(self, scale: float, surround: Surround) -> bool:
        """Return whether the image was made from the photo, and not the photo from the image."""
        shows_photo, shows_image = area(self.box) >= _WHOLE, area(self.box_in_image) >= _WHOLE
        if shows_image and not shows_photo:
            return scale <= 1 / _SAME_SIZE  # else the photo is a collage with a smaller copy of the image
        if shows_photo and not shows_image and surround is Surround.OTHER:
            return scale < _SAME_SIZE  # else the photo is a crop of the image
        if surround in (Surround.FRAME, Surround.BARS, Surround.COLLAGE):
            return True
        return scale <= 1 / _SAME_SIZE


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A part of an image that is compared with photos: its grey picture (H, W), and where it lies in the image."""

    grey: GreyImage
    box: Box
    image_size: tuple[int, int]
    """Width and height of the whole image, in the same pixels."""
    look: PhotoLook
    template: GreyImage
    """The small picture that is searched for."""


class OriginImage:
    """An image whose origin is searched; `picture` (H, W, 3) is upright."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self.grey = _grey(picture)

    @cached_property
    def content(self) -> Box:
        """What is inside uniform borders."""
        return content_box(self.grey)

    @cached_property
    def _cells(self) -> list[Box]:
        return cells(self.grey)

    def first_parts(self) -> list[Box]:
        """Return the parts to compare first: the whole, and what is inside of borders."""
        return [WHOLE] if area(self.content) >= _WHOLE else [WHOLE, self.content]

    def further_parts(self) -> list[Box]:
        """Return the parts to compare if the first ones explain too little: the cells of a collage."""
        return self._cells

    def part(self, box: Box) -> ImagePart:
        """Return a part to compare."""
        grey, exact = _cropped(self.grey, box)
        height, width = self.grey.shape
        return ImagePart(grey, exact, (width, height), look_at(grey), _reduced(grey))

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
        found = shown_part(self.grey, _grey(photo), matrix, self.content)
        if found is None or found.agreement < _MIN_AGREEMENT:
            return None
        if min(_least_edge(self.grey, found.box), _least_edge(photo, found.box_in_source)) < _MIN_EDGE_PX:
            return None
        shown, source = _cropped(self._picture, found.box)[0], _cropped(photo, found.box_in_source)[0]
        if not _colors_agree(shown, source, relation):
            return None
        is_grey = _colorfulness(shown) < _GREY
        return PlacedPhoto(
            confidence,
            replace(relation, covers=area(found.box_in_source)),
            found.box_in_source,
            found.box,
            found.correlation,
            is_grey and _colorfulness(source) > _COLORED,
        )

    def surround(self, placed: PlacedPhoto, others: Sequence[PlacedPhoto]) -> Surround:
        """Return what is around a photo, given the other photos that were found in the image."""
        shown = placed.box_in_image
        if area(shown) >= _WHOLE:
            return Surround.NONE
        apart = [other for other in others if common_area(shown, other.box_in_image) < 0.2 * area(shown)]
        if apart:
            return Surround.COLLAGE
        has_columns, has_rows = 1 - shown[2] > _MIN_STRIP, 1 - shown[3] > _MIN_STRIP
        if all(map(_is_plain, _strips_around(self.grey, shown))):
            return Surround.FRAME if has_columns and has_rows else Surround.BARS
        if any(common_area(shown, cell) >= 0.8 * max(area(shown), area(cell)) for cell in self._cells):
            return Surround.COLLAGE
        return Surround.OTHER if area(placed.box) >= _WHOLE else Surround.NONE


def find_places(
    part: ImagePart, thumbnails: Sequence[Picture]
) -> Iterator[tuple[int, CopyRelation, float] | None]:
    """Yield the photos that a part of an image was made from, or that were made from it.

    `thumbnails` (H, W, 3) are of the most similar photos, the first the most similar. Yields their positions, how the image would be made from
    them, and the confidence; None between two comparisons of some milliseconds, so that the caller can stop.
    """
    photos = list(map(_grey, thumbnails))
    looks = [look_at(photo) for photo in photos[:_DIRECT]]
    found = set()
    for number, look in enumerate(looks):
        yield None
        alignment = align(look, part.look)
        if alignment is not None and alignment.confidence >= CONFIRMED:
            found.add(number)
            yield number, _relation(alignment, part, photos[number], part.box), alignment.confidence
    for is_mirrored in (False, True):
        places = []
        for number, photo in enumerate(photos):
            yield None
            if number not in found and (place := _likeliest_place(part, photo, is_mirrored=is_mirrored)):
                places.append((place, number))
        places.sort(key=lambda item: -item[0].correlation)
        for place, number in places[:_ALIGNED]:
            yield None
            judged = _aligned(part, photos[number], place)
            if judged is not None:
                found.add(number)
                yield number, *judged
        if found:
            return


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one picture may lie in the other: its box in it."""

    correlation: float
    box: Box
    is_photo_inside: bool
    """The photo lies in the part of the image, not the part in the photo."""


def _likeliest_place(part: ImagePart, photo: GreyImage, *, is_mirrored: bool) -> _Place | None:
    """Return where a part lies in a photo, or the photo in the part, if it is likely."""
    reduced = _reduced(photo)
    if min(float(reduced.std()), float(part.template.std())) < _MIN_DEVIATION:
        return None
    template = np.ascontiguousarray(part.template[:, ::-1]) if is_mirrored else part.template
    correlation, box = _search(template, reduced)
    reverse, reverse_box = _search(reduced, template)
    best = max(correlation, reverse)
    if best < _MIN_CORRELATION:
        return None
    if correlation >= reverse:
        return _Place(correlation, box, is_photo_inside=False)
    if is_mirrored:
        reverse_box = (1 - reverse_box[0] - reverse_box[2], *reverse_box[1:])
    return _Place(reverse, reverse_box, is_photo_inside=True)


def _search(template: GreyImage, picture: GreyImage) -> tuple[float, Box]:
    """Return the highest correlation of a picture with a part of another, and that part."""
    height, width = picture.shape
    fit = min(height / template.shape[0], width / template.shape[1])
    best, box = -1.0, WHOLE
    for size in _SIZES:
        scaled = _scaled(template, fit * size)
        rows, columns = scaled.shape
        if min(rows, columns) < _MIN_TEMPLATE_PX:
            break
        _, correlation, _, (x, y) = cv2.minMaxLoc(
            cv2.matchTemplate(picture, scaled[:height, :width], cv2.TM_CCOEFF_NORMED)
        )
        if correlation > best:
            best, box = correlation, (x / width, y / height, columns / width, rows / height)
    return best, box


def _aligned(part: ImagePart, photo: GreyImage, place: _Place) -> tuple[CopyRelation, float] | None:
    """Return how the image would be made from a photo that lies at this place, and the confidence."""
    box = _enlarged(place.box)
    if place.is_photo_inside:
        grey, box = _cropped(part.grey, box)
        look, inner, photo_box = look_at(photo), _plain_look(grey), WHOLE
        x, y, width, height = part.box
        image_box = x + box[0] * width, y + box[1] * height, box[2] * width, box[3] * height
    else:
        grey, photo_box = _cropped(photo, box)
        look, inner, image_box = _plain_look(grey), part.look, part.box
    alignment = align(look, inner)
    if alignment is None or alignment.confidence < CONFIRMED:
        return None
    relation = _relation(alignment, part, photo, image_box, photo_box)
    if min(relation.turned, 360 - relation.turned) > _MAX_TURN:
        return None
    return relation, alignment.confidence


def _relation(
    alignment: Alignment, part: ImagePart, photo: GreyImage, image_box: Box, photo_box: Box = WHOLE
) -> CopyRelation:
    """Return how the image would be made from a photo, of an alignment of parts of them."""
    x, y, width, height = photo_box
    inward = np.array([[1 / width, 0, -x / width], [0, 1 / height, -y / height], [0, 0, 1]])
    x, y, width, height = image_box
    outward = np.array([[width, 0, x], [0, height, y]])
    matrix = np.asarray(outward @ np.vstack([alignment.matrix, [0, 0, 1]]) @ inward, np.float64)
    return relation_of(matrix, (photo.shape[1], photo.shape[0]), part.image_size, alignment.brighter)


def _enlarged(box: Box) -> Box:
    """Return a box with a margin, within the picture."""
    x, y, width, height = box
    left, top = max(x - _MARGIN * width, 0.0), max(y - _MARGIN * height, 0.0)
    right, bottom = min(x + (1 + _MARGIN) * width, 1.0), min(y + (1 + _MARGIN) * height, 1.0)
    return left, top, right - left, bottom - top


def _cropped(picture: Picture, box: Box) -> tuple[Picture, Box]:
    """Return the pixels of a picture (H, W, ...) in a box, and the box that they are exactly."""
    height, width = picture.shape[:2]
    x, y, w, h = box
    left, top = min(math.floor(x * width), width - 1), min(math.floor(y * height), height - 1)
    right = min(max(math.ceil((x + w) * width), left + 1), width)
    bottom = min(max(math.ceil((y + h) * height), top + 1), height)
    exact = left / width, top / height, (right - left) / width, (bottom - top) / height
    return picture[top:bottom, left:right], exact


def _plain_look(grey: GreyImage) -> PhotoLook:
    """Return the look of a part of a picture, which has no borders of its own."""
    return PhotoLook(resized_for_look(grey), WHOLE, max(grey.shape))


def _reduced(grey: GreyImage) -> GreyImage:
    """Return a picture with its longer edge _SEARCH_EDGE pixels long; a smaller one as it is."""
    return _scaled(grey, min(_SEARCH_EDGE / max(grey.shape), 1.0))


def _scaled(picture: GreyImage, factor: float) -> GreyImage:
    height, width = picture.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=how).astype(np.uint8, copy=False)


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


def _grey(picture: Picture) -> GreyImage:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)


def _least_edge(picture: npt.NDArray[np.uint8], box: Box) -> float:
    """Return the shorter edge in pixels of a part of a picture (H, W, ...)."""
    height, width = picture.shape[:2]
    return float(min(box[2] * width, box[3] * height))


def _colors_agree(shown: Picture, source: Picture, relation: CopyRelation) -> bool:
    """Return whether the colors of two pictures (H, W, 3) are distributed alike, tints apart; if any has hardly any, too.

    Those of turned pictures are not compared.
    """
    if relation.is_mirrored:
        source = source[:, ::-1]
    if min(relation.turned, 360 - relation.turned) > _MAX_TURN:
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


def _colorfulness(picture: Picture) -> float:
    """Return the mean distance of the highest from the lowest color value of the pixels (H, W, 3)."""
    return float((picture.max(axis=2).astype(np.int16) - picture.min(axis=2)).mean())
