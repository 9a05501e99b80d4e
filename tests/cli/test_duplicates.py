"""The command `duplicates`: what it lists, what it moves to the trash, and the verdicts that it takes along."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale

from photosim.cli import duplicates
from photosim.cli.duplicate_text import ListedGroup, size_text
from photosim.cli.main import main
from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.keep_rules import KeepRule
from photosim.duplicates.results import CopyRelation, DuplicateGroup, GroupPhoto, JudgedPair
from photosim.files.operations.trash import move_to_trash
from photosim.gui.base.formatting import format_size
from photosim.library import Library
from photosim.store.duplicates import DuplicateTable
from tests.support.commands import CommandRunner
from tests.support.images import make_exif, make_photo
from tests.support.indexing import index, use_fake_embedder
from tests.support.photo_records import make_photo_record

CROP = CopyRelation((1.25, 0.0, -0.1, 0.0, 1.0667, -0.05), covers=0.75, brighter=0.1)


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder `photos` with a photo and a crop of it, and another one with two exact copies, in a `library`."""
    use_fake_embedder(monkeypatch)
    monkeypatch.setattr(duplicates, "_move_to_trash", lambda: move_to_trash)  # never the real one
    photos = tmp_path / "photos"
    make_photo(photos / "a" / "large.jpg", 1, (640, 480))
    make_photo(photos / "a" / "crop.jpg", 1, (320, 240), exif=make_exif(taken_at="2021:05:04 10:20:30"))
    make_photo(photos / "a" / "two.jpg", 2)
    for name in ("a/two (2).jpg", "b/two.jpg"):
        (photos / name).parent.mkdir(exist_ok=True)
        shutil.copy(photos / "a" / "two.jpg", photos / name)
    with closing(Library.open(tmp_path / "library")) as library:
        index(library, photos)
        large, crop = (library.find(photos / "a" / name) for name in ("large.jpg", "crop.jpg"))
        assert large is not None
        assert crop is not None
        first, second = sorted((large.photo_id, crop.photo_id))
        relation = CROP if first == large.photo_id else CROP.inverse
        DuplicateTable(library._catalog.database).save({}, 1, [JudgedPair(first, second, 0.97, relation)])
    yield tmp_path


@pytest.fixture
def run(base: Path, capsys: pytest.CaptureFixture[str]) -> CommandRunner:
    return CommandRunner("duplicates", base / "library", capsys)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_group_is_a_block_with_the_reasons_in_words(base: Path, run: CommandRunner) -> None:
    assert run().status == 0
    assert "Identical files: 3 photos, " in run.out
    blocks = run.out.splitlines()
    start = next(number for number, line in enumerate(blocks) if line.startswith("Same photo: 2 photos"))
    kept, crop = blocks[start + 1 : start + 3]
    assert kept.startswith(f"  keep   {base / 'photos' / 'a' / 'large.jpg'}  (640 × 480, ")
    assert kept.endswith(" kB; larger)")
    assert crop.startswith(f"  trash  {base / 'photos' / 'a' / 'crop.jpg'}  (320 × 240, ")
    assert crop.endswith(" kB; cropped to 75%, brighter)")
    assert re.fullmatch(r"2 groups, 3 photos to trash, [\d.]+ kB to free\.\n", run.err)


def test_json_has_every_group_with_the_one_to_keep(base: Path, run: CommandRunner) -> None:
    data = run("--json").json
    assert data["totals"] == {
        "groups": 2,
        "photos": 3,
        "bytes_freed": sum(group["bytes_freed"] for group in data["groups"]),
    }
    [same] = [group for group in data["groups"] if len(group["photos"]) == 2]
    assert same["kind"] == "same"
    assert same["keep"] == str(base / "photos" / "a" / "large.jpg") == same["photos"][0]["path"]
    assert same["photos"][1] == {
        "path": str(base / "photos" / "a" / "crop.jpg"),
        "size": (base / "photos" / "a" / "crop.jpg").stat().st_size,
        "width": 320,
        "height": 240,
        "why": "cropped to 75%, brighter",
        "certainty": 0.97,
        "fate": "trash",
    }
    assert same["bytes_freed"] == same["photos"][1]["size"]
    freed = [group["bytes_freed"] for group in data["groups"]]
    assert freed == sorted(freed, reverse=True)
    assert run("--json").json == data, "the same library gives the same output"


def test_kinds_folders_and_certainty_choose_the_groups(run: CommandRunner) -> None:
    def groups(*arguments: str) -> list[tuple[str, int]]:
        found = run("--json", *arguments).json["groups"]
        return sorted((group["kind"], len(group["photos"])) for group in found)

    assert groups("--kind", "identical") == [("identical", 3)]
    assert ("same", 2) in groups("--kind", "same")
    assert groups("--kind", "burst") == []
    assert ("same", 2) not in groups("--min-certainty", "0.98")
    assert ("same", 2) not in groups("--across-folders")


