"""Folders that the user excluded, by path or by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.errors import FolderError
from photosim.files.exclusions import ExcludedFolders, exclusion, is_path
from photosim.files.scan import folder_to_rescan, scan

SOURCE = os.path.abspath(os.sep + "photos")  # noqa: PTH100 - with the drive on Windows


def path(*names: str) -> str:
    return os.sep.join((SOURCE, *names))  # noqa: PTH118 - a text


def make_files(folder: Path, *files: str) -> None:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"x")


def found(folder: Path, *excluded: str) -> list[str]:
    batches = scan(folder, excluded=ExcludedFolders.parse(excluded))
    return sorted(Path(file).relative_to(folder).as_posix() for batch in batches for file, *_ in batch)


@pytest.mark.parametrize("pattern", ["Thumbnails", "THUMBNAILS", "thumb*", "?humbnails", "[st]humbnails"])
def test_a_name_excludes_every_folder_that_has_it_in_any_case(tmp_path: Path, pattern: str) -> None:
    make_files(
        tmp_path, "a.jpg", "x/Thumbnails/b.jpg", "x/Thumbnails/deep/c.jpg", "thumbnails/d.jpg", "x/e.jpg"
    )
    assert found(tmp_path, pattern) == ["a.jpg", "x/e.jpg"]


def test_a_path_excludes_that_folder_and_no_other_of_its_name(tmp_path: Path) -> None:
    make_files(tmp_path, "x/old/a.jpg", "x/old/deep/b.jpg", "y/old/c.jpg", "x/older/d.jpg")
    assert found(tmp_path, str(tmp_path / "x" / "old")) == ["x/older/d.jpg", "y/old/c.jpg"]


def test_a_name_excludes_no_file_and_no_added_folder(tmp_path: Path) -> None:
    make_files(tmp_path / "Thumbnails", "a.jpg", "b/a.jpg/c.jpg")
    assert found(
        tmp_path / "Thumbnails", "Thumbnails", "a.jpg", str(tmp_path / "Thumbnails"), str(tmp_path)
    ) == ["a.jpg"]


def test_links_lead_into_no_excluded_folder(tmp_path: Path) -> None:
    make_files(tmp_path, "photos/a.jpg", "elsewhere/b.jpg", "shared/c.jpg")
    try:
        (tmp_path / "photos" / "one").symlink_to(tmp_path / "elsewhere")
        (tmp_path / "photos" / "two").symlink_to(tmp_path / "shared")
    except OSError:
        pytest.skip("this user may not make symbolic links")
    assert found(tmp_path / "photos", str(tmp_path / "elsewhere")) == ["a.jpg", "two/c.jpg"]
    assert found(tmp_path / "photos", "two") == ["a.jpg", "one/b.jpg"]
    assert found(tmp_path / "photos", str(tmp_path / "photos" / "two")) == ["a.jpg", "one/b.jpg"]


def test_no_scan_follows_a_change_in_an_excluded_folder() -> None:
    excluded = ExcludedFolders.parse(["Thumbnails", path("old")])

    def to_rescan(*names: str, is_folder: bool = False) -> str | None:
        return folder_to_rescan(SOURCE, path(*names), is_folder=is_folder, excluded=excluded)

    assert to_rescan("thumbnails", "a.jpg") is None
    assert to_rescan("x", "Thumbnails", is_folder=True) is None
    assert to_rescan("old", "deep", "a.jpg") is None
    assert to_rescan("old", is_folder=True) is None
    assert to_rescan("x", "old", "a.jpg") == path("x", "old")


def test_what_a_user_types_is_a_name_or_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert exclusion(" Thumbnails ") == "Thumbnails"
    assert not is_path(exclusion("*.cache"))
    assert exclusion(f".{os.sep}Old{os.sep}") == str(tmp_path / "Old")
    with pytest.raises(FolderError, match="empty"):
        exclusion("  ")


NAMES = st.sampled_from(["a", "b", "cache", "Thumbnails"])
PARTS = st.lists(NAMES, min_size=1, max_size=4)


@given(PARTS, st.lists(PARTS.map(lambda names: path(*names)) | NAMES, max_size=3))
def test_a_folder_is_excluded_where_a_scan_does_not_enter_it(names: list[str], entries: list[str]) -> None:
    excluded = ExcludedFolders.parse(entries)
    entered = True
    for depth in range(1, len(names) + 1):
        entered = entered and not excluded.excludes_child(path(*names[:depth]), names[depth - 1])
    assert excluded.excludes(path(*names), SOURCE) is not entered
    assert not excluded.excludes(SOURCE, SOURCE)
