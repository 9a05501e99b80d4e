"""Painting photo tiles."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QPainter, QPalette, QPixmap
from pytestqt.qtbot import QtBot

from photosim.gui.base import theme
from photosim.gui.grid.delegate import FRAME, PhotoDelegate
from tests.support.painting import STATES, FakeIndex, make_pixmap, render


@pytest.fixture
def delegate(qtbot: QtBot) -> PhotoDelegate:
    return PhotoDelegate()


def test_a_tile_fills_its_cell_except_for_the_frame(delegate: PhotoDelegate) -> None:
    image = render(delegate, FakeIndex(thumbnail=make_pixmap()))
    assert image.pixelColor(75, 75) == QColor("red")
    assert image.pixelColor(FRAME, FRAME) == QColor("red")
    assert image.pixelColor(FRAME - 1, 75).alpha() == 0


def test_a_loading_tile_has_a_placeholder_in_light_and_dark(delegate: PhotoDelegate) -> None:
    for dark in (False, True, False):
        background = theme.palette(dark=dark).color(QPalette.ColorRole.AlternateBase)
        assert render(delegate, FakeIndex(), dark=dark).pixelColor(75, 75) == background
    assert render(delegate, FakeIndex(no_thumbnail=True)) != render(delegate, FakeIndex())


def test_a_selected_tile_has_a_ring_in_the_accent_color(delegate: PhotoDelegate) -> None:
    accent = theme.palette(dark=False).color(QPalette.ColorRole.Highlight)
    image = render(delegate, FakeIndex(thumbnail=make_pixmap()), STATES.State_Selected)
    assert image.pixelColor(1, 75) == accent
    assert image.pixelColor(75, 75) == QColor("red")
    focused = render(delegate, FakeIndex(thumbnail=make_pixmap()), STATES.State_HasFocus)
    assert focused.pixelColor(2, 75) != accent
    assert focused.pixelColor(2, 75).alpha() > 0


def test_the_name_appears_under_the_pointer(delegate: PhotoDelegate) -> None:
    plain, hovered = (
        render(delegate, FakeIndex(thumbnail=make_pixmap()), state)
        for state in (STATES.State_None, STATES.State_MouseOver)
    )
    assert plain.copy(0, 0, 150, 100) == hovered.copy(0, 0, 150, 100)
    assert plain.copy(0, 115, 150, 31) != hovered.copy(0, 115, 150, 31)


def test_the_middle_of_a_thumbnail_in_another_shape_fills_the_tile(delegate: PhotoDelegate) -> None:
    wide = QPixmap(300, 100)
    wide.fill(QColor("blue"))
    painter = QPainter(wide)
    painter.fillRect(100, 0, 100, 100, QColor("red"))
    painter.end()
    image = render(delegate, FakeIndex(thumbnail=wide))
    for x, y in ((75, 75), (75, 6), (8, 75), (141, 75)):
        assert image.pixelColor(x, y) == QColor("red")


@pytest.mark.parametrize("ratio", [1.5, 2, 3])
def test_every_pixel_of_the_thumbnail_is_shown_on_high_resolution_screens(
    delegate: PhotoDelegate, ratio: float
) -> None:
    image = render(delegate, FakeIndex(thumbnail=make_pixmap(size=round(142 * ratio))), ratio=ratio)
    assert image.pixelColor(QPoint(75, 75) * ratio) == QColor("red")
    assert image.pixelColor(QPoint(FRAME + 1, FRAME + 1) * ratio) == QColor("red")


@pytest.mark.parametrize("dark", [False, True])
def test_a_missing_file_is_faded_and_marked_in_its_corner(delegate: PhotoDelegate, dark: bool) -> None:
    image = render(delegate, FakeIndex(thumbnail=make_pixmap(), missing=True), dark=dark)
    red, middle, corner = QColor("red"), image.pixelColor(75, 75), image.pixelColor(FRAME + 12, FRAME + 8)
    assert (middle.lightness() < red.lightness()) == dark
    assert middle != red
    assert corner.lightness() < middle.lightness()


def test_a_photo_in_an_offline_folder_is_marked_in_its_corner_and_not_faded(delegate: PhotoDelegate) -> None:
    image = render(delegate, FakeIndex(thumbnail=make_pixmap(), offline=True))
    assert image.pixelColor(75, 75) == QColor("red")
    assert image.pixelColor(FRAME + 12, FRAME + 8) != QColor("red")


def test_a_badge_is_in_the_top_right_corner(delegate: PhotoDelegate) -> None:
    plain, badged = (
        render(delegate, FakeIndex(thumbnail=make_pixmap(), badge=text)) for text in ("", "JPEG + RAW")
    )
    assert plain.copy(75, 0, 75, 30) != badged.copy(75, 0, 75, 30)
    assert plain.copy(0, 40, 150, 110) == badged.copy(0, 40, 150, 110)


def test_a_larger_thumbnail_is_scaled_smoothly_except_while_the_size_changes(delegate: PhotoDelegate) -> None:
    stripes = QPixmap(300, 300)
    stripes.fill(QColor("white"))
    painter = QPainter(stripes)
    for x in range(0, 300, 3):
        painter.fillRect(x, 0, 1, 300, QColor("black"))
    painter.end()

    def gray_levels(pixmap: QPixmap) -> int:
        image = render(delegate, FakeIndex(thumbnail=pixmap))
        return len({image.pixelColor(x, 75).lightness() for x in range(10, 140)})

    assert gray_levels(stripes) > 2
    delegate.smooth_scaling = False
    assert gray_levels(stripes) == 2
    assert gray_levels(stripes.copy(0, 0, 60, 60)) > 2, "a smaller thumbnail is always scaled smoothly"


def test_a_found_object_is_outlined_quietly(delegate: PhotoDelegate) -> None:
    plain = render(delegate, FakeIndex(thumbnail=make_pixmap()))
    boxed = render(delegate, FakeIndex(thumbnail=make_pixmap(), box=(0.25, 0.25, 0.5, 0.5)))
    side = FRAME + 142 // 4 + 1
    assert boxed.pixelColor(side, 75) != plain.pixelColor(side, 75)
    for x, y in ((75, 75), (20, 75), (FRAME, FRAME)):
        assert boxed.pixelColor(x, y) == plain.pixelColor(x, y)
    # Of an object that is larger than the tile the outline is still seen.
    beyond = render(delegate, FakeIndex(thumbnail=make_pixmap(), box=(-0.2, 0.1, 1.4, 0.8)))
    assert beyond.pixelColor(FRAME + 2, 75) != plain.pixelColor(FRAME + 2, 75)
    assert beyond.pixelColor(FRAME - 1, 75).alpha() == 0
