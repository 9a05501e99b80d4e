"""The command `pick`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from photosim.cli.main import main
from tests.support.images import make_detailed_scene, make_exif, make_photo, save

SCENES, TAKES = 4, 3


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    base = tmp_path_factory.mktemp("cli-pick")
    for scene in range(SCENES):
        for take in range(TAKES):
            make_photo(base / "photos" / f"trip {scene}" / f"{scene}-{take}.jpg", scene, variant=take)
    assert main(["index", str(base / "photos"), "--library", str(base / "library")]) == 0
    return base


def run(capsys: pytest.CaptureFixture[str], base: Path, *arguments: object) -> tuple[int, str, str]:
    status = main(["pick", *map(str, arguments), "--library", str(base / "library")])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def scenes(paths: list[str]) -> list[str]:
    return sorted({Path(path).name[0] for path in paths})


def test_it_lists_as_many_photos_as_asked_for_and_of_every_scene(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, base, SCENES)
    assert (status, err) == (0, "")
    assert len(out.splitlines()) == SCENES
    assert scenes(out.splitlines()) == ["0", "1", "2", "3"]
    assert len(run(capsys, base, 1000)[1].splitlines()) == SCENES * TAKES


def test_the_json_has_the_documented_fields(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, base, 2, "--json")
    photos = json.loads(out)["photos"]
    assert status == 0
    assert [set(photo) for photo in photos] == [{"path", "taken_at"}] * 2


def test_it_picks_from_a_folder_or_from_what_words_find(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = base / "photos" / "trip 2"
    assert scenes(run(capsys, base, 9, "--folder", folder)[1].splitlines()) == ["2"]
    (base / "link").symlink_to(base / "photos")
    for path in (base / "link" / "trip 2", base / "photos" / "trip 1" / ".." / "trip 2"):
        assert scenes(run(capsys, base, 9, "--folder", path)[1].splitlines()) == ["2"]
    assert scenes(run(capsys, base, 9, "--find", "trip 3")[1].splitlines()) == ["3"]
    status, out, err = run(capsys, base, 9, "--folder", base / "elsewhere")
    assert (status, out) == (1, "")
    assert "No photo of the library is in" in err


def test_of_copies_the_one_to_keep_is_picked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos, count = tmp_path / "photos", 3
    for seed in range(count):
        scene = make_detailed_scene(seed)
        date = make_exif(taken_at=f"2024:05:0{seed + 1} 12:00:00")
        save(scene.resize((1280, 960)), photos / "camera" / f"{seed}.jpg", exif=date)
        save(scene.resize((640, 480)), photos / "chat" / f"{seed}.jpg")
    assert main(["index", str(photos), "--library", str(tmp_path / "library")]) == 0
    capsys.readouterr()
    originals = [str(photos / "camera" / f"{seed}.jpg") for seed in range(count)]
    assert run(capsys, tmp_path, count)[1].splitlines() == originals
    more = run(capsys, tmp_path, count + 1)[1].splitlines()
    assert set(originals) < set(more), "a copy only fills up"
    copies = run(capsys, tmp_path, 9, "--folder", photos / "chat")[1].splitlines()
    assert len(copies) == count, "where the original is not asked for, a copy stands for it"


def test_a_contact_sheet_is_one_page_with_its_pictures(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = base / "sheet.html"
    status, out, err = run(capsys, base, 3, "--sheet", sheet, "--title", "Summer & <sea>")
    page = sheet.read_text()
    assert status == 0
    assert str(sheet) in err
    assert "Summer &amp; &lt;sea&gt;" in page
    assert page.count('src="data:image/jpeg;base64,') == 3
    assert all(Path(path).name in page for path in out.splitlines())
    assert "http" not in page, "nothing is loaded from elsewhere"


def test_an_earlier_sheet_is_replaced_and_another_file_only_by_force(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet, letter = base / "again.html", base / "letter.html"
    letter.write_text("Dear all")
    assert run(capsys, base, 1, "--sheet", sheet)[0] == 0
    assert run(capsys, base, 2, "--sheet", sheet)[0] == 0
    assert run(capsys, base, 2, "--sheet", letter)[0] == 1
    assert letter.read_text() == "Dear all"
    assert run(capsys, base, 2, "--sheet", letter, "--force")[0] == 0
    assert "<figure>" in letter.read_text()


def test_an_empty_library_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, tmp_path, 5)
    assert (status, out) == (1, "")
    assert "no photos" in err
