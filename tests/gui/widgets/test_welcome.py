"""The page of a library without folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.gui.services import external
from photosim.gui.widgets.welcome import ModelChoice, WelcomePage
from photosim.library import Library
from photosim.records import ModelState
from tests.support.window_driver import wait_until_idle

DEFAULT = ModelChoice("yolo", "YOLO11", "Quick, and good at objects.", in_use=True)
FINE = ModelChoice("fine", "Fine", "Tells more kinds of photos apart.", in_use=False)


@pytest.fixture
def page(qtbot: QtBot) -> WelcomePage:
    page = WelcomePage()
    qtbot.addWidget(page)
    page.resize(700, 640)
    page.show()
    return page


def texts(page: WelcomePage) -> set[str]:
    """The texts that can be seen."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return {label.text() for label in page.findChildren(QLabel) if label.isVisible()}


def test_a_folder_is_chosen_or_that_of_pictures_is_added(page: WelcomePage, qtbot: QtBot) -> None:
    assert {"Drop a folder of photos here", "Everything stays on this computer."} <= texts(page)
    assert not page.pictures_button.isVisible()
    with qtbot.waitSignal(page.add_folder_requested):
        qtbot.mouseClick(page.add_button, Qt.MouseButton.LeftButton)
    page.show_pictures_folder("/home/me/Pictures")
    assert page.pictures_button.text() == "Add “Pictures”"
    with qtbot.waitSignal(page.folder_chosen) as chosen:
        qtbot.mouseClick(page.pictures_button, Qt.MouseButton.LeftButton)
    assert chosen.args == ["/home/me/Pictures"]


def test_models_are_offered_where_there_is_a_choice(page: WelcomePage, qtbot: QtBot) -> None:
    page.show_models([DEFAULT])
    assert "Model" not in texts(page)
    page.show_models([DEFAULT, FINE])
    assert {"Model", DEFAULT.description, FINE.description} <= texts(page)
    default, fine = page.model_buttons.buttons()
    assert default.isChecked()
    with qtbot.waitSignal(page.model_chosen) as chosen:
        fine.click()
    assert chosen.args == ["fine"]
    page.show_models([DEFAULT])
    assert "Model" not in texts(page)
    assert page.model_buttons.buttons() == []


def test_a_read_only_library_takes_no_folder(page: WelcomePage) -> None:
    page.show_pictures_folder("/home/me/Pictures")
    page.set_enabled(False)
    assert not page.add_button.isEnabled()
    assert not page.pictures_button.isEnabled()


def test_the_window_offers_the_folder_of_pictures_and_the_models_of_the_program(
    qtbot: QtBot,
    empty_library: Library,
    open_window: Callable[[Library], MainWindow],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(external, "pictures_folder", lambda: str(tmp_path / "Pictures"))
    window = open_window(empty_library)
    page = window.views.browser.welcome_page
    assert page.isVisible()
    assert page.pictures_button.isVisible()
    models = window.controllers.settings.models
    used: list[str] = []
    monkeypatch.setattr(models, "use", lambda model: used.append(model.id))
    models.models = [
        ModelState("yolo", "yolo", "YOLO11", 0, 0, in_use=True, is_bundled=True),
        ModelState("fine", "fine", "Fine", 0, 0, is_bundled=True, description="Finer."),
        ModelState("other", "other", "Other", 0, 0),
    ]
    models.changed.emit()
    default, fine = page.model_buttons.buttons()
    assert (default.text(), fine.text()) == ("YOLO11", "Fine")
    fine.click()
    assert used == ["fine"]
    added: list[list[str]] = []
    monkeypatch.setattr(window.controllers.library, "add_folders", added.append)
    page.pictures_button.click()
    assert added == [[str(tmp_path / "Pictures")]]
    wait_until_idle(qtbot, window)
