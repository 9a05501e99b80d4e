"""The photo to keep of many that are connected by pairs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from photosim.duplicates.group_builder import GroupBuilder
from photosim.duplicates.verdict_index import VerdictIndex
from tests.support.duplicate_facts import Case, cases


@given(cases(), st.data())
def test_the_best_of_many_photos_is_the_best_of_few(case: Case, data: st.DataObject) -> None:
    """With files that are missing, offline or protected, and with verdicts on how many of them stay."""
    verdicts = VerdictIndex({(row.first, row.second): row for row in case.verdicts})
    builder = GroupBuilder(case.facts, verdicts, case.rules)
    photo_ids = sorted(case.facts.contents)
    places = data.draw(st.lists(st.integers(0, len(photo_ids) - 1), min_size=1, unique=True).map(sorted))
    best = builder.best_of_many(photo_ids)(places)
    assert photo_ids[best] == builder.best_content([photo_ids[place] for place in places])
