"""The geometry of a grid: plain arithmetic at the same cost for ten tiles as for a million."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from photosim.gui.state.sections import Section, Sections

# Logical pixels
MARGIN = 16
"""Around the grid."""

GAP = 8
"""Between tiles, which leaves room for the ring of a selected one."""

HEADING_HEIGHT = 40


class Box(NamedTuple):
    """A rectangle in content coordinates, in logical pixels."""

    x: int
    y: int
    width: int
    height: int


class _Block(NamedTuple):
    """The tiles of a section, or all tiles where there are no sections."""

    first: int
    size: int
    top: int
    """The y coordinate of the first line of tiles."""


class GridLayout:
    """Lines of equal tiles that fill the width, with a heading above each section.

    `tile_size` is the requested side of a tile; tiles grow or shrink from it until a line fills the width.
    `caption_height` is added below each tile.
    """

    def __init__(
        self,
        count: int,
        width: int,
        tile_size: int,
        *,
        caption_height: int = 0,
        sections: Sequence[Section] = (),
        margin: int = MARGIN,
    ) -> None:
        self.count, self.width = count, width
        self.margin = margin
        available = max(width - 2 * margin, 1)
        step = tile_size + GAP
        self.columns = max((available + GAP + step // 2) // step, 1)
        filling_size = (available - (self.columns - 1) * GAP) // self.columns
        # Tiles that do not fill a single line keep the requested size where there is room.
        self.tile_size = max(filling_size if count >= self.columns else min(filling_size, tile_size), 1)
        self.step_x = self.tile_size + GAP
        self.step_y = self.tile_size + caption_height + GAP
        self._caption_height = caption_height
        sections = sections if isinstance(sections, Sections) else Sections(sections)
        shown = int(np.searchsorted(sections.firsts, count))
        if shown + 1 == len(sections) and sections[shown].folded:
            shown += 1
        self.sections = sections[:shown]
        self._firsts: list[int] = self.sections.firsts.clip(max=count).tolist() or ([0] if count else [])
        self._tops, self.height = self._stack_blocks()

    def tile_box(self, row: int) -> Box:
        """The rectangle of a tile with its caption."""
        block = self._block(bisect_right(self._firsts, row) - 1)
        line, column = divmod(row - block.first, self.columns)
        x = self.margin + column * self.step_x
        y = block.top + line * self.step_y
        return Box(x, y, self.tile_size, self.tile_size + self._caption_height)

    def tile_positions(self, rows: range) -> Iterator[tuple[int, int, int]]:
        """Yield each row with the x and y of its tile, faster than `tile_box` for each."""
        row = rows.start
        while row < rows.stop:
            block = self._block(bisect_right(self._firsts, row) - 1)
            end = min(rows.stop, block.first + block.size)
            for row_in_block in range(row, end):
                line, column = divmod(row_in_block - block.first, self.columns)
                yield row_in_block, self.margin + column * self.step_x, block.top + line * self.step_y
            row = end

    def heading_box(self, section: int) -> Box:
        """The rectangle of a section's heading, over the whole width of the tiles."""
        width = self.columns * self.step_x - GAP
        return Box(self.margin, self._tops[section] - HEADING_HEIGHT, width, HEADING_HEIGHT)

    def headings_between(self, top: int, bottom: int) -> range:
        """The sections whose headings are at least partly between two y coordinates, `bottom` excluded."""
        if not self.sections:
            return range(0)
        return range(bisect_right(self._tops, top), bisect_left(self._tops, bottom + HEADING_HEIGHT))

    def heading_at(self, y: int) -> int | None:
        """The section whose heading is at a y coordinate, or None."""
        headings = self.headings_between(y, y + 1)
        return headings.start if headings else None

    def sticky_heading(self, top: int) -> tuple[int, int] | None:
        """The last section whose heading begins above `top`, and the y coordinate to show that heading at.

        This is `top`, or less where the next heading pushes it out. None where no heading begins above `top`.
        """
        section = bisect_left(self._tops, top + HEADING_HEIGHT) - 1 if self.sections else -1
        if section < 0:
            return None
        is_last = section + 1 == len(self._tops)
        next_top = self.height if is_last else self._tops[section + 1] - HEADING_HEIGHT
        return section, min(top, next_top - HEADING_HEIGHT)

    def section_size(self, section: int) -> int:
        """The number of tiles in a section."""
        return self._block(section).size

    def row_at(self, x: int, y: int) -> int | None:
        """The row of the tile at a point, or None between tiles."""
        if not self._tops:
            return None
        block = self._block(max(bisect_right(self._tops, y) - 1, 0))
        line, y_in_cell = divmod(y - block.top, self.step_y)
        column, x_in_cell = divmod(x - self.margin, self.step_x)
        row_in_block = line * self.columns + column
        outside = line < 0 or not 0 <= column < self.columns or row_in_block >= block.size
        if outside or x_in_cell >= self.tile_size or y_in_cell >= self.tile_size + self._caption_height:
            return None
        return block.first + row_in_block

    def rows_between(self, top: int, bottom: int) -> range:
        """The rows of the lines that are at least partly between two y coordinates, `bottom` excluded."""
        return range(self._line_start(top, after=False), self._line_start(bottom, after=True))

    def row_below(self, row: int, lines: int = 1) -> int:
        """The row `lines` lines further down (up when negative) in the same column, or the nearest one."""
        box = self.tile_box(row)
        y = box.y + box.height // 2
        for _ in range(abs(lines)):
            adjacent = self._adjacent_line(y, down=lines > 0)
            if adjacent is None:
                break
            y = adjacent
        block = self._block(max(bisect_right(self._tops, y) - 1, 0))
        column = (box.x - self.margin) // self.step_x
        line = (y - block.top) // self.step_y
        return block.first + min(line * self.columns + column, block.size - 1)

    def _block(self, number: int) -> _Block:
        first = self._firsts[number]
        end = self._firsts[number + 1] if number + 1 < len(self._firsts) else self.count
        return _Block(first, end - first, self._tops[number])

    def _stack_blocks(self) -> tuple[list[int], int]:
        """The top of each block, and the height of the content."""
        if not self._firsts:
            return [], 2 * self.margin
        heading_height = HEADING_HEIGHT if self.sections else 0
        # A heading includes space above its text, so the first one needs less margin.
        start = self.margin // 4 + heading_height if self.sections else self.margin
        lines = -(-np.diff(self._firsts, append=self.count) // self.columns)
        bottoms = np.cumsum(lines * self.step_y + heading_height)
        tops = np.append(0, bottoms[:-1]) + start
        return tops.tolist(), int(bottoms[-1]) + start - heading_height - GAP + self.margin

    def _line_start(self, y: int, *, after: bool) -> int:
        """The first row of the line at `y`, or with `after` of the first line that begins at or below it."""
        number = bisect_right(self._tops, y) - 1
        if number < 0:
            return 0
        block = self._block(number)
        line, y_in_line = divmod(y - block.top, self.step_y)
        line += 1 if after and y_in_line else 0
        return block.first + min(line * self.columns, block.size)

    def _adjacent_line(self, y: int, *, down: bool) -> int | None:
        """The middle of the line below or above the one at `y`, across headings; None at either end."""
        number = max(bisect_right(self._tops, y) - 1, 0)
        block = self._block(number)
        line = (y - block.top) // self.step_y + (1 if down else -1)
        if not 0 <= line < -(-block.size // self.columns):
            number += 1 if down else -1
            if not 0 <= number < len(self._tops):
                return None
            block = self._block(number)
            line = 0 if down else -(-block.size // self.columns) - 1
        return block.top + line * self.step_y + self.tile_size // 2
