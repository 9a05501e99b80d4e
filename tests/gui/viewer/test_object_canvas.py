"""Objects that are outlined in a photo, and chosen to search by."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.gui.viewer.object_canvas import ObjectCanvas
from photosim.records import PhotoObject

LEFT = Qt.MouseButton.LeftButton
PERSON = PhotoObject("person", 0.9, (0.1, 0.1, 0.6, 0.8))
DOG = PhotoObject("dog", 0.7, (0.5, 0.5, 0.4, 0.4))
IN_DOG, IN_BOTH, IN_PERSON, IN_NONE = QPoint(340, 170), QPoint(260, 140), QPoint(80, 60), QPoint(390, 10)


@pytest.fixture
def canvas(qtbot: QtBot) -> ObjectCanvas:
    """A canvas of 400 x 200 that a photo fills, before its objects are known."""
    canvas = ObjectCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(400, 200)
    canvas.show()
    picture = QImage(QSize(400, 200), QImage.Format.Format_RGB32)
    picture.fill(QColor(0, 90, 0))
    canvas.show_image([picture], picture.size())
    return canvas


def hover(qtbot: QtBot, canvas: ObjectCanvas, point: QPoint) -> None:
    qtbot.mouseMove(canvas, point)


def colors(canvas: ObjectCanvas) -> set[int]:
    picture = canvas.grab().toImage()
    return {picture.pixel(x, y) for x in range(0, 400, 2) for y in range(200)}


def test_objects_are_requested_when_the_pointer_moves_over_the_photo(
    qtbot: QtBot, canvas: ObjectCanvas
) -> None:
    requests: list[None] = []
    canvas.outlines.wanted.connect(lambda: requests.append(None))
    canvas.clear_objects()
    assert not requests, "nobody looks for them"
    hover(qtbot, canvas, IN_DOG)
    hover(qtbot, canvas, IN_BOTH)
    assert len(requests) == 1
    canvas.clear_objects()
    assert len(requests) == 1, "of the next photo, over which the pointer rests"
    canvas.outlines.toggle_pinned()
    assert len(requests) == 2
    canvas.clear_objects()
    assert len(requests) == 3


def test_outlines_are_painted_only_while_they_are_wanted(qtbot: QtBot, canvas: ObjectCanvas) -> None:
    canvas.outlines.show_objects([PERSON, DOG])
    assert len(colors(canvas)) == 1
    canvas.outlines.toggle_pinned()
    assert len(colors(canvas)) > 1
    canvas.outlines.toggle_pinned()
    assert len(colors(canvas)) == 1
    hover(qtbot, canvas, IN_NONE)
    assert len(colors(canvas)) > 1
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert len(colors(canvas)) == 1


def test_an_object_that_was_found_is_outlined_at_once(canvas: ObjectCanvas) -> None:
    canvas.outlines.marked = DOG.box
    assert len(colors(canvas)) > 1
    canvas.outlines.marked = None
    assert len(colors(canvas)) == 1


def test_the_smallest_object_below_the_pointer_is_highlighted(qtbot: QtBot, canvas: ObjectCanvas) -> None:
    canvas.outlines.show_objects([PERSON, DOG])
    for point, expected in ((IN_BOTH, DOG), (IN_PERSON, PERSON), (IN_DOG, DOG), (IN_NONE, None)):
        hover(qtbot, canvas, point)
        assert canvas.outlines.current is expected
    hover(qtbot, canvas, IN_DOG)
    assert canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor
    assert canvas.accessibleDescription() == "dog"


def test_a_click_chooses_the_object_and_a_double_click_zooms(qtbot: QtBot, canvas: ObjectCanvas) -> None:
    chosen: list[PhotoObject] = []
    canvas.outlines.chosen.connect(chosen.append)
    canvas.outlines.show_objects([PERSON, DOG])
    hover(qtbot, canvas, IN_DOG)
    with qtbot.waitSignal(canvas.outlines.chosen):
        qtbot.mouseClick(canvas, LEFT, pos=IN_DOG)
    assert chosen == [DOG]
    qtbot.mouseClick(canvas, LEFT, pos=IN_DOG)
    qtbot.mouseDClick(canvas, LEFT, pos=IN_DOG)
    assert not canvas._click_timer.isActive()
    assert chosen == [DOG]


def test_a_drag_moves_the_photo_and_chooses_nothing(qtbot: QtBot, canvas: ObjectCanvas) -> None:
    canvas.outlines.show_objects([PERSON, DOG])
    qtbot.mousePress(canvas, LEFT, pos=IN_DOG)
    qtbot.mouseMove(canvas, IN_PERSON)
    qtbot.mouseRelease(canvas, LEFT, pos=IN_PERSON)
    assert not canvas._click_timer.isActive()
    qtbot.mouseClick(canvas, LEFT, pos=IN_NONE)
    assert not canvas._click_timer.isActive()


def test_the_keyboard_walks_through_the_objects(canvas: ObjectCanvas) -> None:
    chosen: list[PhotoObject] = []
    canvas.outlines.chosen.connect(chosen.append)
    canvas.outlines.choose()
    canvas.outlines.show_objects([PERSON, DOG])
    for expected in (PERSON, DOG, PERSON):
        canvas.outlines.step()
        assert canvas.outlines.current is expected
    assert canvas.outlines.pinned
    canvas.outlines.choose()
    assert chosen == [PERSON]
    canvas.clear_objects()
    assert canvas.outlines.current is None


def test_a_photo_without_objects_stays_as_it_is(canvas: ObjectCanvas) -> None:
    canvas.outlines.show_objects([])
    canvas.outlines.step()
    assert canvas.outlines.current is None
    assert len(colors(canvas)) == 1
