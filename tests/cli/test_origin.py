"""The command `origin`: an image whose original is in the library, and one without."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from photosim.cli.main import main
from photosim.library import Library
from tests.support.images import make_detailed_scene, save

SCENES = 6


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder `photos` of scenes, one of them with a smaller copy, and a `library` made from it."""
    base = tmp_path_factory.mktemp("origin")
    for seed in range(SCENES):
        save(make_detailed_scene(seed).resize((640, 480)), base / "photos" / f"{seed}.jpg")
    save(make_detailed_scene(0), base / "photos" / "small.jpg")
    assert main(["index", str(base / "photos"), "--library", str(base / "library")]) == 0
    return base


def run(capsys: pytest.CaptureFixture[str], base: Path, *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    status = main(["origin", *map(str, arguments), "--library", str(base / "library")])
    output = capsys.readouterr()
    return status, output.out, output.err


def found(capsys: pytest.CaptureFixture[str], base: Path, file: Path) -> dict[str, Any]:
    status, out, _ = run(capsys, base, file, "--json")
    assert status == 0
    answer: dict[str, Any] = json.loads(out)
    assert answer["query"] == str(file)
    return answer


def names(relatives: list[dict[str, Any]]) -> list[str]:
    return [Path(relative["path"]).name for relative in relatives]


def test_a_crop_in_a_screenshot_leads_to_its_photo(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    crop = make_detailed_scene(3).resize((640, 480)).crop((128, 96, 512, 384))
    file = save(ImageOps.expand(crop, (0, 60, 0, 90), "black"), base / "screenshot.png")
    answer = found(capsys, base, file)
    assert (names(answer["originals"]), answer["versions"], answer["similar"]) == (["3.jpg"], [], [])
    [original] = answer["originals"]
    assert original["box"] == pytest.approx([0.2, 0.2, 0.6, 0.6], abs=0.04)
    assert original["box_in_query"] == pytest.approx([0, 60 / 438, 1, 288 / 438], abs=0.04)
    assert (original["width"], original["height"]) == (640, 480)
    assert original["how"][0] in [f"cropped to {percent}%" for percent in range(33, 40)]
    assert "with bars beside it" in original["how"]
    _, out, _ = run(capsys, base, file)
    assert out.splitlines()[:2] == ["Made from:", f"  {base / 'photos' / '3.jpg'} (640 × 480)"]


def test_a_collage_leads_to_all_of_its_photos(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    collage = Image.new("RGB", (640, 480))
    for number in range(4):
        place = (320 * (number % 2), 240 * (number // 2))
        collage.paste(make_detailed_scene(1 + number), place)
    answer = found(capsys, base, save(collage, base / "collage.jpg"))
    assert sorted(names(answer["originals"])) == ["1.jpg", "2.jpg", "3.jpg", "4.jpg"]
    assert all("part of a collage" in original["how"] for original in answer["originals"])


def test_a_photo_of_the_library_has_its_versions_and_its_original(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = found(capsys, base, base / "photos" / "0.jpg")
    assert (names(answer["originals"]), names(answer["versions"])) == ([], ["small.jpg"])
    assert answer["versions"][0]["how"] == ["smaller"]
    answer = found(capsys, base, base / "photos" / "small.jpg")
    assert (names(answer["originals"]), names(answer["versions"])) == (["0.jpg"], [])
    assert answer["originals"][0]["how"] == ["smaller"]


def test_an_unrelated_image_is_told_to_have_none(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = save(make_detailed_scene(50), base / "other.jpg")
    answer = found(capsys, base, file)
    assert (answer["originals"], answer["versions"]) == ([], [])
    assert len(answer["similar"]) == SCENES + 1
    _, out, _ = run(capsys, base, file)
    assert out.startswith("No photo of the library is its original.\nThe most similar photos:\n")


def test_a_file_that_cannot_be_read_is_told(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (base / "broken.jpg").write_bytes(b"this is no photo")
    for name in ("broken.jpg", "nowhere.jpg"):
        status, out, err = run(capsys, base, base / name)
        assert (status, out) == (1, "")
        assert err.startswith(f"{base / name} cannot be read. ")


def test_a_library_without_photos_has_no_originals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], base: Path
) -> None:
    Library.open(tmp_path / "library").close()
    status, out, _ = run(capsys, tmp_path, base / "photos" / "1.jpg")
    assert (status, out) == (0, "No photo of the library is its original.\n")
