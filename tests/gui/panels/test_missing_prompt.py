"""The prompt about missing photos."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosim.gui.grid.tile_model import Role
from photosim.gui.main_window import MainWindow
from photosim.gui.panels.missing_prompt import MissingPrompt
from photosim.library import Library
from photosim.records import Source
from tests.support.images import make_photo
from tests.support.indexing import index, use_fake_embedder
from tests.support.window_driver import wait_until_idle

LEFT = Qt.MouseButton.LeftButton
MISSING = Source("/photos/holiday", 5000, True, missing=4210)


@pytest.fixture
def prompt(qtbot: QtBot) -> MissingPrompt:
    prompt = MissingPrompt()
    qtbot.addWidget(prompt)
    return prompt


def test_it_names_the_numbers_and_the_folder(prompt: MissingPrompt) -> None:
    prompt.show_sources([Source("/photos/whole", 10, True), MISSING])
    assert not prompt.isHidden()
    assert prompt.text.text().replace(",", "") == "4210 of 5000 photos in “holiday” can't be found."


def test_one_missing_photo_is_counted_too(prompt: MissingPrompt) -> None:
    prompt.show_sources([Source("/photos/holiday", 30, True, 1)])
    assert prompt.text.text() == "1 of 30 photos in “holiday” can't be found."


def test_it_hides_when_there_is_nothing_to_ask(prompt: MissingPrompt) -> None:
    prompt.show_sources([MISSING])
    prompt.show_sources([Source("/photos/holiday", 5000, True, kept_missing=4210)])
    assert prompt.isHidden()


def test_an_offline_folder_is_no_question(prompt: MissingPrompt) -> None:
    prompt.show_sources([Source("/photos/holiday", 5000, False, missing=4210)])
    assert prompt.isHidden()


def test_the_answers_name_the_folder(qtbot: QtBot, prompt: MissingPrompt) -> None:
    prompt.show_sources([MISSING])
    with qtbot.waitSignal(prompt.remove_requested) as remove:
        qtbot.mouseClick(prompt.remove_button, LEFT)
    with qtbot.waitSignal(prompt.keep_requested) as keep:
        qtbot.mouseClick(prompt.keep_button, LEFT)
    assert remove.args == keep.args == [MISSING]


def test_a_window_asks_marks_the_photos_and_takes_the_answer(
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    open_window: Callable[[Library], MainWindow],
) -> None:
    use_fake_embedder(monkeypatch)
    for number in range(30):
        make_photo(tmp_path / "photos" / str(number % 2) / f"{number}.jpg", number, (32, 24))
    library = Library.open(tmp_path / "library")
    index(library, tmp_path / "photos")
    shutil.rmtree(tmp_path / "photos" / "0")
    shutil.rmtree(tmp_path / "photos" / "1")
    index(library)
    window = open_window(library)
    prompt = window.views.sources.missing_prompt
    qtbot.waitUntil(lambda: not prompt.isHidden())
    assert prompt.text.text() == "30 photos in “photos” can't be found."
    assert window.views.browser.photo_model.index(0).data(Role.MISSING)
    qtbot.mouseClick(prompt.remove_button, LEFT)
    wait_until_idle(qtbot, window)
    qtbot.waitUntil(prompt.isHidden)
    assert library.photos() == []
    assert window.views.browser.photo_model.rowCount() == 0
    library.close()
