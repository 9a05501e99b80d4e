"""The geometry of a grid: lines of tiles, with a heading above each section."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

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


class Line(NamedTuple):
    """A line of tiles; `end` is the row after its last one, `height` that of the tiles with their captions."""

    first: int
    end: int
    y: int
    height: int


class TileLayout(ABC):
    """Lines of tiles in sections. The cost of a query does not depend on the number of tiles."""

    tile_size: int
    """The side of a tile, or the usual height of one where widths differ; in logical pixels."""

    step_y: int
    """The usual height of a line with its gap."""

    def __init__(self, count: int, width: int, sections: Sequence[Section], margin: int) -> None:
        self.count, self.width, self.margin = count, width, margin
        sections = sections if isinstance(sections, Sections) else Sections(sections)
        shown = int(np.searchsorted(sections.firsts, count))
        if shown + 1 == len(sections) and sections[shown].folded:
            shown += 1
        self.sections = sections[:shown]
        self._firsts: list[int] = np.minimum(self.sections.firsts, count).tolist() or ([0] if count else [])
        self._tops: list[int] = []
        """The y coordinate of the first line of each section; of all lines where there are no sections."""
        self.height = 2 * margin
        self.line_count = 0

    @abstractmethod
    def line(self, number: int) -> Line:
        """A line by its number from the top."""

    @abstractmethod
    def line_of(self, row: int) -> int:
        """The number of the line that has the tile of a row."""

    @abstractmethod
    def line_at(self, y: int) -> int:
        """The number of the last line that begins at or above a y coordinate; -1 above all lines."""

    @abstractmethod
    def columns_of(self, number: int) -> Sequence[tuple[int, int]]:
        """The x coordinate and the width of each tile of a line, or of at least as many."""

    def tile_box(self, row: int) -> Box:
        """The rectangle of a tile with its caption."""
        number = self.line_of(row)
        line = self.line(number)
        x, width = self.columns_of(number)[row - line.first]
        return Box(x, line.y, width, line.height)

    def y_near(self, row: int) -> int:
        """About where the line of a row begins."""
        return self.line(self.line_of(row)).y

    def tiles(self, rows: range) -> Iterator[tuple[int, Box]]:
        """Yield each row with the rectangle of its tile, faster than `tile_box` for each."""
        row = rows.start
        number = self.line_of(row) if row < rows.stop else 0
        while row < rows.stop:
            line = self.line(number)
            columns = self.columns_of(number)
            for column in range(row - line.first, min(line.end, rows.stop) - line.first):
                x, width = columns[column]
                yield line.first + column, Box(x, line.y, width, line.height)
            row, number = line.end, number + 1

    def row_at(self, x: int, y: int) -> int | None:
        """The row of the tile at a point, or None between tiles."""
        number = self.line_at(y)
        if number < 0:
            return None
        line = self.line(number)
        if y >= line.y + line.height:
            return None
        columns = self.columns_of(number)[: line.end - line.first]
        column = bisect_right(columns, x, key=itemgetter(0)) - 1
        if column < 0 or x >= columns[column][0] + columns[column][1]:
            return None
        return line.first + column

    def rows_between(self, top: int, bottom: int) -> range:
        """The rows of the lines that are at least partly between two y coordinates, `bottom` excluded."""
        last = self.line_at(bottom - 1)
        if last < 0:
            return range(0)
        first = max(self.line_at(top), 0)
        line = self.line(first)
        if first < last and top >= line.y + line.height:
            line = self.line(first + 1)
        return range(line.first, self.line(last).end)

    def row_below(self, row: int, lines: int = 1, x: int | None = None) -> int:
        """The row `lines` lines further down (up when negative) that is at an x coordinate, or the nearest one.

        The coordinate is by default the middle of the tile.
        """
        if x is None:
            x = self.middle_of(row)
        number = min(max(self.line_of(row) + lines, 0), self.line_count - 1)
        line = self.line(number)
        columns = self.columns_of(number)[: line.end - line.first]
        return line.first + min(
            range(len(columns)), key=lambda n: max(columns[n][0] - x, x - sum(columns[n]), 0)
        )

    def row_beside(self, row: int, step: int) -> int:
        """The row to the right of another one, or to the left with a `step` of -1; may be beyond the first or last."""
        return row + step

    def middle_of(self, row: int) -> int:
        """The x coordinate of the middle of a tile."""
        box = self.tile_box(row)
        return box.x + box.width // 2

    def heading_box(self, section: int) -> Box:
        """The rectangle of a section's heading, over the whole width of the tiles."""
        width = max(self.width - 2 * self.margin, 1)
        return Box(self.margin, self._top_of(section) - HEADING_HEIGHT, width, HEADING_HEIGHT)

    def headings_between(self, top: int, bottom: int) -> range:
        """The sections whose headings are at least partly between two y coordinates, `bottom` excluded."""
        if not self.sections:
            return range(0)
        return range(self._sections_above(top + 1), self._sections_above(bottom + HEADING_HEIGHT))

    def heading_at(self, y: int) -> int | None:
        """The section whose heading is at a y coordinate, or None."""
        headings = self.headings_between(y, y + 1)
        return headings.start if headings else None

    def sticky_heading(self, top: int) -> tuple[int, int] | None:
        """The last section whose heading begins above `top`, and the y coordinate to show that heading at.

        This is `top`, or less where the next heading pushes it out. None where no heading begins above `top`.
        """
        section = self._sections_above(top + HEADING_HEIGHT) - 1 if self.sections else -1
        if section < 0:
            return None
        is_last = section + 1 == len(self._firsts)
        next_top = self.height if is_last else self._top_of(section + 1) - HEADING_HEIGHT
        return section, min(top, next_top - HEADING_HEIGHT)

    def section_size(self, section: int) -> int:
        """The number of tiles in a section."""
        is_last = section + 1 == len(self._firsts)
        return (self.count if is_last else self._firsts[section + 1]) - self._firsts[section]

    def _top_of(self, section: int) -> int:
        """The y coordinate of the first line of a section."""
        return self._tops[section]

    def _sections_above(self, y: int) -> int:
        """The number of sections whose first line begins above a y coordinate."""
        return bisect_left(self._tops, y)

    def _stack(self, section_heights: npt.NDArray[np.int64]) -> None:
        """Set the top of each section and the height of the content, given the heights of all lines with gaps (N,)."""
        if not self._firsts:
            return
        heading_height = HEADING_HEIGHT if self.sections else 0
        # A heading includes space above its text, so the first one needs less margin.
        start = self.margin // 4 + heading_height if self.sections else self.margin
        bottoms = np.cumsum(section_heights + heading_height)
        self._tops = (np.append(0, bottoms[:-1]) + start).tolist()
        self.height = int(bottoms[-1]) + start - heading_height - GAP + self.margin


