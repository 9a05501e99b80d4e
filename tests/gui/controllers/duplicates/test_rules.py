"""Keep rules and protected folders are set in the window, and previewed before they apply."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from photosim.duplicates.keep_rules import KeepRule
from photosim.gui.base import qt_paths
from photosim.gui.dialogs.keep_rules import KeepRulesDialog
from photosim.gui.dialogs.settings_folders import FoldersPage
from photosim.gui.main_window import MainWindow
from photosim.gui.state.duplicates.keep_rules import rule_name
from photosim.library import Library
from tests.support.images import make_photo
from tests.support.indexing import indexed_library
from tests.support.window_driver import wait_until_idle

Open = Callable[[Library], MainWindow]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two photos in `a`, each with a copy in `b`, whose path is longer."""
    folder = tmp_path / "photos"
    for number in range(2):
        make_photo(folder / "a" / f"{number}.jpg", number)
    (folder / "b").mkdir()
    for number in range(2):
        shutil.copy(folder / "a" / f"{number}.jpg", folder / "b" / f"copy of {number}.jpg")
    return folder


@pytest.fixture
def library(tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    with indexed_library(tmp_path / "library", photos, monkeypatch) as opened:
        yield opened


@pytest.fixture
def window(library: Library, open_window: Open) -> MainWindow:
    return open_window(library)


def opened(window: MainWindow) -> KeepRulesDialog:
    window.views.actions.keep_rules.trigger()
    dialog = window.controllers.duplicate_rules.dialog
    assert dialog is not None
    return dialog


def keep_longer_paths(dialog: KeepRulesDialog) -> None:
    rule = KeepRule.LONGER_PATH
    dialog.copies.set_values([(rule.value, rule_name(rule), True)])


def kept_folders(library: Library) -> set[str]:
    return {Path(group.photos[0].photo.path).parent.name for group in library.duplicates.groups()}


def protect_action(menu: QMenu) -> QAction:
    [action] = [action for action in menu.actions() if "Protect" in action.text()]
    return action


def test_what_the_rules_would_change_is_told_before_they_apply(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    before = library.duplicates.rules
    dialog = opened(window)
    keep_longer_paths(dialog)
    qtbot.waitUntil(lambda: bool(dialog.preview.text()))
    assert dialog.preview.text() == "With these rules, 2 of 2 groups would keep another photo."
    assert library.duplicates.rules == before
    dialog.reject()
    assert window.controllers.duplicate_rules.dialog is None
    assert library.duplicates.rules == before
    assert kept_folders(library) == {"a"}


def test_applied_rules_choose_the_photos_to_keep(qtbot: QtBot, window: MainWindow, library: Library) -> None:
    dialog = opened(window)
    keep_longer_paths(dialog)
    with qtbot.waitSignal(window.controllers.duplicate_rules.rules_changed):
        dialog.apply_button.click()
    wait_until_idle(qtbot, window)
    assert library.duplicates.rules.copies == (KeepRule.LONGER_PATH,)
    assert kept_folders(library) == {"b"}


def test_a_folder_is_protected_by_its_menu_and_its_photos_are_offered_no_more(
    qtbot: QtBot, window: MainWindow, library: Library, photos: Path
) -> None:
    totals = window.services.library_monitor.overview.duplicates
    assert totals is not None
    assert totals.photos == 2
    folder = str(photos / "b")
    action = protect_action(window.controllers.menus.folder_menu(folder))
    assert not action.isChecked()
    action.trigger()
    wait_until_idle(qtbot, window)
    assert library.duplicates.rules.protected == (folder,)
    assert window.views.toast.text() == "Duplicates in “b” are never offered for the trash."
    assert kept_folders(library) == {"b"}, "a protected photo is the one to keep"
    below = protect_action(window.controllers.menus.folder_menu(str(photos / "b" / "below")))
    assert below.isChecked()
    assert not below.isEnabled(), "the folder above protects it"
    again = protect_action(window.controllers.menus.folder_menu(folder))
    assert again.isChecked()
    again.trigger()
    wait_until_idle(qtbot, window)
    assert library.duplicates.rules.protected == ()
    assert kept_folders(library) == {"a"}


def test_protected_folders_are_added_and_removed_in_the_settings(
    qtbot: QtBot, window: MainWindow, library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qt_paths, "choose_folder", lambda *_: str(photos / "b"))
    window.controllers.settings.open()
    dialog = window.controllers.settings.dialog
    assert dialog is not None
    page = dialog.page(1)
    assert isinstance(page, FoldersPage)
    page.protect_button.click()
    wait_until_idle(qtbot, window)
    assert page.protected == library.duplicates.rules.protected == (str(photos / "b"),)
    page.protect_button.click()
    assert page.protected_list.count() == 1, "once is enough"
    page.protected_list.setCurrentRow(0)
    page.unprotect_button.click()
    wait_until_idle(qtbot, window)
    assert page.protected == library.duplicates.rules.protected == ()
    dialog.reject()


def test_the_rules_are_reached_from_the_settings(qtbot: QtBot, window: MainWindow) -> None:
    window.controllers.settings.open()
    dialog = window.controllers.settings.dialog
    assert dialog is not None
    dialog.page(0).rules_button.click()  # type: ignore[attr-defined]
    rules = window.controllers.duplicate_rules.dialog
    assert rules is not None
    assert rules.isVisible()
    rules.reject()
    dialog.reject()
    wait_until_idle(qtbot, window)
