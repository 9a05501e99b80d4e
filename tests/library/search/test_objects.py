"""Objects of photos: found while indexing, searched by, added later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photosim.errors import LabelError
from photosim.library import Library
from photosim.library.search.filters import FilterResult
from photosim.ml.models.catalog import DEFAULT
from photosim.records import EmbeddedObject, Label, Match, Photo, PhotoObject, SimilarityBand
from photosim.search.query import Example, Region, SimilarityQuery
from photosim.store.labels import save_labels
from photosim.store.objects import ObjectTable
from tests.support.images import make_scene, save
from tests.support.indexing import make_library, use_fake_embedder
from tests.support.matches import assert_well_ordered

PHOTOS = 6
BOX, OTHER_BOX = (0.1, 0.1, 0.4, 0.5), (0.6, 0.5, 0.3, 0.4)

Vector = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Six photos, each with a dog that turns away from that of the first photo, and a cat that all share."""
    use_fake_embedder(monkeypatch)
    for number in range(PHOTOS):
        save(make_scene(number, (64, 48)), tmp_path / "photos" / f"{number}.jpg")
    library = make_library(tmp_path / "library", tmp_path / "photos")
    table = table_of(library)
    table.save({photo.photo_id: [dog(number), cat()] for number, photo in enumerate(library.photos())})
    return library


def table_of(library: Library) -> ObjectTable:
    return ObjectTable(library._catalog.database, library.model.id, library.model.object_dimensions)


def vector(*values: float) -> Vector:
    row = np.zeros(DEFAULT.object_dimensions, np.float32)
    row[: len(values)] = values
    return row / np.float32(np.linalg.norm(row))


def dog(turned: float) -> EmbeddedObject:
    return EmbeddedObject(PhotoObject("dog", 0.9, BOX), vector(1, 0.2 * turned).astype(np.float16))


def cat() -> EmbeddedObject:
    return EmbeddedObject(PhotoObject("cat", 0.8, OTHER_BOX), vector(0, 0, 1).astype(np.float16))


def region_of(box: tuple[float, float, float, float]) -> Region:
    return Region(*box)


def refuse(example: Example) -> Vector:
    raise AssertionError(f"{example} was embedded")


def by_dog(photo: Photo, *, more: tuple[Photo, ...] = (), less: tuple[Photo, ...] = ()) -> SimilarityQuery:
    like, closer, away = (
        tuple(Example(one.path, region_of(BOX), is_object=True) for one in part)
        for part in ((photo,), more, less)
    )
    return SimilarityQuery(like, closer, away)


def file_names(matches: list[Match]) -> list[str]:
    return [Path(match.path).name for match in matches]


def test_an_object_finds_the_nearest_objects_and_says_where_they_are(library: Library) -> None:
    first, *_ = library.photos()
    matches = library.objects.search(by_dog(first), 10, refuse)
    assert file_names(matches) == [f"{number}.jpg" for number in range(1, PHOTOS)]
    assert {(match.box, match.label) for match in matches} == {(BOX, "dog")}
    expected = [float(vector(1) @ vector(1, 0.2 * number)) for number in range(1, PHOTOS)]
    assert [match.similarity for match in matches] == pytest.approx(expected, abs=1e-3)
    assert_well_ordered(matches)
    assert library.objects.search(by_dog(first), 2, refuse) == matches[:2]


def test_only_the_best_object_of_a_photo_is_found(library: Library) -> None:
    photos = library.photos()
    table_of(library).save({photos[3].photo_id: [cat(), dog(3), dog(0.5), dog(4)]})
    matches = library.objects.search(by_dog(photos[0]), 10, refuse)
    assert sorted(file_names(matches)) == [f"{number}.jpg" for number in range(1, PHOTOS)]
    assert file_names(matches)[0] == "3.jpg"
    assert matches[0].similarity == pytest.approx(float(vector(1) @ vector(1, 0.1)), abs=1e-3)


def test_an_object_without_a_name_is_found_but_not_listed(library: Library) -> None:
    photos = library.photos()
    something = EmbeddedObject(PhotoObject("", 0.2, BOX), vector(1, 0.1).astype(np.float16))
    table_of(library).save({photos[3].photo_id: [something]})
    best = library.objects.search(by_dog(photos[0]), 1, refuse)[0]
    assert (Path(best.path).name, best.box, best.label) == ("3.jpg", BOX, "")
    assert library.objects.of_photo(photos[3].photo_id) == ()
    assert library.objects.search(by_dog(photos[3]), 1, refuse), "its embedding is known"


def test_another_rectangle_is_embedded_as_an_object(library: Library) -> None:
    first, *_ = library.photos()
    asked: list[Example] = []

    def embed(example: Example) -> Vector:
        asked.append(example)
        return vector(0, 0, 1)

    elsewhere = Region(0.1, 0.1, 0.3, 0.5)
    matches = library.objects.search(SimilarityQuery((Example(first.path, elsewhere),)), 10, embed)
    assert asked == [Example(first.path, elsewhere, is_object=True)]
    assert {match.label for match in matches} == {"cat"}
    assert len(matches) == PHOTOS - 1, "the photo of the rectangle itself is left out"
    nearly = Region(0.1, 0.1, 0.4, 0.49)
    library.objects.search(SimilarityQuery((Example(first.path, nearly, is_object=True),)), 10, refuse)


