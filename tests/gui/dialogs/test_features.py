"""Help about what one can do."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from photosim.gui.dialogs.features import FeaturesDialog
from photosim.gui.dialogs.shortcuts import ShortcutsDialog
from photosim.gui.main_window import MainWindow
from photosim.library import Library
from tests.support.window_driver import wait_until_idle


def test_help_shows_ten_things_with_their_shortcuts_and_leads_to_all(
    qtbot: QtBot, empty_library: Library, open_window: type[MainWindow]
) -> None:
    window = open_window(empty_library)
    window.views.actions.features.trigger()
    dialog = window.findChild(FeaturesDialog)
    assert dialog is not None
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    for _icon, title, text, actions in dialog.features:
        assert {title, text} <= set(texts)
        for action in actions:
            assert any(action.shortcut().toString() in shown for shown in texts)
    assert len(dialog.features) == 10
    dialog.shortcuts_button.click()
    assert not dialog.isVisible()
    sheet = window.findChild(ShortcutsDialog)
    assert sheet is not None
    sheet.close()
    wait_until_idle(qtbot, window)
