"""The models page of the settings: what is offered, downloaded, added, used and deleted."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from photosim.gui.dialogs.model_card import ModelCard
from photosim.gui.dialogs.settings_models import ModelPage
from photosim.gui.main_window import MainWindow
from photosim.indexing import throughput
from photosim.library import Library
from photosim.ml.models.catalog import DEFAULT, FINE, find_model
from photosim.ml.models.registry import ModelRegistry
from tests.gui.dialogs.steps import opened
from tests.support.checkpoints import make_model, save_checkpoint
from tests.support.model_server import ModelServer, run_server
from tests.support.window_driver import select_photo, similar_paths, wait_until_idle

ROOT = Path(__file__).parents[3]
KNOWN, OFFICIAL = find_model("yolo11n-cls"), find_model("yolo11s-cls")
PHOTO = "scene 1 take 0.jpg"


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file in place of yolo11s-cls, whose checksum is unknown."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("official")
    return save_checkpoint(folder / "s.pt", make_model(folder, scale="s")).read_bytes()


@pytest.fixture
def server(official: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """Has yolo11s-cls, and the window's own program knows."""
    with run_server() as server:
        server.files["yolo11s-cls.pt"] = official
        command = [sys.executable, "-m", "tests.support.model_offer", server.address]
        monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: command)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
        yield server


def models(qtbot: QtBot, window: MainWindow) -> ModelPage:
    """The page of models, opened by the keyboard."""
    dialog = opened(qtbot, window)
    qtbot.keyClick(dialog.list, Qt.Key.Key_End)
    page = dialog.page(2)
    assert isinstance(page, ModelPage)
    qtbot.waitUntil(lambda: dialog.stack.currentWidget() is page)
    settle_pages(qtbot, window)
    return page


def press(qtbot: QtBot, button: QPushButton) -> None:
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def settle_pages(qtbot: QtBot, window: MainWindow) -> None:
    """Wait for answers, and for the cards that are created in idle steps."""
    wait_until_idle(qtbot, window)
    qtbot.waitUntil(lambda: all(page.idle_steps.is_idle for page in window.findChildren(ModelPage)))


def wait_until_done(qtbot: QtBot, window: MainWindow) -> None:
    """Wait for the command of a model, and for the indexing that it may have begun."""
    actions = window.controllers.settings.models

    def done() -> bool:
        has_pages = all(page.idle_steps.is_idle for page in window.findChildren(ModelPage))
        return (
            actions.busy_model is None
            and window.services.index_process.is_idle
            and not window.services.jobs.is_busy
            and has_pages
        )

    qtbot.waitUntil(done)
    qtbot.wait(1)
    qtbot.waitUntil(done)


def offered(card: ModelCard) -> set[str]:
    return {button.text() for button in card.findChildren(QPushButton) if button.isVisible()}


def answer(qtbot: QtBot, page: ModelPage, yes: bool) -> None:
    assert page.confirmation is not None
    role = QMessageBox.ButtonRole.AcceptRole if yes else QMessageBox.ButtonRole.RejectRole
    [button] = [
        button for button in page.confirmation.buttons() if page.confirmation.buttonRole(button) == role
    ]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def add_own(window: MainWindow, best: Path) -> str:
    """Add a model of the user's own; returns its id."""
    entry = ModelRegistry().add(best)
    window.controllers.settings.models.refresh()
    return entry.id


def test_every_model_is_listed_with_what_it_costs_and_what_can_be_done(
    qtbot: QtBot, library: Library, open_window: Callable[[Library], MainWindow]
) -> None:
    measured = {"seconds": 0.1, "embedding": 0.05, "cost": 1.0}
    (library.folder / throughput.FILE_NAME).write_text(json.dumps(measured), encoding="utf-8")
    page = models(qtbot, open_window(library))
    assert len(page.cards) == 7
    box, official = page.cards[DEFAULT.id], page.cards[KNOWN.id]
    assert box.badge.text() == "In use"
    assert "All photos analyzed" in box.status.text()
    assert offered(box) == set()
    fine = page.cards[FINE.id]
    assert "more photos of the same kind of thing" in fine.about.text()
    assert offered(fine) == {"Use"}
    assert all(card.about.text() == card.state.description for card in page.cards.values())
    assert "1,280 dimensions" in official.facts.text() or "1280 dimensions" in official.facts.text()
    assert "5.5 MB" in official.facts.text()
    assert "24 photos" in official.status.text()
    assert "less than a minute" in official.status.text()
    assert offered(official) == {"Download"}
    assert official.download_button.accessibleName() == f"Download: {KNOWN.title}"


def test_a_model_is_downloaded_shown_the_photos_and_takes_over_by_itself(
    qtbot: QtBot, window: MainWindow, library: Library, server: ModelServer
) -> None:
    select_photo(qtbot, window, PHOTO)
    before = similar_paths(window)
    page = models(qtbot, window)
    card = page.cards[OFFICIAL.id]
    with qtbot.waitSignal(window.controllers.settings.models.progressed):
        press(qtbot, card.download_button)
        assert offered(card) == {"Cancel"}
    wait_until_done(qtbot, window)
    assert offered(card) == {"Use", "Remove…"}
    press(qtbot, card.use_button)
    wait_until_done(qtbot, window)
    assert (library.model.name, library.status().embedded) == ("yolo11s-cls", 24)
    assert card.badge.text() == "In use"
    assert offered(page.cards[DEFAULT.id]) == {"Use", "Delete analysis data…"}
    assert "Now using" in window.views.index_strip.text.text()
    wait_until_idle(qtbot, window)
    assert similar_paths(window) != before
    press(qtbot, page.cards[DEFAULT.id].use_button)
    wait_until_done(qtbot, window)
    assert library.model == DEFAULT


