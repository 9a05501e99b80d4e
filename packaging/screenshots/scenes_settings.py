"""Settings and help."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget
from window import Scene, dialog_of, settle

from photosim import settings
from photosim.gui.main_window import MainWindow
from photosim.library import Library


def _settings(window: MainWindow, _: Library) -> QWidget:
    window.controllers.settings.open(models=True)
    return dialog_of(window)


def _settings_page(number: int, window: MainWindow, library: Library) -> QWidget:
    settings.update(library.folder, excluded=("Thumbnails", "*.cache"))
    window.controllers.settings.open()
    dialog = dialog_of(window)
    assert window.controllers.settings.dialog is dialog
    window.controllers.settings.dialog.show_page(number)
    settle(window)
    return dialog


def _features(window: MainWindow, _: Library) -> QWidget:
    window.controllers.help.show_features()
    return dialog_of(window)


def _keys(window: MainWindow, _: Library) -> QWidget:
    window.controllers.help.show_shortcuts()
    return dialog_of(window)


SCENES: dict[str, Scene] = {
    "settings": _settings,
    "settings-general": partial(_settings_page, 0),
    "settings-folders": partial(_settings_page, 1),
    "features": _features,
    "keys": _keys,
}
