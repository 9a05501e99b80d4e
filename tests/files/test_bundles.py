"""A photo goes with its RAW files and side files, and with no other photo's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from photosim.files.bundles import EditedPhotos, collect_photo_files
from photosim.files.live_photos import is_live_movie
from tests.support.photo_folders import photo_files


def test_a_shot_goes_with_its_raw_and_side_files_and_nothing_else(tmp_path: Path) -> None:
    for name in ("IMG_1.jpg", "IMG_1.CR2", "IMG_1.xmp", "IMG_1.jpg.xmp", "IMG_10.jpg", "IMG_10.txt"):
        (tmp_path / name).write_bytes(b"bytes")
    shot = photo_files(tmp_path / "IMG_1.jpg", [str(tmp_path / "IMG_1.CR2")])
    assert sorted(Path(file).name for file in shot.files) == [
        "IMG_1.CR2",
        "IMG_1.jpg",
        "IMG_1.jpg.xmp",
        "IMG_1.xmp",
    ]
    assert shot.photo == str(tmp_path / "IMG_1.jpg")
    assert photo_files(tmp_path / "IMG_10.jpg").files == (str(tmp_path / "IMG_10.jpg"),)


def test_many_photos_of_one_folder_cost_one_look_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    for number in range(20):
        (tmp_path / f"{number}.jpg").write_bytes(b"photo")
        (tmp_path / f"{number}.XMP").write_bytes(b"notes")
    real = os.listdir
    monkeypatch.setattr(os, "listdir", lambda folder: looks.append(folder) or real(folder))
    found = collect_photo_files((str(tmp_path / f"{number}.jpg"), ()) for number in range(20))
    assert looks == [str(tmp_path)]
    assert found[7].files == (str(tmp_path / "7.jpg"), str(tmp_path / "7.XMP"))


def box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def movie(*about: bytes) -> bytes:
    """A movie file whose pictures come before what is told of them, as phones write it."""
    return (
        box(b"ftyp", b"qt  ") + box(b"mdat", b"pictures" * 999) + box(b"moov", box(b"meta", b"".join(about)))
    )


@pytest.mark.parametrize("still", ["IMG_1.HEIC", "IMG_1.JPG"])
@pytest.mark.parametrize("suffix", [".MOV", ".mp4"])
def test_a_live_photo_goes_with_its_movie(tmp_path: Path, still: str, suffix: str) -> None:
    live = movie(b"mdta", b"com.apple.quicktime.content.identifier", b"0000")
    for name, content in ((still, b"photo"), (f"img_1{suffix}", live), (f"IMG_2{suffix}", live)):
        (tmp_path / name).write_bytes(content)
    assert photo_files(tmp_path / still).files == (str(tmp_path / still), str(tmp_path / f"img_1{suffix}"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no movie at all",
        movie(),
        movie(b"com.apple.quicktime.make"),
        box(b"mdat", b"")[:6],
        movie()[:50],
    ],
)
def test_a_film_that_only_has_a_photo_s_name_stays(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "IMG_1.jpg").write_bytes(b"photo")
    (tmp_path / "IMG_1.MOV").write_bytes(content)
    assert photo_files(tmp_path / "IMG_1.jpg").files == (str(tmp_path / "IMG_1.jpg"),)


def test_a_movie_of_two_stills_is_shared_between_them(tmp_path: Path) -> None:
    for name in ("IMG_1.HEIC", "IMG_1.PNG"):
        (tmp_path / name).write_bytes(b"photo")
    (tmp_path / "IMG_1.MOV").write_bytes(movie(b"com.apple.quicktime.still-image-time"))
    assert photo_files(tmp_path / "IMG_1.HEIC").shared == {str(tmp_path / "IMG_1.MOV")}


def test_large_boxes_and_a_box_to_the_end_are_understood(tmp_path: Path) -> None:
    mark = b"com.apple.quicktime.still-image-time"
    large = (1).to_bytes(4, "big") + b"mdat" + (16 + 100).to_bytes(8, "big") + bytes(100)
    (tmp_path / "a.mov").write_bytes(large + (0).to_bytes(4, "big") + b"moov" + mark)
    assert is_live_movie(str(tmp_path / "a.mov"))
    assert not is_live_movie(str(tmp_path / "not there.mov"))


def test_photos_whose_names_differ_in_case_only_have_their_own_files(tmp_path: Path) -> None:
    for name in ("IMG_1.jpg", "IMG_1.xmp", "IMG_1.jpg.xmp", "img_1.jpg", "img_1.xmp"):
        (tmp_path / name).write_bytes(name.encode())
    if len(list(tmp_path.iterdir())) < 5:
        pytest.skip("this drive ignores case")
    upper, lower = photo_files(tmp_path / "IMG_1.jpg"), photo_files(tmp_path / "img_1.jpg")
    assert [Path(file).name for file in upper.files] == ["IMG_1.jpg", "IMG_1.jpg.xmp", "IMG_1.xmp"]
    assert [Path(file).name for file in lower.files] == ["img_1.jpg", "img_1.xmp"]
    assert not upper.shared
    assert not lower.shared


def test_photos_with_edits_beside_them_are_found(tmp_path: Path) -> None:
    names = ("a.jpg", "b.jpg", "c.jpg", "d.jpg", "B.XMP", "c.jpg.pp3", "d.thm", "other.xmp")
    for name in names:
        (tmp_path / name).touch()
    photos = [str(tmp_path / name) for name in names if name.endswith(".jpg")]
    assert EditedPhotos().among(photos) == {str(tmp_path / "b.jpg"), str(tmp_path / "c.jpg")}


def test_edits_that_come_later_are_found_too(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.touch()
    os.utime(tmp_path, (1, 1))  # changed long ago: its listing is kept
    edited = EditedPhotos()
    assert edited.among([str(photo)]) == set()
    (tmp_path / "a.xmp").touch()
    assert edited.among([str(photo)]) == {str(photo)}


def test_a_folder_that_has_not_changed_is_listed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = tmp_path / "a.jpg"
    (tmp_path / "a.xmp").touch()
    os.utime(tmp_path, (1, 1))
    edited = EditedPhotos()
    assert edited.among([str(photo)]) == {str(photo)}
    monkeypatch.setattr("photosim.files.bundles.list_names", lambda _: pytest.fail("it was listed again"))
    assert edited.among([str(photo)]) == {str(photo)}


def test_a_folder_that_is_gone_has_no_edits(tmp_path: Path) -> None:
    assert EditedPhotos().among([str(tmp_path / "gone" / "a.jpg")]) == set()
