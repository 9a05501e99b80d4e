"""A kill at any moment loses nothing: a few of the kills that `python -m tests.kill_tests` tries."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kill_tests import Failure, KillTrials, check_files, is_same


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KillTrials]:
    yield KillTrials(tmp_path_factory.mktemp("kills"), 12)


@pytest.mark.parametrize(("victim", "share"), [("worker", 0.6), ("window", 0.6)])
def test_a_library_is_as_if_nothing_had_been_killed(trials: KillTrials, victim: str, share: float) -> None:
    trials.times["window"] = trials.times["worker"]
    trials.trial(round(100 * share), victim, share)


def test_the_comparison_sees_what_is_wrong(tmp_path: Path) -> None:
    actual = {"similar": {"a": {"b": 0.5}}, "photos": ["a", "b"]}
    assert is_same(actual, {"similar": {"a": {"b": 0.5001}}, "photos": ["a", "b"]})
    assert not is_same(actual, {"similar": {"a": {"b": 0.51}}, "photos": ["a", "b"]})
    assert not is_same(actual, {"similar": {"a": {"c": 0.5}}, "photos": ["a", "b"]})
    assert not is_same(actual, {"similar": {"a": {"b": 0.5}}, "photos": ["a", "b", "b"]})
    (tmp_path / "library.db").write_bytes(b"SQLite format 3\x00" + bytes(4080))
    with pytest.raises((Failure, sqlite3.DatabaseError)):
        check_files(tmp_path)
