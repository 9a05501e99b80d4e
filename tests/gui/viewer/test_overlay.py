"""The mask that delays the painting of parts of a window."""

from __future__ import annotations

from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from photosim.gui.viewer.overlay import PaintMask


def test_what_the_mask_covers_is_painted_after_what_it_leaves_free(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(200, 100)
    for x, color in ((0, "red"), (100, "blue")):
        part = QWidget(window)
        part.setGeometry(x, 0, 100, 100)
        part.setPalette(QPalette(QColor(color)))
        part.setAutoFillBackground(True)
    mask = PaintMask(window, QColor("black"))
    with qtbot.waitExposed(window):
        window.show()

    def seen() -> tuple[QColor, QColor]:
        QApplication.sendPostedEvents()
        image: QImage = window.screen().grabWindow(window.winId()).toImage()
        return image.pixelColor(50, 50), image.pixelColor(150, 50)

    red, blue = seen()
    assert red != blue
    mask._hide_timer.setInterval(10_000_000)
    mask.cover_all_but(part.geometry())
    qtbot.waitUntil(lambda: seen() == (QColor("black"), blue) and mask._hide_timer.isActive())
    mask._hide_timer.start(0)
    qtbot.waitUntil(lambda: seen() == (red, blue) and mask.isHidden())
