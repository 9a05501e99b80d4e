"""The command `info`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from photosim.cli import limits as cli_limits
from photosim.cli.main import main
from photosim.errors import PhotoSimError
from photosim.runtime.limits import Limits, ReadingJournal
from tests.support.images import make_exif, make_jpeg, make_photo

FIELDS = {
    "path",
    "format",
    "width",
    "height",
    "orientation",
    "taken",
    "taken_from",
    "camera",
    "lens",
    "iso",
    "aperture",
    "exposure",
    "focal_length",
    "latitude",
    "longitude",
    "digest",
    "labels",
    "in_library",
    "unreadable",
}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    exif = make_exif(orientation=8, taken_at="2024:07:01 18:03:11", make="Canon", model="EOS R6")
    return make_jpeg(tmp_path / "a.jpg", (640, 480), exif=exif)


def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, *arguments: object) -> tuple[int, str, str]:
    status = main(["info", *map(str, arguments), "--library", str(tmp_path / "library")])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def run_json(capsys: pytest.CaptureFixture[str], tmp_path: Path, *arguments: object) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(capsys, tmp_path, "--json", *arguments)[1].splitlines()]


def test_json_has_the_documented_fields(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [info] = run_json(capsys, tmp_path, photo)
    assert set(info) == FIELDS
    assert (info["path"], info["format"], info["in_library"]) == (str(photo), "JPEG", False)
    assert (info["width"], info["height"], info["orientation"]) == (480, 640, 8)
    assert info["taken"] == "2024-07-01T18:03:11"
    assert (info["lens"], info["labels"], info["unreadable"]) == (None, None, None)


def test_every_file_has_its_object(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"")
    files = [tmp_path / "broken.jpg", photo, tmp_path / "nowhere.jpg", tmp_path]
    infos = run_json(capsys, tmp_path, *files)
    assert [info["path"] for info in infos] == list(map(str, files))
    assert [info["unreadable"] is None for info in infos] == [False, True, False, False]
    assert infos[0] == dict.fromkeys(FIELDS) | {
        "path": str(files[0]),
        "in_library": False,
        "unreadable": "The file is empty.",
    }


def test_a_photo_of_the_library_is_in_it(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", str(tmp_path), "--library", str(tmp_path / "library")]) == 0
    capsys.readouterr()
    [info] = run_json(capsys, tmp_path, photo)
    assert info["in_library"] is True
    assert isinstance(info["labels"], dict)


def test_the_same_is_told_in_words(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, tmp_path, photo)
    assert (status, err) == (0, "")
    assert "Format: JPEG, 480 × 640" in out
    assert "Taken: 2024-07-01 18:03:11" in out
    assert "Camera: Canon EOS R6" in out
    status, out, _ = run(capsys, tmp_path, tmp_path / "nowhere.jpg")
    assert status == 1
    assert "Unreadable: The file is unavailable." in out


def test_pictures_are_written(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    targets = ["--thumbnail", tmp_path / "t.png", "--view", tmp_path / "v.png"]
    assert run(capsys, tmp_path, photo, *targets)[0] == 0
    assert Image.open(tmp_path / "t.png").size == (240, 320)
    assert Image.open(tmp_path / "v.png").size == (480, 640)
    assert run(capsys, tmp_path, photo, *targets)[0] == 0


@pytest.mark.parametrize("option", ["--thumbnail", "--view"])
def test_no_photo_is_overwritten(
    option: str, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = make_photo(tmp_path / "other.png", 3)
    before = other.read_bytes(), photo.read_bytes()
    status, _, err = run(capsys, tmp_path, photo, option, other)
    assert (status, "--force" in err) == (1, True)
    (tmp_path / "link.png").symlink_to(photo)
    for target in (photo, tmp_path / "link.png"):
        status, _, err = run(capsys, tmp_path, photo, option, target, "--force")
        assert (status, "is the photo itself" in err) == (1, True)
    assert (other.read_bytes(), photo.read_bytes()) == before


@pytest.mark.parametrize(
    "arguments", [[], ["a", "b", "--view", "c.png"], ["a", "--view", "c.png", "--thumbnail", "c.png"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["info", *arguments])
    assert stop.value.code == 2


def test_a_photo_that_exceeds_the_limits_is_a_sentence(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cause = "Reading the photo took longer than 60 seconds."

    @contextmanager
    def exceed(
        journal: ReadingJournal, limits: Limits, cancelled: object, exit_process: object
    ) -> Iterator[None]:
        assert limits == Limits.default()
        assert journal.in_progress() == {str(photo): photo.stat().st_size}
        journal.record_cause(cause)
        raise PhotoSimError("the end of the process")
        yield

    monkeypatch.setattr(cli_limits, "enforce_limits", exceed)
    [info] = run_json(capsys, tmp_path, photo)
    assert (info["path"], info["unreadable"]) == (str(photo), cause)
    status = main(["similar", str(photo), "--library", str(tmp_path / "library")])
    assert (status, f"{photo} can't be read. {cause}" in capsys.readouterr().err) == (1, True)
