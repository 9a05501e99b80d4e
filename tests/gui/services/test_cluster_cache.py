"""The clusters that the window keeps in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from photosim.gui.services import cluster_cache
from photosim.gui.services.cluster_cache import ClusterCache, ClusterLevel
from photosim.gui.state.cluster_listing import ClusterKeys
from photosim.library import Library
from photosim.records import DEFAULT_LEVEL
from tests.support.indexing import index, make_library
from tests.support.photo_folders import make_similar_photos


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Three families of similar photos, of which one cover is read at once."""
    monkeypatch.setattr(cluster_cache, "_FIRST_COVERS", 1)
    return make_library(tmp_path / "library", make_similar_photos(tmp_path / "photos", 3, 5))


def are_read(level: ClusterLevel) -> list[bool]:
    return [cover.is_read for _, cover in level.clusters]


def test_covers_that_are_not_shown_first_are_read_later(library: Library) -> None:
    cache = ClusterCache(library)
    level = cache.load(DEFAULT_LEVEL)
    assert len(level.clusters) > 1
    assert are_read(level) == [True] + [False] * (len(level.clusters) - 1)
    assert not cache.is_complete(DEFAULT_LEVEL)
    checks: list[None] = []
    cache.read_covers(DEFAULT_LEVEL, lambda: checks.append(None))
    assert all(are_read(level))
    assert cache.is_complete(DEFAULT_LEVEL)
    assert checks
    assert [cover.photo.path for _, cover in level.clusters] == [one.medoid for one, _ in level.clusters]


def test_levels_and_edits_share_the_covers_that_were_read(library: Library) -> None:
    cache = ClusterCache(library)
    level = cache.load(DEFAULT_LEVEL)
    cache.read_covers(DEFAULT_LEVEL, lambda: None)
    [cluster, *_] = (one for one, _ in level.clusters)
    library.cluster_edits.rename(cluster, "Sea")
    assert all(are_read(cache.load(DEFAULT_LEVEL)))


def test_a_cover_that_was_read_is_read_again_once_the_library_changed(library: Library) -> None:
    cache = ClusterCache(library)
    before = cache.load(DEFAULT_LEVEL)
    cover = before.clusters[-1][1]
    assert not cover.photo.missing
    with library._catalog.database.transaction() as db:
        db.execute("UPDATE files SET missing = 1 WHERE id = ?", (cover.file_id,))
    after = cache.load(DEFAULT_LEVEL)
    assert are_read(after) == are_read(before)
    assert [one for one, _ in after.clusters] == [one for one, _ in before.clusters]
    assert [one == other for (_, one), (_, other) in zip(before.clusters, after.clusters, strict=True)] == [
        *[True] * (len(before.clusters) - 1),
        False,
    ]


def test_clusters_are_sorted_by_date_without_reading_their_covers(library: Library) -> None:
    with library._catalog.database.transaction() as db:
        for photo in library.photos():
            family = 2 - int(Path(photo.path).name[0])
            date = f"2024-0{family}-01T10:00:00" if family else None
            db.execute("UPDATE photos SET taken_at = ? WHERE id = ?", (date, photo.photo_id))
    level = ClusterCache(library).load(DEFAULT_LEVEL)
    assert not all(are_read(level))
    assert level.keys == ClusterKeys.of(level.clusters)


def test_a_complete_level_stays_so_after_indexing(library: Library) -> None:
    cache = ClusterCache(library)
    cache.load(DEFAULT_LEVEL)
    cache.read_covers(DEFAULT_LEVEL, lambda: None)
    index(library)
    cache.load(DEFAULT_LEVEL)
    assert cache.is_complete(DEFAULT_LEVEL)
