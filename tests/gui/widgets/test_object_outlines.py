"""Where the label of an object is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, QSizeF

from photosim.gui.widgets.object_outlines import label_rect

ROOM, LABEL = QRectF(0, 0, 300, 200), QSizeF(90, 22)


@given(st.integers(-50, 290), st.integers(-50, 190), st.integers(4, 400), st.integers(4, 300))
def test_the_label_is_visible_and_hides_no_small_object(x: int, y: int, width: int, height: int) -> None:
    outline = QRectF(x, y, width, height)
    rect = label_rect(outline, LABEL, ROOM)
    visible = outline.intersected(ROOM)
    if visible.isEmpty():
        return
    assert ROOM.contains(rect)
    has_room = visible.top() > 30 or visible.bottom() < 170
    if visible.height() < 60 and has_room:
        assert not rect.intersects(visible)
