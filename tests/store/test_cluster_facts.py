"""What the names of clusters follow from, as it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photosim.store.catalog import Catalog
from photosim.store.cluster_facts import ClusterFacts, ClusterFactsTable
from photosim.store.embeddings import EmbeddingTable
from photosim.store.rows import FileOrigins

ORIGINS = FileOrigins(
    np.array([4, 7, 70_000_000]),
    np.array([1, 0, 1]),
    ("/photos", "/photos/caf\udce9"),
    np.array([-1, 0, 0]),
    ("2024-04",),
    np.array([5, -1, 2]),
)
FACTS = ClusterFacts(
    "a",
    np.array([[3, 70_000_000], [1, 4], [1, 7]]),
    ORIGINS,
    (np.array([4, 4, 7]), np.array([1, 0, -1]), ("dog", "Straße")),
)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path)
    yield catalog
    catalog.close()


@pytest.fixture
def table(catalog: Catalog) -> ClusterFactsTable:
    table = ClusterFactsTable(catalog.database, "model")
    table.save(FACTS, catalog.database.content_version())
    return table


def test_facts_come_back_with_the_files_by_path(table: ClusterFactsTable) -> None:
    found = table.load()
    assert found is not None
    assert found.fingerprint == "a"
    assert found.pairs.tolist() == FACTS.pairs.tolist()
    origins = found.origins
    assert (origins.folders, origins.months) == (ORIGINS.folders, ORIGINS.months)
    of_file = zip(origins.folder_of.tolist(), origins.month_of.tolist(), strict=True)
    assert dict(zip(origins.files.tolist(), of_file, strict=True)) == {
        4: (1, -1),
        7: (0, 0),
        70_000_000: (1, 0),
    }
    assert dict(zip(origins.files.tolist(), origins.dates.tolist(), strict=True)) == {
        4: 5,
        7: -1,
        70_000_000: 2,
    }
    assert found.labels is not None
    files, values, names = found.labels
    assert (files.tolist(), values.tolist(), names) == ([4, 4, 7], [1, 0, -1], ("dog", "Straße"))


def test_labels_that_were_not_read_are_not_taken_for_none(catalog: Catalog, table: ClusterFactsTable) -> None:
    table.save(replace(FACTS, labels=None), catalog.database.content_version())
    found = table.load()
    assert found is not None
    assert found.labels is None


def test_facts_are_of_one_model(catalog: Catalog, table: ClusterFactsTable) -> None:
    other = ClusterFactsTable(catalog.database, "other")
    assert other.load() is None
    other.save(replace(FACTS, fingerprint="b"), catalog.database.content_version())
    assert (found := table.load()) is not None
    assert found.fingerprint == "a"
    with catalog.database.transaction(bump_revision=False):
        EmbeddingTable(catalog.database).delete("model")
    assert not catalog.database.rows("SELECT 1 FROM cluster_facts WHERE model = 'model'")


def test_facts_are_past_once_anyone_changes_the_library(
    tmp_path: Path, catalog: Catalog, table: ClusterFactsTable
) -> None:
    assert table.load() is not None
    other = Catalog(tmp_path)
    other.add_source("/photos")
    other.close()
    assert table.load() is None


def test_facts_that_are_past_when_they_are_saved_are_not_saved(
    catalog: Catalog, table: ClusterFactsTable
) -> None:
    version = catalog.database.content_version()
    catalog.add_source("/photos")
    table.save(FACTS, version)
    assert table.load() is None


def test_saving_facts_changes_no_revision(catalog: Catalog, table: ClusterFactsTable) -> None:
    before = catalog.database.revision(), catalog.database.content_version()
    table.save(FACTS, before[1])
    assert (catalog.database.revision(), catalog.database.content_version()) == before


@pytest.mark.parametrize(
    "change",
    [
        "facts = x'00'",
        "facts = substr(facts, 1, 48) || x'07' || substr(facts, 50)",
        "fingerprint = 'b'",
        "checksum = 1",
        "facts = 'text'",
    ],
)
def test_damaged_facts_count_as_none_and_are_replaced(
    catalog: Catalog, table: ClusterFactsTable, change: str
) -> None:
    with catalog.database.transaction(bump_revision=False) as db:
        db.execute(f"UPDATE cluster_facts SET {change}")  # noqa: S608
    assert table.load() is None
    table.save(FACTS, catalog.database.content_version())
    assert table.load() is not None


@pytest.mark.parametrize(
    "origins",
    [
        replace(ORIGINS, folder_of=np.array([2, 0, 1])),
        replace(ORIGINS, folder_of=np.array([-1, 0, 1])),
        replace(ORIGINS, month_of=np.array([1, 0, 0])),
        replace(ORIGINS, month_of=np.array([-2, 0, 0])),
        replace(ORIGINS, dates=np.array([-2, 0, 0])),
    ],
)
def test_whole_facts_with_values_that_no_file_has_count_as_none(
    catalog: Catalog, table: ClusterFactsTable, origins: FileOrigins
) -> None:
    table.save(replace(FACTS, origins=origins), catalog.database.content_version())
    assert table.load() is None


def test_facts_of_two_different_moments_are_not_saved(catalog: Catalog, table: ClusterFactsTable) -> None:
    table.save(replace(FACTS, fingerprint="b", pairs=FACTS.pairs[:2]), catalog.database.content_version())
    assert (found := table.load()) is not None
    assert found.fingerprint == "a"
