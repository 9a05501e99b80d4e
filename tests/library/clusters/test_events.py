"""The events of a library, and what they are called."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosim.library import Library
from photosim.records import Event, Label
from tests.support.images import make_photo
from tests.support.indexing import index, make_template, open_copy
from tests.support.photo_folders import make_dated_photos

STARTS = {
    "2024-04 Kyoto": "2024-04-02 09:00",
    "DCIM/100APPLE": "2024-05-18 15:00",
    "DCIM/101APPLE": "2024-05-20 15:00",
    "Rome/raw": "2024-07-01 12:00",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("events"), lambda folder: make_dated_photos(folder, STARTS))


@pytest.fixture
def library(tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    with open_copy(template, tmp_path, monkeypatch) as opened:
        yield opened


def names(library: Library) -> list[str | None]:
    return [event.title for event in library.events.all()]


def label(library: Library, folder: str, name: str) -> None:
    photos = library.photos(str(Path(library.sources()[0].path, folder)))
    library.labels._table.save({photo.photo_id: [Label(name, 0.9)] for photo in photos})


def test_photos_taken_together_are_an_event_the_newest_first(library: Library) -> None:
    events = library.events.all()
    assert [event.id for event in events] == [1, 2, 3, 4]
    assert [event.start[:10] for event in events] == ["2024-07-01", "2024-05-20", "2024-05-18", "2024-04-02"]
    for event in events:
        assert event.end[11:16] == f"{event.start[11:13]}:04"
        assert len({Path(path).parent for path in event.paths}) == 1
        assert event.size == 5
        assert [Path(path).name for path in event.paths[1:]] == sorted(
            Path(path).name for path in event.paths[1:]
        )
        covers = {photo.photo_id for photo in library.photos_by_id(event.file_ids)}
        assert len(set(event.cover_ids)) == 4
        assert covers.issuperset(event.cover_ids)
        assert library.photos_by_id(event.file_ids)[0].photo_id == event.cover_ids[0]


def test_an_event_is_named_by_its_folder_unless_a_camera_made_it(library: Library) -> None:
    assert names(library) == ["Rome", "May 2024", "May 2024", "Kyoto"]


def test_an_event_without_a_telling_folder_is_named_by_what_it_shows_and_its_month(library: Library) -> None:
    label(library, "DCIM/100APPLE", "dog")
    assert names(library) == ["Rome", "May 2024", "Dog, May 2024", "Kyoto"]
    library.labels.set_enabled(False)
    assert names(library) == ["Rome", "May 2024", "May 2024", "Kyoto"]


def test_a_folder_of_many_events_names_none_and_known_events_stay(tmp_path: Path, library: Library) -> None:
    first = library.events.all()
    assert library.events.all() is first
    starts = {f"Album/{100 + month}APPLE": f"2023-{month:02}-05 10:00" for month in range(1, 6)}
    index(library, make_dated_photos(tmp_path / "more", starts, 4))
    second = library.events.all()
    assert [event.title for event in second[4:]] == [
        f"{month} 2023" for month in ("May", "April", "March", "February", "January")
    ]
    assert [event.cover_ids for event in second[:4]] == [event.cover_ids for event in first]


def test_what_is_no_event_and_a_copy_in_that_of_its_photo(tmp_path: Path, library: Library) -> None:
    """Snapshots, photos without a date and copies of a single photo are none."""
    before = library.events.all()
    more = make_dated_photos(tmp_path / "more", {"Snapshots": "2024-09-01 10:00"}, 3)
    [lone] = make_dated_photos(tmp_path / "more", {"Lone": "2024-10-01 10:00"}, 1).glob("Lone/*")
    for number in range(4):
        make_photo(more / "Scans" / f"{number}.jpg", 50 + number)
        shutil.copy(lone, more / f"lone {number}.jpg")
        shutil.copy(before[-1].paths[2], more / f"copy {number}.jpg")
    index(library, more)
    events = library.events.all()
    assert events[:-1] == before[:-1]
    assert set(events[-1].paths) == {
        *before[-1].paths,
        *(str(more / f"copy {number}.jpg") for number in range(4)),
    }


def test_photos_that_are_not_analyzed_yet_are_in_events(library: Library) -> None:
    expected = [set(event.file_ids) for event in library.events.all()]
    with library._catalog.database.transaction() as db:
        db.execute("DELETE FROM embeddings")
    assert [set(event.file_ids) for event in library.events.all()] == expected


def test_dates_that_are_none_make_no_event(library: Library) -> None:
    expected = library.events.all()[:-1]
    photos = library.photos_by_id(library.events.all()[-1].file_ids)
    odd = ("today", "2024", "2024-13-01T00:00:00", "2024-02-30", "20240402")
    with library._catalog.database.transaction() as db:
        for photo, date in zip(photos, odd, strict=True):
            db.execute("UPDATE photos SET taken_at = ? WHERE id = ?", (date, photo.photo_id))
    assert library.events.all() == expected


def test_a_library_without_photos_has_no_events(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    assert library.events.all() == ()
    library.close()


def test_an_event_is_never_equal_to_a_cluster_of_the_same_photos(library: Library) -> None:
    event = library.events.all()[0]
    assert isinstance(event, Event)
    assert all(event != cluster for cluster in library.clusters().clusters)
