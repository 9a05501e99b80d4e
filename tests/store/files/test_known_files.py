"""Comparing what a scan finds with the known files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.records import FileEntry, FileStamp, PhotoFacts
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.files.known_files import KnownFiles, incomplete_photos
from photosim.store.thumbnails import ThumbnailCache

MODEL = "model"
FACTS = PhotoFacts(40, 30, "JPEG")

files = st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(st.integers(0, 1), st.integers(0, 1)))


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path)
    catalog.add_source("/photos")
    yield catalog
    catalog.close()


@pytest.fixture
def thumbnails(tmp_path: Path) -> Iterator[ThumbnailCache]:
    thumbnails = ThumbnailCache(tmp_path)
    yield thumbnails
    thumbnails.close()


def keep(catalog: Catalog, *numbers: int, embedded: bool = True) -> list[FileStamp]:
    """Files of the library with these numbers, as a scan would find them."""
    entries = [FileEntry(f"/photos/{number}.jpg", number, 7) for number in numbers]
    readings = [
        FileRecord(entry, bytes([entry.size]) * 16, FACTS, b"\0\0" if embedded else None) for entry in entries
    ]
    catalog.save("/photos", readings, MODEL)
    return [(entry.path, entry.size, entry.mtime_ns) for entry in entries]


@given(known=files, found=files, unfinished=st.sets(st.sampled_from("abcdefgh")), parts=st.integers(1, 4))
def test_files_compared_in_batches_are_classified_as_one_by_one(
    known: dict[str, tuple[int, int]],
    found: dict[str, tuple[int, int]],
    unfinished: set[str],
    parts: int,
) -> None:
    missing = {path: number for number, path in enumerate(known) if number % 3 == 0}
    remembered = KnownFiles([(path, *state) for path, state in known.items()], unfinished, missing)
    listing = [(path, *state) for path, state in found.items()]
    to_read: list[FileStamp] = []
    for start in range(0, len(listing), parts):
        to_read += remembered.changed(listing[start : start + parts])
    assert [path for path, *_ in to_read] == [
        path for path in found if known.get(path) != found[path] or path in unfinished
    ]
    assert {path for path, *_ in remembered.disappeared} == {
        path for path in known if path not in found and path not in missing
    }
    assert sorted(remembered.reappeared) == sorted(
        number for path, number in missing.items() if path in found
    )


def test_a_photo_without_embedding_or_thumbnail_is_unfinished(
    catalog: Catalog, thumbnails: ThumbnailCache
) -> None:
    keep(catalog, 1, 2)
    keep(catalog, 3, embedded=False)
    thumbnails.add({bytes([number]) * 16: b"jpeg" for number in (1, 3)})
    by_size = {photo.size: photo.photo_id for photo in catalog.photos()}
    assert incomplete_photos(catalog.database, MODEL, thumbnails) == {by_size[2], by_size[3]}
    assert incomplete_photos(catalog.database, "other", thumbnails) == set(by_size.values())


def test_thumbnails_of_other_photos_make_no_photo_incomplete(
    catalog: Catalog, thumbnails: ThumbnailCache
) -> None:
    keep(catalog, 1, 2)
    thumbnails.add({bytes([number]) * 16: b"jpeg" for number in (1, 2, 9)})
    assert incomplete_photos(catalog.database, MODEL, thumbnails) == set()


def test_a_file_of_an_unfinished_photo_is_read_again_and_not_gone(catalog: Catalog) -> None:
    first, second = keep(catalog, 1, 2)
    [photo] = catalog.photos_by_id([2])
    remembered = catalog.known_files("/photos", {photo.photo_id})
    assert remembered.changed([first, second]) == [second]
    assert remembered.disappeared == set()


def test_a_file_that_was_replaced_since_the_scan_began_is_not_taken_for_gone(catalog: Catalog) -> None:
    first, second = keep(catalog, 1, 2)
    remembered = catalog.known_files("/photos")
    catalog.save("/photos", [FileRecord(FileEntry(first[0], 50, 8), bytes(16), FACTS, b"\0\0")], MODEL)
    assert remembered.disappeared == {first, second}
    assert list(catalog.file_ids_of("/photos", remembered.disappeared)) == [second[0]]


def test_a_missing_file_that_is_found_is_back(catalog: Catalog) -> None:
    first, second = keep(catalog, 1, 2)
    catalog.missing_files.reconcile({"/photos": {first[0]: 1, second[0]: 2}}, lambda *_: True)
    remembered = catalog.known_files("/photos")
    assert remembered.changed([second]) == []
    assert remembered.reappeared == [2]
    assert remembered.disappeared == set()
