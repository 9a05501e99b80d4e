"""The map of a library: made with the clusters, kept, and followed by new photos."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from photosim.errors import LibraryLockedError
from photosim.library import Library
from photosim.library.map import NO_CLUSTER
from photosim.records import Phase
from photosim.runtime.control import JobControl
from tests.support.images import make_photo
from tests.support.indexing import index, make_library, use_fake_embedder
from tests.support.photo_folders import make_similar_photos


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    use_fake_embedder(monkeypatch)
    folder = make_similar_photos(tmp_path / "photos", 3, 5)
    library = make_library(tmp_path / "library", folder)
    yield library
    library.close()


def forget(library: Library) -> None:
    with library._catalog.database.transaction() as db:
        db.execute("DELETE FROM maps")


def test_indexing_makes_a_map_of_all_photos(library: Library) -> None:
    positions = library.map.positions()
    assert library.map.is_current()
    assert sorted(positions.file_ids.tolist()) == sorted(photo.file_id for photo in library.photos())
    assert positions.xy.shape == (len(positions.file_ids), 2)
    assert (positions.xy >= 0).all()
    assert (positions.xy <= 1).all()
    clusters = {
        file_id: cluster.id for cluster in library.clusters().clusters for file_id in cluster.file_ids
    }
    assert positions.clusters.tolist() == [
        clusters.get(file_id, NO_CLUSTER) for file_id in positions.file_ids.tolist()
    ]
    assert clusters, "the test needs some"


def test_known_photos_keep_their_place_when_a_photo_comes_and_goes(library: Library, tmp_path: Path) -> None:
    before = library.map.positions()
    new = make_photo(tmp_path / "photos" / "new.jpg", 99)
    index(library)
    after = library.map.positions()
    place = dict(zip(after.file_ids.tolist(), after.xy, strict=True))
    assert len(place) == len(before.file_ids) + 1
    assert after.version != before.version
    moved = [np.linalg.norm(place[i] - xy) for i, xy in zip(before.file_ids.tolist(), before.xy, strict=True)]
    assert np.median(moved) < 0.05
    new.unlink()
    index(library)
    left = library.map.positions()
    np.testing.assert_allclose(left.xy, [place[i] for i in left.file_ids.tolist()], atol=1e-3)


def test_a_copy_of_a_file_lies_where_the_other_does(library: Library, tmp_path: Path) -> None:
    first = tmp_path / "photos" / "1-2.jpg"
    (tmp_path / "photos" / "copy.jpg").write_bytes(first.read_bytes())
    index(library)
    positions = library.map.positions()
    photo, copy = (library.find(path) for path in (first, tmp_path / "photos" / "copy.jpg"))
    assert photo is not None
    assert copy is not None
    rows = [positions.file_ids.tolist().index(found.file_id) for found in (photo, copy)]
    np.testing.assert_array_equal(*positions.xy[rows])
    assert positions.photo_ids[rows[0]] == positions.photo_ids[rows[1]]


def test_a_lost_map_is_made_again_and_the_clusters_stay(library: Library) -> None:
    before, clusters = library.map.positions(), library.clusters()
    forget(library)
    assert not library.map.is_current()
    assert len(library.map.positions().file_ids) == 0
    *_, last = library.map.update()
    assert (last.phase, last.cancelled) == (Phase.DONE, False)
    assert library.map.is_current()
    assert library.clusters() == clusters
    np.testing.assert_array_equal(library.map.positions().xy, before.xy)


def test_a_current_map_is_not_made_again(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photosim.indexing.index_builder.mutual_graph", pytest.fail)
    list(library.map.update())
    index(library)


def test_showing_clusters_does_not_wait_for_a_map(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    with library._catalog.database.transaction() as db:
        db.execute("DELETE FROM clusterings")
    forget(library)
    monkeypatch.setattr("photosim.indexing.index_builder.lay_out", pytest.fail)
    assert library.clusters().clusters


def test_a_cancelled_update_leaves_the_map_of_before(library: Library, tmp_path: Path) -> None:
    before = library.map.positions()
    make_photo(tmp_path / "photos" / "new.jpg", 99)
    control = JobControl()
    control.cancel()
    forget(library)
    *_, last = library.map.update(control)
    assert last.cancelled
    assert not library.map.is_current()
    list(library.map.update())
    np.testing.assert_array_equal(library.map.positions().xy, before.xy)


def test_the_map_is_not_made_while_another_program_writes(library: Library) -> None:
    other = Library.open(library.folder)
    with other._write_lock, pytest.raises(LibraryLockedError):
        list(library.map.update())
    other.close()


def test_an_empty_library_has_an_empty_map(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "empty")
    list(library.map.update())
    positions = library.map.positions()
    assert len(positions.file_ids) == len(positions.xy) == len(positions.clusters) == 0
    library.close()
