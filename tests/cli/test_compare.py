"""The command `compare`: what it lists, and what it copies."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from photosim.library import Library
from photosim.records import Progress
from photosim.runtime.control import JobControl
from photosim.workers import supervisor
from tests.support.commands import CommandRunner
from tests.support.images import make_detailed_scene, make_exif, save
from tests.support.indexing import index, use_fake_embedder

EXIF = make_exif(taken_at="2024:05:01 12:00:00", make="Canon", model="EOS R6")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `library` of the folder `ours`, and a `card`."""
    use_fake_embedder(monkeypatch)

    def compare(
        library: Path, folder: Path, control: JobControl, other: Path | None, _: object
    ) -> Iterator[Progress]:
        with closing(Library.open(library)) as opened:
            yield from opened.comparisons.run(folder, control, other)

    monkeypatch.setattr(supervisor, "compare", compare)
    for seed in range(3):
        save(make_detailed_scene(seed).resize((640, 480)), tmp_path / "ours" / f"{seed}.jpg", exif=EXIF)
    card = tmp_path / "card"
    card.mkdir()
    shutil.copy2(tmp_path / "ours" / "0.jpg", card / "same.jpg")
    save(make_detailed_scene(1), card / "smaller.jpg", exif=EXIF)
    save(make_detailed_scene(2).resize((1280, 960)), card / "larger.jpg", exif=EXIF)
    save(make_detailed_scene(40), card / "new.jpg", exif=EXIF)
    (card / "new.xmp").write_text("<x:xmpmeta/>")
    (card / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no photo")
    with closing(Library.open(tmp_path / "library")) as library:
        index(library, tmp_path / "ours")
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def run(base: Path, capsys: pytest.CaptureFixture[str]) -> CommandRunner:
    return CommandRunner("compare", base / "library", capsys)


def test_json_tells_state_match_and_why_of_each_photo(run: CommandRunner, base: Path) -> None:
    assert run(base / "card", "--json").status == 0
    photos = {Path(photo["path"]).name: photo for photo in run.json["photos"]}
    assert photos.keys() == {"same.jpg", "smaller.jpg", "larger.jpg", "new.jpg"}
    assert photos["same.jpg"] == {
        "path": str(base / "card" / "same.jpg"),
        "state": "same",
        "match": str(base / "ours" / "0.jpg"),
        "similarity": 1.0,
        "why": "identical",
    }
    assert photos["smaller.jpg"]["state"] == "ours_better"
    assert photos["smaller.jpg"]["why"].startswith("there: larger")
    assert photos["larger.jpg"]["state"] == "theirs_better"
    assert photos["larger.jpg"]["why"].startswith("here: larger")
    assert photos["new.jpg"]["state"] == "new"
    assert photos["new.jpg"]["match"] is not None
    assert [Path(file["path"]).name for file in run.json["unreadable"]] == ["broken.jpg"]


def test_text_lists_the_new_ones_first_and_states_can_be_selected(run: CommandRunner, base: Path) -> None:
    titles = [line for line in run(base / "card").out.splitlines() if not line.startswith(" ")]
    assert titles == [
        "New: 1 photo",
        "Better here: 1 photo",
        "Better in the library: 1 photo",
        "Also in the library: 1 photo",
        "Unreadable: 1 file",
    ]
    run(base / "card", "--state", "new", "--state", "same")
    assert [line for line in run.out.splitlines() if ".jpg" in line and "broken" not in line] == [
        line for line in run.out.splitlines() if "card/new.jpg" in line or "card/same.jpg" in line
    ]
    assert "smaller.jpg" not in run.out


def test_new_photos_are_copied_by_date_and_nothing_is_replaced(run: CommandRunner, base: Path) -> None:
    target = base / "target"
    (target / "2024" / "2024-05-01").mkdir(parents=True)
    (target / "2024" / "2024-05-01" / "new.jpg").write_bytes(b"mine")
    before = names(base / "card")
    assert run(base / "card", "--new-to", target, "--json").status == 0
    [copied] = run.json["copied"]
    assert copied == {
        "path": str(base / "card" / "new.jpg"),
        "to": str(target / "2024" / "2024-05-01" / "new (2).jpg"),
    }
    assert names(target / "2024" / "2024-05-01") == ["new (2).jpg", "new (2).xmp", "new.jpg"]
    assert (target / "2024" / "2024-05-01" / "new.jpg").read_bytes() == b"mine"
    assert names(base / "card") == before
    assert "Copied 1 photo" in run.err
    assert run(base / "card", "--new-to", target, "--json").status == 0
    assert run.json["copied"] == []
    assert "1 photo was there already" in run.err
    assert len(names(target / "2024" / "2024-05-01")) == 3
    with closing(Library.open(base / "library")) as library:
        assert len(library.photos()) == 3


def test_two_folders_are_compared_with_each_other(run: CommandRunner, base: Path) -> None:
    assert run(base / "card", "--with", base / "ours", "--json").status == 0
    states = {Path(photo["path"]).name: photo["state"] for photo in run.json["photos"]}
    assert states == {
        "same.jpg": "same",
        "smaller.jpg": "ours_better",
        "larger.jpg": "theirs_better",
        "new.jpg": "new",
    }
    assert f"Also in {base / 'ours'}: 1 photo" in run(base / "card", "--with", base / "ours").out


def test_a_folder_of_the_library_is_told_to_be_it(run: CommandRunner, base: Path) -> None:
    run(base / "ours")
    assert "3 photos of" in run.err and "in the library as the same file" in run.err
    assert "this file itself" in run.out


@pytest.mark.parametrize("option", ["", "--with", "--new-to"])
def test_a_folder_that_does_not_exist_is_an_error(run: CommandRunner, base: Path, option: str) -> None:
    folders = [base / "nowhere"] if not option else [base / "card", option, base / "nowhere"]
    assert run(*folders).status == 1
    assert "does not exist" in run.err


def test_an_empty_folder_says_so(run: CommandRunner, base: Path) -> None:
    (base / "empty").mkdir()
    assert run(base / "empty").status == 0
    assert "No photos found" in run.err


def test_a_cancelled_comparison_can_be_continued(
    run: CommandRunner, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare = supervisor.compare

    def interrupted(library: Path, folder: Path, control: JobControl, *rest: Any) -> Iterator[Progress]:
        control.cancel()
        return compare(library, folder, control, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(supervisor, "compare", interrupted)
        assert run(base / "card").status == 1
        assert "Run the same command again" in run.err
    assert run(base / "card").status == 0
