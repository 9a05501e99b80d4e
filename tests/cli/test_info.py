"""The command `info`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from photosim.cli.main import main
from photosim.runtime.crash_journal import CRASHED
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
    photo = photo.rename(tmp_path / "a.png")
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


@pytest.mark.skipif(sys.platform == "win32", reason="the script stands for the program by its first line")
def test_a_photo_that_ends_its_process_costs_a_sentence_and_no_other_file(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cause = "Reading the photo took longer than 60 seconds."
    script = tmp_path / "worker.py"
    script.write_text(
        f"""
import os, sys
from photosim.runtime import limits
from photosim.workers import photo_worker
real = photo_worker.decode.read_photo
def read_photo(path, **options):
    if str(path).endswith("late.jpg"):
        request = photo_worker.decode.request
        photo_worker.server._send(photo_worker.PhotoResponse(request, error={cause!r}, last=True))
        os._exit(70)
    if str(path).endswith("crash.jpg"):
        os.abort()
    return real(path, **options)
photo_worker.decode.read_photo = read_photo
init, parse = photo_worker._PhotoServer.__init__, photo_worker.parse_photo_request
def keep(self, *arguments):
    init(self, *arguments)
    photo_worker.server = self
def parsed(line):
    request = parse(line)
    photo_worker.decode.request = request.id
    return request
photo_worker._PhotoServer.__init__, photo_worker.parse_photo_request = keep, parsed
from photosim.cli.main import main
sys.exit(main())
""",
        encoding="utf-8",
    )
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [sys.executable, str(script)])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    late, crash = (make_jpeg(tmp_path / name, (64, 48)) for name in ("late.jpg", "crash.jpg"))
    infos = run_json(capsys, tmp_path, late, photo, crash, photo)
    assert [info["unreadable"] for info in infos] == [cause, None, CRASHED, None]
    status = main(["similar", "--each", str(late), str(crash), "--library", str(tmp_path / "library")])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert status == 1
    assert [line["error"] for line in lines] == [
        cause,
        f"{crash} cannot be read. {CRASHED}",
    ]
