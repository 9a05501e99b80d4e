"""The binding between Python and Qt, where a fault of it would end the program after some minutes."""

from __future__ import annotations

import sys

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot


class Blank(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Returns None to Qt, as every paintEvent does."""


def test_calls_that_return_nothing_take_no_reference_of_none(qtbot: QtBot) -> None:
    # PySide6 6.12.0 does on Python before 3.12: after some ten thousand calls Python aborts ("none_dealloc").
    widget = Blank()
    qtbot.addWidget(widget)
    widget.show()
    before = sys.getrefcount(None)
    for _ in range(500):
        widget.repaint()
        QApplication.sendPostedEvents()
    assert sys.getrefcount(None) > before - 250
