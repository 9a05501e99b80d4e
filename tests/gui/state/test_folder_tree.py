"""The tree of folders that the sidebar shows."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from photosim.files.fspaths import is_inside
from photosim.gui.state.folder_tree import Folder, build_tree

ROOT = os.path.abspath(os.sep)  # noqa: PTH100 - with the drive on Windows


def path(*names: str) -> str:
    return ROOT + os.sep.join(names)  # noqa: PTH118 - a text


def walk(folders: tuple[Folder, ...]) -> list[Folder]:
    return [found for folder in folders for found in (folder, *walk(folder.children))]


def test_folders_between_are_there_and_all_count_what_is_below() -> None:
    source = path("photos")
    tree = build_tree({source: 5, path("photos", "a", "b"): 2, path("photos", "a", "c"): 3}, [source])
    [a] = tree[source]
    assert (a.name, a.photos) == ("a", 5)
    assert [(child.name, child.photos, child.children) for child in a.children] == [
        ("b", 2, ()),
        ("c", 3, ()),
    ]


def test_folders_are_in_natural_order() -> None:
    source = path("photos")
    names = ["10", "2", "b", "A"]
    tree = build_tree({path("photos", name): 1 for name in names}, [source])
    assert [folder.name for folder in tree[source]] == ["2", "10", "A", "b"]


def test_what_is_outside_all_sources_is_left_out() -> None:
    tree = build_tree({path("other", "a"): 1, path("photosets", "a"): 1}, [path("photos")])
    assert tree == {path("photos"): ()}


def test_a_whole_drive_can_be_a_source() -> None:
    assert [folder.name for folder in build_tree({ROOT: 1, path("a", "b"): 1}, [ROOT])[ROOT]] == ["a"]


def test_folders_may_be_nested_deeper_than_python_recurses() -> None:
    deep = path("photos", *"a" * 1900)
    [folder] = build_tree({deep: 7}, [path("photos")])[path("photos")]
    for _ in range(1899):
        assert folder.photos == 7
        [folder] = folder.children
    assert folder.path == deep


NAMES = st.sampled_from(["a", "b", "c 10", "c 9"])


@given(
    st.dictionaries(st.lists(NAMES, max_size=4).map(lambda names: path("photos", *names)), st.integers(1, 9))
)
def test_every_folder_counts_the_photos_in_and_below_it_once(counts: dict[str, int]) -> None:
    folders = walk(build_tree(counts, [path("photos")])[path("photos")])
    assert len({folder.path for folder in folders}) == len(folders)
    assert {folder.path for folder in folders} >= counts.keys() - {path("photos")}
    for folder in folders:
        expected = sum(count for other, count in counts.items() if is_inside(other, folder.path))
        assert folder.photos == expected
