"""Cached clusters, with the user's edits applied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from photosim.library import Library
from photosim.library.clusters import service
from photosim.records import FINEST_LEVEL, Clustering, Label
from tests.support.images import make_scene, save
from tests.support.indexing import index, make_library
from tests.support.photo_folders import make_similar_photos

FAMILIES, MEMBERS = 3, 5


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Families of similar photos; one photo has a copy."""
    folder = make_similar_photos(tmp_path / "photos", FAMILIES, MEMBERS)
    shutil.copy(folder / "1-2.jpg", folder / "1-2 copy.jpg")
    return folder


@pytest.fixture
def library(tmp_path: Path, photos: Path) -> Library:
    return make_library(tmp_path / "library", photos)


def by_name(clustering: Clustering) -> list[tuple[str | None, tuple[str, ...]]]:
    return [(one.name, tuple(Path(path).name for path in one.paths)) for one in clustering.clusters]


def test_the_files_of_a_photo_that_is_there_twice_stand_side_by_side(library: Library) -> None:
    [names] = [names for _, names in by_name(library.clusters()) if "1-2.jpg" in names]
    assert names.index("1-2.jpg") == names.index("1-2 copy.jpg") + 1
    assert sum(one.size for one in library.clusters().clusters) + library.clusters().unclustered == 19


def test_edits_show_at_all_levels_as_in_a_library_opened_anew(library: Library) -> None:
    levels = range(FINEST_LEVEL + 1)
    for level in levels:
        library.clusters(level)
    first, second, third = library.clusters().clusters
    library.cluster_edits.merge([first, second])
    library.cluster_edits.rename(third, "Sea")
    library.cluster_edits.exclude(third, third.file_ids[1:2])
    anew = Library.open(library.folder)
    for level in levels:
        kept, fresh = library.clusters(level), anew.clusters(level)
        assert kept == fresh
        assert by_name(kept) == by_name(fresh)
    anew.close()


def test_levels_share_the_clusters_that_they_have_in_common(library: Library) -> None:
    coarse, fine = (library.clusters(level).clusters for level in (0, FINEST_LEVEL))
    common = [(one, other) for one in coarse for other in fine if one.file_ids == other.file_ids]
    assert common
    assert all(one.file_ids is other.file_ids for one, other in common)


