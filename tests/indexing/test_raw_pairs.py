"""RAW and JPEG files of one shot are one photo; videos are counted and skipped."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from photosim.library import Library
from photosim.records import Photo
from tests.support.images import make_exif, make_photo
from tests.support.indexing import index, photo_names, use_fake_embedder
from tests.support.matches import similar_to_file
from tests.support.raw_files import make_dng

TAKEN = "2024:07:01 18:03:11"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_embedder(monkeypatch)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.open(tmp_path / "library")


def raw(path: Path, seed: int, taken_at: str | None = TAKEN) -> Path:
    return make_dng(path, seed, (96, 64), preview=96, taken_at=taken_at)


def photo(path: Path, seed: int, taken_at: str | None = TAKEN, variant: int = 0) -> Path:
    return make_photo(path, seed, (96, 64), variant=variant, exif=make_exif(taken_at=taken_at, model="X"))


def known(library: Library, path: Path) -> Photo:
    found = library.find(path)
    assert found is not None
    return found


def test_raw_and_jpeg_of_one_shot_are_one_photo_that_knows_both_files(
    library: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    dng, jpeg = raw(folder / "IMG_1.DNG", 1), photo(folder / "IMG_1.JPG", 1)
    raw(folder / "IMG_2.DNG", 2)
    last = index(library, folder)
    assert last.indexed == 3
    assert photo_names(library) == ["IMG_1.JPG", "IMG_2.DNG"]
    shown = known(library, jpeg)
    assert shown.raw_files == (str(dng),)
    assert known(library, dng).primary_id == shown.file_id
    status = library.status()
    assert (status.photos, status.embedded, status.raw_pairs) == (2, 2, 1)
    assert [source.photos for source in library.sources()] == [2]


def test_the_two_never_match_each_other_and_are_one_in_clusters_and_export(
    library: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    for number in range(1, 5):
        raw(folder / f"{number}.dng", number)
        photo(folder / f"{number}.jpg", number)
    index(library, folder)
    jpeg, dng = folder / "1.jpg", folder / "1.dng"
    others = {str(folder / f"{number}.jpg") for number in (2, 3, 4)}
    assert {match.path for match in library.similar(known(library, jpeg).file_id)} == others
    assert {match.path for match in library.similar(known(library, dng).file_id)} == others
    assert {match.path for match in similar_to_file(library, jpeg)} == others
    assert {match.path for match in similar_to_file(library, dng)} == others
    assert len(library.similar(known(library, jpeg).file_id, 2)) == 2
    clustering = library.clusters()
    paths = [path for cluster in clustering.clusters for path in cluster.paths]
    assert not [path for path in paths if path.endswith(".dng")]
    assert len(paths) + clustering.unclustered == 4
    assert library.exports.embeddings(tmp_path / "out.npz") == 4
    with np.load(tmp_path / "out.npz") as arrays:
        assert sorted(arrays["paths"]) == [str(folder / f"{number}.jpg") for number in range(1, 5)]


@pytest.mark.parametrize(
    ("raw_name", "other_name", "pair"),
    [
        ("a.dng", "a.jpg", True),
        ("IMG_1.DNG", "img_1.jpeg", True),
        ("a.dng", "a.heic", True),
        ("a.b.dng", "a.b.jpg", True),
        ("a.dng", "b.jpg", False),
        ("a.dng", "a.b.jpg", False),
        ("a.dng", "sub/a.jpg", False),
        ("a.dng", "a.png", False),
        ("a.dng", "a 2.jpg", False),
    ],
)
def test_a_pair_has_one_folder_and_one_name_in_any_case(
    library: Library, tmp_path: Path, raw_name: str, other_name: str, pair: bool
) -> None:
    folder = tmp_path / "photos"
    raw(folder / raw_name, 1)
    photo(folder / other_name, 1)
    index(library, folder)
    assert len(library.photos()) == (1 if pair else 2)


@pytest.mark.parametrize(
    ("raw_date", "other_date", "pair"),
    [
        (TAKEN, "2024:07:01 18:03:12", True),
        (TAKEN, "2024:07:01 18:05:11", False),
        (None, TAKEN, True),
        (TAKEN, None, True),
        (None, None, True),
    ],
)
def test_the_dates_of_a_pair_agree_as_far_as_both_have_one(
    library: Library, tmp_path: Path, raw_date: str | None, other_date: str | None, pair: bool
) -> None:
    folder = tmp_path / "photos"
    raw(folder / "a.dng", 1, raw_date)
    photo(folder / "a.jpg", 1, other_date)
    index(library, folder)
    assert len(library.photos()) == (1 if pair else 2)


def test_of_a_jpeg_and_a_heic_the_jpeg_stands_for_the_shot(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    raw(folder / "a.dng", 1)
    photo(folder / "a.heic", 1)
    photo(folder / "a.jpg", 1)
    index(library, folder)
    assert [(Path(one.path).name, len(one.raw_files)) for one in library.photos()] == [
        ("a.heic", 0),
        ("a.jpg", 1),
    ]


def test_two_raw_files_may_have_one_jpeg(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    nef = make_dng(folder / "a.nef", 1, (96, 64), preview=96, make="NIKON CORPORATION")
    dng = raw(folder / "a.dng", 1)
    jpeg = photo(folder / "a.jpg", 1)
    index(library, folder)
    assert known(library, jpeg).raw_files == (str(dng), str(nef))


def test_a_half_that_comes_later_joins_and_a_half_that_goes_leaves_the_other(
    library: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    dng = raw(folder / "a.dng", 1)
    index(library, folder)
    assert photo_names(library) == ["a.dng"]
    jpeg = photo(folder / "A.jpg", 1)
    index(library, folder)
    assert photo_names(library) == ["A.jpg"]
    jpeg.unlink()
    assert index(library, folder).removed == 1
    assert photo_names(library) == ["a.dng"]
    assert [match.path for match in similar_to_file(library, dng)] == []
    photo(folder / "a.jpg", 1)
    index(library, folder)
    dng.unlink()
    index(library, folder)
    assert photo_names(library) == ["a.jpg"]
    assert library.photos()[0].raw_files == ()


def test_a_pair_moves_together_and_a_renamed_half_is_alone(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    raw(folder / "a.dng", 1)
    photo(folder / "a.jpg", 1)
    photo(folder / "b.jpg", 2)
    index(library, folder)
    (folder / "sub").mkdir()
    for name in ("a.dng", "a.jpg"):
        (folder / name).rename(folder / "sub" / name)
    index(library, folder)
    assert photo_names(library) == ["b.jpg", "a.jpg"]
    assert library.status().raw_pairs == 1
    (folder / "sub" / "a.dng").rename(folder / "sub" / "c.dng")
    index(library, folder)
    assert photo_names(library) == ["b.jpg", "a.jpg", "c.dng"]
    assert library.status().raw_pairs == 0


def test_a_copy_of_a_hidden_raw_file_is_shown_where_it_stands_alone(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    dng = raw(folder / "a.dng", 1)
    photo(folder / "a.jpg", 1)
    (folder / "backup").mkdir()
    shutil.copy(dng, folder / "backup" / "a.dng")
    index(library, folder)
    assert [Path(one.path).parent.name for one in library.photos()] == ["photos", "backup"]
    matches = library.similar(known(library, folder / "a.jpg").file_id)
    assert [match.path for match in matches] == [str(folder / "backup" / "a.dng")]


def test_a_photo_that_becomes_another_leaves_its_pair(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    raw(folder / "a.dng", 1)
    jpeg = photo(folder / "a.jpg", 1)
    index(library, folder)
    jpeg.write_bytes(b"no longer a photo")
    index(library, folder)
    assert photo_names(library) == ["a.dng"]
    photo(folder / "a.jpg", 1, "2020:01:01 00:00:00")
    index(library, folder)
    assert photo_names(library) == ["a.dng", "a.jpg"]


def test_the_window_is_told_of_what_is_shown(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    raw(folder / "a.dng", 1)
    jpeg = photo(folder / "a.jpg", 1)
    told = [file_id for progress in library.index([folder]) for file_id in progress.added]
    assert told[-1] == known(library, jpeg).file_id
    assert set(told) <= {known(library, jpeg).file_id, known(library, folder / "a.dng").file_id}


def test_how_a_photo_was_exposed_is_kept(library: Library, tmp_path: Path) -> None:
    raw(tmp_path / "photos" / "a.dng", 1)
    index(library, tmp_path / "photos")
    facts = library.photos()[0].facts
    assert (facts.iso, facts.aperture, facts.exposure, facts.focal_length) == (400, 2.8, 0.004, 35.0)


def test_videos_are_counted_and_left_alone(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    photo(folder / "IMG_1.jpg", 1)
    for name in ("IMG_1.MOV", "sub/b.mp4", "sub/c.MTS", ".hidden.mp4"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"not opened")
        os.chmod(folder / name, 0)  # noqa: PTH101
    last = index(library, folder)
    assert (last.videos, last.indexed, last.unreadable) == (3, 1, 0)
    assert library.status().videos == 3
    (folder / "sub" / "b.mp4").unlink()
    assert index(library, folder).videos == 2
    assert library.status().videos == 2
    library.remove_source(str(folder))
    assert library.status().videos == 0


def test_nothing_in_a_photo_folder_is_changed(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    raw(folder / "a.dng", 1)
    for suffix in (".jpg", ".heic", ".avif", ".jxl", ".tif", ".png", ".webp", ".gif", ".bmp"):
        make_photo(folder / f"photo{suffix}", 3, (96, 64))
    (folder / "damaged.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    (folder / "archive.jpg").write_bytes(b"PK\x03\x04")
    (folder / "movie.mov").write_bytes(b"movie")

    def looked_at() -> dict[str, tuple[bytes, int, int]]:
        return {
            str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode)
            for path in sorted(folder.rglob("*"))
        }

    before, folder_before = looked_at(), folder.stat().st_mtime_ns
    for path in folder.iterdir():
        path.chmod(0o400)
    before = looked_at()
    index(library, folder)
    library.clusters()
    for shown in library.photos():
        library.thumbnail(shown.photo_id)
        library.similar(shown.file_id)
    library.exports.embeddings(tmp_path / "out.npz")
    assert looked_at() == before
    assert folder.stat().st_mtime_ns == folder_before
