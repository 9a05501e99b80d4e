from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from photosim.errors import LibraryError
from photosim.library import Library
from photosim.records import DEFAULT_LEVEL, FINEST_LEVEL, Cluster, Clustering
from photosim.search.filters.criteria import PhotoFilter
from tests.support.images import make_scene, save
from tests.support.indexing import index, make_library
from tests.support.photo_folders import make_similar_photos
from tests.support.timeouts import TIMEOUT_S

FAMILIES = 3
MEMBERS = 5


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Families of photos that differ in little but size and quality."""
    return make_similar_photos(tmp_path / "photos", FAMILIES, MEMBERS, step=5)


@pytest.fixture
def library(tmp_path: Path, photos: Path) -> Library:
    return make_library(tmp_path / "library", photos)


def families(clustering: Clustering) -> list[str]:
    """The families in each cluster, "01" being one cluster of two families."""
    return sorted("".join(sorted({Path(path).name[0] for path in one.paths})) for one in clustering.clusters)


def of(library: Library, family: int) -> Cluster:
    return next(one for one in library.clusters().clusters if Path(one.medoid).name[0] == str(family))


def test_the_families_are_the_clusters(library: Library) -> None:
    assert families(library.clusters()) == ["0", "1", "2"]


def test_every_level_can_be_asked_for(library: Library) -> None:
    sizes = [sum(one.size for one in library.clusters(level).clusters) for level in range(FINEST_LEVEL + 1)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[2] == 18


def test_a_name_survives_a_new_clustering_and_new_photos(library: Library, photos: Path) -> None:
    library.cluster_edits.rename(of(library, 1), "  By the   sea ")
    save(make_scene(7, (320, 240)).resize((200, 150)), photos / "1-new.jpg")
    index(library)
    cluster = of(library, 1)
    assert (cluster.name, cluster.size) == ("By the sea", MEMBERS + 2)


def test_a_new_name_is_found_while_another_thread_reads_the_clusters(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.cluster_edits.rename(of(library, 1), "By the sea")
    service, reading, asked = library.cluster_service, threading.Event(), threading.Event()
    read, ask = service._at_level, service.at_level_at_once

    def read_slowly(*arguments: Any) -> Clustering:
        reading.set()
        assert asked.wait(TIMEOUT_S)
        return read(*arguments)

    def ask_meanwhile(*arguments: Any) -> Clustering | None:
        asked.set()
        return ask(*arguments)

    monkeypatch.setattr(service, "_at_level", read_slowly)
    monkeypatch.setattr(service, "at_level_at_once", ask_meanwhile)
    with ThreadPoolExecutor(2) as pool:
        shown = pool.submit(library.clusters)
        assert reading.wait(TIMEOUT_S)
        found = pool.submit(library.search.understand, "sea")
        assert [one.term.value for one in found.result(TIMEOUT_S).suggestions] == ["By the sea"]
        assert len(shown.result(TIMEOUT_S).clusters) == FAMILIES


def test_a_filter_by_a_cluster_finds_what_is_in_it_now(library: Library) -> None:
    library.cluster_edits.rename(of(library, 1), "Sea")
    sea = PhotoFilter(clusters=frozenset({"Sea"}), cluster_level=DEFAULT_LEVEL)
    assert len(library.finder.apply(sea).file_ids) == MEMBERS + 1
    library.cluster_edits.merge([of(library, 0), of(library, 1)])
    assert len(library.finder.apply(sea).file_ids) == 2 * MEMBERS + 1


def test_an_empty_name_takes_the_name_away(library: Library) -> None:
    library.cluster_edits.rename(of(library, 1), "Sea")
    library.cluster_edits.rename(of(library, 1), " ")
    assert of(library, 1).name is None


def test_merged_clusters_stay_one(library: Library, photos: Path) -> None:
    library.cluster_edits.rename(of(library, 1), "Sea")
    library.cluster_edits.merge([of(library, 0), of(library, 1)])
    save(make_scene(40), photos / "9.jpg")
    index(library)
    assert families(library.clusters()) == ["01", "2"]
    merged = next(one for one in library.clusters().clusters if one.user_cluster_id is not None)
    assert (merged.name, merged.size) == ("Sea", 2 * MEMBERS + 1)
    with pytest.raises(LibraryError):
        library.cluster_edits.merge([merged])


def test_a_photo_pulled_out_stays_out_and_is_a_loose_one(library: Library, photos: Path) -> None:
    cluster = of(library, 2)
    stranger = cluster.file_ids[-1]
    library.cluster_edits.exclude(cluster, [stranger])
    save(make_scene(40), photos / "9.jpg")
    index(library)
    assert stranger not in of(library, 2).file_ids
    assert stranger in library.clusters().unclustered_ids
    assert library.clusters().unclustered == 2


def test_a_hidden_cluster_is_listed_apart_and_can_be_unhidden(library: Library) -> None:
    library.cluster_edits.hide(of(library, 0))
    clustering = library.clusters()
    assert families(clustering) == ["1", "2"]
    (hidden,) = clustering.hidden
    assert not set(hidden.file_ids) & set(clustering.unclustered_ids)
    library.cluster_edits.hide(hidden, hidden=False)
    assert families(library.clusters()) == ["0", "1", "2"]


def test_what_was_done_can_be_let_go_and_undone(library: Library) -> None:
    before = library.clusters()
    library.cluster_edits.merge([of(library, 0), of(library, 1)])
    state = library.cluster_edits.snapshot()
    merged = next(one for one in library.clusters().clusters if one.user_cluster_id is not None)
    library.cluster_edits.reset(merged)
    assert library.clusters() == before
    library.cluster_edits.restore(state)
    assert families(library.clusters()) == ["01", "2"]
    library.cluster_edits.restore([])
    assert library.clusters() == before


def test_what_was_done_holds_on_every_level_and_for_another_process(library: Library, tmp_path: Path) -> None:
    library.cluster_edits.merge([of(library, 0), of(library, 2)])
    other = Library.open(tmp_path / "library")
    for level in range(FINEST_LEVEL + 1):
        assert "02" in families(other.clusters(level))
    other.close()


def test_the_cover_of_a_merged_cluster_is_its_medoid(library: Library) -> None:
    library.cluster_edits.merge([of(library, 2), of(library, 0)])
    merged = next(one for one in library.clusters().clusters if one.user_cluster_id is not None)
    view = library.models.active
    vectors = view.embeddings.vectors_of([photo.photo_id for photo in library.photos_by_id(merged.file_ids)])
    likeness = (vectors @ vectors.T).sum(axis=1)
    assert likeness[0] == pytest.approx(likeness.max(), abs=1e-4)


def test_photos_that_are_gone_cannot_be_steered(library: Library) -> None:
    with pytest.raises(LibraryError):
        library.cluster_edits.rename(Cluster(1, (999,), ("/gone.jpg",)), "Gone")


def test_an_edit_of_a_cluster_does_not_look_for_its_photos(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(_: object) -> None:
        raise AssertionError("the photos of files were looked for")

    monkeypatch.setattr(library._catalog, "photo_ids_of", asked)
    library.cluster_edits.merge([of(library, 0), of(library, 1)])
    library.cluster_edits.rename(of(library, 2), "Sea")
    assert families(library.clusters()) == ["01", "2"]


def test_a_cluster_whose_photos_have_left_the_library_cannot_be_edited(
    library: Library, photos: Path
) -> None:
    cluster = of(library, 1)
    for path in photos.glob("1-*.jpg"):
        path.unlink()
    index(library)
    before = library.cluster_edits.snapshot()
    for edited in (cluster, replace(cluster, photo_ids=())):
        with pytest.raises(LibraryError, match="no longer in the library"):
            library.cluster_edits.rename(edited, "Sea")
    assert library.cluster_edits.snapshot() == before
