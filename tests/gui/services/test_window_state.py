"""The settings of the window that are restored at the next start."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMainWindow, QSplitter
from pytestqt.qtbot import QtBot

from photosim.gui.base.theme import ThemeChoice
from photosim.gui.services.window_state import FILE_NAME, JSON_FILE_NAME, WindowState
from photosim.gui.state.ordering import DEFAULT_TILE_EDGE, MAX_TILE_EDGE, SortOrder


def test_settings_come_back_and_damaged_ones_take_their_usual_value(qtbot: QtBot, tmp_path: Path) -> None:
    state, window = WindowState(tmp_path), QMainWindow()
    qtbot.addWidget(window)
    splitter = QSplitter(window)
    assert (state.tile_edge, state.order, state.square_thumbnails) == (
        DEFAULT_TILE_EDGE,
        SortOrder.DATE,
        True,
    )
    assert not state.restore_window(window)
    state.tile_edge, state.order, state.square_thumbnails, state.show_detail_panel = (
        200,
        SortOrder.NAME,
        False,
        False,
    )
    state.save_window(window, panels=splitter)
    again = WindowState(tmp_path)
    assert (again.tile_edge, again.order) == (200, SortOrder.NAME)
    assert (again.square_thumbnails, again.show_detail_panel) == (False, False)
    assert again.restore_window(window)
    assert again.restore_splitter("panels", splitter)
    settings = QSettings(str(tmp_path / FILE_NAME), QSettings.Format.IniFormat)
    for key in ("view/thumbnail", "view/order", "window/geometry"):
        settings.setValue(key, "rubbish")
    settings.sync()
    damaged = WindowState(tmp_path)
    assert (damaged.tile_edge, damaged.order) == (DEFAULT_TILE_EDGE, SortOrder.DATE)
    assert not damaged.restore_window(window)
    settings.setValue("view/thumbnail", 99999)
    settings.sync()
    assert WindowState(tmp_path).tile_edge == MAX_TILE_EDGE


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there are no such names")
def test_settings_come_back_in_a_folder_that_qt_can_not_name(qtbot: QtBot, tmp_path: Path) -> None:
    folder, window = tmp_path / os.fsdecode(b"caf\xe9"), QMainWindow()
    folder.mkdir()
    qtbot.addWidget(window)
    splitter = QSplitter(window)
    state = WindowState(folder)
    assert not state.restore_window(window)
    state.tile_edge, state.order, state.show_detail_panel = 200, SortOrder.NAME, False
    state.save_window(window, panels=splitter)
    again = WindowState(folder)
    assert (again.tile_edge, again.order) == (200, SortOrder.NAME)
    assert not again.show_detail_panel
    assert again.restore_window(window)
    assert again.restore_splitter("panels", splitter)
    assert [path.name for path in tmp_path.iterdir()] == [folder.name], "no folder of another name"
    for damage in ("", "[]", "[" * 100_000, '{"view/thumbnail": {}, "window/geometry": {"base64": 7}}'):
        (folder / JSON_FILE_NAME).write_text(damage)
        damaged = WindowState(folder)
        assert damaged.tile_edge == DEFAULT_TILE_EDGE
        assert not damaged.restore_window(window)


def test_expanded_folders_and_the_theme_come_back(tmp_path: Path) -> None:
    state = WindowState(tmp_path)
    assert (state.expanded_folders, state.theme) == (frozenset(), ThemeChoice.SYSTEM)
    folders = frozenset({"/photos", "/photos/a, b; c", "/photos/caf\udce9"})
    state.expanded_folders, state.theme = folders, ThemeChoice.DARK
    again = WindowState(tmp_path)
    assert (again.expanded_folders, again.theme) == (folders, ThemeChoice.DARK)
    settings = QSettings(str(tmp_path / FILE_NAME), QSettings.Format.IniFormat)
    settings.setValue("view/expanded", "[" * 9999)
    settings.setValue("window/theme", "pink")
    settings.sync()
    damaged = WindowState(tmp_path)
    assert (damaged.expanded_folders, damaged.theme) == (frozenset(), ThemeChoice.SYSTEM)
