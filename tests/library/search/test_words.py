"""Searching a library by words, while it changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from photosim.errors import LabelError
from photosim.library import Library
from photosim.library.search import words
from photosim.library.search.filters import FilterScope
from photosim.records import FileEntry, Label, PhotoFacts
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.words.terms import TermKind
from photosim.store.catalog import Catalog, FileRecord
from tests.support.clock import Clock


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Photos of dogs and of other things, in two folders."""
    opened = Library.open(tmp_path / "library")
    with closing(Catalog(opened.folder)) as catalog:
        put(catalog, opened.model.id, tmp_path / "one" / "a.jpg", "2023-08-02", dog=0.7)
        put(catalog, opened.model.id, tmp_path / "one" / "b.jpg", "2023-08-03", dog=0.9)
        put(catalog, opened.model.id, tmp_path / "two" / "c.jpg", "2021-05-17", dog=0.8, person=0.6)
        put(catalog, opened.model.id, tmp_path / "two" / "beach.jpg", "2022-05-17")
    yield opened
    opened.close()


def put(catalog: Catalog, model: str, path: Path, day: str, **labels: float) -> int:
    catalog.add_source(str(path.parent))
    facts = PhotoFacts(4000, 3000, "JPEG", f"{day}T18:03:11", "Canon EOS R6")
    found = tuple(Label(name, score) for name, score in labels.items())
    reading = FileRecord(FileEntry(str(path), 1, 2), path.name.encode().ljust(16), facts, labels=found)
    return catalog.save(str(path.parent), [reading], model)[0]


def names(library: Library, text: str, k: int | None = None) -> list[str]:
    return [Path(photo.path).name for photo, _ in library.search.find(text, k).photos]


def test_photos_of_an_object_are_sorted_by_certainty(library: Library) -> None:
    assert names(library, "puppies") == ["b.jpg", "c.jpg", "a.jpg"]
    assert names(library, "dog 2023") == ["b.jpg", "a.jpg"]
    assert names(library, "dogs", 1) == ["b.jpg"]
    [(photo, score)] = library.search.find("people dog").photos
    assert (Path(photo.path).name, score) == ("c.jpg", 0.6), "the lowest of its scores"


def test_without_an_object_the_newest_come_first(library: Library) -> None:
    assert names(library, "canon") == ["b.jpg", "a.jpg", "beach.jpg", "c.jpg"]
    assert names(library, "two may") == ["beach.jpg", "c.jpg"]
    assert [score for _, score in library.search.find("canon").photos] == [1.0] * 4


def test_the_terms_say_what_the_words_were_taken_for(library: Library, tmp_path: Path) -> None:
    terms = library.search.find("dog one").terms
    assert [(term.kind, term.value, count) for term, count in terms] == [
        (TermKind.OBJECT, "dog", 3),
        (TermKind.FOLDER, str(tmp_path / "one"), 2),
    ]


def test_an_unknown_word_is_answered_with_labels_like_it(library: Library) -> None:
    with pytest.raises(LabelError, match=r"“dogz”. Did you mean “dog”\?"):
        library.search.find("2023 dogz")
    with pytest.raises(LabelError, match="photosim labels"):
        library.search.find("qqqqq")
    library.labels.set_enabled(False)
    with pytest.raises(LabelError, match="labels on"):
        library.search.find("puppy")


@pytest.mark.parametrize("words", ["last summer", "17 may 1999", "seven dogs"])
@pytest.mark.parametrize("others", ["{}", "dog {}", "{} two"])
def test_words_with_one_meaning_that_no_photo_matches_are_told_together(
    library: Library, monkeypatch: pytest.MonkeyPatch, words: str, others: str
) -> None:
    monkeypatch.setattr("photosim.library.search.words._today", lambda: date(2000, 1, 1))
    with pytest.raises(LabelError, match=rf"matches “{words}”\."):
        library.search.find(others.format(words))