def test_a_download_can_be_cancelled_and_goes_on_later(
    qtbot: QtBot, window: MainWindow, server: ModelServer
) -> None:
    server.wait_after = 400_000
    server.headers["ETag"] = '"1"'
    page = models(qtbot, window)
    card = page.cards[OFFICIAL.id]
    with qtbot.waitSignal(window.controllers.settings.models.progressed):
        press(qtbot, card.download_button)
    press(qtbot, card.cancel_button)
    server.proceed.set()
    wait_until_done(qtbot, window)
    assert (offered(card), card.error.isVisible()) == ({"Download"}, False)
    server.wait_after = None
    press(qtbot, card.download_button)
    wait_until_done(qtbot, window)
    assert "Use" in offered(card)
    assert server.starts[0] == 0 < server.starts[-1]


def test_offline_the_card_says_where_to_put_the_file(
    qtbot: QtBot, window: MainWindow, server: ModelServer
) -> None:
    server.files.clear()
    page = models(qtbot, window)
    card = page.cards[OFFICIAL.id]
    press(qtbot, card.download_button)
    wait_until_done(qtbot, window)
    assert card.error.isVisible()
    assert "under the name yolo11s-cls.pt" in card.error.text()
    assert str(ModelRegistry().folder) in card.error.text()
    assert offered(card) == {"Download"}


def test_an_own_file_is_added_and_removed(
    qtbot: QtBot, window: MainWindow, best: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = QUrl.fromLocalFile(str(best))
    monkeypatch.setattr(QFileDialog, "getOpenFileUrl", lambda *_, **__: (url, ""))
    page = models(qtbot, window)
    press(qtbot, page.add_button)
    wait_until_done(qtbot, window)
    [own] = [card for card in page.cards.values() if card.title.text().startswith("best")]
    for yes in (False, True):
        press(qtbot, own.remove_button)
        answer(qtbot, page, yes)
        wait_until_done(qtbot, window)
        assert len(page.cards) == (7 if yes else 8)


def test_a_file_that_is_no_model_is_refused_with_a_sentence(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text.pt").write_text("not a model", encoding="utf-8")
    url = QUrl.fromLocalFile(str(tmp_path / "text.pt"))
    monkeypatch.setattr(QFileDialog, "getOpenFileUrl", lambda *_, **__: (url, ""))
    page = models(qtbot, window)
    press(qtbot, page.add_button)
    wait_until_done(qtbot, window)
    assert "not a PyTorch checkpoint" in page.note.text()
    assert len(page.cards) == 7


def test_what_a_model_saw_is_dropped_after_asking(
    qtbot: QtBot, window: MainWindow, library: Library, best: Path
) -> None:
    page = models(qtbot, window)
    model = add_own(window, best)
    settle_pages(qtbot, window)
    press(qtbot, page.cards[model].use_button)
    wait_until_done(qtbot, window)
    assert library.model.id == model
    for yes, seen in ((False, 24), (True, 0)):
        press(qtbot, page.cards[DEFAULT.id].delete_analysis_button)
        answer(qtbot, page, yes)
        wait_until_done(qtbot, window)
        assert page.cards[DEFAULT.id].state.embedded == seen
    assert "Delete analysis data…" not in offered(page.cards[DEFAULT.id])


def test_a_change_that_was_stopped_goes_on_at_the_next_start(
    qtbot: QtBot, library: Library, best: Path, open_window: Callable[[Library], MainWindow]
) -> None:
    entry = ModelRegistry().add(best)
    library.use_model(entry.name)
    assert library.model == DEFAULT
    window = open_window(library)
    wait_until_done(qtbot, window)
    assert library.model == entry


def test_a_model_that_cannot_be_loaded_leaves_the_old_one_and_says_so(
    qtbot: QtBot, library: Library, best: Path, open_window: Callable[[Library], MainWindow]
) -> None:
    entry = ModelRegistry().add(best)
    library.use_model(entry.name)
    ModelRegistry().weights_path(entry).write_bytes(b"broken")
    window = open_window(library)
    wait_until_done(qtbot, window)
    assert library.model == DEFAULT
    error = window.controllers.library.error_dialog
    assert error is not None
    assert "can't be used" in error.message.text()
    error.accept()


def test_closing_the_settings_does_not_stop_a_download_and_closing_the_window_does(
    qtbot: QtBot, window: MainWindow, server: ModelServer
) -> None:
    server.wait_after = 400_000
    page = models(qtbot, window)
    with qtbot.waitSignal(window.controllers.settings.models.progressed):
        press(qtbot, page.cards[OFFICIAL.id].download_button)
    dialog = window.controllers.settings.dialog
    assert dialog is not None
    dialog.reject()
    qtbot.waitUntil(lambda: window.controllers.settings.dialog is None)
    assert window.controllers.settings.models.busy_model == OFFICIAL.id
    again = models(qtbot, window)
    assert offered(again.cards[OFFICIAL.id]) == {"Cancel"}
    server.proceed.set()
