"""The settings: how they open, their pages of general choices and folders, and the line about better models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from photosim import settings
from photosim.gui.base import theme
from photosim.gui.base.theme import ThemeChoice
from photosim.gui.dialogs.settings import SettingsDialog
from photosim.gui.dialogs.settings_folders import FoldersPage
from photosim.gui.dialogs.settings_general import GeneralPage
from photosim.gui.dialogs.settings_models import ModelPage
from photosim.gui.main_window import MainWindow
from photosim.library import Library
from tests.gui.dialogs.steps import opened
from tests.support.window_driver import wait_until_idle


def test_who_has_no_photos_yet_is_told_only_how_to_add_them(
    empty_library: Library, open_window: Callable[[Library], MainWindow]
) -> None:
    assert not open_window(empty_library).views.model_banner.isVisible()


def test_the_first_start_with_photos_tells_of_better_models_and_no_later_one(
    qtbot: QtBot, library: Library, open_window: Callable[[Library], MainWindow]
) -> None:
    first = open_window(library)
    assert first.views.model_banner.isVisible()
    qtbot.mouseClick(first.views.model_banner.link, Qt.MouseButton.LeftButton)
    assert not first.views.model_banner.isVisible()
    dialog = first.controllers.settings.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: isinstance(dialog.stack.currentWidget(), ModelPage))
    wait_until_idle(qtbot, first)
    first.close()
    assert not open_window(library).views.model_banner.isVisible()


def test_the_line_about_better_models_can_be_closed_by_keyboard(qtbot: QtBot, window: MainWindow) -> None:
    hint = window.views.model_banner
    hint.close_button.setFocus()
    qtbot.keyClick(hint.close_button, Qt.Key.Key_Space)
    assert not hint.isVisible()


def test_the_settings_open_by_their_key_and_only_once(qtbot: QtBot, window: MainWindow) -> None:
    assert "Ctrl+," in [key.toString() for key in window.views.actions.settings.shortcuts()]
    first = opened(qtbot, window)
    assert opened(qtbot, window) is first
    assert [first.list.item(row).text() for row in range(first.list.count())] == [
        "General",
        "Folders",
        "Model",
    ]
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.controllers.settings.dialog is None)


def test_the_settings_open_again_while_they_are_still_closing(qtbot: QtBot, window: MainWindow) -> None:
    first = opened(qtbot, window)
    first.reject()
    second = opened(qtbot, window)
    assert second is not first
    assert second.isVisible()
    qtbot.waitUntil(lambda: window.findChildren(SettingsDialog) == [second])
    assert window.controllers.settings.dialog is second


def test_a_choice_on_the_general_page_is_kept_at_once(
    qtbot: QtBot, window: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(qtbot, window).page(0)
    assert isinstance(page, GeneralPage)
    assert page.quiet_box.currentText() == "On battery"
    modes: list[str] = []
    monkeypatch.setattr(window.services.index_process, "set_quiet_mode", modes.append)
    qtbot.keyClick(page.quiet_box, Qt.Key.Key_Down)
    assert settings.load(library.folder).quiet == "on"
    assert modes == ["on"], "what is being indexed follows at once"
    qtbot.keyClick(page.labels_box, Qt.Key.Key_Space)
    assert not settings.load(library.folder).labels
    assert page.quiet_box.accessibleName() == "Use less CPU while indexing"


def test_a_closer_look_starts_when_it_is_turned_on(
    qtbot: QtBot, window: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(window.services.index_process, "start", started.append)
    page = opened(qtbot, window).page(0)
    assert isinstance(page, GeneralPage)
    qtbot.keyClick(page.closer_box, Qt.Key.Key_Space)
    assert settings.load(library.folder).look_closer
    assert started == [()], "all folders, with the closer look at the end"
    qtbot.keyClick(page.closer_box, Qt.Key.Key_Space)
    assert not settings.load(library.folder).look_closer
    assert len(started) == 1


def test_the_theme_is_chosen_on_the_general_page(qtbot: QtBot, window: MainWindow) -> None:
    page = opened(qtbot, window).page(0)
    assert isinstance(page, GeneralPage)
    assert page.theme_box.currentText() == "Same as system"
    try:
        qtbot.keyClick(page.theme_box, Qt.Key.Key_End)
        assert page.theme_box.currentText() == "Dark"
        assert window.palette().color(QPalette.ColorRole.Window) == theme.palette(dark=True).color(
            QPalette.ColorRole.Window
        )
        assert window.services.window_state.theme is ThemeChoice.DARK
    finally:
        window.controllers.settings.choose_theme(ThemeChoice.SYSTEM)


def test_excluded_folders_are_added_and_removed_on_their_page(
    qtbot: QtBot, window: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rescans: list[tuple[str, ...]] = []
    monkeypatch.setattr(window.services.index_process, "start", lambda *folders: rescans.append(folders))
    settings.update(library.folder, excluded=("*.cache",))
    page = opened(qtbot, window).page(1)
    assert isinstance(page, FoldersPage)
    assert not page.name_button.isEnabled()
    qtbot.keyClicks(page.name_field, " Thumbnails ")
    qtbot.keyClick(page.name_field, Qt.Key.Key_Return)
    assert page.name_field.text() == ""
    (tmp_path / "old").mkdir()
    url = QUrl.fromLocalFile(str(tmp_path / "old"))
    monkeypatch.setattr(QFileDialog, "getExistingDirectoryUrl", lambda *_: url)
    page.folder_button.click()
    page.folder_button.click()
    expected = ("*.cache", "Thumbnails", str(tmp_path / "old"))
    assert settings.load(library.folder).excluded == page.excluded == expected
    assert [page.list.item(row).text() for row in range(page.list.count())] == list(expected)
    assert not page.remove_button.isEnabled()
    page.list.setCurrentRow(0)
    page.remove_button.click()
    assert settings.load(library.folder).excluded == page.excluded == expected[1:]
    assert len(rescans) == 3, "each change, and not the folder that was excluded already"
