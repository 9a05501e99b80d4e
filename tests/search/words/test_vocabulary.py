"""Typed words are understood as what the library has, and offered with counts."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.search.filters.columns import LabelColumn
from photosim.search.filters.criteria import FilterRow, PhotoFilter
from photosim.search.filters.facets import FilterTable
from photosim.search.words.terms import Term, TermKind
from photosim.search.words.vocabulary import TermCounter, Vocabulary

TODAY = date(2024, 7, 10)
LEVEL = 2
LABELS = ("dog", "stop sign", "cell phone", "golden retriever", "Labrador retriever")
PHOTOS = (
    # path, date, camera, labels
    ("/photos/2023 Japan/Kyoto/temple.jpg", "2023-08-02T10:00:00", "Canon EOS R6", ()),
    ("/photos/2023 Japan/Kyoto/deer.jpg", "2023-08-03T10:00:00", "Canon EOS R6", ("dog",)),
    ("/photos/2023 Japan/Osaka/dog.jpg", "2023-09-01T10:00:00", "Canon PowerShot", ("dog",)),
    ("/photos/home/dog at home.jpg", "2021-05-17T10:00:00", "iPhone 12", ("dog", "cell phone")),
    ("/photos/home/sign.jpg", "2022-08-17T10:00:00", None, ("stop sign",)),
    ("/photos/home/2021/x.jpg", None, None, ("golden retriever",)),
    ("/photos/home/2021/y.jpg", None, None, ("Labrador retriever",)),
)


def make_table() -> FilterTable:
    rows = [
        FilterRow(number, path, "/photos", 4000, 3000, "JPEG", taken, camera, False, False, False)
        for number, (path, taken, camera, _) in enumerate(PHOTOS, 1)
    ]
    pairs = [
        (number, LABELS.index(label)) for number, (*_, labels) in enumerate(PHOTOS, 1) for label in labels
    ]
    ids, codes = np.array(pairs, np.int64).T
    scores = np.linspace(0.9, 0.5, len(pairs), dtype=np.float32)
    table = FilterTable.from_rows(rows, (ids, codes, LABELS, scores))
    table.clusters[LEVEL] = LabelColumn.from_pairs(
        np.array([1, 2, 3]), np.array([0, 0, 1]), ("Deer of Nara, dogs", "Home")
    )
    return table


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary(make_table(), LEVEL)


def understood(vocabulary: Vocabulary, text: str) -> list[tuple[str, str]]:
    return [(term.kind.value, term.value) for term in vocabulary.understand(text, TODAY)]


def offered(vocabulary: Vocabulary, text: str) -> list[tuple[str, str, int]]:
    found = vocabulary.suggest(text, TODAY, vocabulary.everything)
    return [(suggestion.term.kind.value, suggestion.term.value, suggestion.photos) for suggestion in found]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("puppies", [("object", "dog")]),
        ("DOG 2023", [("object", "dog"), ("date", "2023")]),
        ("stop signs august", [("object", "stop sign"), ("date", "--08")]),
        ("17 may 2021 phone", [("date", "2021-05-17"), ("object", "cell phone")]),
        ("august 2023 kyoto", [("date", "2023-08"), ("folder", "/photos/2023 Japan/Kyoto")]),
        ("2023 japan", [("folder", "/photos/2023 Japan")]),
        ("canon", [("camera", "canon")]),
        ("iphone 12 dog", [("camera", "iPhone 12"), ("object", "dog")]),
        ("deer of nara, dogs", [("cluster", "Deer of Nara, dogs")]),
        ("retrievers", [("object", "retrievers")]),
        ("golden retriever", [("object", "golden retriever")]),
        ("2021-05", [("date", "2021-05")]),
        ("summer 2022", [("date", "2022-06-01/2022-08-31")]),
        ("2020", [("text", "2020")]),
        ("temp", [("text", "temp")]),
        ("retr", [("object", "golden retriever")]),
        ("Zébra", [("text", "zebra")]),
        ("", []),
    ],
)
def test_words_are_understood(vocabulary: Vocabulary, text: str, terms: list[tuple[str, str]]) -> None:
    assert understood(vocabulary, text) == terms


def test_a_word_means_what_finds_photos(vocabulary: Vocabulary) -> None:
    assert understood(vocabulary, "home") == [("cluster", "Home")], "rather than the folder"
    assert understood(vocabulary, "1999") == [("text", "1999")]
    table = make_table()
    table.clusters.clear()
    assert understood(Vocabulary(table, LEVEL), "home") == [("folder", "/photos/home")]


@pytest.mark.parametrize(
    ("text", "unmatched"),
    [
        ("dog 2023", None),
        ("dog Last summer", "Last summer"),
        ("dog last summer kyoto", "last summer"),
        ("temple summer 2019", "summer 2019"),
        ("dog zebra", "zebra"),
        ("1999", "1999"),
    ],
)
def test_what_no_photo_matches_is_told_as_it_was_meant(
    vocabulary: Vocabulary, text: str, unmatched: str | None
) -> None:
    assert vocabulary.unmatched(text, date(2030, 1, 1)) == unmatched


def test_what_is_typed_is_offered_by_kind_with_counts(vocabulary: Vocabulary) -> None:
    assert offered(vocabulary, "puppy") == [("object", "dog", 3)]
    assert offered(vocabulary, "do") == [
        ("object", "dog", 3),
        ("cluster", "Deer of Nara, dogs", 2),
        ("text", "do", 2),
    ]
    assert offered(vocabulary, "ky") == [("folder", "/photos/2023 Japan/Kyoto", 2), ("text", "ky", 2)]
    assert offered(vocabulary, "canon") == [
        ("camera", "canon", 3),
        ("camera", "Canon EOS R6", 2),
        ("camera", "Canon PowerShot", 1),
    ]
    assert offered(vocabulary, "aug") == [("date", "--08", 3), ("date", "2023-08", 2), ("date", "2022-08", 1)]
    assert offered(vocabulary, "202")[:3] == [
        ("folder", "/photos/2023 Japan", 3),
        ("folder", "/photos/home/2021", 2),
        ("date", "2023", 3),
    ]
    assert offered(vocabulary, "retriever")[0] == ("object", "retriever", 2)
    assert offered(vocabulary, "nothing") == []
    misspelled = [("camera", "iPhone 12", 1), ("object", "dog", 3)]
    assert offered(vocabulary, "iphone dogz") == misspelled
    kinds = list(dict.fromkeys(kind for kind, *_ in offered(vocabulary, "dog 2023")))
    assert kinds == ["object", "date", "folder", "text"], "what Enter takes comes first"


def test_each_of_several_words_is_offered_and_leaves_the_others(vocabulary: Vocabulary) -> None:
    found = vocabulary.suggest("Dog 2023", TODAY, vocabulary.everything)
    rests = {(suggestion.term.kind, suggestion.term.value): suggestion.rest for suggestion in found}
    assert rests[TermKind.OBJECT, "dog"] == "2023"
    assert rests[TermKind.DATE, "2023"] == "Dog"
    assert understood(vocabulary, "stop s") == [("object", "stop sign"), ("text", "s")]
    assert ("object", "stop sign", 1) in offered(vocabulary, "dog stop s")


def test_a_folder_is_counted_with_those_inside(vocabulary: Vocabulary) -> None:
    folders = vocabulary.folders
    counts = dict(zip(folders.paths, vocabulary.everything.of_folders().tolist(), strict=True))
    assert counts == {
        "/photos": 7,
        "/photos/2023 Japan": 3,
        "/photos/2023 Japan/Kyoto": 2,
        "/photos/2023 Japan/Osaka": 1,
        "/photos/home": 4,
        "/photos/home/2021": 2,
    }


_words = st.lists(
    st.sampled_from(
        ["dog", "do", "2023", "202", "aug", "may", "17", "canon", "kyoto", "home", "stop", "sign", "x", "é"]
    ),
    max_size=4,
).map(" ".join)


@given(_words, st.sampled_from(["", "dog", "jpg", "kyoto"]))
def test_a_count_is_what_choosing_the_term_shows(text: str, filter_text: str) -> None:
    vocabulary = Vocabulary(make_table(), LEVEL)
    mask = vocabulary.table.matches(PhotoFilter(text=filter_text))
    for suggestion in vocabulary.suggest(text, TODAY, TermCounter(vocabulary, mask)):
        criteria = PhotoFilter(text=filter_text).combined(suggestion.term.criteria)
        assert np.count_nonzero(vocabulary.table.matches(criteria)) == suggestion.photos > 0


@given(st.text(max_size=20))
def test_no_text_is_too_strange(text: str) -> None:
    vocabulary = Vocabulary(make_table(), LEVEL)
    vocabulary.suggest(text, TODAY, vocabulary.everything)
    terms: list[Term] = vocabulary.understand(text, TODAY)
    assert all(term.criteria != PhotoFilter() for term in terms)


def test_certainty_is_the_lowest_of_the_labels(vocabulary: Vocabulary) -> None:
    scores = vocabulary.table.object_scores(PhotoFilter(labels=frozenset({"dog", "cell phone"})))
    assert scores.tolist() == pytest.approx([0, 0, 0, 0.9 - 0.4 / 6 * 3, 0, 0, 0])
    kinds = vocabulary.table.object_scores(PhotoFilter(label_words=frozenset({"retriever"})))
    assert np.flatnonzero(kinds).tolist() == [5, 6]


def test_an_empty_library_offers_nothing() -> None:
    empty = Vocabulary(FilterTable.from_rows([]), LEVEL)
    assert empty.suggest("dog 2023", TODAY, empty.everything) == []
    assert [term.kind for term in empty.understand("dog 2023", TODAY)] == [TermKind.TEXT] * 2
