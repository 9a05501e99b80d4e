"""A similarity query: example images, regions of them, and feedback."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of an upright photo, in fractions of its width and height from the top left corner."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        numbers = (self.x, self.y, self.width, self.height)
        is_valid = all(map(math.isfinite, numbers)) and min(self.x, self.y) >= 0 < min(
            self.width, self.height
        )
        if not is_valid or max(self.x + self.width, self.y + self.height) > 1 + 1e-6:
            raise ValueError(f"not a rectangle inside a photo: {numbers}")

    @classmethod
    def parse(cls, text: str) -> Region:
        """Parse "x,y,width,height". Raises ValueError."""
        x, y, width, height = (float(number) for number in text.split(","))
        return cls(x, y, width, height)

    def pixel_box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom in an image of this size in pixels; at least one pixel."""
        left, top = min(int(self.x * width), width - 1), min(int(self.y * height), height - 1)
        right, bottom = round((self.x + self.width) * width), round((self.y + self.height) * height)
        return left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height)


WHOLE_PHOTO = Region(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Example:
    """An image file, or a region of it.

    With `is_object` its embedding is that of an object, which is compared with objects, not with photos.
    """

    path: str
    region: Region | None = None
    is_object: bool = False


@dataclass(frozen=True, slots=True)
class SimilarityQuery:
    """Photos similar to any of `like`, moved towards `more` and away from `less`; `like` is never empty."""

    like: tuple[Example, ...]
    more: tuple[Example, ...] = ()
    less: tuple[Example, ...] = ()

    def __post_init__(self) -> None:
        if not self.like:
            raise ValueError("a similarity query needs at least one image")

    def as_kind(self, *, is_object: bool) -> SimilarityQuery:
        """Return the query with all examples embedded as objects, or as photos."""
        parts = (self.like, self.more, self.less)
        return SimilarityQuery(*(tuple(replace(one, is_object=is_object) for one in part) for part in parts))

    @property
    def examples(self) -> tuple[Example, ...]:
        """All examples, each once."""
        return tuple(dict.fromkeys((*self.like, *self.more, *self.less)))