class GridLayout(TileLayout):
    """Lines of equal square tiles that fill the width.

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
        super().__init__(count, width, sections, margin)
        available = max(width - 2 * margin, 1)
        step = tile_size + GAP
        self.columns = max((available + GAP + step // 2) // step, 1)
        filling_size = (available - (self.columns - 1) * GAP) // self.columns
        # Tiles that do not fill a single line keep the requested size where there is room.
        self.tile_size = max(filling_size if count >= self.columns else min(filling_size, tile_size), 1)
        self._tile_height = self.tile_size + caption_height
        self.step_y = self._tile_height + GAP
        self._columns = [(margin + n * (self.tile_size + GAP), self.tile_size) for n in range(self.columns)]
        lines = -(-np.diff(self._firsts, append=count) // self.columns)
        self._stack(lines * self.step_y)
        self._first_lines: list[int] = np.append(0, np.cumsum(lines)).tolist() if self._firsts else [0]
        """The number of the first line of each section, and the number of all lines."""
        self.line_count = self._first_lines[-1]

    def line(self, number: int) -> Line:
        section = bisect_right(self._first_lines, number, hi=len(self._firsts)) - 1
        line = number - self._first_lines[section]
        first = self._firsts[section] + line * self.columns
        is_last = section + 1 == len(self._firsts)
        section_end = self.count if is_last else self._firsts[section + 1]
        y = self._tops[section] + line * self.step_y
        return Line(first, min(first + self.columns, section_end), y, self._tile_height)

    def line_of(self, row: int) -> int:
        section = bisect_right(self._firsts, row) - 1
        return self._first_lines[section] + (row - self._firsts[section]) // self.columns

    def line_at(self, y: int) -> int:
        section = bisect_right(self._tops, y) - 1
        if section < 0:
            return -1
        line = self._first_lines[section] + (y - self._tops[section]) // self.step_y
        return min(line, self._first_lines[section + 1] - 1)

    def columns_of(self, number: int) -> Sequence[tuple[int, int]]:  # noqa: ARG002
        return self._columns
