"""Windows takes long paths only with a prefix."""

from __future__ import annotations

import pytest

from photosim.files.fspaths import long_path, plain_path

DEEP = "\\".join(["folder name"] * 40)


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