def test_a_date_without_photos_suggests_no_objects(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photosim.library.search.words._today", lambda: date(2000, 1, 1))
    with pytest.raises(LabelError, match=r"^No photo in this library matches “Last Summer”\.$"):
        library.search.find("Last Summer")


def test_words_without_any_photo_together_are_no_error(library: Library) -> None:
    assert library.search.find("people 2023").photos == ()


def test_counts_are_among_the_photos_that_are_left(library: Library, tmp_path: Path) -> None:
    of_2023 = PhotoFilter(dates=(2023 * 12, 2023 * 12 + 11))
    search = library.search.understand("dog", of_2023)
    assert [(found.term.value, found.photos) for found in search.suggestions] == [("dog", 2)]
    assert (search.photos, search.criteria) == (2, PhotoFilter(labels=frozenset({"dog"})))
    in_two = library.search.understand("dog", scope=FilterScope(folder=str(tmp_path / "two")))
    assert (in_two.photos, in_two.suggestions[0].photos) == (1, 1)
    assert library.search.understand("puppy", of_2023, suggest=False).suggestions == ()


def test_photos_indexed_meanwhile_are_found(library: Library, tmp_path: Path) -> None:
    assert library.search.understand("zebra").photos == 0
    with closing(Catalog(library.folder)) as catalog:
        put(catalog, library.model.id, tmp_path / "two" / "z.jpg", "2020-01-01", zebra=0.9)
    assert library.search.understand("zebras").photos == 1
    assert names(library, "zebras") == ["z.jpg"]


def test_suggestions_of_a_large_library_are_renewed_only_now_and_then(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(words, "_LARGE_LIBRARY", 4)
    assert library.search.understand("zebra").photos == 0
    with closing(Catalog(library.folder)) as catalog:
        put(catalog, library.model.id, tmp_path / "two" / "z.jpg", "2020-01-01", zebra=0.9)
    assert library.search.understand("zebra").photos == 0
    clock.now += words._MAX_AGE_S + 1
    assert library.search.understand("zebra").photos == 1


def test_clusters_that_are_not_computed_are_not_waited_for(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise AssertionError(arguments)

    monkeypatch.setattr(library.cluster_service, "_at_level", fail)
    assert library.search.understand("dog").photos == 3
    monkeypatch.setattr(library.cluster_service, "saved_key", lambda _: "saved")
    service = library.cluster_service
    with service._lock, service._computing():  # as while another thread computes
        assert library.search.understand("dog").photos == 3


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (PhotoFilter(text="a"), PhotoFilter(text="b a"), PhotoFilter(text="a b")),
        (PhotoFilter(dates=(10, 20)), PhotoFilter(dates=(15, 30)), PhotoFilter(dates=(15, 20))),
        (PhotoFilter(dates=(10, 20)), PhotoFilter(dates=(25, 30)), PhotoFilter(dates=(10, 30))),
        (
            PhotoFilter(dates=(2023 * 12, 2023 * 12 + 11)),
            PhotoFilter(days=(20230817, 20230817)),
            PhotoFilter(days=(20230817, 20230817)),
        ),
        (
            PhotoFilter(labels=frozenset({"dog"})),
            PhotoFilter(labels=frozenset({"cat"}), months_of_year=frozenset({4})),
            PhotoFilter(labels=frozenset({"dog", "cat"}), months_of_year=frozenset({4})),
        ),
        (
            PhotoFilter(clusters=frozenset({"Home"}), cluster_level=1),
            PhotoFilter(clusters=frozenset({"Dogs"}), cluster_level=3),
            PhotoFilter(clusters=frozenset({"Dogs"}), cluster_level=3),
        ),
        (
            PhotoFilter(clusters=frozenset({"Home"}), cluster_level=1),
            PhotoFilter(labels=frozenset({"dog"})),
            PhotoFilter(clusters=frozenset({"Home"}), cluster_level=1, labels=frozenset({"dog"})),
        ),
    ],
)
def test_filters_combine(first: PhotoFilter, second: PhotoFilter, expected: PhotoFilter) -> None:
    assert first.combined(second) == expected
    assert first.combined(PhotoFilter()) == first
    assert PhotoFilter().combined(second) == second
