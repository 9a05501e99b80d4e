"""Counts of objects and their places as criteria, and the words for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.search.filters.criteria import Facet, FilterRow, PhotoFilter
from photosim.search.filters.facets import FilterTable, ObjectValues
from photosim.search.words.objects import MANY, ObjectColumn, ObjectCriterion, Place, count_of
from photosim.search.words.vocabulary import Vocabulary

TODAY = date(2024, 7, 10)
NAMES = ("dog", "person", "traffic light")

Object = tuple[int, int, tuple[float, float, float, float]]
"""A row, an index into NAMES and a box."""

OBJECTS: tuple[Object, ...] = (
    (0, 1, (0.0, 0.1, 0.3, 0.9)),
    (0, 0, (0.7, 0.6, 0.2, 0.3)),
    (1, 1, (0.1, 0.1, 0.2, 0.5)),
    (1, 1, (0.6, 0.1, 0.3, 0.5)),
    (2, 1, (0.35, 0.2, 0.3, 0.6)),
    (2, 0, (0.0, 0.0, 0.2, 0.2)),
    (2, 0, (0.3, 0.0, 0.2, 0.2)),
    (3, 2, (0.8, 0.0, 0.1, 0.2)),
)
PHOTOS = 5


class Reads:
    """Reads the objects of a table, and counts how often."""

    def __init__(self, objects: Sequence[Object] = OBJECTS) -> None:
        self.objects, self.count = objects, 0

    def __call__(self) -> ObjectValues:
        self.count += 1
        rows = np.array([row for row, _, _ in self.objects], np.int64)
        codes = np.array([code for _, code, _ in self.objects], np.int64)
        boxes = np.array([box for _, _, box in self.objects], np.float32).reshape(-1, 4)
        return 10 + rows, codes, NAMES, boxes


@pytest.fixture
def reads() -> Reads:
    return Reads()


@pytest.fixture
def table(reads: Reads) -> FilterTable:
    rows = [
        FilterRow(10 + row, f"/photos/{row}.jpg", "/photos", 40, 30, "JPEG", None, None, False, False, False)
        for row in range(PHOTOS)
    ]
    labels = np.array([10, 10, 13]), np.array([0, 1, 2]), NAMES, np.ones(3, np.float32)
    return FilterTable.from_rows(rows, labels, reads)


def matching(table: FilterTable, *texts: str) -> list[int]:
    return np.flatnonzero(table.matches(PhotoFilter(object_words=frozenset(texts)))).tolist()


def found(table: FilterTable, text: str) -> list[int]:
    terms = Vocabulary(table, 2).understand(text, TODAY)
    criteria = PhotoFilter()
    for term in terms:
        criteria = criteria.combined(term.criteria)
    return np.flatnonzero(table.matches(criteria)).tolist()


def test_a_count_is_exact(table: FilterTable) -> None:
    assert matching(table, "1 person") == [0, 2]
    assert matching(table, "2 person") == [1]
    assert matching(table, "3 person") == []
    assert matching(table, "2 dog") == [2]
    assert matching(table, "1 zebra") == []


def test_a_place_is_where_the_middle_of_the_box_is(table: FilterTable) -> None:
    assert matching(table, "person left") == [0, 1]
    assert matching(table, "person right") == [1]
    assert matching(table, "dog bottom") == [0]
    assert matching(table, "dog top") == [2]
    assert matching(table, "person left", "dog right") == [0]
    assert matching(table, "traffic light right") == [3]


def test_words_are_understood_as_counts_and_places(table: FilterTable) -> None:
    assert found(table, "two people") == [1]
    assert found(table, "2 dogs") == [2]
    assert found(table, "one traffic light") == [3]
    assert found(table, "person left, dog right") == [0]
    assert found(table, "person left dog right") == [0]
    assert found(table, "man left") == [0, 1], "other words for a label"


def test_what_no_photo_has_is_a_part_of_names(table: FilterTable) -> None:
    terms = Vocabulary(table, 2).understand("five dogs", TODAY)
    assert [term.value for term in terms] == ["five", "dog"]
    assert [term.value for term in Vocabulary(table, 2).understand("left", TODAY)] == ["left"]


def test_beginnings_are_offered(table: FilterTable) -> None:
    vocabulary = Vocabulary(table, 2)

    def offered(text: str) -> set[tuple[str, int]]:
        found = vocabulary.suggest(text, TODAY, vocabulary.everything)
        return {(one.term.value, one.photos) for one in found}

    assert ("2 person", 1) in offered("two peop")
    assert ("person left", 2) in offered("person le")
    assert ("person left", 2) in offered("person left")


def test_objects_are_read_once_and_only_when_words_ask_for_them(table: FilterTable, reads: Reads) -> None:
    table.matches(PhotoFilter(labels=frozenset({"dog"})))
    found(table, "dog")
    assert reads.count == 0
    matching(table, "2 dog")
    matching(table, "dog left")
    assert reads.count == 1


def test_a_table_without_objects_has_no_matches() -> None:
    row = FilterRow(1, "/a.jpg", "/", 40, 30, "JPEG", None, None, False, False, False)
    assert matching(FilterTable.from_rows([row]), "2 dog") == []


def test_the_criteria_are_part_of_those_about_objects() -> None:
    criteria = PhotoFilter(object_words=frozenset({"2 dog"}))
    assert criteria.active_facets == (Facet.LABELS,)
    assert criteria.has_objects
    assert criteria.without(Facet.LABELS) == PhotoFilter()
    both = criteria.combined(PhotoFilter(object_words=frozenset({"dog left"})))
    assert both.object_words == {"2 dog", "dog left"}


@given(st.text(max_size=30))
def test_any_text_is_a_criterion_or_none(text: str) -> None:
    criterion = ObjectCriterion.parse(text)
    assert criterion is None or ObjectCriterion.parse(criterion.text) == criterion


labels = st.sampled_from(["dog", "traffic light", "left", "2 dogs", "a b c"])


@given(labels, st.integers(1, MANY), st.sampled_from(Place))
def test_what_is_written_is_read(label: str, count: int, place: Place) -> None:
    for criterion in (ObjectCriterion(label, count), ObjectCriterion(f"x{label}", place=place)):
        assert ObjectCriterion.parse(criterion.text) == criterion


@pytest.mark.parametrize(
    ("word", "number"),
    [("two", 2), ("10", 10), ("2", 2), ("0", None), ("11", None), ("²", None), ("2023", None)],
)
def test_numbers_up_to_many_are_counts(word: str, number: int | None) -> None:
    assert count_of(word) == number


boxes = st.tuples(*[st.floats(0, 0.5, width=32)] * 4)


@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 2), boxes), max_size=30), st.data())
def test_a_column_answers_as_a_plain_loop(objects: list[Object], data: st.DataObject) -> None:
    rows, codes = (np.array([one[index] for one in objects], np.int64) for index in (0, 1))
    column = ObjectColumn.from_objects(
        rows, codes, NAMES, np.array([box for *_, box in objects], np.float32).reshape(-1, 4)
    )
    code = data.draw(st.integers(0, 2))
    count = data.draw(st.integers(1, 4))
    of_label = [[one for one in objects if one[:2] == (row, code)] for row in range(PHOTOS)]
    mask = column.mask({f"{count} {NAMES[code]}"}, PHOTOS)
    assert mask.tolist() == [len(found) == count for found in of_label]
    mask = column.mask({f"{NAMES[code]} left"}, PHOTOS)
    lefts = [
        any(np.float32(x) + np.float32(w) / 2 <= 0.45 for _, _, (x, _, w, _) in found) for found in of_label
    ]
    assert mask.tolist() == lefts
