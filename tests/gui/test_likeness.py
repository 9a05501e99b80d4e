"""Asking what looks alike."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from photosim.gui.jobs import Jobs
from photosim.gui.likeness import Likeness, Matches
from photosim.gui.places import Query
from photosim.library import Library

WAIT_MS = 30_000


class Told:
    def __init__(self) -> None:
        self.answers: list[tuple[Matches | None, Exception | None]] = []

    def __call__(self, matches: Matches | None, error: Exception | None) -> None:
        self.answers.append((matches, error))


@pytest.fixture
def likeness(library: Library, jobs: Jobs) -> Iterator[Likeness]:
    made = Likeness(library, jobs)
    yield made
    made.close()


def speak(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> Path:
    """Let searches run this instead of our own program; returns a file with a line for each start."""
    path, log = folder / "searcher.py", folder / "searches"
    log.write_text("")
    start = f"import json, sys, time\nopen({str(log)!r}, 'a').write(json.dumps(sys.argv[1:]) + '\\n')\n"
    path.write_text(start + textwrap.dedent(script))
    monkeypatch.setattr("photosim.gui.likeness.own_command", lambda: [sys.executable, str(path)])
    return log


def test_a_photo_of_the_library_is_answered_best_first(
    qtbot: QtBot, likeness: Likeness, library: Library
) -> None:
    photo, told = library.photos()[0], Told()
    likeness.ask(Query.of(photo), told)
    qtbot.waitUntil(lambda: bool(told.answers), timeout=WAIT_MS)
    matches, error = told.answers[0]
    assert error is None
    assert matches is not None
    exact = library.similar(photo.file_id, 300)
    assert [(one.file_id, similarity) for one, similarity in matches] == [
        (match.file_id, match.similarity) for match in exact
    ]


def test_an_image_is_searched_once_for_all_who_ask(
    qtbot: QtBot, likeness: Likeness, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = library.photos()[:2]
    found = [{"path": photo.path, "similarity": 0.9} for photo in photos]
    found.append({"path": "/gone.jpg", "similarity": 0.8})
    log = speak(monkeypatch, tmp_path, f"print(json.dumps({{'matches': {found!r}}}))")
    first, second, later = Told(), Told(), Told()
    likeness.ask(Query("/elsewhere/x.jpg"), first)
    likeness.ask(Query("/elsewhere/x.jpg"), second)
    qtbot.waitUntil(lambda: bool(first.answers and second.answers), timeout=WAIT_MS)
    assert first.answers == second.answers == [([(photos[0], 0.9), (photos[1], 0.9)], None)]
    likeness.ask(Query("/elsewhere/x.jpg"), later)
    qtbot.waitUntil(lambda: bool(later.answers), timeout=WAIT_MS)
    assert len(log.read_text().splitlines()) == 1
    words = log.read_text()
    assert '"similar", "/elsewhere/x.jpg", "--json"' in words
    likeness.forget_searches()
    likeness.ask(Query("/elsewhere/x.jpg"), later)
    qtbot.waitUntil(lambda: len(later.answers) == 2, timeout=WAIT_MS)
    assert len(log.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    "script_and_words",
    [
        ("print('noise', file=sys.stderr); sys.exit('This is no image.')", "This is no image."),
        ("sys.exit(3)", "ended without an answer"),
        ("print('{}')", "does not understand"),
        ("print('what?')", "does not understand"),
    ],
)
def test_a_search_that_fails_says_why(
    qtbot: QtBot,
    likeness: Likeness,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script_and_words: tuple[str, str],
) -> None:
    script, expected = script_and_words
    speak(monkeypatch, tmp_path, script)
    told = Told()
    likeness.ask(Query("/elsewhere/x.jpg"), told)
    qtbot.waitUntil(lambda: bool(told.answers), timeout=WAIT_MS)
    matches, error = told.answers[0]
    assert matches is None
    assert expected in str(error)


def test_a_program_that_is_not_there_is_an_error(
    qtbot: QtBot, likeness: Likeness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.gui.likeness.own_command", lambda: [str(tmp_path / "nothing")])
    told = Told()
    likeness.ask(Query("/elsewhere/x.jpg"), told)
    qtbot.waitUntil(lambda: bool(told.answers), timeout=WAIT_MS)
    assert "could not start" in str(told.answers[0][1])


def test_closing_ends_a_search_and_tells_nobody(
    qtbot: QtBot, likeness: Likeness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = speak(monkeypatch, tmp_path, "time.sleep(600)")
    told = Told()
    likeness.ask(Query("/elsewhere/x.jpg"), told)
    qtbot.waitUntil(lambda: bool(log.read_text()), timeout=WAIT_MS)
    likeness.close()
    qtbot.wait(20)
    assert told.answers == []
