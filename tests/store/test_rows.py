"""Photos whose records are made when they are asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photosim.records import FileEntry, Photo, PhotoFacts
from photosim.search.filters.criteria import FilterRow
from photosim.store import rows
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import pack_vector
from photosim.store.rows import LazyPhoto, file_origins, filter_rows, lazy_photos, read_rows


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """Four photos, the first of them with a copy, the second with a RAW file."""
    catalog = Catalog(tmp_path)
    catalog.add_source(str(tmp_path))
    contents = {"a.jpg": 1, "b.jpg": 2, "b.cr2": 3, "c.jpg": 4, "d.jpg": 5, "e.jpg": 1}
    for name, content in contents.items():
        file_format = "CR2" if name == "b.cr2" else "JPEG"
        facts = PhotoFacts(40, 30, file_format, f"2024-07-{ord(name[0]) - 96:02}T18:03:11", "Camera", iso=100)
        entry, digest = FileEntry(str(tmp_path / name), 100, 200), bytes([content]) * 16
        vector = pack_vector(np.eye(8, dtype=np.float32)[0])
        catalog.save(str(tmp_path), [FileRecord(entry, digest, facts, vector)], "model")
    catalog.raw_pairs.update()
    return catalog


@pytest.mark.parametrize("at_once", [2, 8192])
def test_a_record_made_later_is_the_same(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(rows, "READ_ROWS", at_once)
    photos = catalog.photos()
    found = lazy_photos(catalog.database, [photo.file_id for photo in reversed(photos)])
    assert [found[photo.file_id].photo for photo in photos] == photos
    assert max(photo.copies for photo in photos) == 2
    assert [bool(photo.raw_files) for photo in photos].count(True) == 1
    for photo in photos:
        lazy = found[photo.file_id]
        assert (lazy.file_id, lazy.photo_id) == (photo.file_id, photo.photo_id)
        assert lazy.taken_at == photo.facts.taken_at


@pytest.mark.parametrize("at_once", [1, 2, 5, 8192])
def test_filters_look_at_each_shown_file_once_in_the_order_of_ids(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(rows, "READ_ROWS", at_once)
    found = list(filter_rows(catalog.database))
    photos = sorted(catalog.photos(), key=lambda photo: photo.file_id)
    source = str(Path(photos[0].path).parent)
    assert found == [FilterRow.from_photo(photo, source) for photo in photos]
    assert len(found) == 5


def unread(catalog: Catalog, photos: list[Photo]) -> list[LazyPhoto]:
    return [LazyPhoto(catalog.database, photo.file_id, photo.photo_id) for photo in photos]


def test_a_row_that_is_not_read_is_read_when_it_is_asked_for(catalog: Catalog) -> None:
    photos = catalog.photos()
    lazy = unread(catalog, photos)
    assert not any(one.is_read for one in lazy)
    assert [one.photo for one in lazy] == photos
    assert lazy == list(lazy_photos(catalog.database, [photo.file_id for photo in photos]).values())
    assert [one.taken_at for one in unread(catalog, photos)] == [photo.facts.taken_at for photo in photos]


@pytest.mark.parametrize("at_once", [2, 8192])
def test_rows_are_read_together_and_once(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(rows, "READ_ROWS", at_once)
    photos = catalog.photos()
    lazy = unread(catalog, photos)
    read_rows(catalog.database, lazy)
    assert all(one.is_read for one in lazy)
    catalog.close()
    read_rows(catalog.database, lazy)
    assert [one.photo for one in lazy] == photos


def test_a_file_that_is_gone_before_its_row_is_read_is_missing(catalog: Catalog) -> None:
    gone = LazyPhoto(catalog.database, 99, 98)
    read_rows(catalog.database, [gone])
    assert not gone.is_read
    assert gone.photo.missing
    assert (gone.photo.file_id, gone.photo.photo_id, gone.photo.path, gone.taken_at) == (99, 98, "", None)


def test_photos_are_compared_by_their_rows_as_far_as_these_are_read(catalog: Catalog) -> None:
    [photo, *others] = catalog.photos()
    [read], [one, other] = unread(catalog, [photo]), unread(catalog, [photo, others[0]])
    read_rows(catalog.database, [read])
    assert read == one
    assert one != other
    with catalog.database.transaction() as db:
        db.execute("UPDATE files SET missing = 1 WHERE id = ?", (photo.file_id,))
    assert one.photo.missing
    assert read != one


def test_dates_are_numbers_that_sort_as_they_do(catalog: Catalog) -> None:
    with catalog.database.transaction() as db:
        db.execute("UPDATE photos SET taken_at = NULL WHERE taken_at LIKE '2024-07-03%'")
        db.execute(
            "UPDATE photos SET taken_from = 'file', taken_at = '2020-01-01' WHERE taken_at LIKE '%-04T%'"
        )
    origins = file_origins(catalog.database)
    date_of = {photo.file_id: photo.facts.taken_at for photo in catalog.photos()}
    dates = sorted({date for date in date_of.values() if date})
    expected = [dates.index(date) if (date := date_of[file_id]) else -1 for file_id in origins.files.tolist()]
    assert np.argsort(origins.dates).tolist() == np.argsort(expected).tolist()
    assert (origins.dates < 0).tolist() == [rank < 0 for rank in expected]
    ranks = dict(zip(expected, origins.dates.tolist(), strict=True))
    assert [ranks[rank] for rank in expected] == origins.dates.tolist(), "equal dates have equal numbers"


def test_files_that_are_gone_are_left_out(catalog: Catalog) -> None:
    [photo, *_] = catalog.photos()
    assert list(lazy_photos(catalog.database, [99, photo.file_id])) == [photo.file_id]


def test_a_photo_differs_once_its_row_or_its_copies_do(catalog: Catalog) -> None:
    photos = catalog.photos()
    ids = [photo.file_id for photo in photos]
    before = lazy_photos(catalog.database, ids)
    assert lazy_photos(catalog.database, ids) == before
    with catalog.database.transaction() as db:
        db.execute("UPDATE files SET missing = 1 WHERE id = ?", (photos[-1].file_id,))
    after = lazy_photos(catalog.database, ids)
    assert [after[file_id] == before[file_id] for file_id in ids] == [False, True, True, True, False]
