"""The commands `find` and `labels`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from photosim.cli.main import main
from tests.support.stop_signs import SIGN, make_signs


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    base = tmp_path_factory.mktemp("cli-labels")
    make_signs(base / "photos", 3, others=2)
    assert main(["index", str(base / "photos"), "--library", str(base / "library")]) == 0
    return base


def run(capsys: pytest.CaptureFixture[str], base: Path, *arguments: object) -> tuple[int, str, str]:
    status = main([*map(str, arguments), "--library", str(base / "library")])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_find_lists_photos_with_their_scores(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, base, "find", "Stop Sign")
    assert status == 0
    assert sorted(line.split("  ")[1] for line in out.splitlines()) == [
        str(base / "photos" / f"sign-00{number}.jpg") for number in range(3)
    ]
    _, out, err = run(capsys, base, "find", SIGN, "-k", 2)
    assert len(out.splitlines()) == 2
    assert err == f"2 of 3 photos with object “{SIGN}” (3)\n"
    assert run(capsys, base, "find", SIGN)[2] == f"3 photos with object “{SIGN}” (3)\n"


def test_find_prints_the_documented_json(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, base, "find", "stop", "signs", "--json")
    result = json.loads(out)
    assert status == 0
    assert set(result) == {"terms", "labels", "model", "photos"}
    assert result["terms"] == [{"kind": "object", "value": SIGN, "photos": 3}]
    assert result["labels"] == [SIGN]
    for photo in result["photos"]:
        assert set(photo) == {"path", "score", "labels"}
        assert photo["labels"][SIGN] == photo["score"]


def test_find_understands_folders_and_names_beside_objects(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, base, "find", "photos", SIGN, "002")
    assert status == 0
    assert [line.split("  ")[1] for line in out.splitlines()] == [str(base / "photos" / "sign-002.jpg")]
    assert f"folder “{base / 'photos'}” (5), object “{SIGN}” (3), text “002” (1)" in err
    status, out, _ = run(capsys, base, "find", "sign-001")
    assert (status, out) == (0, f"{base / 'photos' / 'sign-001.jpg'}\n"), "without a score"


def test_a_word_that_nothing_matches_is_a_sentence(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, base, "find", "stop-sgin")
    assert (status, out) == (1, "")
    assert err == "No photo in this library matches “stop-sgin”. Did you mean “stop sign”?\n"


def test_labels_are_listed_with_their_counts(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"3  {SIGN}" in run(capsys, base, "labels")[1]
    result = json.loads(run(capsys, base, "labels", "--json")[1])
    assert set(result) == {"on", "model", "lacking", "labels"}
    assert (result["on"], result["lacking"]) == (True, 0)
    assert {"name": SIGN, "photos": 3} in result["labels"]


def test_labels_go_off_and_on(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, base, "labels", "off")[0] == 0
    status, out, err = run(capsys, base, "labels")
    assert (status, out) == (0, "")
    assert "Labels are off" in err
    status, _, err = run(capsys, base, "find", "stop")
    assert status == 1
    assert "photosim labels on" in err
    assert run(capsys, base, "labels", "on")[0] == 0
    assert run(capsys, base, "find", SIGN)[0] == 0


def test_fill_labels_photos_that_were_analyzed_without_labels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_signs(tmp_path / "photos", 2)
    run(capsys, tmp_path, "labels", "off")
    run(capsys, tmp_path, "index", tmp_path / "photos")
    _, _, err = run(capsys, tmp_path, "labels", "on")
    assert "2 photos have no labels yet" in err
    status, _, err = run(capsys, tmp_path, "labels", "fill")
    assert status == 0
    assert "2 photos labeled." in err
    assert f"2  {SIGN}" in run(capsys, tmp_path, "labels")[1]
