"""The toolbar of the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from photosim.gui.base import theme
from photosim.gui.base.theme import ThemeChoice
from photosim.gui.main_window import MainWindow


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    yield qapp
    theme.choose(qapp, ThemeChoice.SYSTEM)


def test_the_icons_beside_the_size_slider_follow_the_theme(
    qtbot: QtBot, app: QApplication, window: MainWindow
) -> None:
    bar = window.views.top_bar
    block = bar.size_slider.parentWidget()
    assert block is not None
    icons = [label for label in block.findChildren(QLabel) if not label.pixmap().isNull()]
    assert len(icons) == 2
    for dark in (True, False):
        theme.choose(app, ThemeChoice.DARK if dark else ThemeChoice.LIGHT)
        color = app.palette().color(QPalette.ColorRole.WindowText)
        QApplication.processEvents()
        for icon in icons:
            image = icon.pixmap().toImage()
            pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
            strongest = max(pixels, key=lambda pixel: pixel.alpha())
            assert abs(strongest.lightness() - color.lightness()) < 10, dark
