"""The question about photos that are gone."""

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
from photosim.library.library import Library
from photosim.records import Source
from tests.support.images import make_photo
from tests.support.indexing import embed_quickly, index
from tests.support.window_driver import settle

LEFT = Qt.MouseButton.LeftButton
GONE = Source("/photos/holiday", 5000, True, missing=4210)


@pytest.fixture
def question(qtbot: QtBot) -> MissingPrompt:
    made = MissingPrompt()
    qtbot.addWidget(made)
    return made


def test_it_names_the_numbers_and_the_folder(question: MissingPrompt) -> None:
    question.show_sources([Source("/photos/whole", 10, True), GONE])
    assert not question.isHidden()
    assert question.text.text().replace(",", "") == "4210 of 5000 photos of “holiday” are gone."


def test_one_photo_is_gone_and_not_are(question: MissingPrompt) -> None:
    question.show_sources([Source("/photos/holiday", 30, True, 1)])
    assert question.text.text() == "1 of 30 photos of “holiday” is gone."


def test_it_hides_when_there_is_nothing_to_ask(question: MissingPrompt) -> None:
    question.show_sources([GONE])
    question.show_sources([Source("/photos/holiday", 5000, True, kept_missing=4210)])
    assert question.isHidden()


def test_an_offline_folder_is_no_question(question: MissingPrompt) -> None:
    question.show_sources([Source("/photos/holiday", 5000, False, missing=4210)])
    assert question.isHidden()


def test_the_answers_name_the_folder(qtbot: QtBot, question: MissingPrompt) -> None:
    question.show_sources([GONE])
    with qtbot.waitSignal(question.remove_requested) as forget:
        qtbot.mouseClick(question.remove_button, LEFT)
    with qtbot.waitSignal(question.keep_requested) as keep:
        qtbot.mouseClick(question.keep_button, LEFT)
    assert forget.args == keep.args == [GONE]


def test_a_window_asks_marks_the_photos_and_takes_the_answer(
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    open_window: Callable[[Library], MainWindow],
) -> None:
    embed_quickly(monkeypatch)
    for number in range(30):
        make_photo(tmp_path / "photos" / str(number % 2) / f"{number}.jpg", number, (32, 24))
    library = Library.open(tmp_path / "library")
    index(library, tmp_path / "photos")
    shutil.rmtree(tmp_path / "photos" / "0")
    shutil.rmtree(tmp_path / "photos" / "1")
    index(library)
    window = open_window(library)
    question = window.views.sources.missing_prompt
    qtbot.waitUntil(lambda: not question.isHidden())
    assert question.text.text() == "All 30 photos of “photos” are gone."
    assert window.views.browser.photos.index(0).data(Role.MISSING)
    qtbot.mouseClick(question.remove_button, LEFT)
    settle(qtbot, window)
    qtbot.waitUntil(question.isHidden)
    assert library.photos() == []
    assert window.views.browser.photos.rowCount() == 0
    library.close()
