"""What a kill at any moment costs: nothing. A few moments of what `python -m tests.kill_tests` tries often."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kill_tests import Failure, KillTrials, check_files, is_same


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KillTrials]:
    yield KillTrials(tmp_path_factory.mktemp("kills"), 12)


@pytest.mark.parametrize(("victim", "share"), [("worker", 0.6), ("window", 0.6)])
def test_a_library_is_as_if_nothing_had_been_killed(stage: KillTrials, victim: str, share: float) -> None:
    stage.times["window"] = stage.times["worker"]
    stage.trial(round(100 * share), victim, share)


def test_the_comparison_sees_what_is_wrong(tmp_path: Path) -> None:
    told = {"similar": {"a": {"b": 0.5}}, "photos": ["a", "b"]}
    assert is_same(told, {"similar": {"a": {"b": 0.5001}}, "photos": ["a", "b"]})
    assert not is_same(told, {"similar": {"a": {"b": 0.51}}, "photos": ["a", "b"]})
    assert not is_same(told, {"similar": {"a": {"c": 0.5}}, "photos": ["a", "b"]})
    assert not is_same(told, {"similar": {"a": {"b": 0.5}}, "photos": ["a", "b", "b"]})
    (tmp_path / "library.db").write_bytes(b"SQLite format 3\x00" + bytes(4080))
    with pytest.raises((Failure, sqlite3.DatabaseError)):
        check_files(tmp_path)
