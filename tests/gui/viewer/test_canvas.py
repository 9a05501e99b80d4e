"""Zooming and moving an image."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.gui.viewer.canvas import MAX_ZOOM, ImageCanvas

FULL = QSize(2000, 1000)
LEFT = Qt.MouseButton.LeftButton


def image(size: QSize = FULL) -> QImage:
    filled = QImage(size, QImage.Format.Format_RGB32)
    filled.fill(QColor("green"))
    return filled


@pytest.fixture
def canvas(qtbot: QtBot) -> ImageCanvas:
    canvas = ImageCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(500, 400)
    canvas.show()
    canvas.show_image([image(), image(FULL / 2)], FULL)
    return canvas


def wheel(canvas: ImageCanvas, point: QPointF, delta: int) -> None:
    event = QWheelEvent(
        *(point, point, QPoint(), QPoint(0, delta)),
        *(Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False),
    )
    QApplication.sendEvent(canvas, event)


def photo_point(canvas: ImageCanvas, point: QPointF) -> tuple[float, float]:
    """The photo's pixel at a point of the widget."""
    target = canvas.target_rect
    return (point.x() - target.x()) / canvas.zoom, (point.y() - target.y()) / canvas.zoom


def test_a_large_photo_is_fitted_and_a_small_one_is_not_enlarged(canvas: ImageCanvas) -> None:
    assert canvas.zoom == pytest.approx(0.25)
    assert canvas.target_rect.width() == pytest.approx(500)
    assert canvas.target_rect.center().y() == pytest.approx(200)
    canvas.show_image([image(QSize(100, 80))], QSize(100, 80))
    assert canvas.zoom == 1.0
    assert canvas.target_rect.center() == QPointF(250, 200)


def test_the_wheel_zooms_at_the_pointer(canvas: ImageCanvas) -> None:
    canvas.show_actual_size()
    point = QPointF(120, 300)
    before = photo_point(canvas, point)
    wheel(canvas, point, 120)
    wheel(canvas, point, 120)
    assert canvas.zoom > 1.0
    assert photo_point(canvas, point) == pytest.approx(before, abs=0.01)
    for _ in range(40):
        wheel(canvas, point, 120)
    assert canvas.zoom == MAX_ZOOM


def test_zooming_out_ends_at_the_whole_photo(canvas: ImageCanvas) -> None:
    canvas.show_actual_size()
    assert not canvas._is_fitted
    for _ in range(20):
        wheel(canvas, QPointF(10, 10), -120)
    assert canvas._is_fitted
    assert canvas.zoom == pytest.approx(0.25)


def test_a_drag_moves_the_photo_as_far_as_its_edge(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.show_actual_size()
    left, top = canvas.target_rect.left(), canvas.target_rect.top()
    qtbot.mousePress(canvas, LEFT, pos=QPoint(200, 200))
    qtbot.mouseMove(canvas, QPoint(150, 180))
    assert (canvas.target_rect.left(), canvas.target_rect.top()) == pytest.approx((left - 50, top - 20))
    qtbot.mouseMove(canvas, QPoint(5000, 5000))
    assert (canvas.target_rect.left(), canvas.target_rect.top()) == pytest.approx((0, 0))
    qtbot.mouseRelease(canvas, LEFT)
    qtbot.mouseMove(canvas, QPoint(100, 100))
    assert canvas.target_rect.left() == pytest.approx(0)


def test_a_double_click_goes_to_the_actual_size_and_back(qtbot: QtBot, canvas: ImageCanvas) -> None:
    qtbot.mouseDClick(canvas, LEFT, pos=QPoint(400, 200))
    assert canvas.zoom == 1.0
    qtbot.mouseDClick(canvas, LEFT, pos=QPoint(400, 200))
    assert canvas._is_fitted


def test_a_fitted_photo_stays_fitted_when_the_window_grows(canvas: ImageCanvas) -> None:
    canvas.resize(1000, 800)
    assert canvas.zoom == pytest.approx(0.5)
    canvas.show_actual_size()
    canvas.resize(600, 500)
    assert canvas.zoom == 1.0


def test_sharper_pixels_of_the_same_photo_keep_the_view(canvas: ImageCanvas) -> None:
    canvas.show_image([image(QSize(320, 160))], FULL)
    canvas.zoom_by(6, QPointF(10, 10))
    before = (canvas.zoom, canvas.target_rect)
    canvas.show_image([image()], FULL, reset_view=False)
    assert (canvas.zoom, canvas.target_rect) == before


@pytest.mark.parametrize("notches", [0, 3, 8])
def test_the_photo_is_painted_at_every_zoom(canvas: ImageCanvas, notches: int) -> None:
    canvas.zoom_by(notches, QPointF(250, 200))
    seen = canvas.grab().toImage().pixelColor(250, 200)
    assert abs(seen.green() - QColor("green").green()) < 3
    assert seen.red() < 3


def test_a_message_stands_in_for_what_cannot_be_shown(canvas: ImageCanvas) -> None:
    canvas.show_message("The file is unavailable.")
    assert canvas.message
    assert not canvas.grab().isNull()
    canvas.show_image([image()], FULL)
    assert canvas.message == ""
