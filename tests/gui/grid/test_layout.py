"""The geometry of a grid."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from photosim.gui.grid.layout import GAP, HEADING_HEIGHT, GridLayout
from photosim.gui.state.sections import Section


@st.composite
def layouts(draw: st.DrawFn) -> GridLayout:
    count = draw(st.integers(0, 200))
    firsts = draw(st.sets(st.integers(1, 199), max_size=4)) if draw(st.booleans()) else None
    sections = () if firsts is None else tuple(Section(first, "") for first in sorted({0, *firsts}))
    return GridLayout(
        count,
        draw(st.integers(1, 1500)),
        draw(st.integers(40, 320)),
        caption_height=draw(st.sampled_from([0, 26])),
        sections=sections,
    )


@given(layouts())
def test_every_tile_is_found_at_its_position(layout: GridLayout) -> None:
    for row in range(layout.count):
        box = layout.tile_box(row)
        assert layout.row_at(box.x, box.y) == row
        assert layout.row_at(box.x + box.width - 1, box.y + box.height - 1) == row
        assert layout.row_at(box.x + box.width + 1, box.y) != row
        assert box.y + box.height <= layout.height


@given(layouts(), st.integers(0, 200), st.integers(0, 200))
def test_tile_positions_are_those_of_the_tile_boxes(layout: GridLayout, start: int, count: int) -> None:
    rows = range(min(start, layout.count), min(start + count, layout.count))
    boxes = [(row, layout.tile_box(row)) for row in rows]
    assert list(layout.tile_positions(rows)) == [(row, box.x, box.y) for row, box in boxes]


@given(layouts(), st.integers(-50, 5000), st.integers(1, 900))
def test_rows_between_two_heights_are_those_whose_tiles_are_visible_there(
    layout: GridLayout, top: int, height: int
) -> None:
    rows = layout.rows_between(top, top + height)
    touching = [
        row
        for row in range(layout.count)
        if layout.tile_box(row).y < top + height
        and layout.tile_box(row).y + layout.tile_box(row).height > top
    ]
    assert set(touching) <= set(rows)
    assert len(rows) <= len(touching) + 2 * layout.columns


@given(layouts(), st.integers(0, 5000))
def test_a_heading_sticks_to_the_top_until_the_next_one_pushes_it_out(layout: GridLayout, top: int) -> None:
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
def test_tiles_never_overlap_headings(layout: GridLayout) -> None:
    for number, section in enumerate(layout.sections):
        heading = layout.heading_box(number)
        assert heading.height == HEADING_HEIGHT
        assert layout.tile_box(section.first).y == heading.y + HEADING_HEIGHT
        if section.first:
            before = layout.tile_box(section.first - 1)
            assert before.y + before.height <= heading.y + GAP


@given(layouts(), st.integers(0, 199), st.sampled_from([1, -1, 3, -3]))
def test_moving_by_lines_stays_in_the_column_or_at_the_end_of_the_line(
    layout: GridLayout, row: int, lines: int
) -> None:
    assume(row < layout.count)
    target = layout.row_below(row, lines)
    assert 0 <= target < layout.count
    assert layout.tile_box(target).x <= layout.tile_box(row).x
    moved = layout.tile_box(target).y - layout.tile_box(row).y
    assert moved >= 0 if lines > 0 else moved <= 0


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
