"""Pairs, bursts and what was compared, as they are stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from photosim.duplicates.groups import Shot
from photosim.duplicates.results import CopyRelation, JudgedPair
from photosim.records import FileEntry, PhotoFacts
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.duplicates import DuplicateTable

RELATION = CopyRelation((0.5, 0.25, 0.125, 0.0, 1.0, -0.5), 0.75, 90.0, True, -0.25)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A catalog with the photos 1 to 5."""
    catalog = Catalog(tmp_path)
    catalog.add_source("/photos")
    records = [
        FileRecord(FileEntry(f"/photos/{n}.jpg", n, n), bytes([n]) * 16, PhotoFacts(1, 1, "JPEG"))
        for n in range(1, 6)
    ]
    catalog.save("/photos", records, "model")
    yield catalog
    catalog.close()


@pytest.fixture
def table(catalog: Catalog) -> DuplicateTable:
    return DuplicateTable(catalog.database)


def remove(catalog: Catalog, photo_id: int) -> None:
    with catalog.database.transaction() as db:
        db.execute("DELETE FROM files WHERE photo_id = ?", (photo_id,))
    catalog.delete_orphans()


def test_photos_are_compared_once_by_each_version(table: DuplicateTable) -> None:
    ids = np.array([5, 3, 1], np.int64)
    assert table.unchecked(ids, 1).tolist() == [5, 3, 1]
    table.save({3: 7.5, 1: None}, 1)
    assert table.unchecked(ids, 1).tolist() == [5]
    assert table.unchecked(ids, 2).tolist() == [5, 3, 1]
    assert table.sharpness([1, 3, 5]) == {3: 7.5}


def test_pairs_come_back_as_they_were(table: DuplicateTable) -> None:
    pairs = [JudgedPair(2, 4, 0.75), JudgedPair(1, 3, 0.5, RELATION)]
    table.save({}, 1, pairs)
    assert table.pairs() == sorted(pairs, key=lambda pair: pair.first)


def test_hopeless_pairs_are_not_stored_and_doubtful_ones_only_on_demand(table: DuplicateTable) -> None:
    table.save({}, 1, [JudgedPair(1, 2, 0.01), JudgedPair(1, 3, 0.25), JudgedPair(1, 4, 0.5)])
    assert [pair.second for pair in table.pairs()] == [4]
    assert [pair.second for pair in table.pairs(0.0)] == [3, 4]


def test_a_photo_takes_its_pairs_and_links_with_it(catalog: Catalog, table: DuplicateTable) -> None:
    table.save({1: 1.0, 2: 1.0}, 1, [JudgedPair(1, 2, 0.9), JudgedPair(2, 3, 0.9), JudgedPair(3, 4, 0.9)])
    table.replace_burst_links([(1, 2), (2, 3), (3, 4)], {2: 2.5, 3: 1.0, 99: 1.0})
    assert table.subject_sharpness() == {2: 2.5, 3: 1.0}
    remove(catalog, 2)
    assert table.subject_sharpness() == {3: 1.0}
    assert [(pair.first, pair.second) for pair in table.pairs()] == [(3, 4)]
    assert table.burst_links() == [(3, 4)]
    assert table.sharpness([1, 2]) == {1: 1.0}


@pytest.mark.parametrize(("removed", "is_cut"), [(1, True), (2, True), (3, False), (4, False)])
def test_a_burst_is_cut_if_a_shot_with_a_next_one_leaves_the_library(
    catalog: Catalog, table: DuplicateTable, removed: int, is_cut: bool
) -> None:
    table.replace_burst_links([(1, 2), (2, 3)])
    assert not table.has_cut_bursts()
    remove(catalog, removed)
    assert table.has_cut_bursts() is is_cut
    table.replace_burst_links([])
    assert not table.has_cut_bursts()


def test_photos_that_left_meanwhile_are_not_saved(table: DuplicateTable) -> None:
    table.save({1: 1.0, 99: 1.0}, 1, [JudgedPair(1, 99, 0.9), JudgedPair(1, 2, 0.9)])
    table.replace_burst_links([(1, 99), (1, 2)])
    assert [(pair.first, pair.second) for pair in table.pairs()] == [(1, 2)]
    assert table.burst_links() == [(1, 2)]


def test_pairs_of_an_older_version_stay_until_all_photos_are_compared_again(table: DuplicateTable) -> None:
    table.save({}, 1, [JudgedPair(1, 2, 0.9), JudgedPair(3, 4, 0.9)])
    table.save({}, 2, [JudgedPair(1, 2, 0.8)])
    assert [(pair.first, pair.confidence) for pair in table.pairs()] == [(1, 0.8), (3, 0.9)]
    table.delete_outdated(2)
    assert [(pair.first, pair.confidence) for pair in table.pairs()] == [(1, 0.8)]


def test_links_are_replaced_as_a_whole(table: DuplicateTable) -> None:
    table.replace_burst_links([(1, 2), (2, 3)])
    table.replace_burst_links([(4, 5)])
    assert table.burst_links() == [(4, 5)]


def test_a_damaged_relation_is_none(catalog: Catalog, table: DuplicateTable) -> None:
    flat = CopyRelation((0.0,) * 6, 1.0)
    table.save({}, 1, [JudgedPair(1, 2, 0.9, flat), JudgedPair(1, 3, 0.9, RELATION)])
    with catalog.database.transaction() as db:
        db.execute("UPDATE duplicate_pairs SET relation = X'00' WHERE second_id = 3")
    assert [pair.relation for pair in table.pairs()] == [None, None]


def test_the_signatures_of_the_photos_that_a_version_compared_are_known(
    catalog: Catalog, table: DuplicateTable
) -> None:
    signatures = {1: bytes(range(64)), 2: bytes(64), 3: b"damaged"}
    table.save({1: 1.0, 2: None, 3: None, 4: None}, 2, (), signatures)
    table.save({5: 1.0}, 1, (), {5: bytes(64)})
    ids, packed = table.signatures(2)
    assert dict(zip(ids.tolist(), packed, strict=True)) == {1: bytes(range(64)), 2: bytes(64)}


def test_pairs_of_one_version_can_be_asked_for(table: DuplicateTable) -> None:
    table.save({}, 1, [JudgedPair(1, 2, 0.9)])
    table.save({}, 2, [JudgedPair(1, 3, 0.9)])
    assert [pair.second for pair in table.pairs()] == [2, 3]
    assert [pair.second for pair in table.pairs(version=2)] == [3]


def test_shots_have_a_camera_and_a_time_from_the_metadata(catalog: Catalog, table: DuplicateTable) -> None:
    rows = [
        (1, "R6", "2024-05-01T12:00:00", "exif"),
        (2, "R6", "2024-05-01T12:00:00+02:00", "xmp"),
        (3, "R6", "2024-05-01T12:00:00", "name"),
        (4, None, "2024-05-01T12:00:00", "exif"),
        (5, "R6", "not a time", "exif"),
    ]
    with catalog.database.transaction() as db:
        for photo_id, camera, taken_at, taken_from in rows:
            db.execute(
                "UPDATE photos SET camera = ?, taken_at = ?, taken_from = ? WHERE id = ?",
                (camera, taken_at, taken_from, photo_id),
            )
    noon = datetime(2024, 5, 1, 12)
    assert sorted(table.shots(), key=lambda shot: shot.photo_id) == [
        Shot(1, "R6", noon),
        Shot(2, "R6", noon),
    ]