def test_nothing_is_trashed_without_yes(base: Path, run: CommandRunner) -> None:
    before = names(base / "photos")
    assert run("--trash").status == 1
    assert run.err.startswith("Nothing was done. To move 3 photos (")
    assert "add --yes" in run.err
    assert names(base / "photos") == before


def test_a_dry_run_says_what_would_be_done(base: Path, run: CommandRunner) -> None:
    before = names(base / "photos")
    assert run("--trash", "--dry-run", "--json").status == 0
    would = run.json
    assert would["dry_run"] is True
    assert run.err.startswith("Would move 3 photos to the trash")
    assert names(base / "photos") == before
    done = run("--trash", "--yes", "--json").json
    assert done == would | {"dry_run": False}
    assert before - names(base / "photos") == {
        Path(path).relative_to(base / "photos").as_posix() for path in done["trashed"]
    }
    assert len(names(base / "photos")) == 2


def test_all_but_the_ones_to_keep_go_to_the_trash(
    base: Path, run: CommandRunner, isolated_home: Path
) -> None:
    assert run("--trash", "--yes").status == 0
    trashed = run.out.splitlines()
    assert str(base / "photos" / "a" / "crop.jpg") in trashed
    assert run.err.startswith("Moved 3 photos to the trash (")
    assert len(list((isolated_home / "Trash" / "files").iterdir())) == 3
    assert run().err == "No duplicates found.\n"
    assert run("--trash", "--yes").status == 0
    assert run.err == "Moved 0 photos to the trash (0 bytes).\n"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Qt moves files to the trash")
def test_trashing_loads_neither_qt_nor_a_model(base: Path) -> None:
    script = (
        "import sys; from photosim.cli.main import main; status = main(sys.argv[1:]); "
        "sys.exit(status or sorted({'PySide6', 'torch', 'cv2'} & sys.modules.keys()) or 0)"
    )
    arguments = ["duplicates", "--trash", "--yes", "--library", str(base / "library")]
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3


def test_the_photo_to_keep_inherits_when_wanted(base: Path, run: CommandRunner) -> None:
    (base / "photos" / "a" / "crop.xmp").write_text("edits")
    with closing(Library.open(base / "library")) as library:
        library.duplicates.set_rules(replace(library.duplicates.rules, copies=(KeepRule.PIXELS,)))
    run("--trash", "--yes", "--inherit", "--kind", "same")
    assert (base / "photos" / "a" / "large.xmp").read_text() == "edits"
    with closing(Library.open(base / "library")) as library:
        large = library.find(base / "photos" / "a" / "large.jpg")
    assert large is not None
    assert (large.facts.taken_at, large.facts.taken_from) == ("2021-05-04T10:20:30", "exif")


def test_what_was_reviewed_in_the_window_holds(base: Path, run: CommandRunner) -> None:
    crop, large = base / "photos" / "a" / "crop.jpg", base / "photos" / "a" / "large.jpg"
    with closing(Library.open(base / "library")) as library:
        [group] = library.duplicates.groups({DuplicateKind.SAME})
        library.duplicates.decide(group, [group.photos[1].photo.file_id])
    [listed_group] = run("--kind", "same", "--json").json["groups"]
    assert listed_group["keep"] == str(crop)
    assert [photo["fate"] for photo in listed_group["photos"]] == ["trash", "keep"]
    run("--kind", "same", "--trash", "--yes")
    assert crop.exists()
    assert not large.exists()


def test_a_photo_that_stays_is_told_and_fails_the_command(base: Path, run: CommandRunner) -> None:
    crop = base / "photos" / "a" / "crop.jpg"
    crop.write_bytes(crop.read_bytes() + b"edited")
    assert run("--trash", "--yes", "--json").status == 1
    [left_out] = run.json["left_out"]
    assert left_out["path"] == str(crop)
    assert left_out["reason"].startswith("The file was edited or replaced in the meantime.")
    assert len(run.json["trashed"]) == 2
    assert f"{crop}: {left_out['reason']}" in run.err
    assert crop.exists()


def test_verdicts_go_to_a_file_and_come_back(base: Path, run: CommandRunner, tmp_path: Path) -> None:
    with closing(Library.open(base / "library")) as library:
        for group in library.duplicates.groups():
            library.duplicates.decide(group, group.file_ids)
    assert run().out == ""
    assert run("--verdicts", tmp_path / "verdicts.json").status == 0
    written = json.loads((tmp_path / "verdicts.json").read_text())
    assert {row["verdict"] for row in written["verdicts"]} == {"kept"}
    assert run("--verdicts", tmp_path / "verdicts.json").status == 0, "an earlier export is replaced"
    (base / "library" / "library.db").rename(base / "old.db")
    with closing(Library.open(base / "library")) as library:
        index(library, base / "photos")
    assert run("--kind", "identical").out
    assert run("--import", tmp_path / "verdicts.json").status == 0
    assert run.err.startswith("Imported ")
    assert run("--kind", "identical").out == ""


