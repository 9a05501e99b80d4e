"""The façade: queries to an indexed library."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from photosim.errors import UnreadablePhotoError
from photosim.library import Library
from tests.support.images import make_photo, make_scene
from tests.support.indexing import index
from tests.support.matches import assert_well_ordered, similar_to_file
from tests.support.photo_folders import make_photos


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    make_photos(tmp_path / "photos", 8)
    return tmp_path / "photos"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.open(tmp_path / "library")


def test_similar_gives_the_exact_answer_and_leaves_the_query_out(library: Library, photos: Path) -> None:
    index(library, photos)
    all_photos = library.photos()
    file = photos.parent / "all.npz"
    assert library.exports.embeddings(file) == 8
    with np.load(file) as exported:
        vectors, paths = exported["embeddings"], list(exported["paths"])
    for row, photo in enumerate(all_photos):
        assert paths[row] == photo.path
        exact = dict(zip(paths, vectors @ vectors[row], strict=True))
        matches = library.similar(photo.file_id, 7)
        assert {match.path for match in matches} == exact.keys() - {photo.path}
        np.testing.assert_allclose(
            [match.similarity for match in matches], [exact[match.path] for match in matches], atol=1e-5
        )
        assert_well_ordered(matches)


def test_a_copy_of_a_photo_is_its_best_match(library: Library, photos: Path) -> None:
    original = sorted(photos.glob("*.jpg"))[0]
    shutil.copy(original, photos / "copy.jpg")
    index(library, photos)
    photo = library.find(original)
    assert photo is not None
    best = library.similar(photo.file_id, 3)[0]
    assert (Path(best.path).name, round(best.similarity, 4)) == ("copy.jpg", 1.0)


def test_a_photo_indexed_while_the_library_is_open_is_found_at_once(library: Library, photos: Path) -> None:
    index(library, photos)
    query = library.photos()[0]
    assert len(library.similar(query.file_id)) == 7
    make_scene(200).save(photos / "late.jpg")
    other = Library.open(library.folder)
    index(other)
    other.close()
    assert "late.jpg" in [Path(match.path).name for match in library.similar(query.file_id)]


def test_deleted_photos_are_never_found(library: Library, photos: Path) -> None:
    index(library, photos)
    query, *others = library.photos()
    library.similar(query.file_id)
    Path(others[0].path).unlink()
    index(library)
    assert others[0].path not in [match.path for match in library.similar(query.file_id)]


def test_similar_to_an_edited_library_file_reads_the_file_as_it_is_now(
    library: Library, photos: Path
) -> None:
    index(library, photos)
    first, second = library.photos()[:2]
    shutil.copy(second.path, first.path)
    best = similar_to_file(library, Path(first.path), 1)[0]
    assert best.path == second.path
    assert best.similarity > 0.999


def test_a_query_that_cannot_be_read_says_why(library: Library, tmp_path: Path) -> None:
    (tmp_path / "note.jpg").write_text("this is no image")
    with pytest.raises(UnreadablePhotoError):
        similar_to_file(library, tmp_path / "note.jpg")


def test_clusters_are_the_same_for_the_same_photos_in_whatever_order_they_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The same sums in batches of other sizes end in other last digits, by which clusters of one size are ordered.
    monkeypatch.setattr("photosim.indexing.reader.BATCH", 1)
    for seed in range(4):
        for take in range(5):
            name = f"{seed}-{take}.jpg"
            scene = make_scene(seed).convert("RGB")
            (tmp_path / "photos").mkdir(exist_ok=True)
            scene.crop((take, take, scene.width - 8 + take, scene.height - 8 + take)).save(
                tmp_path / "photos" / name, quality=95 - take
            )
    forward = Library.open(tmp_path / "forward")
    index(forward, tmp_path / "photos")
    backward = Library.open(tmp_path / "backward")
    (tmp_path / "half").mkdir()
    moved = sorted((tmp_path / "photos").iterdir())[10:]
    for path in moved:
        shutil.copy2(path, tmp_path / "half" / path.name)
    index(backward, tmp_path / "half")
    index(backward, tmp_path / "photos")
    backward.remove_source(str((tmp_path / "half").resolve()))

    def groups(library: Library) -> list[tuple[str, ...]]:
        return [cluster.paths for cluster in library.clusters().clusters]

    assert groups(forward) == groups(backward)
    assert groups(forward) == groups(forward)
    assert len(groups(forward)) == 4
    assert {frozenset(Path(path).name[0] for path in group) for group in groups(forward)} == {
        frozenset(str(seed)) for seed in range(4)
    }


def test_what_was_forgotten_takes_no_place_among_the_matches(library: Library, tmp_path: Path) -> None:
    make_photos(tmp_path / "kept", 6)
    for variant in range(1, 6):
        make_photo(tmp_path / "forgotten" / f"{variant}.jpg", 0, variant=variant)
    index(library, tmp_path / "kept", tmp_path / "forgotten")
    query = library.find(tmp_path / "kept" / "photo-000.jpg")
    assert query is not None
    assert len(library.similar(query.file_id, 3)) == 3
    library.remove_source(str((tmp_path / "forgotten").resolve()))
    matches = library.similar(query.file_id, 3)
    assert [Path(match.path).parent.name for match in matches] == ["kept"] * 3
