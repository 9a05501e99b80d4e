"""Collections of a library: their names, what is in them, and how changes to them are undone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from photosim.errors import LibraryError
from photosim.library import Library
from photosim.library.collections import Collection, CollectionChange
from photosim.records import FileEntry, Label, PhotoFacts
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.kept_search import KeptExample, KeptSearch
from photosim.store.catalog import Catalog, FileRecord

NAMES = ("a.jpg", "b.jpg", "c.jpg", "d.jpg")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Four photos, of which a.jpg and b.jpg show dogs."""
    opened = Library.open(tmp_path / "library")
    for name in NAMES:
        put(opened, name, Label("dog", 0.9) if name < "c" else Label("cat", 0.9))
    yield opened
    opened.close()


def put(library: Library, name: str, *labels: Label, content: str = "") -> None:
    """Save a photo as an indexing would."""
    facts = PhotoFacts(4000, 3000, "JPEG", "2024-05-04T18:03:11")
    record = FileRecord(
        FileEntry(f"/photos/{name}", 1, 2), (content or name).encode().ljust(16), facts, labels=labels
    )
    with closing(Catalog(library.folder)) as catalog:
        catalog.add_source("/photos")
        catalog.save("/photos", [record], library.model.id)


def ids(library: Library, *names: str) -> list[int]:
    return [photo.photo_id for photo in library.photos() if Path(photo.path).name in names]


def names_in(library: Library, name: str) -> list[str]:
    collection = library.collections.find(name)
    return [Path(photo.path).name for photo in library.photos_by_id(library.collections.file_ids(collection))]


def listed(library: Library) -> list[str]:
    return [collection.name for collection in library.collections.all()]


def created(change: CollectionChange) -> Collection:
    assert change.collection is not None
    return change.collection


def test_each_change_is_undone_and_done_again(library: Library) -> None:
    service = library.collections
    create = service.create("Trip", ids(library, "a.jpg"))
    trip = created(create)
    changes = [
        create,
        service.add(trip.id, ids(library, "a.jpg", "b.jpg", "c.jpg")),
        service.remove(trip.id, ids(library, "b.jpg", "d.jpg")),
        service.rename(trip.id, "Journey"),
        service.delete(trip.id),
    ]
    states: list[dict[str, list[str]]] = [
        {},
        {"Trip": ["a.jpg"]},
        {"Trip": ["a.jpg", "b.jpg", "c.jpg"]},
        {"Trip": ["a.jpg", "c.jpg"]},
        {"Journey": ["a.jpg", "c.jpg"]},
        {},
    ]

    def state() -> dict[str, list[str]]:
        return {name: sorted(names_in(library, name)) for name in listed(library)}

    for change, before in zip(reversed(changes), reversed(states[:-1]), strict=True):
        service.apply(change.inverse)
        assert state() == before
    for change, after in zip(changes, states[1:], strict=True):
        service.apply(change)
        assert state() == after


def test_undo_of_adding_leaves_the_photos_that_were_there(library: Library) -> None:
    trip = created(library.collections.create("Trip", ids(library, "a.jpg")))
    change = library.collections.add(trip.id, ids(library, "a.jpg", "b.jpg"))
    library.collections.apply(change.inverse)
    assert names_in(library, "Trip") == ["a.jpg"]


def test_names_are_told_apart_in_any_case_and_without_spaces_around(library: Library) -> None:
    library.collections.create("  Summer \t trip\n")
    assert listed(library) == ["Summer trip"]
    with pytest.raises(LibraryError, match="“Summer trip” already"):
        library.collections.create("SUMMER TRIP")
    assert library.collections.find("summer trip").name == "Summer trip"
    with pytest.raises(LibraryError, match="Did you mean “Summer trip”"):
        library.collections.find("Sumer trip")


@pytest.mark.parametrize("name", ["", "  ", "\0", "\ud800"])
def test_a_name_that_cannot_be_used_is_refused_with_a_sentence(library: Library, name: str) -> None:
    with pytest.raises(LibraryError, match="Give the collection a name"):
        library.collections.create(name)
    assert listed(library) == []


def test_a_collection_can_be_renamed_to_another_case_of_its_name(library: Library) -> None:
    trip = created(library.collections.create("trip"))
    library.collections.rename(trip.id, "Trip")
    assert listed(library) == ["Trip"]


def test_a_collection_that_is_gone_is_said_to_be(library: Library) -> None:
    trip = created(library.collections.create("Trip", ids(library, "a.jpg")))
    change = library.collections.add(trip.id, ids(library, "b.jpg"))
    library.collections.delete(trip.id)
    for attempt in (
        lambda: library.collections.add(trip.id, ids(library, "a.jpg")),
        lambda: library.collections.rename(trip.id, "Other"),
        lambda: library.collections.apply(change.inverse),
    ):
        with pytest.raises(LibraryError, match="no longer exists"):
            attempt()


