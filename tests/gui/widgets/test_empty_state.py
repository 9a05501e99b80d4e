"""The page of a view without content."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from photosim.gui.base import theme
from photosim.gui.widgets.empty_state import EmptyState


@pytest.fixture
def page(qtbot: QtBot) -> EmptyState:
    page = EmptyState()
    qtbot.addWidget(page)
    return page


def test_buttons_call_back_and_are_replaced_with_the_message(qtbot: QtBot, page: EmptyState) -> None:
    pressed: list[int] = []
    page.show_message("drop", "Nothing here", "Add something.", ("Add", lambda: pressed.append(1)))
    qtbot.mouseClick(page.findChild(QPushButton, "primary"), Qt.MouseButton.LeftButton)
    assert pressed == [1]
    assert not page.grab().isNull()
    page.show_message("check", "All is well", "")
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert page.findChildren(QPushButton) == []


def test_the_icon_follows_the_palette(qapp: QApplication, page: EmptyState) -> None:
    page.show_message("check", "All is well", "")
    page.show()
    light = page.icon.pixmap().toImage()
    try:
        theme.apply(qapp, dark=True)
        assert page.icon.pixmap().toImage() != light
    finally:
        theme.apply(qapp, dark=False)
    assert page.icon.pixmap().toImage() == light
