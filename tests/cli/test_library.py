"""The command `status`: folders that are offline, photos that are missing."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from photosim.cli.main import main
from photosim.library import Library
from tests.support.images import make_photo

COUNT = 30


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of one folder, `photos`."""
    for seed in range(COUNT):
        make_photo(tmp_path / "photos" / f"{seed}.jpg", seed)
    with closing(Library.open(tmp_path / "library")) as library:
        list(library.index([tmp_path / "photos"]))
    return tmp_path / "library"


def status(capsys: pytest.CaptureFixture[str], library: Path, *arguments: str) -> str:
    assert main(["status", *arguments, "--library", str(library)]) == 0
    return capsys.readouterr().out


def test_status_shows_how_many_photos_of_a_folder_are_missing(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in range(COUNT - 1):
        (tmp_path / "photos" / f"{seed}.jpg").unlink()
    with closing(Library.open(library)) as opened:
        list(opened.index())
    [folder] = json.loads(status(capsys, library, "--json"))["folders"]
    assert folder == {
        "path": str(tmp_path / "photos"),
        "photos": COUNT,
        "online": True,
        "missing": COUNT - 1,
        "watched": True,
    }
    assert f"{tmp_path / 'photos'}: {COUNT}, {COUNT - 1} missing" in status(capsys, library)


def test_status_shows_which_folder_is_offline(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.move(tmp_path / "photos", tmp_path / "elsewhere")
    [folder] = json.loads(status(capsys, library, "--json"))["folders"]
    assert (folder["online"], folder["photos"]) == (False, COUNT)
    assert f"{tmp_path / 'photos'}: {COUNT}, offline" in status(capsys, library)
