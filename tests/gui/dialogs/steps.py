"""Steps in the dialogs of a window."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from photosim.gui.dialogs.settings import SettingsDialog
from photosim.gui.main_window import MainWindow
from tests.support.window_driver import wait_until_idle


def opened(qtbot: QtBot, window: MainWindow) -> SettingsDialog:
    """Open the settings."""
    window.views.actions.settings.trigger()
    dialog = window.controllers.settings.dialog
    assert dialog is not None
    wait_until_idle(qtbot, window)
    return dialog
