"""Whatever is damaged, what can be read comes back: a few of the trials of `python -m tests.damage_tests`."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.damage_tests import DamageTrials, Failure

PHOTOS = 400


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DamageTrials]:
    trials = DamageTrials(tmp_path_factory.mktemp("damage"), PHOTOS)
    yield trials
    trials.close()


@pytest.mark.parametrize("kind", ["10 bytes", "5 pages", "the header", "the end", "two pages swapped"])
def test_a_damaged_library_is_repaired_and_loses_no_row_of_a_whole_page(
    trials: DamageTrials, kind: str
) -> None:
    trials.trial(0, "library.db", kind, random.Random(kind))


@pytest.mark.parametrize("kind", ["10 bytes", "the header", "the first page", "the end", "a page"])
def test_a_damaged_cache_costs_nothing(trials: DamageTrials, kind: str) -> None:
    for number, target in enumerate(("thumbnails.db", "index", "settings.json")):
        trials.trial(number, target, kind, random.Random(kind))


def test_the_comparison_sees_lost_rows(trials: DamageTrials, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = next(iter(trials.rows["photos"]))
    lost = {name: set(rows) for name, rows in trials.rows.items()}
    lost["photos"].remove(photo)
    monkeypatch.setattr("tests.damage_tests.read_rows", lambda _: lost)
    with pytest.raises(Failure, match="photos are lost"):
        trials.trial(99, "library.db", "a log of nonsense", random.Random(0))
