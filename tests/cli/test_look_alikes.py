"""The commands `then-and-now`, `walk` and `loners`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from photosim.cli.main import main
from tests.support.images import make_exif, make_photo

YEARS = (2016, 2019, 2024)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    base = tmp_path_factory.mktemp("cli-look-alikes")
    for scene in range(3):
        for take, year in enumerate(YEARS):
            exif = make_exif(taken_at=f"{year}:07:01 10:00:00")
            make_photo(base / "photos" / f"{scene}-{year}.jpg", scene, variant=take, exif=exif)
    assert main(["index", str(base / "photos"), "--library", str(base / "library")]) == 0
    return base


def run(capsys: pytest.CaptureFixture[str], base: Path, *arguments: object) -> tuple[int, str, str]:
    status = main([*map(str, arguments), "--library", str(base / "library")])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_same_scene_is_listed_year_by_year(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = base / "photos" / "1-2019.jpg"
    status, out, err = run(capsys, base, "then-and-now", photo)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert [line for line in lines if line.endswith(":")] == ["2016:", "2019:", "2024:"]
    assert lines[1].endswith("1-2016.jpg")
    assert lines[lines.index("2019:") + 1].strip() == str(photo)
    assert lines[lines.index("2024:") + 1].endswith("1-2024.jpg")


def test_the_documented_json_of_then_and_now(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, base, "then-and-now", base / "photos" / "0-2024.jpg", "--json")
    found = json.loads(out)
    assert status == 0
    assert set(found) == {"query", "periods"}
    assert [period["period"] for period in found["periods"]] == ["2016", "2019", "2024"]
    assert [period["has_query"] for period in found["periods"]] == [False, False, True]
    assert all(set(period) == {"period", "has_query", "photos"} for period in found["periods"])
    best = found["periods"][0]["photos"][0]
    assert set(best) == {"path", "similarity", "taken_at"}
    assert best["taken_at"].startswith("2016-07-01")


def test_a_photo_that_the_library_does_not_have_is_refused(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, base, "then-and-now", base / "elsewhere.jpg")
    assert (status, out) == (1, "")
    assert "is not in the library. To add it" in err


def test_a_walk_leads_from_the_first_photo_to_the_last(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = (base / "photos" / "0-2016.jpg", base / "photos" / "2-2024.jpg")
    status, out, err = run(capsys, base, "walk", *ends)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].strip() == str(ends[0])
    assert lines[-1].endswith(str(ends[1]))
    assert all(0 < float(line.split()[0]) < 1 for line in lines[1:])


def test_the_documented_json_of_a_walk(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ends = (base / "photos" / "0-2016.jpg", base / "photos" / "2-2024.jpg")
    status, out, _ = run(capsys, base, "walk", *ends, "--json")
    photos = json.loads(out)["photos"]
    assert status == 0
    assert all(set(photo) == {"path", "similarity"} for photo in photos)
    assert [photos[0]["path"], photos[-1]["path"]] == list(map(str, ends))
    assert photos[0]["similarity"] is None
    assert json.loads(run(capsys, base, "walk", *ends, "--json")[1])["photos"] == photos


def test_a_walk_from_a_photo_to_itself_is_that_photo(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = base / "photos" / "0-2016.jpg"
    assert run(capsys, base, "walk", photo, photo)[1].split() == [str(photo)]


def test_loners_and_hubs_are_listed(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, base, "loners", "-k", 4)
    assert (status, err) == (0, "")
    cosines = [float(line.split()[0]) for line in out.splitlines()]
    assert len(cosines) == 4
    assert cosines == sorted(cosines)
    counts = [int(line.split()[0]) for line in run(capsys, base, "loners", "--hubs")[1].splitlines()]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == 3 * len(YEARS)


def test_an_empty_library_is_told_to_have_no_loners(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, tmp_path, "loners") == (0, "", "There are no photos in the library.\n")
    assert json.loads(run(capsys, tmp_path, "loners", "--json")[1]) == {"photos": []}


def test_the_documented_json_of_loners(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos = json.loads(run(capsys, base, "loners", "--json")[1])["photos"]
    assert all(set(photo) == {"path", "similarity", "neighbor_of"} for photo in photos)