def test_a_changed_file_is_read_again(library: Library) -> None:
    first, *_ = library.photos()
    save(make_scene(99, (80, 60)), Path(first.path))
    matches = library.objects.search(by_dog(first), 10, lambda _: vector(0, 0, 1))
    assert {match.label for match in matches} == {"cat"}


def test_feedback_moves_the_query(library: Library) -> None:
    photos = library.photos()
    plain = library.objects.search(by_dog(photos[2]), 10, refuse)
    nearer_to_five = library.objects.search(by_dog(photos[2], more=(photos[5],)), 10, refuse)
    away_from_five = library.objects.search(by_dog(photos[2], less=(photos[5],)), 10, refuse)
    assert file_names(plain)[:3] == ["3.jpg", "1.jpg", "4.jpg"]
    assert file_names(nearer_to_five)[:2] == ["3.jpg", "4.jpg"]
    assert file_names(away_from_five)[:2] == ["1.jpg", "0.jpg"]
    assert "5.jpg" not in file_names(nearer_to_five) + file_names(away_from_five)
    for matches in (nearer_to_five, away_from_five):
        assert_well_ordered(matches)


def test_a_filter_limits_the_search(library: Library) -> None:
    first, *_, last = library.photos()
    within = FilterResult(np.array([last.file_id]), np.array([last.photo_id]))
    matches = library.objects.search(by_dog(first), 10, refuse, within)
    assert [match.file_id for match in matches] == [last.file_id]


def test_what_is_less_similar_than_asked_for_is_left_out(library: Library) -> None:
    first, *_ = library.photos()
    least = float(vector(1) @ vector(1, 0.2 * 3)) - 1e-3
    assert file_names(library.objects.search(by_dog(first), 10, refuse, min_similarity=least)) == [
        "1.jpg",
        "2.jpg",
        "3.jpg",
    ]


def test_a_deleted_photo_is_no_longer_found(library: Library) -> None:
    first, second, *_ = library.photos()
    assert "1.jpg" in file_names(library.objects.search(by_dog(first), 10, refuse))
    with library._catalog.database.transaction() as db:
        db.execute("DELETE FROM files WHERE id = ?", (second.file_id,))
    library._catalog.delete_orphans()
    assert "1.jpg" not in file_names(library.objects.search(by_dog(first), 10, refuse))


def test_a_rectangle_is_compared_with_objects_and_with_whole_photos(library: Library) -> None:
    photos = library.photos()
    rows = library.models.active.embeddings.vectors_of([photo.photo_id for photo in photos])
    away = -rows.mean(axis=0) / np.linalg.norm(rows.mean(axis=0))
    query = SimilarityQuery((Example(photos[0].path, Region(0, 0, 0.5, 1)),))
    for of_photo, boxes in ((rows[4], {None}), (away, {BOX})):

        def embed(example: Example, of_photo: Vector = of_photo) -> Vector:
            return vector(1, 0.2) if example.is_object else of_photo

        matches = library.objects.search_region(query, 10, embed)
        assert sorted(file_names(matches)) == [f"{number}.jpg" for number in range(1, PHOTOS)], "each once"
        assert {match.box for match in matches} == boxes, "what is more alike is told"
        bands, scores = [match.band for match in matches], [match.score for match in matches]
        assert bands == sorted(bands)
        assert scores == sorted(scores, reverse=True)
        assert library.objects.search_region(query, 2, embed) == matches[:2]


def test_without_labels_there_are_no_objects(library: Library) -> None:
    first, *_ = library.photos()
    library.labels.set_enabled(False)
    assert library.objects.of_photo(first.photo_id) == ()
    assert library.objects.search(by_dog(first), 10, refuse) == []
    library.labels.set_enabled(True)
    assert [one.object.label for one in library.objects.of_photo(first.photo_id)] == ["dog", "cat"]


def test_a_match_of_the_same_object_is_of_the_closest_band(library: Library) -> None:
    first, *_ = library.photos()
    query = SimilarityQuery((Example(first.path, region_of(OTHER_BOX), is_object=True),))
    matches = library.objects.search(query, 10, refuse)
    assert {match.band for match in matches} == {SimilarityBand.VERY_SIMILAR}, "another photo shows it"


def test_counts_and_places_are_searched_by_words(library: Library) -> None:
    photos = library.photos()
    table_of(library).save({photos[2].photo_id: [dog(1), dog(2)], photos[3].photo_id: [cat()]})
    with library._catalog.database.transaction() as db:  # words for objects are those of labels
        for photo in photos:
            save_labels(db, library.model.id, photo.photo_id, [Label("dog", 0.9), Label("cat", 0.9)])

    def found(words: str) -> list[str]:
        return sorted(Path(photo.path).name for photo, _ in library.search.find(words).photos)

    assert found("two dogs") == ["2.jpg"]
    assert found("dog left, cat right") == ["0.jpg", "1.jpg", "4.jpg", "5.jpg"]
    assert found("one cat") == ["0.jpg", "1.jpg", "3.jpg", "4.jpg", "5.jpg"]
    library.labels.set_enabled(False)
    with pytest.raises(LabelError):
        found("two dogs")
