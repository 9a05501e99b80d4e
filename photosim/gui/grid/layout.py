"""Where each tile of a grid stands: plain arithmetic, the same cost for ten photos as for a million."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from photosim.gui.state.sections import Section, Sections

MARGIN = 16
"""Logical pixels around the grid."""

GAP = 8
"""Logical pixels between tiles: room for the ring around a selected one."""

HEADING_HEIGHT = 40
"""Height of a heading in logical pixels."""


class Box(NamedTuple):
    """A rectangle in content coordinates, logical pixels."""

    x: int
    y: int
    width: int
    height: int


class _Block(NamedTuple):
    """The tiles under one heading, or all of them."""

    first: int
    size: int
    top: int
    """Where its first line of tiles begins."""


class GridLayout:
    """Lines of equal tiles that fill the width, under headings where there are some.

    `edge` is the side of a tile that was asked for; tiles grow or shrink from it until a line fills the width.
    `caption` is the height kept under each tile.
    """

    def __init__(
        self,
        count: int,
        width: int,
        tile_size: int,
        *,
        caption: int = 0,
        sections: Sequence[Section] = (),
        margin: int = MARGIN,
    ) -> None:
        self.count, self.width = count, width
        self.margin = margin
        room = max(width - 2 * margin, 1)
        step = tile_size + GAP
        self.columns = max((room + GAP + step // 2) // step, 1)
        fill = (room - (self.columns - 1) * GAP) // self.columns
        # A line that is not full keeps the size asked for, where there is room.
        self.tile_size = max(fill if count >= self.columns else min(fill, tile_size), 1)
        self.step_x = self.tile_size + GAP
        self.step_y = self.tile_size + caption + GAP
        self._caption = caption
        sections = sections if isinstance(sections, Sections) else Sections(sections)
        self.sections = sections[: int(np.searchsorted(sections.firsts, count))]
        self._firsts: list[int] = self.sections.firsts.tolist() or ([0] if count else [])
        self._tops, self.height = self._stack()

    def tile_box(self, row: int) -> Box:
        """Where a tile stands."""
        block = self._block(bisect_right(self._firsts, row) - 1)
        line, column = divmod(row - block.first, self.columns)
        x = self.margin + column * self.step_x
        return Box(x, block.top + line * self.step_y, self.tile_size, self.tile_size + self._caption)

    def tile_positions(self, rows: range) -> Iterator[tuple[int, int, int]]:
        """Each of these tiles with its left and top, as `box` tells them one by one."""
        row = rows.start
        while row < rows.stop:
            block = self._block(bisect_right(self._firsts, row) - 1)
            end = min(rows.stop, block.first + block.size)
            for one in range(row, end):
                line, column = divmod(one - block.first, self.columns)
                yield one, self.margin + column * self.step_x, block.top + line * self.step_y
            row = end

    def heading_box(self, number: int) -> Box:
        """Where a section's heading stands, over the whole width of the tiles."""
        width = self.columns * self.step_x - GAP
        return Box(self.margin, self._tops[number] - HEADING_HEIGHT, width, HEADING_HEIGHT)

    def headings_between(self, top: int, bottom: int) -> range:
        """The sections whose headings touch a strip of the content, `bottom` not included."""
        if not self.sections:
            return range(0)
        return range(bisect_right(self._tops, top), bisect_left(self._tops, bottom + HEADING_HEIGHT))

    def sticky_heading(self, top: int) -> tuple[int, int] | None:
        """The section whose heading is scrolled out above `top` while its tiles are not, and where to hold the heading.

        That is at `top`, or higher where the next heading pushes it out. None where there is nothing to hold.
        """
        number = bisect_left(self._tops, top + HEADING_HEIGHT) - 1 if self.sections else -1
        if number < 0:
            return None
        after = self._tops[number + 1] - HEADING_HEIGHT if number + 1 < len(self._tops) else self.height
        return number, min(top, after - HEADING_HEIGHT)

    def section_size(self, number: int) -> int:
        """How many tiles stand under a section's heading."""
        return self._block(number).size

    def row_at(self, x: int, y: int) -> int | None:
        """The tile at a point, or None between tiles."""
        if not self._tops:
            return None
        block = self._block(max(bisect_right(self._tops, y) - 1, 0))
        line, inside_y = divmod(y - block.top, self.step_y)
        column, inside_x = divmod(x - self.margin, self.step_x)
        place = line * self.columns + column
        outside = line < 0 or not 0 <= column < self.columns or place >= block.size
        if outside or inside_x >= self.tile_size or inside_y >= self.tile_size + self._caption:
            return None
        return block.first + place

    def rows_between(self, top: int, bottom: int) -> range:
        """The tiles on the lines that touch a strip of the content, `bottom` not included."""
        return range(self._line_start(top, after=False), self._line_start(bottom, after=True))

    def row_below(self, row: int, lines: int = 1) -> int:
        """The tile `lines` lines further down (up when negative) in the same column, or the nearest there is."""
        box = self.tile_box(row)
        y = box.y + box.height // 2
        for _ in range(abs(lines)):
            following = self._line_beside(y, down=lines > 0)
            if following is None:
                break
            y = following
        block = self._block(max(bisect_right(self._tops, y) - 1, 0))
        column = (box.x - self.margin) // self.step_x
        line = (y - block.top) // self.step_y
        return block.first + min(line * self.columns + column, block.size - 1)

    # --- helpers -----------------------------------------------------------------------------------------

    def _block(self, number: int) -> _Block:
        first = self._firsts[number]
        end = self._firsts[number + 1] if number + 1 < len(self._firsts) else self.count
        return _Block(first, end - first, self._tops[number])

    def _stack(self) -> tuple[list[int], int]:
        """Where the first line of each block begins, and the height of it all."""
        if not self._firsts:
            return [], 2 * self.margin
        heading = HEADING_HEIGHT if self.sections else 0
        # A heading brings its own air above it.
        start = self.margin // 4 + heading if self.sections else self.margin
        lines = -(-np.diff(self._firsts, append=self.count) // self.columns)
        bottoms = np.cumsum(lines * self.step_y + heading)
        tops = np.append(0, bottoms[:-1]) + start
        return tops.tolist(), int(bottoms[-1]) + start - heading - GAP + self.margin

    def _line_start(self, y: int, *, after: bool) -> int:
        """The first row of the line at `y`, or of the first line that begins at or after it."""
        number = bisect_right(self._tops, y) - 1
        if number < 0:
            return 0
        block = self._block(number)
        line, inside = divmod(y - block.top, self.step_y)
        line += 1 if after and inside else 0
        return block.first + min(line * self.columns, block.size)

    def _line_beside(self, y: int, *, down: bool) -> int | None:
        """The middle of the line under or over the one at `y`, across headings; None at either end."""
        number = max(bisect_right(self._tops, y) - 1, 0)
        block = self._block(number)
        line = (y - block.top) // self.step_y + (1 if down else -1)
        lines = -(-block.size // self.columns)
        if 0 <= line < lines:
            return block.top + line * self.step_y + self.tile_size // 2
        number += 1 if down else -1
        if not 0 <= number < len(self._tops):
            return None
        block = self._block(number)
        line = 0 if down else -(-block.size // self.columns) - 1
        return block.top + line * self.step_y + self.tile_size // 2
