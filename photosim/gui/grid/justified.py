"""Photos in their own proportions, in lines of nearly equal height that fill the width."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import numpy as np
import numpy.typing as npt

from photosim.gui.grid.layout import GAP, MARGIN, Line, TileLayout
from photosim.gui.state.sections import Section

_HEIGHT_SHARE = 0.866
"""Height of a line in relation to the side of a square tile: a photo of 4:3 covers the same area."""

_LOWEST, _HIGHEST = 0.67, 1.5
"""Limits to the height of a line, in relation to the usual one; beyond them photos are cropped to fill the line."""

_SAMPLE = 1000
"""Photos whose proportions decide on the height of the lines."""

_CHUNK = 1 << 15
"""Rows whose places are computed at once."""

_Floats = npt.NDArray[np.float64]
_Integers = npt.NDArray[np.int64]


class JustifiedLayout(TileLayout):
    """Lines of photos scaled so that each line fills the width, except the last one of a section.

    `aspects` are width / height of the photos (N,); `tile_size` is the side of a square tile of about the same area.
    """

    def __init__(
        self,
        aspects: npt.NDArray[np.float32],
        width: int,
        tile_size: int,
        *,
        sections: Sequence[Section] = (),
        margin: int = MARGIN,
        previous: TileLayout | None = None,
    ) -> None:
        """`previous` is a layout of what may be the same photos in another width, which saves adding them up again."""
        super().__init__(len(aspects), width, sections, margin)
        self._available = max(width - 2 * margin, 1)
        self.tile_size = _usual_height(aspects, self._available, tile_size * _HEIGHT_SHARE)
        self.step_y = self.tile_size + GAP
        self._source = aspects
        if isinstance(previous, JustifiedLayout) and previous._source is aspects:
            self._aspects: _Floats = previous._aspects
            """The sums of the aspect ratios of all photos before a row (N + 1,)."""
        else:
            self._aspects = np.zeros(self.count + 1)
            np.cumsum(aspects, out=self._aspects[1:], dtype=np.float64)
        firsts = np.array(self._firsts, np.int64)
        self._starts = np.zeros(1, np.int64)
        self._tops_of_lines = self._heights = self._rooms = np.zeros(0, np.int64)
        self._cached_columns: tuple[int, list[tuple[int, int]]] = (-1, [])
        self._cached_line: tuple[int, Line] = (-1, Line(0, 0, 0, 0))
        if self.count:
            self._break_lines(aspects, firsts[firsts < self.count])
        self._stack_lines(firsts)
        self.line_count = len(self._heights)

    def line(self, number: int) -> Line:
        if self._cached_line[0] != number:
            first, end = int(self._starts[number]), int(self._starts[number + 1])
            line = Line(first, end, int(self._tops_of_lines[number]), int(self._heights[number]))
            self._cached_line = number, line
        return self._cached_line[1]

    def line_of(self, row: int) -> int:
        number, line = self._cached_line
        if line.first <= row < line.end:  # most often: rows are asked for one after the other
            return number
        return int(np.searchsorted(self._starts, row, "right")) - 1

    def line_at(self, y: int) -> int:
        return int(np.searchsorted(self._tops_of_lines, y, "right")) - 1

    def columns_of(self, number: int) -> Sequence[tuple[int, int]]:
        if self._cached_columns[0] != number:
            first, end = int(self._starts[number]), int(self._starts[number + 1])
            sums = self._aspects[first : end + 1] - self._aspects[first]
            edges = np.rint(sums * (self._rooms[number] / sums[-1])).astype(np.int64).tolist()
            columns = [
                (self.margin + left + column * GAP, max(right - left, 1))
                for column, (left, right) in enumerate(pairwise(edges))
            ]
            self._cached_columns = number, columns
        return self._cached_columns[1]

    def _break_lines(self, aspects: npt.NDArray[np.float32], firsts: _Integers) -> None:
        """Set the first row of each line, given that of each section with photos.

        A line begins with the photo whose middle is the first beyond a multiple of the width, as if all photos of the
        section stood side by side in one long line. Then each break between full lines moves by one photo if that is
        nearer to the middle of its neighbours, so that adjacent lines are more alike. Everything is done for all lines at once: a search for
        the best break of one line after the other takes four times as long.
        """
        starts = self._first_starts(aspects, firsts)
        section_starts = np.append(np.searchsorted(starts, firsts), len(starts) - 1)
        is_movable = np.ones(len(starts), bool)
        is_movable[section_starts] = False
        is_movable[section_starts[1:] - 1] = False  # the last line of a section is not full
        is_movable[-1] = False
        positions = self._position_of(starts)
        for parity in (2, 1):
            inner = slice(parity, len(starts) - 1, 2)
            rows, here, movable = starts[inner], positions[inner], is_movable[inner]
            before, after = starts[parity - 1 : -2 : 2], starts[parity + 1 :: 2]
            excess = here - (positions[parity - 1 : -2 : 2] + positions[parity + 1 :: 2]) / 2
            ahead, behind = (aspects[beside] * self.tile_size + GAP for beside in (rows, rows - 1))
            step = (movable & (2 * excess + ahead < 0)).astype(np.int64)
            step -= movable & (behind < 2 * excess)
            moved = np.clip(rows + step, before + 1, after - 1)
            starts[inner] = np.where(movable, moved, rows)
            positions[inner] = self._position_of(starts[inner])
        self._starts = starts
        self._size_lines(section_starts)

    def _first_starts(self, aspects: npt.NDArray[np.float32], firsts: _Integers) -> _Integers:
        """The first row of each line before breaks are moved, and the number of rows."""
        # Some rows at a time, whose values stay in the processor's cache.
        is_start = np.empty(self.count, bool)
        lines_before = np.zeros(1, np.int32)
        bases = self._position_of(firsts)
        for start in range(0, self.count, _CHUNK):
            stop = min(start + _CHUNK, self.count)
            middles = aspects[start:stop] * np.float32(0.5) + self._aspects[start:stop]
            middles *= self.tile_size
            middles += np.arange(start + 1, stop + 1) * float(GAP)
            if len(firsts) > 1:
                first, end = np.searchsorted(firsts, start, "right") - 1, np.searchsorted(firsts, stop)
                edges = np.append(firsts[first:end], stop).clip(start)
                middles -= np.repeat(bases[first:end], np.diff(edges))
            middles /= self._available + GAP
            lines = middles.astype(np.int32)
            np.not_equal(lines[1:], lines[:-1], out=is_start[start + 1 : stop])
            is_start[start] = lines[0] != lines_before[-1]
            lines_before = lines
        is_start[firsts] = True
        return np.append(np.flatnonzero(is_start), self.count)

    def _position_of(self, rows: _Integers) -> _Floats:
        """Where photos would begin if all stood side by side in one long line."""
        positions: _Floats = self._aspects[rows] * self.tile_size
        positions += rows * GAP
        return positions

    def _size_lines(self, section_starts: _Integers) -> None:
        """Set the height of each line, and the width that its tiles have without gaps."""
        sums = np.diff(self._aspects[self._starts])
        counts = np.diff(self._starts)
        rooms = np.maximum(self._available - (counts - 1) * GAP, counts).astype(np.float64)
        last_lines = section_starts[1:] - 1
        natural = sums[last_lines] * self.tile_size
        rooms[last_lines] = np.minimum(natural, rooms[last_lines])
        heights = np.clip(rooms / sums, self.tile_size * _LOWEST, self.tile_size * _HIGHEST)
        self._rooms = np.rint(rooms).astype(np.int64)
        self._heights = np.maximum(np.rint(heights), 1).astype(np.int64)

    def _stack_lines(self, firsts: _Integers) -> None:
        """Set the top of each section and line."""
        bottoms = np.append(0, np.cumsum(self._heights + GAP))
        first_lines = np.searchsorted(self._starts, firsts)
        self._stack(cast(_Integers, np.diff(bottoms[first_lines], append=bottoms[-1])))
        if len(self._heights):
            shifts = np.array(self._tops, np.int64) - bottoms[first_lines]
            lines = np.diff(first_lines, append=len(self._heights))
            self._tops_of_lines = bottoms[:-1] + np.repeat(shifts, lines)


def _usual_height(aspects: npt.NDArray[np.float32], available: int, height: float) -> int:
    """The height nearest to the one asked for at which photos of the most common proportions fill a line."""
    if not len(aspects):
        return max(round(height), 1)
    aspect = float(np.median(aspects[:: len(aspects) // _SAMPLE + 1]))
    columns = max(round((available + GAP) / (aspect * height + GAP)), 1)
    fitting = ((available + GAP) / columns - GAP) / aspect
    return max(round(min(max(fitting, height * _LOWEST), height * _HIGHEST)), 1)
