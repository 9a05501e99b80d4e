"""Find the subject of a burst: the object that all its shots show at about the same place."""

from __future__ import annotations

from collections.abc import Sequence

from photosim.duplicates.image_parts import area, common_area
from photosim.duplicates.looks import Box
from photosim.records import PhotoObject

_MIN_AREA = 0.03
"""Share of a photo; a smaller object has too few pixels in a thumbnail to tell how sharp it is."""

_MIN_OVERLAP = 0.3
"""Intersection over union of the boxes of the subject in two shots in a row."""


def common_subject(shots: Sequence[Sequence[PhotoObject]]) -> list[Box] | None:
    """Return the box of the subject in each shot of a burst, the objects of which are given; None if there is none.

    It is found in all shots, with the same label and overlapping the one before; the largest such in the first shot.
    """
    found = [[one for one in shot if area(one.box) >= _MIN_AREA] for shot in shots]
    for subject in sorted(found[0], key=lambda one: -area(one.box)):
        boxes = [subject.box]
        for shot in found[1:]:
            same = [one.box for one in shot if one.label == subject.label]
            nearest = max(same, key=lambda box: _overlap(boxes[-1], box), default=None)
            if nearest is None or _overlap(boxes[-1], nearest) < _MIN_OVERLAP:
                break
            boxes.append(nearest)
        if len(boxes) == len(found):
            return boxes
    return None


def _overlap(one: Box, other: Box) -> float:
    """Return the intersection over union of two boxes."""
    common = common_area(one, other)
    return common / (area(one) + area(other) - common)