def test_deeds_leave_what_is_known_of_the_library_as_it_is(
    library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, _ = library.clusters().clusters
    version = library.cluster_service.revision()

    def asked() -> None:
        raise AssertionError("the photos were looked through again")

    with monkeypatch.context() as patched:
        patched.setattr(library._catalog, "photo_and_file_ids", asked)
        library.cluster_edits.merge([first, second])
        assert len(library.clusters().clusters) == 2
        library.cluster_edits.hide(library.clusters().clusters[0])
        assert len(library.clusters().hidden) == 1
        library.cluster_edits.restore([])
        assert [one.file_ids for one in library.clusters().clusters[:2]] == [first.file_ids, second.file_ids]
    assert library.cluster_service.revision() == version
    make = make_scene(0, (320, 240)).resize((200, 150))
    index(library, save(make, photos / "0-9.jpg", quality=90).parent)
    assert library.cluster_service.revision() != version
    assert any("0-9.jpg" in names for _, names in by_name(library.clusters()))


def test_the_cover_of_a_large_merged_cluster_is_chosen_among_a_part_of_its_photos(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_MAX_COMPARED", 4)
    first, second, _ = library.clusters().clusters
    embeddings = library.models.active.embeddings
    read: list[int] = []
    vectors_of = embeddings.vectors_of
    monkeypatch.setattr(embeddings, "vectors_of", lambda ids: read.append(len(ids)) or vectors_of(ids))
    library.cluster_edits.merge([first, second])
    merged = library.clusters().clusters[0]
    assert set(merged.file_ids) == {*first.file_ids, *second.file_ids}
    assert len(merged.file_ids) == first.size + second.size
    assert len(merged.cover_ids) == 4
    assert read == [4]


def test_edits_of_another_program_are_seen(library: Library) -> None:
    first, second, _ = library.clusters().clusters
    other = Library.open(library.folder)
    other.cluster_edits.merge([first, second])
    other.close()
    assert len(library.clusters().clusters) == 2


def test_the_path_of_a_file_that_is_gone_meanwhile_is_empty(library: Library, photos: Path) -> None:
    [cluster] = [one for one in library.clusters().clusters if one.size == MEMBERS]
    (photos / "0-0.jpg").unlink()
    index(library, photos)
    assert sorted(Path(path).name for path in cluster.paths) == [
        "",
        *(f"0-{n}.jpg" for n in range(1, MEMBERS)),
    ]


def test_identical_files_are_a_cluster_of_their_own(tmp_path: Path) -> None:
    folder = make_similar_photos(tmp_path / "photos", 2, 4)
    save(make_scene(77), folder / "alone.jpg")
    save(make_scene(78), folder / "pair.jpg")
    for number in range(5):
        shutil.copy(folder / "alone.jpg", folder / f"alone copy {number}.jpg")
    shutil.copy(folder / "pair.jpg", folder / "pair copy.jpg")
    library = make_library(tmp_path / "library", folder)
    for level in range(FINEST_LEVEL + 1):
        clustering = library.clusters(level)
        [names] = [names for _, names in by_name(clustering) if "alone.jpg" in names]
        assert set(names) >= {"alone.jpg", *(f"alone copy {number}.jpg" for number in range(5))}
        [names] = [names for _, names in by_name(clustering) if "pair.jpg" in names]
        assert set(names) >= {"pair.jpg", "pair copy.jpg"}
        assert sum(cluster.size for cluster in clustering.clusters) + clustering.unclustered == len(
            list(folder.iterdir())
        )
    cluster = next(one for one in library.clusters().clusters if "alone.jpg" in " ".join(one.paths))
    library.cluster_edits.rename(cluster, "Copies")
    assert [one.name for one in library.clusters().clusters].count("Copies") == 1


def test_a_cover_is_of_photos_and_not_of_their_copies(tmp_path: Path) -> None:
    folder = make_similar_photos(tmp_path / "photos", 1, 6)
    for number in range(3):
        shutil.copy(folder / "0-0.jpg", folder / f"0-0 copy {number}.jpg")
    library = make_library(tmp_path / "library", folder)
    [cluster] = library.clusters(0).clusters
    photo_of = {photo.file_id: photo.photo_id for photo in library.photos()}
    assert cluster.size == 9
    assert len(set(cluster.cover_ids)) == len(cluster.cover_ids) == 4
    assert cluster.cover_ids[0] == photo_of[cluster.medoid_id]
    assert set(cluster.cover_ids) <= set(photo_of.values())


def test_finer_levels_never_have_fewer_clusters_or_more_photos(library: Library) -> None:
    levels = [library.clusters(level) for level in range(FINEST_LEVEL + 1)]
    counts = [len(level.clusters) for level in levels]
    assert counts == sorted(counts)
    unclustered = [level.unclustered for level in levels]
    assert unclustered == sorted(unclustered)


def test_after_indexing_the_names_of_clusters_are_known_without_reading_the_library(
    tmp_path: Path, photos: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels = range(FINEST_LEVEL + 1)
    anew = Library.open(library.folder)

    def read(*_: object) -> None:
        raise AssertionError("the library was read")

    with monkeypatch.context() as patched:
        patched.setattr(service, "file_origins", read)
        patched.setattr(anew._catalog, "photo_and_file_ids", read)
        patched.setattr(anew.labels, "assignments", read)
        patched.setattr(type(anew.models.active.embeddings), "photo_ids", read)
        found = [anew.clusters(level) for level in levels]
        first, second, *_ = anew.clusters().clusters
        anew.cluster_edits.merge([first, second])
        assert anew.clusters().clusters[0].size == first.size + second.size
        anew.cluster_edits.restore([])
    anew.close()
    assert found == [library.clusters(level) for level in levels]


def test_a_change_of_the_library_changes_the_names_of_a_library_opened_anew(
    library: Library, photos: Path
) -> None:
    assert {one.automatic_name for one in library.clusters().clusters} == {None}
    with library._catalog.database.transaction() as db:
        members = [str(photos / f"0-{number}.jpg") for number in range(MEMBERS)]
        for path in members:
            moved = path.replace("photos", "Kyoto")
            db.execute("UPDATE files SET path = ? WHERE path = ?", (moved, path))
    anew = Library.open(library.folder)
    assert {one.automatic_name for one in anew.clusters().clusters} == {None, "Kyoto"}
    assert anew.clusters() == library.clusters()
    anew.close()


def test_turning_labels_on_names_clusters_in_a_library_opened_anew(library: Library) -> None:
    [cluster] = [one for one in library.clusters().clusters if one.size == MEMBERS]
    photo_ids = {photo.file_id: photo.photo_id for photo in library.photos()}
    library.labels._table.save({photo_ids[file_id]: [Label("dog", 0.9)] for file_id in cluster.file_ids})
    library.labels.set_enabled(False)
    assert "Dog" not in {one.automatic_name for one in library.clusters().clusters}
    for enabled in (True, False, True):
        library.labels.set_enabled(enabled)
        anew = Library.open(library.folder)
        assert ("Dog" in {one.automatic_name for one in anew.clusters().clusters}) == enabled
        anew.close()
