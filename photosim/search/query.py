"""A question about likeness: photos, parts of photos, and what the answer should be more or less like."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of an upright photo in fractions of its width and height, from the top left corner."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        sides = (self.x, self.y, self.width, self.height)
        inside = all(map(math.isfinite, sides)) and min(self.x, self.y) >= 0 < min(self.width, self.height)
        if not inside or max(self.x + self.width, self.y + self.height) > 1 + 1e-6:
            raise ValueError(f"no rectangle inside a photo: {sides}")

    @classmethod
    def parse(cls, text: str) -> Region:
        """Read "x,y,width,height". Raises ValueError."""
        x, y, width, height = (float(word) for word in text.split(","))
        return cls(x, y, width, height)

    def pixel_box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in a picture of this size in pixels; at least one pixel."""
        left, top = min(int(self.x * width), width - 1), min(int(self.y * height), height - 1)
        right, bottom = round((self.x + self.width) * width), round((self.y + self.height) * height)
        return left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height)


@dataclass(frozen=True, slots=True)
class Example:
    """An image file, or a part of it."""

    path: str
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class SimilarityQuery:
    """What looks like any of `like`, and besides more like `more` and less like `less`; `like` is never empty."""

    like: tuple[Example, ...]
    more: tuple[Example, ...] = ()
    less: tuple[Example, ...] = ()

    def __post_init__(self) -> None:
        if not self.like:
            raise ValueError("a question about likeness needs something to be like")

    @property
    def examples(self) -> tuple[Example, ...]:
        """All that the question names, each once."""
        return tuple(dict.fromkeys((*self.like, *self.more, *self.less)))
