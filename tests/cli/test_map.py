"""The command `map`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from photosim.cli.main import main
from photosim.library import Library
from tests.support.photo_folders import make_similar_photos


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    base = tmp_path_factory.mktemp("cli-map")
    make_similar_photos(base / "photos", 3, 4)
    assert main(["index", str(base / "photos"), "--library", str(base / "library")]) == 0
    return base


def run(capsys: pytest.CaptureFixture[str], base: Path, *arguments: object) -> tuple[int, str, str]:
    status = main(["map", *map(str, arguments), "--library", str(base / "library")])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_json_has_the_documented_fields(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, base, "--json")
    result = json.loads(out)
    assert (status, err) == (0, "")
    assert set(result) == {"photos"}
    assert [photo["path"] for photo in result["photos"]] == sorted(map(str, (base / "photos").iterdir()))
    for photo in result["photos"]:
        assert set(photo) == {"path", "x", "y", "cluster"}
        assert 0 <= photo["x"] <= 1
        assert 0 <= photo["y"] <= 1
        assert photo["cluster"] is None or photo["cluster"] >= 1


def test_without_options_it_lists_places(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, base)
    assert status == 0
    for line in out.splitlines():
        x, y, path = line.split("  ")
        assert 0 <= float(x) <= 1
        assert 0 <= float(y) <= 1
        assert Path(path).exists()


def test_a_missing_map_is_made_first(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = run(capsys, base, "--json")[1]
    library = Library.open(base / "library")
    with library._catalog.database.transaction() as db:
        db.execute("DELETE FROM maps")
    library.close()
    status, out, err = run(capsys, base, "--json")
    assert (status, out) == (0, before)
    assert "The map was made of 15 photos." in err


def test_the_picture_shows_the_photos(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = base / "map.png"
    assert run(capsys, base, "--png", file)[0] == 0
    with Image.open(file) as picture:
        colors = picture.convert("RGB").getcolors(256)
    assert colors is None, "thumbnails have more colors than points"
    assert run(capsys, base, "--png", file)[0] == 0, "an earlier picture is replaced"


def test_another_file_is_replaced_only_by_force(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = base / "mine.png"
    file.write_bytes(b"mine")
    status, _, err = run(capsys, base, "--png", file)
    assert status == 1
    assert "--force" in err
    assert file.read_bytes() == b"mine"
    assert run(capsys, base, "--png", file, "--force")[0] == 0
    assert file.read_bytes() != b"mine"


def test_an_empty_library_has_an_empty_map(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, tmp_path, "--json")
    assert (status, json.loads(out)) == (0, {"photos": []})
    assert "There are no photos on the map." in run(capsys, tmp_path)[2]
    assert run(capsys, tmp_path, "--png", tmp_path / "map.png")[0] == 0
