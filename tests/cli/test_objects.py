"""The command `objects`, and searches by an object."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from photosim.cli.main import main
from tests.support.stop_signs import SIGN, make_signs


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    base = tmp_path_factory.mktemp("cli-objects")
    make_signs(base / "photos", 4, others=2)
    assert main(["index", str(base / "photos"), "--library", str(base / "library")]) == 0
    return base


def run(capsys: pytest.CaptureFixture[str], base: Path, *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    status = main([*map(str, arguments), "--library", str(base / "library")])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_objects_prints_what_is_where_in_fractions_of_the_photo(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is no photo costs only itself."""
    sign, note = base / "photos" / "sign-000.jpg", base / "note.jpg"
    note.write_text("no photo")
    status, out, err = run(capsys, base, "objects", note, sign, "--json")
    assert status == 1
    assert f"{note} cannot be read. " in err
    [result] = map(json.loads, out.splitlines())
    assert result["path"] == str(sign)
    [found] = result["objects"]
    assert found["label"] == SIGN
    assert found["score"] > 0.4
    x, y, width, height = found["box"]
    assert (x + width / 2, y + height / 2) == pytest.approx((150 / 320, 130 / 320), abs=0.02)
    assert found["number"] == 1
    assert (width, height) == pytest.approx((180 / 320, 180 / 320), abs=0.06)
    status, out, _ = run(capsys, base, "objects", sign)
    assert status == 0
    assert out.splitlines()[0] == str(sign)
    assert f" 1  {found['score']:.2f}  {SIGN}: " in out


def matches(capsys: pytest.CaptureFixture[str], base: Path, *arguments: object) -> list[dict[str, Any]]:
    status, out, _ = run(capsys, base, "similar", *arguments, "--json")
    assert status == 0
    found: list[dict[str, Any]] = json.loads(out)["matches"]
    return found


def test_an_object_finds_others_with_their_places(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sign = base / "photos" / "sign-000.jpg"
    found = matches(capsys, base, sign, "--object", 1)
    assert {Path(match["path"]).name for match in found[:3]} == {f"sign-00{n}.jpg" for n in (1, 2, 3)}
    for match in found[:3]:
        assert match.keys() == {"path", "similarity", "score", "band", "box", "label"}
        x, y, width, height = match["box"]
        assert 0.3 < x + width / 2 < 0.7
        assert 0.3 < y + height / 2 < 0.6
        assert match["label"] == SIGN
    assert matches(capsys, base, sign, "--object-at", "0.5,0.4", "-k", 2) == found[:2]
    _, out, _ = run(capsys, base, "similar", sign, "--object", 1, "-k", 1)
    assert f"{found[0]['path']}: {SIGN}, " in out


def test_what_is_no_object_is_told(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sign = base / "photos" / "sign-000.jpg"
    status, _, err = run(capsys, base, "similar", sign, "--object", 9)
    assert status == 1
    assert "no object 9: 1 object was found" in err
    status, _, err = run(capsys, base, "similar", sign, "--object-at", "0.01,0.99")
    assert status == 1
    assert "No object was found at 0.01,0.99" in err
    assert "--region" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("similar", "a.jpg", "b.jpg", "--object", "1"),
        ("similar", "a.jpg", "--object", "1", "--object-at", "0.5,0.5"),
        ("similar", "a.jpg", "--object-at", "2,0.5"),
        ("similar", "a.jpg", "--object", "1", "--region", "0,0,1,1"),
        ("similar", "--all", "--object", "1"),
        ("objects",),
        ("objects", "a.jpg", "--look-closer"),
    ],
)
def test_what_does_not_go_together_is_refused(
    base: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit):
        run(capsys, base, *arguments)


def test_a_closer_look_is_taken_once(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, base, "objects", "--look-closer")
    assert status == 0
    assert "6 photos searched for small objects." in err
    _, _, err = run(capsys, base, "objects", "--look-closer")
    assert "0 photos searched for small objects." in err
    sign = base / "photos" / "sign-000.jpg"
    assert len(matches(capsys, base, sign, "--object", 1)) >= 3


def test_without_labels_there_is_a_sentence(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, base, "labels", "off")
    try:
        for command in (
            ("similar", base / "photos" / "sign-000.jpg", "--object", 1),
            ("objects", "--look-closer"),
        ):
            status, _, err = run(capsys, base, *command)
            assert (status, "photosim labels on" in err) == (1, True)
    finally:
        run(capsys, base, "labels", "on")
