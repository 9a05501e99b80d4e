"""The geometry of a grid."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from photosim.gui.grid import justified
from photosim.gui.grid.justified import JustifiedLayout
from photosim.gui.grid.layout import GAP, HEADING_HEIGHT, GridLayout, TileLayout
from photosim.gui.state.sections import Section

ASPECTS = (0.4, 2 / 3, 3 / 4, 1.0, 4 / 3, 3 / 2, 16 / 9, 3.0)
SEEDS = st.integers(0, 10**6)


def make_aspects(seed: int, count: int) -> npt.NDArray[np.float32]:
    """Random proportions; drawing each by itself takes Hypothesis ten times as long as the tests."""
    return np.random.default_rng(seed).choice(np.array(ASPECTS, np.float32), count)


@st.composite
def layouts(draw: st.DrawFn, justified: bool | None = None) -> TileLayout:
    count = draw(st.integers(0, 200))
    firsts = draw(st.sets(st.integers(1, 199), max_size=4)) if draw(st.booleans()) else None
    sections = () if firsts is None else tuple(Section(first, "") for first in sorted({0, *firsts}))
    if sections and draw(st.booleans()):
        sections = (*(one for one in sections if one.first < count), Section(count, "", folded=True))
    width, tile_size = draw(st.integers(1, 1500)), draw(st.integers(40, 320))
    if draw(st.booleans()) if justified is None else justified:
        return JustifiedLayout(make_aspects(draw(SEEDS), count), width, tile_size, sections=sections)
    caption_height = draw(st.sampled_from([0, 26]))
    return GridLayout(count, width, tile_size, caption_height=caption_height, sections=sections)


@given(layouts())
def test_every_tile_is_found_at_its_position(layout: TileLayout) -> None:
    for row in range(layout.count):
        box = layout.tile_box(row)
        assert layout.row_at(box.x, box.y) == row
        assert layout.row_at(box.x + box.width - 1, box.y + box.height - 1) == row
        assert layout.row_at(box.x + box.width + 1, box.y) != row
        assert box.y + box.height <= layout.height


@given(layouts(), st.integers(0, 200), st.integers(0, 200))
def test_all_tiles_of_some_rows_have_their_boxes(layout: TileLayout, start: int, count: int) -> None:
    rows = range(min(start, layout.count), min(start + count, layout.count))
    boxes = [(row, layout.tile_box(row)) for row in rows]
    assert list(layout.tiles(rows)) == boxes


@given(layouts(), st.integers(-50, 5000), st.integers(1, 900))
def test_rows_between_two_heights_are_those_whose_tiles_are_visible_there(
    layout: TileLayout, top: int, height: int
) -> None:
    rows = layout.rows_between(top, top + height)
    touching = [
        row
        for row in range(layout.count)
        if layout.tile_box(row).y < top + height
        and layout.tile_box(row).y + layout.tile_box(row).height > top
    ]
    assert set(touching) <= set(rows)
    lines = {layout.line_of(row) for row in rows}
    assert len(lines) <= len({layout.line_of(row) for row in touching}) + 2


@given(layouts(), st.integers(0, 5000))
def test_a_heading_sticks_to_the_top_until_the_next_one_pushes_it_out(layout: TileLayout, top: int) -> None:
    sticky = layout.sticky_heading(top)
    above = [number for number in range(len(layout.sections)) if layout.heading_box(number).y < top]
    if not above:
        assert sticky is None
        return
    assert sticky is not None
    number, y = sticky
    assert number == above[-1]
    assert y <= top
    if number + 1 < len(layout.sections):
        assert y + HEADING_HEIGHT <= layout.heading_box(number + 1).y


@given(layouts())
def test_tiles_never_overlap_headings(layout: TileLayout) -> None:
    for number, section in enumerate(layout.sections):
        heading = layout.heading_box(number)
        assert heading.height == HEADING_HEIGHT
        if section.first < layout.count:
            assert layout.tile_box(section.first).y == heading.y + HEADING_HEIGHT
        if 0 < section.first < layout.count:
            before = layout.tile_box(section.first - 1)
            assert before.y + before.height <= heading.y + GAP


@given(layouts(), st.integers(0, 199), st.sampled_from([1, -1, 3, -3]))
def test_moving_by_lines_goes_to_the_nearest_tile_of_that_line(
    layout: TileLayout, row: int, lines: int
) -> None:
    assume(row < layout.count)
    target = layout.row_below(row, lines)
    line = min(max(layout.line_of(row) + lines, 0), layout.line_count - 1)
    assert layout.line_of(target) == line
    x = layout.middle_of(row)
    boxes = {other: layout.tile_box(other) for other in range(layout.count) if layout.line_of(other) == line}
    distances = {other: max(box.x - x, x - box.x - box.width, 0) for other, box in boxes.items()}
    assert distances[target] == min(distances.values())


@given(layouts(justified=True))
def test_lines_are_in_order_and_full_but_for_the_last_of_a_section(layout: TileLayout) -> None:
    right = max(layout.width - layout.margin, layout.margin + 1)
    section_ends = {int(first) for first in layout.sections.firsts} | {layout.count}
    end, bottom = 0, 0
    for number in range(layout.line_count):
        line = layout.line(number)
        assert line.first == end < line.end, "each photo is in one line"
        assert line.y >= bottom
        end, bottom = line.end, line.y + line.height + GAP
        boxes = [box for _, box in layout.tiles(range(line.first, line.end))]
        assert boxes[0].x == layout.margin
        assert all(after.x == box.x + box.width + GAP for box, after in pairwise(boxes))
        last_x = boxes[-1].x + boxes[-1].width
        fits = layout.width - 2 * layout.margin >= len(boxes) * (GAP + 1)
        assert last_x <= right or not fits
        assert last_x == right or line.end in section_ends or not fits
    assert end == layout.count


@given(SEEDS, st.integers(200, 400), st.integers(700, 2500), st.integers(72, 160))
def test_lines_have_nearly_the_same_height_and_photos_their_proportions(
    seed: int, count: int, width: int, tile_size: int
) -> None:
    aspects = make_aspects(seed, count)
    layout = JustifiedLayout(aspects, width, tile_size)
    heights = [layout.line(number).height for number in range(layout.line_count - 1)]
    widest = max(3 * layout.tile_size, 1) / (width - 2 * layout.margin)
    assert all(abs(height / layout.tile_size - 1) <= 1.2 * widest for height in heights)
    for row, box in layout.tiles(range(layout.line(layout.line_count - 1).first)):
        if 0.67 < box.height / layout.tile_size < 1.5:
            assert abs(box.width - aspects[row] * box.height) <= 1 + aspects[row]


def long_layouts(
    seed: int, firsts: set[int], width: int, monkeypatch: pytest.MonkeyPatch
) -> tuple[JustifiedLayout, JustifiedLayout]:
    """The same list in parts, and as a whole."""
    aspects = make_aspects(seed, LONG)
    sections = tuple(Section(first, "") for first in sorted({0, *firsts})) if firsts else ()
    with monkeypatch.context() as patch:
        patch.setattr(justified, "PART", LONG // 6)
        in_parts = JustifiedLayout(aspects, width, 100, sections=sections)
    return in_parts, JustifiedLayout(aspects, width, 100, sections=sections)


LONG = 3000
LONG_LISTS = [(1, set[int](), 900), (2, {40, 800, 2900}, 700), (3, set(range(30, LONG, 30)), 1200)]


@pytest.mark.parametrize(("seed", "firsts", "width"), LONG_LISTS)
def test_a_long_list_in_parts_is_laid_out_as_if_it_were_whole(
    seed: int, firsts: set[int], width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout, whole = long_layouts(seed, firsts, width, monkeypatch)
    lines = [layout.line(number) for number in range(layout.line_count)]
    assert abs(layout.line_count - whole.line_count) <= 6
    assert abs(layout.height - whole.height) <= 0.02 * whole.height
    assert [lines[0].first, lines[-1].end] == [0, LONG]
    begins = {0, *firsts} if firsts else set()
    for number, (line, following) in enumerate(pairwise(lines)):
        assert line.end == following.first > line.first
        heading = HEADING_HEIGHT if following.first in begins else 0
        assert following.y == line.y + line.height + GAP + heading
        assert layout.line_of(line.first) == layout.line_of(line.end - 1) == number
        assert layout.line_at(line.y) == layout.line_at(line.y + line.height) == number
        assert abs(layout.y_near(line.first) - line.y) <= 2
    assert lines[-1].y + lines[-1].height + layout.margin == layout.height
    mean = sum(line.height for line in lines) / len(lines)
    for line in lines[:-1]:
        if line.end not in begins:  # full
            columns = layout.columns_of(layout.line_of(line.first))
            assert abs(sum(columns[line.end - line.first - 1]) - (width - layout.margin)) <= 1
            assert abs(line.height - mean) <= 0.4 * mean


@pytest.mark.parametrize(("seed", "firsts", "width"), LONG_LISTS[1:])
def test_headings_of_a_long_list_are_above_their_sections(
    seed: int, firsts: set[int], width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout, _ = long_layouts(seed, firsts, width, monkeypatch)
    for section, first in enumerate(sorted({0, *firsts})):
        box = layout.heading_box(section)
        assert box.y + box.height == layout.tile_box(first).y
        assert section in layout.headings_between(box.y, box.y + 1)
        assert layout.heading_at(box.y + box.height // 2) == section
        assert layout.sticky_heading(box.y + box.height) == (section, box.y + box.height)


def test_of_a_long_list_only_what_is_asked_for_is_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    layout, whole = long_layouts(1, set(), 900, monkeypatch)
    for row in range(0, LONG, 100):
        assert abs(layout.y_near(row) - whole.y_near(row)) <= 0.02 * whole.height
    assert len(layout._parts) == 1
    middle = layout.height // 2
    rows = layout.rows_between(middle, middle + 50)
    assert layout.tile_box(rows.start).y <= middle + GAP
    assert len(layout._parts) == 2


def in_turn(aspects: list[float], width: int, height: int) -> list[int]:
    """The first row of each line: a line is full when adding the next photo makes it no better. One after the other."""
    starts, row = [], 0
    while row < len(aspects):
        starts.append(row)
        length = aspects[row] * height
        row += 1
        while row < len(aspects):
            longer = length + GAP + aspects[row] * height
            if abs(longer - width) >= abs(length - width):
                break
            length, row = longer, row + 1
    return starts


@given(SEEDS, st.integers(100, 300), st.integers(500, 2000))
def test_there_are_about_as_many_lines_as_if_they_were_filled_one_after_the_other(
    seed: int, count: int, width: int
) -> None:
    aspects = make_aspects(seed, count)
    layout = JustifiedLayout(aspects, width, 160)
    expected = in_turn(aspects.tolist(), width - 2 * layout.margin, layout.tile_size)
    assert abs(layout.line_count - len(expected)) <= 2 + 0.1 * len(expected)


def test_down_and_up_return_to_the_same_tile_in_a_full_grid() -> None:
    layout = GridLayout(100, 1000, 150)
    assert layout.row_below(layout.row_below(12), -1) == 12


@given(width=st.integers(200, 4000), size=st.integers(64, 400))
def test_tiles_fill_the_width_at_about_the_requested_size(width: int, size: int) -> None:
    layout = GridLayout(1000, width, size)
    last = layout.tile_box(layout.columns - 1)
    assert 0 <= width - layout.margin - (last.x + last.width) < layout.columns
    assert layout.tile_size <= size * 1.6
    assert layout.tile_size >= min(size * 0.6, width - 2 * layout.margin)


def test_a_million_tiles_can_be_laid_out() -> None:
    layout = GridLayout(1_000_000, 1000, 150)
    assert layout.row_at(layout.margin, layout.tile_box(999_999).y) is not None
    assert layout.rows_between(layout.height - 200, layout.height).stop == 1_000_000


def test_an_empty_grid_has_no_tiles() -> None:
    layout = GridLayout(0, 500, 100)
    assert layout.row_at(20, 20) is None
    assert list(layout.rows_between(0, 1000)) == []


def test_no_heading_sticks_while_the_first_one_is_visible_or_another_begins_right_at_the_top() -> None:
    layout = GridLayout(20, 500, 100, sections=(Section(0, "a"), Section(10, "b")))
    first, second = layout.heading_box(0), layout.heading_box(1)
    assert layout.sticky_heading(first.y) is None
    assert layout.sticky_heading(second.y) == (0, second.y - HEADING_HEIGHT), "just pushed out"
    assert layout.sticky_heading(second.y + 1) == (1, second.y + 1)
