"""Asking what looks alike, and the process that looks at images."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.services.similarity import Matches, SimilarityService
from photosim.gui.state.places import Query
from photosim.library.library import Library
from photosim.search.query import Example

ANSWER = """
for line in sys.stdin:
    question = json.loads(line)
    open({log!r}, 'a').write(line)
    print(json.dumps({{'id': question['id'], {answer}}}), flush=True)
"""


class Told:
    def __init__(self) -> None:
        self.answers: list[tuple[Matches | None, Exception | None]] = []

    def __call__(self, matches: Matches | None, error: Exception | None) -> None:
        self.answers.append((matches, error))


@pytest.fixture
def likeness(library: Library, jobs: Jobs) -> Iterator[SimilarityService]:
    made = SimilarityService(library, jobs)
    yield made
    made.close()


def speak(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Let the eye be this instead of our own program."""
    path = folder / "eye.py"
    path.write_text("import json, sys, time\n" + textwrap.dedent(script))
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [sys.executable, str(path)])


def test_a_photo_of_the_library_is_answered_best_first(
    qtbot: QtBot, likeness: SimilarityService, library: Library
) -> None:
    photo, told = library.photos()[0], Told()
    likeness.search(Query.of_photos(photo), told)
    qtbot.waitUntil(lambda: bool(told.answers))
    matches, error = told.answers[0]
    assert error is None
    assert matches is not None
    exact = library.similar(photo.file_id, 300)
    assert [(one.file_id, similarity) for one, similarity in matches] == [
        (match.file_id, match.similarity) for match in exact
    ]


def test_an_image_is_looked_at_once_however_often_it_is_asked_about(
    qtbot: QtBot,
    likeness: SimilarityService,
    library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo, log = library.photos()[0], tmp_path / "questions"
    vector = library.similarity.known_vector(Example(photo.path))
    assert vector is not None
    answer = f"'vector': {vector.tolist()}"
    speak(monkeypatch, tmp_path, ANSWER.format(log=str(log), answer=answer))
    first, second, later = Told(), Told(), Told()
    likeness.search(Query.of_file("/elsewhere/x.jpg"), first)
    likeness.search(Query.of_file("/elsewhere/x.jpg"), second)
    qtbot.waitUntil(lambda: bool(first.answers and second.answers))
    assert first.answers == second.answers
    matches, error = first.answers[0]
    assert error is None
    assert matches is not None
    assert matches[0] == (photo, pytest.approx(1.0, abs=1e-3))
    likeness.search(Query.of_file("/elsewhere/x.jpg"), later)
    qtbot.waitUntil(lambda: bool(later.answers))
    assert len(log.read_text().splitlines()) == 1
    assert library.model.id in log.read_text()


@pytest.mark.parametrize(
    "script_and_words",
    [
        (ANSWER.format(log="/dev/null", answer="'error': 'This is no image.'"), "This is no image."),
        ("print('noise', file=sys.stderr); sys.exit('It broke.')", "It broke."),
        ("sys.exit(3)", "stopped unexpectedly"),
        ("print('{}')", "invalid result"),
        ("print('what?')", "invalid result"),
    ],
)
def test_a_search_that_fails_says_why_and_the_next_one_starts_afresh(
    qtbot: QtBot,
    likeness: SimilarityService,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script_and_words: tuple[str, str],
) -> None:
    script, expected = script_and_words
    speak(monkeypatch, tmp_path, script.replace("'/dev/null'", repr(str(tmp_path / "log"))))
    for told in (Told(), Told()):
        likeness.search(Query.of_file("/elsewhere/x.jpg"), told)
        qtbot.waitUntil(lambda told=told: bool(told.answers))
        matches, error = told.answers[0]
        assert matches is None
        assert expected in str(error)


def test_a_program_that_is_not_there_is_an_error(
    qtbot: QtBot, likeness: SimilarityService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [str(tmp_path / "nothing")])
    told = Told()
    likeness.search(Query.of_file("/elsewhere/x.jpg"), told)
    qtbot.waitUntil(lambda: bool(told.answers))
    assert "Couldn't start" in str(told.answers[0][1])


def test_closing_ends_a_search_and_tells_nobody(
    qtbot: QtBot, likeness: SimilarityService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = tmp_path / "started"
    speak(monkeypatch, tmp_path, f"open({str(started)!r}, 'w').write('x'); time.sleep(600)")
    told = Told()
    likeness.search(Query.of_file("/elsewhere/x.jpg"), told)
    qtbot.waitUntil(started.exists)
    likeness.close()
    qtbot.wait(20)
    assert told.answers == []
