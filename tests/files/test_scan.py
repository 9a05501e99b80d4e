"""Finding photo files."""

from __future__ import annotations

import os
import stat
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from photosim.errors import FolderError
from photosim.files import scan as scan_module
from photosim.files.scan import folder_to_rescan, scan
from photosim.files.suffixes import PHOTO_SUFFIXES
from photosim.records import FileEntry

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="file names are Unicode here")
needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def listed(folder: Path, **options: Any) -> list[FileEntry]:
    """All that the scan tells, in its order."""
    return [FileEntry(*seen) for part in scan(folder, **options) for seen in part]


def found(folder: Path, **options: Any) -> list[str]:
    """Paths relative to the folder, in the order of the scan, with forward slashes."""
    return [Path(entry.path).relative_to(folder).as_posix() for entry in listed(folder, **options)]


def link(path: Path, target: Path) -> None:
    try:
        path.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("this user may not make symbolic links")


def test_every_entry_has_the_absolute_path_the_size_and_the_time_of_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = tmp_path / "in" / "a.jpg"
    touch(photo)
    photo.write_bytes(b"12345")
    os.utime(photo, ns=(1_700_000_000_123_456_000, 1_700_000_000_123_456_000))
    monkeypatch.chdir(tmp_path)
    assert listed(Path("in")) == [FileEntry(str(photo), 5, photo.stat().st_mtime_ns)]


def test_photos_of_every_suffix_are_found_in_any_case_and_nothing_else(tmp_path: Path) -> None:
    photos = [f"a{suffix}" for suffix in PHOTO_SUFFIXES]
    photos += [f"B{suffix.upper()}" for suffix in PHOTO_SUFFIXES]
    others = ["a.txt", "a.mov", "jpg", "a.jpg.part", "ajpg", "a.svg", "a.pdf", "a.eps", "a.zip"]
    touch(*(tmp_path / name for name in photos + others))
    assert sorted(found(tmp_path)) == sorted(photos)


def test_the_photo_formats_of_the_readme_are_all_there() -> None:
    formats = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".heic", ".heif"}
    assert formats <= PHOTO_SUFFIXES


def test_files_come_folder_by_folder_sorted_by_name(tmp_path: Path) -> None:
    names = ["b.jpg", "a.jpg", "Z.jpg", "sub2/c.jpg", "sub1/d.jpg", "sub1/deep/a.jpg", "sub1/b.jpg", "10.jpg"]
    touch(*(tmp_path / name for name in names))
    expected = ["10.jpg", "Z.jpg", "a.jpg", "b.jpg", "sub1/b.jpg", "sub1/d.jpg", "sub1/deep/a.jpg"]
    assert found(tmp_path) == [*expected, "sub2/c.jpg"]
    assert found(tmp_path) == found(tmp_path)


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg", tmp_path / "._a.jpg", tmp_path / ".b.jpg", tmp_path / ".thumbnails" / "c.jpg")
    assert found(tmp_path) == ["a.jpg"]


def test_a_hidden_folder_is_scanned_when_it_is_asked_for(tmp_path: Path) -> None:
    touch(tmp_path / ".photos" / "a.jpg")
    assert found(tmp_path / ".photos") == ["a.jpg"]


def test_what_windows_or_macos_hides_by_an_attribute_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for attribute in (
        {"st_file_attributes": stat.FILE_ATTRIBUTE_HIDDEN | stat.FILE_ATTRIBUTE_ARCHIVE},
        {"st_flags": 0x8000},
    ):
        assert scan_module._is_hidden(SimpleNamespace(**attribute))
    assert not scan_module._is_hidden(SimpleNamespace(st_file_attributes=stat.FILE_ATTRIBUTE_ARCHIVE))

    touch(tmp_path / "a.jpg", tmp_path / "b.jpg", tmp_path / "seen" / "c.jpg", tmp_path / "unseen" / "d.jpg")
    hidden = {(tmp_path / name).stat().st_ino for name in ("b.jpg", "unseen")}
    monkeypatch.setattr(scan_module, "_ATTRIBUTES_HIDE", True)
    monkeypatch.setattr(scan_module, "_is_hidden", lambda facts: facts.st_ino in hidden)
    assert found(tmp_path) == ["a.jpg", "seen/c.jpg"]


