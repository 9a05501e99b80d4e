"""Photos whose records are made when they are asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photosim.records import FileEntry, PhotoFacts
from photosim.search.filters.criteria import FilterRow
from photosim.store import rows
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import pack_vector
from photosim.store.rows import filter_rows, lazy_photos


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
