"""Storing the map."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from photosim.clustering.layout import Layout
from photosim.store.catalog import Catalog
from photosim.store.embeddings import EmbeddingTable
from photosim.store.map import MapTable

IDS = np.array([7, 3, 70_000_000], np.int64)
XY = np.array([[0, 1], [0.25, 0.5], [0.123456, 0.987654]], np.float32)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path)
    yield catalog
    catalog.close()


@pytest.fixture
def table(catalog: Catalog) -> MapTable:
    table = MapTable(catalog.database, "model")
    table.save("a", IDS, Layout(XY, 0.0125))
    return table


def test_places_come_back_for_the_photos_asked_for(table: MapTable) -> None:
    found = table.load()
    assert found is not None
    assert (found.fingerprint, found.layout.unit) == ("a", 0.0125)
    places = found.places_of(np.array([70_000_000, 4, 7, 3]))
    np.testing.assert_allclose(places.xy[[2, 3, 0]], XY, atol=1 / 65_535)
    assert np.isnan(places.xy[1]).all(), "this one is not on the map"


def test_a_place_takes_eight_bytes(table: MapTable) -> None:
    assert table._database.value("SELECT LENGTH(positions) FROM maps") == 8 * len(IDS)


def test_a_map_is_of_one_model_and_of_its_photos(catalog: Catalog, table: MapTable) -> None:
    assert table.has("a")
    assert not table.has("b")
    other = MapTable(catalog.database, "other")
    assert other.load() is None
    other.save("b", IDS[:1], Layout(XY[:1], 1.0))
    table.save("c", IDS[:2], Layout(XY[:2], 1.0))
    assert table.has("c")
    assert other.has("b")
    EmbeddingTable(catalog.database).delete("model")
    assert table.load() is None
    assert other.has("b")


def test_a_map_of_no_photos_is_one(table: MapTable) -> None:
    table.save("none", IDS[:0], Layout(XY[:0], 1.0))
    found = table.load()
    assert found is not None
    assert np.isnan(found.places_of(IDS).xy).all()


@pytest.mark.parametrize(
    "change",
    [
        "positions = x'00'",
        "positions = substr(positions, 1, 8) || x'0707' || substr(positions, 11)",
        "unit = 0.5",
        "fingerprint = 'b'",
        "checksum = 1",
        "positions = 'text'",
    ],
)
def test_a_damaged_map_counts_as_none_and_is_replaced(table: MapTable, change: str) -> None:
    with table._database.transaction() as db:
        db.execute(f"UPDATE maps SET {change}")  # noqa: S608
    assert table.load() is None
    assert not table.has("a")
    table.save("a", IDS, Layout(XY, 1.0))
    assert table.has("a")


@pytest.mark.parametrize("unit", [0.0, -1.0, float("inf")])
def test_a_whole_map_with_values_that_no_map_has_counts_as_none(table: MapTable, unit: float) -> None:
    table.save("a", IDS, Layout(XY, unit))
    assert table.load() is None
    table.save("a", np.array([2**31, 5, 3]), Layout(XY, 1.0))
    assert table.load() is None
    table.save("a", np.array([5, 5, 3]), Layout(XY, 1.0))
    assert table.load() is None