@pytest.mark.parametrize(
    "name", ["@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "__MACOSX", "Previews.lrdata"]
)
def test_folders_of_systems_and_other_programs_are_left_out(tmp_path: Path, name: str) -> None:
    touch(tmp_path / "a.jpg", tmp_path / name / "b.jpg", tmp_path / name / "sub" / "c.jpg")
    assert found(tmp_path) == ["a.jpg"]


def test_of_an_apple_photo_library_only_the_originals_are_listed(tmp_path: Path) -> None:
    library = tmp_path / "Photos Library.photoslibrary"
    touch(library / "originals" / "0" / "a.heic", library / "resources" / "derivatives" / "a.jpeg")
    assert found(tmp_path) == ["Photos Library.photoslibrary/originals/0/a.heic"]


def test_the_folders_to_skip_are_left_out_with_all_below(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg", tmp_path / "library" / "b.jpg", tmp_path / "library" / "sub" / "c.jpg")
    assert found(tmp_path, skip=[tmp_path / "library", tmp_path / "not there"]) == ["a.jpg"]


def test_a_folder_to_skip_is_left_out_under_another_name_too(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.jpg", tmp_path / "library" / "b.jpg")
    link(tmp_path / "in" / "elsewhere", tmp_path / "library")
    assert found(tmp_path / "in", skip=[tmp_path / "library"]) == ["a.jpg"]


def test_loops_of_links_are_survived(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg", tmp_path / "sub" / "b.jpg")
    link(tmp_path / "sub" / "up", tmp_path)
    link(tmp_path / "sub" / "self", tmp_path / "sub" / "self")
    link(tmp_path / "ping", tmp_path / "pong")
    link(tmp_path / "pong", tmp_path / "ping")
    assert found(tmp_path) == ["a.jpg", "sub/b.jpg"]


def test_a_link_to_a_folder_elsewhere_is_followed_and_listed_last(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "z.jpg", tmp_path / "out" / "a.jpg", tmp_path / "out" / "sub" / "b.jpg")
    link(tmp_path / "in" / "album", tmp_path / "out")
    assert found(tmp_path / "in") == ["z.jpg", "album/a.jpg", "album/sub/b.jpg"]


def test_a_real_folder_is_listed_once_and_under_its_own_name(tmp_path: Path) -> None:
    touch(tmp_path / "real" / "a.jpg", tmp_path / "out" / "b.jpg")
    link(tmp_path / "a link", tmp_path / "real")
    link(tmp_path / "real" / "to out", tmp_path / "out")
    assert found(tmp_path) == ["out/b.jpg", "real/a.jpg"]


def test_links_behind_links_are_followed(tmp_path: Path) -> None:
    touch(tmp_path / "one" / "a.jpg", tmp_path / "two" / "b.jpg", tmp_path / "in" / "c.jpg")
    link(tmp_path / "in" / "first", tmp_path / "one")
    link(tmp_path / "one" / "second", tmp_path / "two")
    assert found(tmp_path / "in") == ["c.jpg", "first/a.jpg", "first/second/b.jpg"]


def test_a_scan_may_start_at_a_link(tmp_path: Path) -> None:
    touch(tmp_path / "real" / "a.jpg")
    link(tmp_path / "link", tmp_path / "real")
    assert [entry.path for entry in listed(tmp_path / "link")] == [str(tmp_path / "link" / "a.jpg")]


def test_a_link_to_a_file_is_listed_unless_the_file_is_listed_itself(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.jpg", tmp_path / "out" / "b.jpg", tmp_path / "out" / "blob")
    link(tmp_path / "in" / "same.jpg", tmp_path / "in" / "a.jpg")
    link(tmp_path / "in" / "other 1.jpg", tmp_path / "out" / "b.jpg")
    link(tmp_path / "in" / "other 2.jpg", tmp_path / "out" / "b.jpg")
    link(tmp_path / "in" / "named.jpg", tmp_path / "out" / "blob")
    link(tmp_path / "in" / "notes.txt", tmp_path / "out" / "b.jpg")
    link(tmp_path / "in" / "gone.jpg", tmp_path / "out" / "gone.jpg")
    assert found(tmp_path / "in") == ["a.jpg", "named.jpg", "other 1.jpg"]


def test_a_link_to_a_system_folder_is_not_followed(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.jpg", tmp_path / "@eaDir" / "b.jpg")
    link(tmp_path / "in" / "thumbs", tmp_path / "@eaDir")
    assert found(tmp_path / "in") == ["a.jpg"]


@needs_pipes
def test_only_regular_files_are_listed(tmp_path: Path) -> None:
    touch(tmp_path / "folder.jpg" / "a.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    link(tmp_path / "link.jpg", tmp_path / "pipe.jpg")
    assert found(tmp_path) == ["folder.jpg/a.jpg"]


def test_a_folder_that_cannot_be_listed_is_reported_and_the_scan_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "a" / "a.jpg", tmp_path / "b" / "b.jpg", tmp_path / "c" / "c.jpg")
    real = os.scandir

    def scandir(path: int | str) -> Any:
        if os.path.samestat(os.stat(path), (tmp_path / "b").stat()):  # noqa: PTH116 - it may be open
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    errors: list[tuple[Path, str]] = []
    assert found(tmp_path, on_error=lambda path, reason: errors.append((path, reason))) == [
        "a/a.jpg",
        "c/c.jpg",
    ]
    assert errors == [(tmp_path / "b", "The folder can't be read: permission denied.")]
    assert found(tmp_path) == ["a/a.jpg", "c/c.jpg"]


def test_a_folder_whose_listing_breaks_off_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "a.jpg", tmp_path / "broken" / "b.jpg")
    real = os.scandir

    class Broken:
        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            def entries() -> Iterator[os.DirEntry[str]]:
                raise OSError(5, "Input/output error")
                yield

            return entries()

        def __exit__(self, *_: object) -> None:
            pass

    def scandir(path: int | str) -> Any:
        breaks = os.path.samestat(os.stat(path), (tmp_path / "broken").stat())  # noqa: PTH116 - it may be open
        return Broken() if breaks else real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    errors: list[str] = []
    assert found(tmp_path, on_error=lambda _, reason: errors.append(reason)) == ["a.jpg"]
    assert errors == ["The folder can't be read: Input/output error."]


def test_without_open_folders_a_scan_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(*(tmp_path / name for name in ("b.jpg", "a.JPG", "sub/c.jpeg", "sub/deeper/d.png", "e.mov")))
    results: list[list[str]] = []
    for can_open in (True, False):
        monkeypatch.setattr(scan_module, "_CAN_OPEN_FOLDERS", can_open and scan_module._CAN_OPEN_FOLDERS)
        videos: list[str] = []
        results.append(found(tmp_path, on_video=videos.append) + videos)
    assert (
        results[0]
        == results[1]
        == ["a.JPG", "b.jpg", "sub/c.jpeg", "sub/deeper/d.png", str(tmp_path / "e.mov")]
    )


def test_a_large_folder_comes_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "BATCH_SIZE", 2)
    touch(*(tmp_path / f"{number}.jpg" for number in range(5)))
    assert [len(batch) for batch in scan(tmp_path)] == [2, 2, 1]


def test_what_vanishes_during_the_scan_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "a.jpg", tmp_path / "b.jpg", tmp_path / "c.jpg", tmp_path / "sub" / "d.jpg")
    errors: list[Path] = []
    monkeypatch.setattr(scan_module, "BATCH_SIZE", 1)
    parts = scan(tmp_path, on_error=lambda path, _: errors.append(path))
    assert [path for path, *_ in next(parts)] == [str(tmp_path / "a.jpg")]
    (tmp_path / "b.jpg").unlink()
    (tmp_path / "sub" / "d.jpg").unlink()
    (tmp_path / "sub").rmdir()
    assert [path for part in parts for path, *_ in part] == [str(tmp_path / "c.jpg")]
    assert errors == []


@linux_only
def test_names_that_are_not_unicode_survive(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(folder)  # noqa: PTH102 - a pathlib name would have to be Unicode
    Path(os.fsdecode(folder + b"/\xff\xfe.jpg")).write_bytes(b"x")
    [entry] = listed(tmp_path)
    assert os.fsencode(entry.path) == folder + b"/\xff\xfe.jpg"
    assert Path(entry.path).read_bytes() == b"x"


@linux_only
def test_names_in_any_unicode_form_are_kept_as_they_are(tmp_path: Path) -> None:
    names = [unicodedata.normalize(form, "Zoë Åström 写真 📷.jpg") for form in ("NFC", "NFD")]
    touch(*(tmp_path / name for name in names))
    assert sorted(found(tmp_path)) == sorted(names)


@linux_only
def test_a_path_that_is_too_long_for_the_system_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "a.jpg")
    with monkeypatch.context() as here:
        here.chdir(tmp_path)
        for _ in range(20):
            os.mkdir("d" * 250)  # noqa: PTH102 - relative to a folder that has no usable path
            here.chdir("d" * 250)
            Path("x.jpg").touch()
    errors: list[str] = []
    names = found(tmp_path, on_error=lambda _, reason: errors.append(reason))
    assert names[0] == "a.jpg"
    assert 10 < len(names) < 20
    assert len(errors) == 1


def test_a_root_that_cannot_be_listed_is_refused_at_once_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "file.jpg")
    with pytest.raises(FolderError, match=r'^The folder ".*gone" does not exist\.$'):
        scan(tmp_path / "gone")
    with pytest.raises(FolderError, match=r'^".*file\.jpg" is not a folder\.$'):
        scan(tmp_path / "file.jpg")

    def denied(path: str) -> Any:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(FolderError, match=r"can't be read: permission denied\.$"):
        scan(tmp_path)


@linux_only
def test_a_refusal_can_be_printed_whatever_the_name(tmp_path: Path) -> None:
    with pytest.raises(FolderError) as refusal:
        scan(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")))
    assert "�" in str(refusal.value).encode("utf-8").decode("utf-8")


def test_a_drive_without_inode_numbers_is_scanned_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "a.jpg", tmp_path / "one" / "b.jpg", tmp_path / "two" / "c.jpg")
    real = Path.stat

    def without_inode(path: Path, **options: Any) -> os.stat_result:
        facts = list(real(path, **options))
        facts[stat.ST_INO] = 0
        return os.stat_result(facts)

    monkeypatch.setattr(Path, "stat", without_inode)
    assert found(tmp_path) == ["a.jpg", "one/b.jpg", "two/c.jpg"]


def test_links_may_be_told_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "far.jpg").touch()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    (tmp_path / "photos" / "link").symlink_to(tmp_path / "other")
    links: list[str] = []
    assert [Path(entry.path).name for entry in listed(tmp_path / "photos", on_link=links.append)] == ["a.jpg"]
    assert links == [str(tmp_path / "photos" / "link")]


@pytest.mark.parametrize(
    ("path", "is_folder", "expected"),
    [
        ("a/b/c.jpg", False, "a/b"),
        ("c.JPG", False, ""),
        ("a/new", True, "a"),
        ("", True, ""),
        ("a/notes.txt", False, None),
        ("a/.c.jpg", False, None),
        (".git/c.jpg", False, None),
        ("@eaDir/c.jpg", False, None),
        ("a/my.photoslibrary/originals/1/c.jpg", False, "a"),
        ("../elsewhere/c.jpg", False, None),
    ],
)
def test_the_folder_to_scan_again_is_the_one_around_a_change(
    tmp_path: Path, path: str, is_folder: bool, expected: str | None
) -> None:
    root = tmp_path / "photos"
    changed = os.path.normpath(root / path)
    folder = folder_to_rescan(str(root), changed, is_folder=is_folder)
    assert folder == (None if expected is None else str(root / expected))