def test_a_kept_search_fills_as_photos_are_indexed(library: Library) -> None:
    library.collections.keep("By words", KeptSearch(words="dogs"))
    library.collections.keep("By label", KeptSearch(criteria=PhotoFilter(labels=frozenset({"dog"}))))
    assert names_in(library, "By words") == names_in(library, "By label") == ["a.jpg", "b.jpg"]
    put(library, "new.jpg", Label("dog", 0.8))
    assert names_in(library, "By words") == names_in(library, "By label") == ["a.jpg", "b.jpg", "new.jpg"]


def test_photos_are_not_added_to_a_kept_search(library: Library) -> None:
    dogs = created(library.collections.keep("Dogs", KeptSearch(words="dog")))
    with pytest.raises(LibraryError, match="“Dogs” is a kept search"):
        library.collections.add(dogs.id, ids(library, "c.jpg"))


def test_a_search_for_everything_is_not_kept(library: Library) -> None:
    with pytest.raises(LibraryError, match="matches every photo"):
        library.collections.keep("All", KeptSearch(words="  "))


def test_an_example_is_found_where_its_photo_is_now(library: Library) -> None:
    example = library.collections.kept_example(KeptExample("/photos/a.jpg"), ids(library, "a.jpg")[0])
    with library._catalog.database.transaction() as db:
        db.execute("UPDATE files SET path = '/photos/moved.jpg' WHERE path = '/photos/a.jpg'")
    [found] = library.collections.examples(KeptSearch(like=(example,))).like
    assert found.path == "/photos/moved.jpg"
    assert found.photo is not None
    gone = KeptSearch(like=(KeptExample("/photos/gone.jpg", b"?" * 16),))
    with pytest.raises(LibraryError, match="no longer there"):
        library.collections.examples(gone)


def test_a_kept_search_that_is_damaged_costs_only_itself(library: Library) -> None:
    library.collections.keep("Broken", KeptSearch(words="dog"))
    library.collections.create("Trip", ids(library, "a.jpg"))
    with library._catalog.database.transaction() as db:
        db.execute("UPDATE collections SET search = '{' WHERE name = 'Broken'")
    assert listed(library) == ["Broken", "Trip"]
    assert names_in(library, "Trip") == ["a.jpg"]
    with pytest.raises(LibraryError, match="“Broken” can't be read"):
        names_in(library, "Broken")
    library.collections.delete(library.collections.find("Broken").id)
    assert listed(library) == ["Trip"]


def test_exported_collections_fill_those_of_another_library(library: Library, tmp_path: Path) -> None:
    library.collections.create("Trip", ids(library, "a.jpg", "b.jpg"))
    library.collections.keep("Dogs", KeptSearch(words="dog"))
    data = json.loads(json.dumps(library.exports.collections()))
    other = Library.open(tmp_path / "other")
    put(other, "a.jpg")
    put(other, "b.jpg", content="edited since")
    other.collections.create("Trip")
    imported = other.exports.import_collections(data)
    assert (imported.collections, imported.photos) == (1, 2)
    assert sorted(names_in(other, "Trip")) == ["a.jpg", "b.jpg"]
    assert other.collections.find("Dogs").search == KeptSearch(words="dog")
    again = other.exports.import_collections(data)
    assert (again.collections, again.photos) == (0, 0)
    other.close()


def test_an_import_leaves_another_collection_of_the_same_name(library: Library, tmp_path: Path) -> None:
    library.collections.keep("Trip", KeptSearch(words="dog"))
    data = library.exports.collections()
    other = Library.open(tmp_path / "other")
    other.collections.create("Trip")
    other.exports.import_collections(data)
    assert listed(other) == ["Trip", "Trip 2"]
    other.close()


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"name": "X"},
        {"name": 1, "photos": []},
        {"name": "X", "photos": [{"path": None, "digest": "12"}]},
        {"name": "X", "photos": [{"path": 1, "digest": "00" * 16}]},
        {"name": "X", "photos": 3},
        {"name": "X", "search": {"of the future": 1}},
        "X",
    ],
)
def test_a_damaged_import_changes_nothing(library: Library, item: object) -> None:
    data = {"collections": [{"name": "Fine", "photos": []}, item]}
    with pytest.raises(LibraryError, match="collection number 2 is damaged"):
        library.exports.import_collections(data)
    assert listed(library) == []
    with pytest.raises(LibraryError, match="holds no collections"):
        library.exports.import_collections({"verdicts": []})


def test_a_collection_survives_a_copy_of_the_library(library: Library, tmp_path: Path) -> None:
    library.collections.create("Trip", ids(library, "a.jpg"))
    library.close()
    shutil.copytree(tmp_path / "library", tmp_path / "copy")
    copy = Library.open(tmp_path / "copy")
    assert names_in(copy, "Trip") == ["a.jpg"]
    copy.close()
