"""Verdicts and reviews, as they are stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from photosim.duplicates.results import ReviewRow, Verdict, VerdictRow
from photosim.records import FileEntry, PhotoFacts
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.verdicts import VerdictTable

ONE, OTHER = b"1" * 16, b"2" * 16
NOW = "2026-11-30T08:00:00+00:00"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A catalog with the files 1 and 2."""
    catalog = Catalog(tmp_path)
    catalog.add_source("/photos")
    records = [
        FileRecord(FileEntry(f"/photos/{n}.jpg", n, n), bytes([n]) * 16, PhotoFacts(1, 1, "JPEG"))
        for n in (1, 2)
    ]
    catalog.save("/photos", records, "model")
    yield catalog
    catalog.close()


def test_verdicts_and_reviews_come_back_as_they_were(catalog: Catalog) -> None:
    table = VerdictTable(catalog.database)
    verdicts = [
        VerdictRow(ONE, OTHER, Verdict.SAME, NOW, 0.75),
        VerdictRow(ONE, ONE, Verdict.KEPT, NOW, copies=2),
    ]
    reviews = [ReviewRow(1, "g", True, 1, 1), ReviewRow(2, "g", False, 2, 2)]
    table.replace([], verdicts, [], reviews)
    assert table.verdicts() == {(row.first, row.second): row for row in verdicts}
    assert table.reviews() == reviews


def test_a_verdict_replaces_the_one_before_and_no_other(catalog: Catalog) -> None:
    table = VerdictTable(catalog.database)
    before = VerdictRow(ONE, OTHER, Verdict.SAME, NOW)
    unchanged = VerdictRow(OTHER, OTHER, Verdict.KEPT, NOW, copies=3)
    table.replace([], [before, unchanged], [], [])
    after = VerdictRow(ONE, OTHER, Verdict.DIFFERENT, NOW)
    table.replace([(ONE, OTHER)], [after], [], [])
    assert list(table.verdicts().values()) == [after, unchanged]


def test_a_review_goes_with_its_file_and_a_verdict_stays(catalog: Catalog) -> None:
    table = VerdictTable(catalog.database)
    verdict = VerdictRow(ONE, OTHER, Verdict.SAME, NOW)
    table.replace([], [verdict], [], [ReviewRow(1, "g", True, 1, 1), ReviewRow(99, "g", False, 1, 1)])
    assert [row.file_id for row in table.reviews()] == [1], "file 99 is not in the library"
    catalog.remove_source("/photos")
    catalog.delete_orphans()
    assert table.reviews() == []
    assert list(table.verdicts().values()) == [verdict]


def test_a_decision_leaves_the_revision_as_it_is(catalog: Catalog) -> None:
    before = catalog.database.revision()
    VerdictTable(catalog.database).replace([], [VerdictRow(ONE, OTHER, Verdict.SAME, NOW)], [], [])
    assert catalog.database.revision() == before
