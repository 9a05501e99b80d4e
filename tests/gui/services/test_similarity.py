"""Similarity searches of the window."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.services.similarity import SimilarityService
from photosim.gui.services.stack_cache import StackCache
from photosim.gui.state.places import Query
from photosim.gui.state.results import Results
from photosim.library import Library
from photosim.search.query import Example

RESPOND = """
for line in sys.stdin:
    request = json.loads(line)
    open({log!r}, 'a').write(line)
    print(json.dumps({{'id': request['id'], {result}}}), flush=True)
"""


class Answers:
    """Records what a callback is called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Results | None, Exception | None]] = []

    def __call__(self, matches: Results | None, error: Exception | None) -> None:
        self.calls.append((matches, error))


@pytest.fixture
def similarity(library: Library, jobs: Jobs) -> Iterator[SimilarityService]:
    client = PhotoClient(library.folder, jobs)
    yield SimilarityService(library, jobs, client, StackCache(library))
    client.close()


def set_script(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Run this script as the embedding process."""
    path = folder / "script.py"
    path.write_text("import json, sys, time\n" + textwrap.dedent(script))
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [sys.executable, str(path)])


def test_the_matches_of_a_photo_of_the_library_come_best_first(
    qtbot: QtBot, similarity: SimilarityService, library: Library
) -> None:
    photo, results = library.photos()[0], Answers()
    similarity.search(Query.of_photos(photo), results)
    qtbot.waitUntil(lambda: bool(results.calls))
    matches, error = results.calls[0]
    assert error is None
    assert matches is not None
    assert [(row.photo.file_id, row.similarity, row.band) for row in matches.rows] == [
        (match.file_id, match.similarity, match.band) for match in library.similar(photo.file_id, 60)
    ]
    assert matches.is_complete


def test_a_page_of_results_is_the_beginning_of_a_longer_one(
    qtbot: QtBot, similarity: SimilarityService, library: Library
) -> None:
    query = Query.of_photos(library.photos()[0])
    pages = []
    for count in (5, 11, 23, 24):
        results = Answers()
        similarity.search(query, results, count)
        qtbot.waitUntil(lambda results=results: bool(results.calls))
        pages.append(results.calls[0][0])
    assert all(page is not None for page in pages)
    assert [len(page.rows) for page in pages] == [5, 11, 23, 23]
    assert all(pages[3].rows[: len(page.rows)] == page.rows for page in pages)
    assert [page.is_complete for page in pages] == [False, False, False, True]


def test_an_image_is_embedded_once_however_often_it_is_searched_by(
    qtbot: QtBot,
    similarity: SimilarityService,
    library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo, log = library.photos()[0], tmp_path / "requests"
    vector = library.similarity.known_vector(Example(photo.path))
    assert vector is not None
    result = f"'vector': {vector.tolist()}"
    set_script(monkeypatch, tmp_path, RESPOND.format(log=str(log), result=result))
    first, second, later = Answers(), Answers(), Answers()
    similarity.search(Query.of_file("/elsewhere/x.jpg"), first)
    similarity.search(Query.of_file("/elsewhere/x.jpg"), second)
    qtbot.waitUntil(lambda: bool(first.calls and second.calls))
    assert first.calls == second.calls
    matches, error = first.calls[0]
    assert error is None
    assert matches is not None
    assert matches.rows[0].photo == photo
    assert matches.rows[0].similarity == pytest.approx(1.0, abs=1e-3)
    similarity.search(Query.of_file("/elsewhere/x.jpg"), later)
    qtbot.waitUntil(lambda: bool(later.calls))
    assert len(log.read_text().splitlines()) == 1
    assert library.model.id in log.read_text()


def test_an_image_that_cannot_be_embedded_is_an_error(
    qtbot: QtBot, similarity: SimilarityService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_script(
        monkeypatch,
        tmp_path,
        RESPOND.format(log=str(tmp_path / "requests"), result="'error': 'Not a photo.'"),
    )
    results = Answers()
    similarity.search(Query.of_file("/elsewhere/x.jpg"), results)
    qtbot.waitUntil(lambda: bool(results.calls))
    matches, error = results.calls[0]
    assert matches is None
    assert str(error) == "Not a photo."


def test_a_cancelled_search_embeds_its_images_no_more_unless_another_one_needs_them(
    qtbot: QtBot,
    similarity: SimilarityService,
    library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("photosim.gui.services.processes.photo_workers._MAX_PROCESSES", 1)
    vector = library.similarity.known_vector(Example(library.photos()[0].path))
    assert vector is not None
    gate, log = tmp_path / "gate", tmp_path / "requests"
    wait = f"""
import os
for line in sys.stdin:
    request = json.loads(line)
    open({str(log)!r}, "a").write(line)
    while not os.path.exists({str(gate)!r}):
        time.sleep(0.01)
    print(json.dumps({{"id": request["id"], "vector": {vector.tolist()}}}), flush=True)
"""
    set_script(monkeypatch, tmp_path, wait)
    dropped, kept, replaced = Answers(), Answers(), Answers()
    running = similarity.search(Query.of_file("/elsewhere/a.jpg"), dropped)
    other = similarity.search(Query.of_file("/elsewhere/a.jpg"), kept)
    qtbot.waitUntil(lambda: len(running.embeddings) == len(other.embeddings) == 1)
    unsent = similarity.search(Query.of_file("/elsewhere/b.jpg"), replaced)
    qtbot.waitUntil(lambda: len(unsent.embeddings) == 1)
    running.cancel()
    unsent.cancel()
    gate.touch()
    qtbot.waitUntil(lambda: bool(kept.calls))
    assert kept.calls[0][1] is None
    assert dropped.calls == replaced.calls == []
    assert "b.jpg" not in log.read_text()
