"""The commands about the library as a whole."""

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


def run(capsys: pytest.CaptureFixture[str], library: Path, *arguments: object) -> tuple[int, str]:
    """Run a command; returns the exit status and standard error."""
    status = main([*map(str, arguments), "--library", str(library)])
    return status, capsys.readouterr().err


def test_missing_photos_are_reported_and_can_be_removed(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = tmp_path / "photos"
    for seed in range(1, COUNT):
        (photos / f"{seed}.jpg").unlink()
    _, error = run(capsys, library, "index", photos)
    assert f"{COUNT - 1} of {COUNT} photos in {photos} can't be found. They are kept as missing" in error
    assert f'photosim forget-missing "{photos}"' in error
    result = run(capsys, library, "forget-missing", photos)
    assert result == (0, f"Removed {COUNT - 1} missing photos in {photos} from the library.\n")
    make_photo(photos / "1.jpg", 1)
    run(capsys, library, "index", photos)
    (photos / "1.jpg").unlink()
    _, error = run(capsys, library, "index", "--forget-missing", photos)
    assert error == "0 photos indexed, 1 unchanged, 1 removed.\n"


def test_a_folder_is_moved(library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "photos", tmp_path / "elsewhere"
    old.rename(new)
    status, error = run(capsys, library, "move-source", old, new)
    assert status == 0
    assert f'The folder {old} is now {new}. To pick up changes, run: photosim index "{new}"' in error
    status, error = run(capsys, library, "move-source", old, new)
    assert status == 1
    assert "is not in this library" in error


def test_excluded_folders_are_saved_with_the_library_until_they_are_included(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = tmp_path / "photos"
    (photos / "Old").mkdir()
    (photos / "0.jpg").rename(photos / "Old" / "0.jpg")
    code, error = run(capsys, library, "index", photos, "--exclude", "old", "--exclude", photos / "x")
    assert code == 0, error
    answer = json.loads(status(capsys, library, "--json"))
    assert answer["excluded"] == ["old", str(photos / "x")]
    assert answer["folders"][0]["photos"] == COUNT - 1
    assert f"Excluded folders: old, {photos / 'x'}" in status(capsys, library)
    assert run(capsys, library, "index", photos, "--include", "new")[0] == 1
    assert run(capsys, library, "index", photos, "--include", "old")[0] == 0
    answer = json.loads(status(capsys, library, "--json"))
    assert (answer["excluded"], answer["photos"]) == ([str(photos / "x")], COUNT)
