"""A missing or broken hnswlib costs speed and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.library import Library
from photosim.search import hnsw
from photosim.search.exact import top_k
from photosim.search.index_files import GRAPH_FILE, HEADER_FILE
from tests.support.photo_folders import make_photos
from tests.support.timeouts import TIMEOUT_S
from tests.support.vectors import load_index, make_graph_index, make_vectors

ROOT = Path(__file__).parents[2]


@pytest.fixture
def no_hnswlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hnsw, "is_available", lambda: False)


@pytest.fixture
def broken_hnswlib(tmp_path: Path) -> dict[str, str]:
    """The environment of a process in which the import of hnswlib fails as that of a broken build does."""
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "hnswlib.py").write_text("raise ImportError('undefined symbol: _ZTVN10__cxxabiv1')\n")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}


def test_the_program_indexes_searches_and_groups_without_hnswlib(
    tmp_path: Path, broken_hnswlib: dict[str, str]
) -> None:
    make_photos(tmp_path / "photos", 4)

    def run(*words: str) -> str:
        command = [sys.executable, "-P", "-m", "photosim", "--library", str(tmp_path / "library"), *words]
        done = subprocess.run(
            command, env=broken_hnswlib, capture_output=True, text=True, check=False, timeout=TIMEOUT_S
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("index", str(tmp_path / "photos"))
    status = json.loads(run("status", "--json"))
    assert (status["embedded"], status["search_is_exact"]) == (4, True)
    assert "hnswlib can't be loaded" in run("status")
    first = tmp_path / "photos" / "photo-000.jpg"
    assert len(json.loads(run("similar", str(first), "--json"))["matches"]) == 3
    json.loads(run("clusters", "--json"))


def test_a_large_index_answers_exactly_and_keeps_a_saved_graph_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors, queries = make_vectors(1000), make_vectors(20, seed=1)
    make_graph_index(vectors[:900]).save(tmp_path)
    saved = {name: (tmp_path / name).read_bytes() for name in (GRAPH_FILE, HEADER_FILE)}
    monkeypatch.setattr(hnsw, "is_available", lambda: False)
    index = load_index(tmp_path)
    assert (len(index), index.load_error) == (0, None)
    index.sync(np.arange(1000), lambda ids: vectors[ids])
    assert index.merge_pending()
    assert index.is_exact
    ids, similarities = index.search(queries, 10)
    expected = top_k(queries, np.arange(1000), vectors, 10)
    np.testing.assert_array_equal(ids, expected[0])
    np.testing.assert_array_equal(similarities, expected[1])
    index.save(tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in (GRAPH_FILE, HEADER_FILE)} == saved


@pytest.mark.usefixtures("no_hnswlib")
def test_the_window_says_so_once_in_a_line_that_can_be_dismissed(qtbot: QtBot, tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    window = MainWindow(library)
    qtbot.addWidget(window)
    banner = window.views.exact_search_banner
    window.start()
    window.show()
    qtbot.waitUntil(banner.isVisible)
    assert "hnswlib" in banner.text.text()
    banner.close_button.click()
    with qtbot.waitSignal(window.services.library_monitor.overview_changed):
        window.services.library_monitor.refresh()
    assert not banner.isVisible()
    window.close()
    library.close()


def test_the_window_says_nothing_where_hnswlib_works(qtbot: QtBot, tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    window = MainWindow(library)
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.services.library_monitor.overview_changed):
        window.start()
    assert window.views.exact_search_banner.isHidden()
    window.close()
    library.close()
