"""Search for the photos that a part of an image was made from, or that were made from it.

`geometry.align` compares pictures that show about the same. A small part of a photo has no keypoints in common with its
thumbnail: it is searched at every place and in many sizes by normalised cross-correlation at a low resolution, and then
aligned with that place alone. Of 100 crops to 30 to 70% of the edges, `align` by itself confirms 0, 6, 44, 87 and 96, with
the search 90, 98, 97, 97 and 99.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from photosim.duplicates.geometry import Alignment, align, relation_of
from photosim.duplicates.image_parts import WHOLE
from photosim.duplicates.looks import Box, GreyImage, PhotoLook, look_at, resized_for_look
from photosim.duplicates.origin.pixels import Picture, cropped, grey_of, scaled
from photosim.duplicates.origin.placed import is_turned
from photosim.duplicates.results import CopyRelation

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


def part_of(image: GreyImage, box: Box) -> ImagePart:
    """Return a part of an image, a grey picture (H, W), to compare."""
    grey, exact = cropped(image, box)
    height, width = image.shape
    return ImagePart(grey, exact, (width, height), look_at(grey), _reduced(grey))


def find_places(
    part: ImagePart, thumbnails: Sequence[Picture]
) -> Iterator[tuple[int, CopyRelation, float] | None]:
    """Yield the photos that a part of an image was made from, or that were made from it.

    `thumbnails` (H, W, 3) are of the most similar photos, the first the most similar. Yields their positions, how the image would be made from
    them, and the confidence; None between two comparisons of some milliseconds, so that the caller can stop.
    """
    photos = list(map(grey_of, thumbnails))
    looks = [look_at(photo) for photo in photos[:_DIRECT]]
    found = set()
    for number, look in enumerate(looks):
        yield None
        alignment = align(look, part.look)
        if alignment is not None and alignment.confidence >= CONFIRMED:
            found.add(number)
            yield number, _relation(alignment, part, part.box), alignment.confidence
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
        sized = scaled(template, fit * size)
        rows, columns = sized.shape
        if min(rows, columns) < _MIN_TEMPLATE_PX:
            break
        _, correlation, _, (x, y) = cv2.minMaxLoc(
            cv2.matchTemplate(picture, sized[:height, :width], cv2.TM_CCOEFF_NORMED)
        )
        if correlation > best:
            best, box = correlation, (x / width, y / height, columns / width, rows / height)
    return best, box


def _aligned(part: ImagePart, photo: GreyImage, place: _Place) -> tuple[CopyRelation, float] | None:
    """Return how the image would be made from a photo that lies at this place, and the confidence."""
    box = _enlarged(place.box)
    if place.is_photo_inside:
        grey, box = cropped(part.grey, box)
        look, inner, photo_box = look_at(photo), _plain_look(grey), WHOLE
        x, y, width, height = part.box
        image_box = x + box[0] * width, y + box[1] * height, box[2] * width, box[3] * height
    else:
        grey, photo_box = cropped(photo, box)
        look, inner, image_box = _plain_look(grey), part.look, part.box
    alignment = align(look, inner)
    if alignment is None or alignment.confidence < CONFIRMED:
        return None
    relation = _relation(alignment, part, image_box, photo_box)
    if is_turned(relation):
        return None
    return relation, alignment.confidence


def _relation(alignment: Alignment, part: ImagePart, image_box: Box, photo_box: Box = WHOLE) -> CopyRelation:
    """Return how the image would be made from a photo, of an alignment of parts of them."""
    x, y, width, height = photo_box
    inward = np.array([[1 / width, 0, -x / width], [0, 1 / height, -y / height], [0, 0, 1]])
    x, y, width, height = image_box
    outward = np.array([[width, 0, x], [0, height, y]])
    matrix = np.asarray(outward @ np.vstack([alignment.matrix, [0, 0, 1]]) @ inward, np.float64)
    return relation_of(matrix, part.image_size, alignment.brighter)


def _enlarged(box: Box) -> Box:
    """Return a box with a margin, within the picture."""
    x, y, width, height = box
    left, top = max(x - _MARGIN * width, 0.0), max(y - _MARGIN * height, 0.0)
    right, bottom = min(x + (1 + _MARGIN) * width, 1.0), min(y + (1 + _MARGIN) * height, 1.0)
    return left, top, right - left, bottom - top


def _plain_look(grey: GreyImage) -> PhotoLook:
    """Return the look of a part of a picture, which has no borders of its own."""
    return PhotoLook(resized_for_look(grey), WHOLE, max(grey.shape))


def _reduced(grey: GreyImage) -> GreyImage:
    """Return a picture with its longer edge _SEARCH_EDGE pixels long; a smaller one as it is."""
    return scaled(grey, min(_SEARCH_EDGE / max(grey.shape), 1.0))