@pytest.mark.parametrize("content", ["", "[", "[]", '{"verdicts": [1]}', "[" * 100_000])
def test_a_wrong_file_of_verdicts_gets_a_sentence(run: CommandRunner, tmp_path: Path, content: str) -> None:
    (tmp_path / "file.json").write_text(content)
    assert run("--import", tmp_path / "file.json").status == 1
    assert "can't be imported" in run.err
    assert run("--import", tmp_path / "nowhere.json").status == 1
    assert "can't be read: No such file or directory." in run.err


def test_a_file_of_another_kind_is_not_replaced(run: CommandRunner, tmp_path: Path) -> None:
    (tmp_path / "file.json").write_text('{"mine": 1}')
    assert run("--verdicts", tmp_path / "file.json").status == 1
    assert "use --force" in run.err
    assert run("--verdicts", tmp_path / "file.json", "--force").status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--yes"],
        ["--dry-run"],
        ["--inherit"],
        ["--force"],
        ["--trash", "--yes", "--dry-run"],
        ["--trash", "--verdicts", "a.json"],
        ["--verdicts", "a.json", "--import", "b.json"],
        ["--kind", "other"],
        ["--min-certainty", "0"],
        ["--min-certainty", "nan"],
        ["--verdicts", ""],
    ],
    ids=" ".join,
)
def test_options_that_do_not_go_together_are_refused(arguments: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["duplicates", *arguments, "--library", str(tmp_path)])
    assert stop.value.code == 2
    assert list(tmp_path.iterdir()) == []


def listed(kind: DuplicateKind, *members: GroupPhoto, reasons: tuple[KeepRule, ...] = ()) -> ListedGroup:
    group = DuplicateGroup("id", kind, members, members[0].photo.file_id, reasons)
    return ListedGroup(group, {group.keep}, {member.photo.file_id for member in group.superfluous})


def test_every_rule_has_words() -> None:
    kept = GroupPhoto(make_photo_record(1))
    for rule in KeepRule:
        assert listed(DuplicateKind.SAME, kept, reasons=(rule,)).why(kept)
    assert listed(DuplicateKind.SAME, kept).why(kept) == "first by name"
    for source, date in (("exif", "original date"), ("file", "earlier date")):
        dated = replace(kept, photo=replace(kept.photo, facts=replace(kept.photo.facts, taken_from=source)))
        assert listed(DuplicateKind.SAME, dated, reasons=(KeepRule.EARLIER,)).why(dated) == date


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        (None, "saved again"),
        (CROP, "cropped to 75%, brighter"),
        (CopyRelation((1, 0, 0, 0, 1, 0), 1.0, turned=90.2, brighter=-0.3), "rotated by 90°, darker"),
        (CopyRelation((1, 0, 0, 0, 1, 0), 1.0, turned=270.0), "rotated by 270°"),
        (CopyRelation((1, 0, 0, 0, 1, 0), 1.0, turned=357.8), "rotated by -2°"),
        (CopyRelation((-1, 0, 1, 0, 1, 0), 0.99, turned=359.8, is_mirrored=True, brighter=0.001), "mirrored"),
    ],
)
def test_what_was_done_to_a_copy_is_said_in_words(relation: CopyRelation | None, expected: str) -> None:
    kept, copy = GroupPhoto(make_photo_record(1)), GroupPhoto(make_photo_record(2), 0.9, relation=relation)
    assert listed(DuplicateKind.SAME, kept, copy).why(copy) == expected


@pytest.mark.parametrize(
    ("taken_at", "expected"),
    [
        ("2024-05-04T10:00:03", "3 s later"),
        ("2024-05-04T09:59:59", "1 s earlier"),
        ("2024-05-04T10:00:00", "same second"),
        (None, "same burst"),
    ],
)
def test_a_shot_is_told_apart_by_its_time(taken_at: str | None, expected: str) -> None:
    kept = GroupPhoto(make_photo_record(1, taken_at="2024-05-04T10:00:00"))
    shot = GroupPhoto(make_photo_record(2, taken_at=taken_at))
    assert listed(DuplicateKind.BURST, kept, shot).why(shot) == expected


def test_what_stays_in_any_case_says_so() -> None:
    kept, copy = GroupPhoto(make_photo_record(1)), GroupPhoto(make_photo_record(2))
    for changes, expected in (
        ({}, "trash"),
        ({"is_protected": True}, "protected"),
        ({"is_settled": True}, "keep"),
        ({"is_online": False}, "unavailable"),
    ):
        member = replace(copy, **changes)
        assert listed(DuplicateKind.SAME, kept, member).fate(member) == expected
    assert listed(DuplicateKind.SAME, kept, copy).fate(kept) == "keep"


def test_sizes_are_those_of_the_window() -> None:
    sizes = (0, 1023, 1500, 2_340_000, 1_200_000_000, 3_000_000_000_000)
    texts = [size_text(size) for size in sizes]
    assert texts == ["0 bytes", "1023 bytes", "1.5 kB", "2.2 MB", "1.1 GB", "2.7 TB"]
    if QLocale().name() == "C":
        assert texts == [format_size(size) for size in sizes]
