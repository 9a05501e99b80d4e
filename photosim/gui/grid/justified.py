"""Photos in their own proportions, in lines of nearly equal height that fill the width."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from photosim.gui.grid.layout import GAP, HEADING_HEIGHT, MARGIN, Line, TileLayout
from photosim.gui.state.sections import Section

_HEIGHT_SHARE = 0.866
"""Height of a line in relation to the side of a square tile: a photo of 4:3 covers the same area."""

_LOWEST, _HIGHEST = 0.67, 1.5
"""Limits to the height of a line, in relation to the usual one; beyond them photos are cropped to fill the line."""

_SAMPLE = 1000
"""Photos whose proportions decide on the height of the lines."""

PART = 1 << 16
"""Rows of a part of a long list."""

_WIDE = 4
"""A line that is this many times as wide as high holds any photo, which is at most 3 times as wide as high."""

_Floats = npt.NDArray[np.float64]
_Integers = npt.NDArray[np.int64]


class JustifiedLayout(TileLayout):
    """Lines of photos scaled so that each line fills the width, except the last one of a section.

    `aspects` are width / height of the photos (N,); `tile_size` is the side of a square tile of about the same area.

    Of a list longer than two parts, only those parts are laid out that are asked for. The number of lines of a part
    follows from the sums of its proportions; its height is that number times the mean height of the lines of the first
    part, to which its own lines are stretched: by less than a pixel each where photos have about the same proportions.
    """

    def __init__(
        self,
        aspects: npt.NDArray[np.float32],
        width: int,
        tile_size: int,
        *,
        sections: Sequence[Section] = (),
        margin: int = MARGIN,
    ) -> None:
        super().__init__(len(aspects), width, sections, margin)
        self._source, self._available = aspects, max(width - 2 * margin, 1)
        self.tile_size = _usual_height(aspects, self._available, tile_size * _HEIGHT_SHARE)
        self.step_y = self.tile_size + GAP
        self._heading_height = HEADING_HEIGHT if self.sections else 0
        self._cached_columns: tuple[int, list[tuple[int, int]]] = (-1, [])
        self._cached_line: tuple[int, Line] = (-1, Line(0, 0, 0, 0))
        # In a narrow window lines can't be counted without laying them out, as a photo may be wider than a line.
        is_long = self.count > 2 * PART and self._available >= _WIDE * self.tile_size
        firsts = np.array(self._firsts, np.int64)
        firsts = firsts[firsts < self.count]
        self._rows: list[int] = _part_bounds(firsts, self.count) if is_long else [0, self.count]
        """The first row of each part, and the number of rows; those below in the same way."""
        self._pieces = _Pieces.of(aspects, firsts, np.array(self._rows[:-1]), self.tile_size, self._available)
        self._first_pieces: list[int] = np.searchsorted(self._pieces.firsts, self._rows).tolist()
        self._first_sections: list[int] = np.searchsorted(firsts, self._rows).tolist()
        self._parts: dict[int, _Part] = {}
        self._tops_of_parts, self._first_lines = self._measure_parts()
        self.line_count = self._first_lines[-1]
        content = self._tops_of_parts[-1] + self._heading_height * (len(self._firsts) - len(firsts))
        self.height = content - GAP + margin if self._firsts else 2 * margin

    def line(self, number: int) -> Line:
        if self._cached_line[0] != number:
            at = bisect_right(self._first_lines, number, hi=len(self._rows) - 1) - 1
            part, local = self._part(at), number - self._first_lines[at]
            first, end = (self._rows[at] + int(row) for row in part.starts[local : local + 2])
            y = self._tops_of_parts[at] + int(part.tops[local])
            self._cached_line = number, Line(first, end, y, int(part.heights[local]))
        return self._cached_line[1]

    def line_of(self, row: int) -> int:
        number, line = self._cached_line
        if line.first <= row < line.end:  # most often: rows are asked for one after the other
            return number
        at = self._part_of(row)
        local = int(np.searchsorted(self._part(at).starts, row - self._rows[at], "right")) - 1
        return self._first_lines[at] + local

    def line_at(self, y: int) -> int:
        at = bisect_right(self._tops_of_parts, y, hi=len(self._rows) - 1) - 1
        if at < 0:
            return -1
        local = int(np.searchsorted(self._part(at).tops, y - self._tops_of_parts[at], "right")) - 1
        return self._first_lines[at] + local

    def columns_of(self, number: int) -> Sequence[tuple[int, int]]:
        if self._cached_columns[0] != number:
            at = bisect_right(self._first_lines, number, hi=len(self._rows) - 1) - 1
            part, local = self._part(at), number - self._first_lines[at]
            first, end = part.starts[local : local + 2]
            sums = part.sums[first : end + 1] - part.sums[first]
            edges = np.rint(sums * (part.rooms[local] / sums[-1])).astype(np.int64).tolist()
            columns = [
                (self.margin + left + column * GAP, max(right - left, 1))
                for column, (left, right) in enumerate(pairwise(edges))
            ]
            self._cached_columns = number, columns
        return self._cached_columns[1]

    def y_near(self, row: int) -> int:
        at = self._part_of(row)
        if at in self._parts:
            return super().y_near(row)
        top, bottom = self._tops_of_parts[at : at + 2]
        first, end = self._rows[at : at + 2]
        return top + (bottom - top) * (row - first) // (end - first)

    def _part_of(self, row: int) -> int:
        return bisect_right(self._rows, row, hi=len(self._rows) - 1) - 1

    def _top_of(self, section: int) -> int:
        if self._firsts[section] >= self.count:  # folded
            return self._tops_of_parts[-1] + self._heading_height
        at = self._part_of(self._firsts[section])
        local = section - self._first_sections[at]
        return self._tops_of_parts[at] + int(self._part(at).section_tops[local])

    def _sections_above(self, y: int) -> int:
        if len(self._firsts) > self._first_sections[-1] and self._top_of(len(self._firsts) - 1) < y:
            return len(self._firsts)
        at = max(bisect_right(self._tops_of_parts, y - 1, hi=len(self._rows) - 1) - 1, 0)
        tops = self._part(at).section_tops
        return self._first_sections[at] + int(np.searchsorted(tops, y - self._tops_of_parts[at]))

    def _part(self, at: int) -> _Part:
        part = self._parts.get(at)
        if part is None:
            lines = self._first_lines[at + 1] - self._first_lines[at]
            headings = self._first_sections[at + 1] - self._first_sections[at]
            height = self._tops_of_parts[at + 1] - self._tops_of_parts[at]
            height -= lines * GAP + headings * self._heading_height
            part = self._parts[at] = self._lay_out(at, height)
        return part

    def _measure_parts(self) -> tuple[list[int], list[int]]:
        """Return the top of each part and the number of its first line; the first part is laid out for it."""
        first = self._parts[0] = self._lay_out(0, None)
        pieces = np.append(0, np.cumsum(self._pieces.lines))
        lines = np.diff(pieces[self._first_pieces])
        lines[0] = len(first.heights)
        heights = np.rint(lines * (first.heights.sum() / max(len(first.heights), 1))).astype(np.int64)
        heights += lines * GAP + np.diff(self._first_sections) * self._heading_height
        # A heading includes space above its text, so the first one needs less margin.
        top = self.margin // 4 if self.sections else self.margin
        return (np.append(0, np.cumsum(heights)) + top).tolist(), np.append(0, np.cumsum(lines)).tolist()

    def _lay_out(self, at: int, height: int | None) -> _Part:
        """Lay out a part, in a total height of its lines if that is given."""
        rows = slice(self._rows[at], self._rows[at + 1])
        pieces = self._pieces.between(self._first_pieces[at], self._first_pieces[at + 1], rows.start)
        aspects = self._source[rows]
        if not len(aspects):
            return _Part()
        sums = np.zeros(len(aspects) + 1)
        np.cumsum(aspects, out=sums[1:], dtype=np.float64)
        starts = self._break_lines(aspects, sums, pieces, is_counted=len(self._rows) > 2)
        first_lines = np.searchsorted(starts, pieces.firsts)
        rooms, heights = self._size_lines(np.diff(sums[starts]), np.diff(starts), first_lines, pieces)
        if height is None:
            whole = np.maximum(np.rint(heights), 1).astype(np.int64)
        else:
            edges = np.rint(np.cumsum(heights) * (height / heights.sum())).astype(np.int64)
            whole = np.diff(edges, prepend=0)
        tops = np.append(0, np.cumsum(whole + GAP))
        headings = np.cumsum(pieces.begins_section) * self._heading_height
        section_tops = (tops[first_lines] + headings)[pieces.begins_section]
        tops = tops[:-1] + np.repeat(headings, np.diff(first_lines, append=len(whole)))
        return _Part(sums, starts, tops, whole, rooms, section_tops)

    def _break_lines(
        self, aspects: npt.NDArray[np.float32], sums: _Floats, pieces: _Pieces, *, is_counted: bool
    ) -> _Integers:
        """Return the first row of each line, and the number of rows.

        A line begins with the photo whose middle is the first beyond a multiple of the width, as if all photos of the
        section stood side by side in one long line. Then each break between full lines moves by one photo if that is
        nearer to the middle of its neighbours, so that adjacent lines are more alike. Everything is done for all lines
        at once: a search for the best break of one line after the other takes four times as long.
        """
        starts = self._first_starts(aspects, sums, pieces, is_counted=is_counted)
        piece_starts = np.append(np.searchsorted(starts, pieces.firsts), len(starts) - 1)
        is_movable = np.ones(len(starts), bool)
        is_movable[piece_starts] = False
        is_movable[piece_starts[1:] - 1] = False  # the last line of a section is not full
        is_movable[-1] = False
        positions = self._position_of(sums, starts)
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
            positions[inner] = self._position_of(sums, starts[inner])
        return starts

    def _first_starts(
        self, aspects: npt.NDArray[np.float32], sums: _Floats, pieces: _Pieces, *, is_counted: bool
    ) -> _Integers:
        """The first row of each line before breaks are moved, and the number of rows."""
        counts = np.diff(pieces.firsts, append=len(aspects))
        middles = aspects * np.float32(0.5) + sums[:-1]
        middles *= self.tile_size
        middles += np.arange(1, len(aspects) + 1) * float(GAP)
        if len(counts) > 1:
            middles -= np.repeat(self._position_of(sums, pieces.firsts), counts)
        middles /= np.repeat(pieces.widths, counts)
        lines = middles.astype(np.int32)
        if is_counted:  # so that rounding makes no other number of lines
            last_lines = pieces.lines - 1
            np.minimum(lines, np.repeat(last_lines, counts), out=lines)
            lines[np.cumsum(counts) - 1] = last_lines
        is_start = np.empty(len(aspects), bool)
        np.not_equal(lines[1:], lines[:-1], out=is_start[1:])
        is_start[pieces.firsts] = True
        return np.append(np.flatnonzero(is_start), len(aspects))

    def _position_of(self, sums: _Floats, rows: _Integers) -> _Floats:
        """Where photos would begin if all stood side by side in one long line."""
        positions: _Floats = sums[rows] * self.tile_size
        positions += rows * GAP
        return positions

    def _size_lines(
        self, sums: _Floats, counts: _Integers, first_lines: _Integers, pieces: _Pieces
    ) -> tuple[_Integers, _Floats]:
        """Return the width that the tiles of each line have without gaps, and the height of each line."""
        rooms = np.maximum(self._available - (counts - 1) * GAP, counts).astype(np.float64)
        last_lines = (np.append(first_lines[1:], len(counts)) - 1)[~pieces.goes_on]
        natural = sums[last_lines] * self.tile_size
        rooms[last_lines] = np.minimum(natural, rooms[last_lines])
        heights = np.clip(rooms / sums, self.tile_size * _LOWEST, self.tile_size * _HIGHEST)
        return np.rint(rooms).astype(np.int64), heights


def _no_integers() -> _Integers:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class _Part:
    """The lines of a part; rows and heights are counted from its first one and from its top."""

    sums: _Floats = field(default_factory=lambda: np.zeros(1))
    """The sums of the aspect ratios of all photos before a row."""

    starts: _Integers = field(default_factory=_no_integers)
    """The first row of each line, and the number of rows."""

    tops: _Integers = field(default_factory=_no_integers)
    heights: _Integers = field(default_factory=_no_integers)
    rooms: _Integers = field(default_factory=_no_integers)
    """The width that the tiles of each line have without gaps."""

    section_tops: _Integers = field(default_factory=_no_integers)
    """The top of the first line of each section that begins in the part."""


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Sections (M,), cut where parts begin."""

    firsts: _Integers
    """The rows that they begin with."""

    lines: _Integers
    """The number of lines, which holds if no photo is wider than a line."""

    widths: _Floats
    """The width of a line with a gap, in pixels."""

    begins_section: npt.NDArray[np.bool_]
    goes_on: npt.NDArray[np.bool_]
    """Whether the section goes on in the next piece, so that the last line of this one is full as well."""

    @classmethod
    def of(
        cls,
        aspects: npt.NDArray[np.float32],
        sections: _Integers,
        parts: _Integers,
        tile_size: int,
        available: int,
    ) -> _Pieces:
        """Make the pieces, given the first row of each section and of each part."""
        if not len(aspects):
            return cls(sections, sections, np.zeros(0), np.zeros(0, bool), np.zeros(0, bool))
        places = np.searchsorted(sections, parts)
        is_cut = sections[np.minimum(places, len(sections) - 1)] != parts
        firsts = np.insert(sections, places[is_cut], parts[is_cut])
        begins_section = np.insert(np.ones(len(sections), bool), places[is_cut], False)
        ends = np.append(firsts[1:], len(aspects))
        goes_on = np.append(~begins_section[1:], False)
        lengths = np.add.reduceat(aspects, firsts, dtype=np.float64) * tile_size + (ends - firsts) * GAP
        width = available + GAP
        last_middles = lengths - aspects[ends - 1] * (tile_size / 2)
        lines = np.where(goes_on, np.rint(lengths / width).clip(1), last_middles // width + 1)
        widths = np.where(goes_on, lengths / lines, width)
        return cls(firsts, lines.astype(np.int64), widths, begins_section, goes_on)

    def between(self, start: int, stop: int, row: int) -> _Pieces:
        """Return some of the pieces, with rows counted from a row."""
        part = slice(start, stop)
        return _Pieces(
            self.firsts[part] - row,
            self.lines[part],
            self.widths[part],
            self.begins_section[part],
            self.goes_on[part],
        )


def _part_bounds(sections: _Integers, count: int) -> list[int]:
    """The first row of each part, where a section begins if there is one, and the number of rows."""
    bounds = [0]
    while count - bounds[-1] > PART:
        target = bounds[-1] + PART
        first = int(sections[np.searchsorted(sections, target, "right") - 1])
        bounds.append(first if first >= target - PART // 2 else target)
    return [*bounds, count]


def _usual_height(aspects: npt.NDArray[np.float32], available: int, height: float) -> int:
    """The height nearest to the one asked for at which photos of the most common proportions fill a line."""
    if not len(aspects):
        return max(round(height), 1)
    sample = np.sort(aspects[:: len(aspects) // _SAMPLE + 1])
    # Not np.median, which imports numpy.ma when it is first called: that blocks the window for 10 ms and more.
    aspect = float(sample[(len(sample) - 1) // 2] + sample[len(sample) // 2]) / 2
    columns = max(round((available + GAP) / (aspect * height + GAP)), 1)
    fitting = ((available + GAP) / columns - GAP) / aspect
    return max(round(min(max(fitting, height * _LOWEST), height * _HIGHEST)), 1)
