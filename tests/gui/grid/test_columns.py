"""The geometry of columns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from photosim.gui.grid.columns import ColumnLayout
from photosim.gui.grid.layout import HEADING_HEIGHT, Box
from photosim.gui.state.sections import Section


@st.composite
def layouts(draw: st.DrawFn, smallest: int = 0) -> ColumnLayout:
    sizes = draw(st.lists(st.integers(1, 7), min_size=smallest, max_size=30))
    firsts = [sum(sizes[:number]) for number in range(len(sizes))]
    width, tile_size = draw(st.integers(100, 1500)), draw(st.integers(40, 320))
    sections = tuple(Section(first, "") for first in firsts)
    return ColumnLayout(sum(sizes), width, tile_size, sections=sections)


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


@given(layouts())
def test_every_tile_is_found_at_its_position_and_none_lies_on_another(layout: ColumnLayout) -> None:
    boxes = [layout.tile_box(row) for row in range(layout.count)]
    assert list(layout.tiles(range(layout.count))) == list(enumerate(boxes))
    for row, box in enumerate(boxes):
        assert layout.row_at(box.x, box.y) == row
        assert layout.row_at(box.x + box.width - 1, box.y + box.height - 1) == row
        assert box.y + box.height <= layout.height
        assert not any(overlap(box, other) for other in boxes[row + 1 :])


@given(layouts(smallest=1))
def test_a_column_stands_under_its_heading_with_its_first_tile_large(layout: ColumnLayout) -> None:
    for section, first in enumerate(layout.sections.firsts.tolist()):
        heading, large = layout.heading_box(section), layout.tile_box(first)
        assert (heading.x, heading.y + HEADING_HEIGHT, heading.width) == (large.x, large.y, large.width)
        assert section in layout.headings_between(heading.y, heading.y + 1)
        assert section in layout.headings_between(large.y - 1, large.y)
        for row in range(first + 1, first + layout.section_size(section)):
            small = layout.tile_box(row)
            assert large.x <= small.x
            assert small.x + small.width <= large.x + large.width
            assert small.y >= large.y + large.height


@given(layouts(), st.integers(-50, 5000), st.integers(1, 900))
def test_the_visible_rows_include_all_whose_tiles_are_visible(
    layout: ColumnLayout, top: int, height: int
) -> None:
    rows = layout.rows_between(top, top + height)
    for row in range(layout.count):
        box = layout.tile_box(row)
        if box.y < top + height and box.y + box.height > top:
            assert row in rows


@given(layouts(smallest=1), st.data())
def test_the_cursor_goes_to_every_large_tile_by_right_and_back_by_left(
    layout: ColumnLayout, data: st.DataObject
) -> None:
    firsts = layout.sections.firsts.tolist()
    for step, expected in ((1, firsts), (-1, firsts[::-1])):
        row, visited = expected[0], [expected[0]]
        while (beside := layout.row_beside(row, step)) != row:
            row = beside
            visited.append(row)
        assert visited == expected


@given(layouts(smallest=1), st.data())
def test_the_cursor_goes_down_and_up_through_a_column(layout: ColumnLayout, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, layout.count - 1))
    for lines in (1, -1, 3, -3):
        target = layout.row_below(row, lines)
        assert 0 <= target < layout.count
        moved = layout.tile_box(target).y - layout.tile_box(row).y
        assert target == row or moved * lines > 0
    large = layout.sections.firsts.tolist()[0]
    if layout.section_size(0) > 1:
        below = layout.row_below(large)
        assert below in range(large + 1, large + layout.section_size(0))
        assert layout.row_below(below, -1) == large
