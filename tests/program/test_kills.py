"""A kill at any moment loses nothing: a few of the kills that `python -m tests.kill_tests` tries."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.kill_tests import (
    TIMEOUT_S,
    Failure,
    KillTrials,
    check_files,
    child_of,
    is_same,
    results,
    wait_for,
)


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KillTrials]:
    yield KillTrials(tmp_path_factory.mktemp("kills"), 12)


@pytest.mark.parametrize(("victim", "share"), [("worker", 0.6), ("window", 0.6)])
def test_a_library_is_as_if_nothing_had_been_killed(trials: KillTrials, victim: str, share: float) -> None:
    assert any(trials.expected["objects"].values()), "there is something to lose"
    trials.times["window"] = trials.times["worker"]
    trials.trial(round(100 * share), victim, share)


def test_a_killed_closer_look_goes_on(trials: KillTrials, tmp_path: Path) -> None:
    """The photos that it was reading are read again alone, and nothing is left out."""
    library = tmp_path / "library"
    shutil.copytree(trials.undisturbed, library)
    process = trials.start("objects", "--look-closer", "--library", library)
    worker = wait_for(lambda: child_of(process))

    def is_reading() -> bool:
        with suppress(OSError, ValueError):
            return bool(json.loads((library / "reading.json").read_text()).get("reading"))
        return False

    wait_for(is_reading)
    worker.kill()
    assert process.wait(TIMEOUT_S) == 0
    check_files(library)
    with closing(sqlite3.connect(library / "library.db")) as db:
        [(photos,)] = db.execute("SELECT COUNT(*) FROM photos")
        assert db.execute("SELECT COUNT(*) FROM detected_photos WHERE closer = 1").fetchall() == [(photos,)]
    actual = results(library)
    assert actual["objects"].keys() >= trials.expected["objects"].keys()
    assert not (library / "reading.json").exists()


def test_the_comparison_sees_what_is_wrong(tmp_path: Path) -> None:
    actual = {"similar": {"a": {"b": 0.5}}, "photos": ["a", "b"]}
    assert is_same(actual, {"similar": {"a": {"b": 0.5001}}, "photos": ["a", "b"]})
    assert not is_same(actual, {"similar": {"a": {"b": 0.51}}, "photos": ["a", "b"]})
    assert not is_same(actual, {"similar": {"a": {"c": 0.5}}, "photos": ["a", "b"]})
    assert not is_same(actual, {"similar": {"a": {"b": 0.5}}, "photos": ["a", "b", "b"]})
    (tmp_path / "library.db").write_bytes(b"SQLite format 3\x00" + bytes(4080))
    with pytest.raises((Failure, sqlite3.DatabaseError)):
        check_files(tmp_path)
