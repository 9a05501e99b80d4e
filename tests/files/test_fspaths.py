"""Paths: what lies inside what, whether two are one file, whether a file changed, and long paths on Windows."""

from __future__ import annotations

import os
from pathlib import Path, PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.files.fspaths import (
    file_identity,
    is_inside,
    is_unchanged,
    long_path,
    plain_path,
    rebase,
    same_file,
    stat_stamp,
    with_separator,
)
from photosim.records import FileEntry

DEEP = "\\".join(["folder name"] * 40)

# Names that a careless comparison mixes up: one the beginning of another, signs that sort before the separator, bytes
# that are no text.
NAMES = st.sampled_from(["a", "a ", "a-b", "a!", "ab", "photos", "photos 2", ".a", "\udcff", "ä", "A"])
FOLDERS = st.lists(NAMES, min_size=1, max_size=4).map(lambda names: "".join(os.sep + name for name in names))


@given(FOLDERS, FOLDERS)
def test_a_path_is_inside_a_folder_when_the_folder_is_one_of_its_parents(path: str, folder: str) -> None:
    parents = {PurePath(path), *PurePath(path).parents}
    assert is_inside(path, folder) == (PurePath(folder) in parents)


@given(FOLDERS, FOLDERS)
def test_a_separator_at_the_end_makes_no_difference(path: str, folder: str) -> None:
    expected = is_inside(path, folder)
    assert is_inside(path, folder + os.sep) == is_inside(path + os.sep, folder) == expected
    assert with_separator(folder + os.sep) == with_separator(folder) == folder + os.sep


@given(FOLDERS)
def test_everything_is_inside_the_root(path: str) -> None:
    assert is_inside(path, os.sep)
    assert not is_inside(os.sep, path)


@given(FOLDERS, FOLDERS, NAMES)
def test_a_path_follows_its_folder_and_returns_with_it(old: str, new: str, name: str) -> None:
    path = old + os.sep + name
    moved = rebase(path, old, new)
    assert is_inside(moved, new)
    assert PurePath(moved).name == name
    assert rebase(moved, new, old) == path


def entry(path: Path) -> FileEntry:
    return FileEntry(str(path), *stat_stamp(str(path)))


def test_a_file_is_unchanged_until_its_size_or_its_time_changes(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"pixels")
    before = entry(path)
    assert is_unchanged(before)
    os.utime(path, ns=(before.mtime_ns, before.mtime_ns + 1_000_000))
    assert not is_unchanged(before)
    path.write_bytes(b"more pixels")
    os.utime(path, ns=(before.mtime_ns, before.mtime_ns))
    assert not is_unchanged(before)


@pytest.mark.parametrize("name", ["gone.jpg", "nul\0byte.jpg"])
def test_the_caller_says_what_a_file_counts_as_that_cannot_be_reached(tmp_path: Path, name: str) -> None:
    file = FileEntry(str(tmp_path / name), 1, 1)
    assert not is_unchanged(file)
    assert is_unchanged(file, if_unreachable=True)


def test_two_names_of_one_file_are_the_same_file(tmp_path: Path) -> None:
    path, link, copy = (tmp_path / name for name in ("a.jpg", "link.jpg", "copy.jpg"))
    path.write_bytes(b"pixels")
    copy.write_bytes(b"pixels")
    link.symlink_to(path)
    assert same_file(str(path), str(link))
    assert file_identity(str(path), path.stat()) == file_identity(str(link), link.stat())
    assert not same_file(str(path), str(copy))
    assert file_identity(str(path), path.stat()) != file_identity(str(copy), copy.stat())
    assert not same_file(str(tmp_path / "gone.jpg"), str(tmp_path / "gone.jpg"))


def test_without_inode_numbers_a_file_is_told_by_where_it_really_lies(tmp_path: Path) -> None:
    path, link = tmp_path / "a.jpg", tmp_path / "link.jpg"
    path.write_bytes(b"pixels")
    link.symlink_to(path)
    facts = os.stat_result((0,) * 10)
    assert file_identity(str(link), facts) == file_identity(str(path), facts) == str(path.resolve())


@pytest.mark.parametrize(
    ("path", "prefixed"),
    [
        (f"C:\\photos\\{DEEP}", f"\\\\?\\C:\\photos\\{DEEP}"),
        (f"\\\\nas\\photos\\{DEEP}", f"\\\\?\\UNC\\nas\\photos\\{DEEP}"),
    ],
)
def test_a_long_path_gets_its_prefix_and_loses_it_again(path: str, prefixed: str) -> None:
    assert long_path(path, windows=True) == prefixed
    assert long_path(prefixed, windows=True) == prefixed
    assert plain_path(prefixed, windows=True) == path


def test_slashes_are_turned_behind_the_prefix() -> None:
    assert "/" not in long_path(f"C:/photos/{DEEP}", windows=True)


def test_short_paths_and_other_systems_are_left_alone() -> None:
    assert long_path("C:\\photos", windows=True) == plain_path("C:\\photos", windows=True) == "C:\\photos"
    path = "/photos/" + "deep/" * 100
    assert long_path(path, windows=False) == plain_path(path, windows=False) == path
