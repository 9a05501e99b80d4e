"""A column of tiles for each section, from left to right and on in the next band of columns."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from photosim.gui.grid.layout import GAP, HEADING_HEIGHT, MARGIN, Box, Line, TileLayout
from photosim.gui.state.sections import Section

_LARGE = 1.5
"""Side of the first tile of a column in relation to the usual one; the others are half as large."""

_COLUMN_GAP = 2 * GAP


class ColumnLayout(TileLayout):
    """Columns with a large square tile on top and small ones in pairs below it.

    A line, in the words of the base class, is a band of columns side by side.
    """

    def __init__(
        self,
        count: int,
        width: int,
        tile_size: int,
        *,
        sections: Sequence[Section] = (),
        margin: int = MARGIN,
    ) -> None:
        super().__init__(count, width, sections, margin)
        available, side = max(width - 2 * margin, 1), round(tile_size * _LARGE)
        step = side + _COLUMN_GAP
        self.columns = max((available + _COLUMN_GAP + step // 2) // step, 1)
        filling_side = (available - (self.columns - 1) * _COLUMN_GAP) // self.columns
        # Columns that do not fill a band keep their size where there is room.
        self.tile_size = max(
            filling_side if len(self._firsts) >= self.columns else min(side, filling_side), 1
        )
        self._small = max((self.tile_size - GAP) // 2, 1)
        pairs = (np.diff(self._firsts, append=count)) // 2  # of the tiles below the first one, rounded up
        heights = self.tile_size + pairs * (self._small + GAP)
        self._bands: list[Line] = []
        y = margin // 4 + HEADING_HEIGHT
        ends = [*self._firsts, count]
        for first in range(0, len(self._firsts), self.columns):
            after = min(first + self.columns, len(self._firsts))
            height = int(heights[first:after].max())
            self._bands.append(Line(ends[first], ends[after], y, height))
            y += height + GAP + HEADING_HEIGHT
        self._band_tops = [band.y for band in self._bands]
        self.line_count = len(self._bands)
        if self._bands:
            self.height = y - HEADING_HEIGHT - GAP + margin
        self.step_y = max((band.height for band in self._bands), default=self.tile_size) + GAP

    def line(self, number: int) -> Line:
        return self._bands[number]

    def line_of(self, row: int) -> int:
        return self._section_of(row) // self.columns

    def line_at(self, y: int) -> int:
        return bisect_right(self._band_tops, y) - 1

    def columns_of(self, number: int) -> Sequence[tuple[int, int]]:
        line = self._bands[number]
        boxes = map(self.tile_box, range(line.first, line.end))
        return [(box.x, box.width) for box in boxes]

    def tile_box(self, row: int) -> Box:
        section = self._section_of(row)
        x, y, place = self._left(section), self._bands[section // self.columns].y, row - self._firsts[section]
        if place == 0:
            return Box(x, y, self.tile_size, self.tile_size)
        pair, side = divmod(place - 1, 2)
        # The right one ends with the large tile above.
        left = x + (self.tile_size - self._small if side else 0)
        return Box(left, y + self.tile_size + GAP + pair * (self._small + GAP), self._small, self._small)

    def tiles(self, rows: range) -> Iterator[tuple[int, Box]]:
        return ((row, self.tile_box(row)) for row in rows)

    def row_at(self, x: int, y: int) -> int | None:
        number = self.line_at(y)
        if number < 0:
            return None
        band = self._bands[number]
        return next(
            (row for row, box in self.tiles(range(band.first, band.end)) if _contains(box, x, y)), None
        )

    def row_below(self, row: int, lines: int = 1, x: int | None = None) -> int:
        x = self.middle_of(row) if x is None else x
        for _ in range(abs(lines)):
            row = self._nearest(row, (0, 1 if lines > 0 else -1), x)
        return row

    def row_beside(self, row: int, step: int) -> int:
        box = self.tile_box(row)
        beside = self._nearest(row, (step, 0), box.y + box.height // 2)
        if beside != row:
            return beside
        number = self.line_of(row) + step  # beyond an end of the band
        if not 0 <= number < len(self._bands):
            return row
        section = (
            number * self.columns if step > 0 else min((number + 1) * self.columns, len(self._firsts)) - 1
        )
        return self._firsts[section]

    def heading_box(self, section: int) -> Box:
        top = self._bands[section // self.columns].y - HEADING_HEIGHT
        return Box(self._left(section), top, self.tile_size, HEADING_HEIGHT)

    def headings_between(self, top: int, bottom: int) -> range:
        bands = [
            number for number, y in enumerate(self._band_tops) if y > top and y - HEADING_HEIGHT < bottom
        ]
        if not self.sections or not bands:
            return range(0)
        return range(bands[0] * self.columns, min((bands[-1] + 1) * self.columns, len(self.sections)))

    def heading_at(self, y: int) -> int | None:  # noqa: ARG002
        return None  # none can be folded

    def sticky_heading(self, top: int) -> tuple[int, int] | None:  # noqa: ARG002
        return None

    def _section_of(self, row: int) -> int:
        return bisect_right(self._firsts, row) - 1

    def _left(self, section: int) -> int:
        return self.margin + section % self.columns * (self.tile_size + _COLUMN_GAP)

    def _nearest(self, row: int, direction: tuple[int, int], across: int) -> int:
        """The row of the next tile in a direction, as (x, y); `across` is the coordinate on the other axis to stay at.

        To the sides only tiles of the same band are looked at, up and down those of the bands beside it, too.
        """
        box, number = self.tile_box(row), self.line_of(row)
        is_sideways = direction[0] != 0
        reach = 0 if is_sideways else 1
        bands = self._bands[max(number - reach, 0) : number + reach + 1]
        spans: Callable[[Box], tuple[int, int, int, int]] = _spans_sideways if is_sideways else _spans_upright
        start, length, _, _ = spans(box)
        step = direction[0] or direction[1]

        def cost(other: Box) -> tuple[int, int]:
            other_start, other_length, low, size = spans(other)
            ahead = other_start - start - length if step > 0 else start - other_start - other_length
            return max(
                low - across - GAP, across - low - size - GAP, 0
            ), ahead  # the middle is between two small ones

        candidates = (
            (cost(other), number)
            for band in bands
            for number, other in self.tiles(range(band.first, band.end))
        )
        ahead = [(key, number) for key, number in candidates if key[1] >= 0]
        return min(ahead, default=((0, 0), row))[1]


def _contains(box: Box, x: int, y: int) -> bool:
    return box.x <= x < box.x + box.width and box.y <= y < box.y + box.height


def _spans_sideways(box: Box) -> tuple[int, int, int, int]:
    return box.x, box.width, box.y, box.height


def _spans_upright(box: Box) -> tuple[int, int, int, int]:
    return box.y, box.height, box.x, box.width
