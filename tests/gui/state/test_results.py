"""Which results of a search are shown, and under which headings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.gui.base.boxes import FoundObject
from photosim.gui.state.results import (
    FIRST_PAGE,
    MAX_RESULTS,
    Result,
    ResultList,
    Results,
    list_results,
    next_count,
)
from photosim.records import SimilarityBand
from tests.support.photo_records import make_photo_record

BANDS = list(SimilarityBand)
ALL = SimilarityBand.LESS_SIMILAR


def results_of(*counts: int, complete: bool = True) -> Results:
    """Results with this number in each band, the most similar first."""
    bands = [band for band, count in zip(BANDS, counts, strict=True) for _ in range(count)]
    rows = tuple(Result(make_photo_record(row + 1), 0.5, band) for row, band in enumerate(bands))
    return Results(rows, is_complete=complete)


def headings(shown: ResultList) -> list[tuple[int, str, bool | None]]:
    return [(section.first, section.title, section.folded) for section in shown.photos.sections]


def test_results_are_under_the_names_of_their_bands(qtbot: object) -> None:
    shown = list_results(results_of(1, 2, 0, 3, 4), ALL, unfolded=False)
    assert headings(shown) == [
        (0, "Identical", None),
        (1, "Same photo", None),
        (3, "Similar", None),
        (6, "Less similar", None),
    ]
    assert shown.photos.file_ids == list(range(1, 11))


def test_the_less_similar_ones_are_folded_where_there_are_enough_others(qtbot: object) -> None:
    folded = list_results(results_of(0, 0, 2, 10, 48, complete=False), ALL, unfolded=False)
    assert headings(folded)[-1] == (12, "Less similar", True)
    assert len(folded.photos.photos) == 12
    assert not folded.can_grow, "what would follow is folded"
    unfolded = list_results(results_of(0, 0, 2, 10, 48, complete=False), ALL, unfolded=True)
    assert headings(unfolded)[-1] == (12, "Less similar", False)
    assert len(unfolded.photos.photos) == 60
    assert unfolded.can_grow
    few = list_results(results_of(0, 0, 2, 9, 48), ALL, unfolded=False)
    assert headings(few)[-1] == (11, "Less similar", None)


def test_only_a_number_that_is_known_is_shown(qtbot: object) -> None:
    growing = list_results(results_of(0, 0, 2, 4, 54, complete=False), ALL, unfolded=False)
    assert [section.counted for section in growing.photos.sections] == [True, True, False]
    assert not growing.is_counted
    whole = list_results(results_of(0, 0, 2, 4, 5), ALL, unfolded=False)
    assert [section.counted for section in whole.photos.sections] == [True, True, True]
    assert whole.is_counted
    strict = list_results(results_of(0, 0, 2, 4, 54, complete=False), SimilarityBand.SIMILAR, unfolded=False)
    assert [section.counted for section in strict.photos.sections] == [True, True]
    assert strict.is_counted


@given(
    st.lists(st.integers(0, 20), min_size=5, max_size=5),
    st.sampled_from(BANDS),
    st.booleans(),
    st.booleans(),
)
def test_a_stricter_list_is_the_beginning_of_a_looser_one(
    counts: list[int], least: SimilarityBand, complete: bool, unfolded: bool
) -> None:
    results = results_of(*counts, complete=complete)
    everything = [row.photo for row in results.rows]
    shown = list_results(results, least, unfolded=unfolded)
    photos = shown.photos.photos
    assert photos == everything[: len(photos)]
    assert all(row.band <= least for row in results.rows[: len(photos)])
    assert shown.is_restricted == any(row.band > least for row in results.rows)
    assert not (shown.can_grow and (complete or shown.is_restricted or shown.fold))
    firsts = [section.first for section in shown.photos.sections]
    assert firsts == sorted(set(firsts))
    assert bool(photos) == bool(firsts)
    if shown.fold is not True:
        assert len(photos) == sum(row.band <= least for row in results.rows)


@pytest.mark.parametrize("start", [0, FIRST_PAGE, 500, MAX_RESULTS - 1])
def test_the_number_of_results_grows_until_the_maximum(start: int) -> None:
    count, steps = start, 0
    while count < MAX_RESULTS:
        assert next_count(count) > count
        count, steps = next_count(count), steps + 1
    assert count == MAX_RESULTS
    assert steps < 20


def test_the_objects_that_were_found_are_listed_with_their_photos(qtbot: object) -> None:
    dog = FoundObject((0.1, 0.1, 0.2, 0.2), "dog")
    rows = (
        Result(make_photo_record(1), 0.9, SimilarityBand.SIMILAR, dog),
        Result(make_photo_record(2), 0.8, SimilarityBand.SIMILAR),
        Result(make_photo_record(3), 0.1, ALL, dog),
    )
    assert list_results(Results(rows), SimilarityBand.SIMILAR, unfolded=True).photos.found == {1: dog}
