"""Damaged libraries: a plain message, and a repair that recovers what can be read."""

from __future__ import annotations

import random
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest

from photosim.cli.main import main
from photosim.errors import DamagedLibraryError
from photosim.library.repair import repair
from photosim.records import FileEntry, PhotoFacts
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.salvage import is_intact, salvage
from photosim.store.thumbnails import ThumbnailCache

NOW = datetime(2026, 5, 4, 12, 30, 1)
PHOTOS = 300
PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A library file with photos, their embeddings and some unreadable files."""
    catalog = Catalog(tmp_path)
    catalog.add_source("/photos")
    readings = []
    for number in range(PHOTOS):
        entry = FileEntry(f"/photos/{number:04}.jpg", 1000 + number, number)
        digest = random.Random(number).randbytes(16)
        readings.append(FileRecord(entry, digest, PhotoFacts(640, 480, "JPEG"), vector=bytes(1280)))
    readings += [
        FileRecord(FileEntry(f"/photos/bad {n}.jpg", n, n), reason="The file is empty.") for n in range(5)
    ]
    catalog.save("/photos", readings, "model")
    catalog.database.value("PRAGMA wal_checkpoint(TRUNCATE)")
    catalog.close()
    return tmp_path / "library.db"


def damage(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


def photos_in(folder: Path) -> int:
    catalog = Catalog(folder)
    try:
        assert catalog.database.value("PRAGMA integrity_check") == "ok"
        assert catalog.database.rows("PRAGMA foreign_key_check") == []
        return len(catalog.photos())
    finally:
        catalog.close()


def test_a_sound_library_is_left_as_it_is(path: Path) -> None:
    before = path.read_bytes()
    assert is_intact(path)
    assert repair(path.parent) is None
    assert path.read_bytes() == before


def test_a_truncated_library_is_said_to_be_damaged_and_what_is_left_is_saved(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(DamagedLibraryError, match="photosim repair"):
        Catalog(path.parent).photos()
    damaged = path.read_bytes()
    salvaged = salvage(path, NOW)
    assert salvaged.damaged_file.name == "library.db.damaged-2026-05-04-123001"
    assert salvaged.damaged_file.read_bytes() == damaged
    assert salvaged.rows["sources"] == 1
    assert 0 < photos_in(path.parent) < PHOTOS


@pytest.mark.parametrize(
    ("first", "size"), [(0, 16), (16, 2), (28, 12), (40, 60), (PAGE - 900, 900), (0, PAGE)]
)
def test_a_library_whose_first_page_is_damaged_loses_no_photo(path: Path, first: int, size: int) -> None:
    damage(path, first, b"\xee" * size)
    if not is_intact(path):
        salvage(path, NOW)
    assert photos_in(path.parent) == PHOTOS


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_page_costs_at_most_what_lay_in_it(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    pages = path.stat().st_size // PAGE
    damage(path, PAGE * chance.randrange(1, pages), chance.randbytes(64))
    if not is_intact(path):
        salvage(path, NOW)
    # One page in the middle of a tree leads to others, and the rest of the photos stays.
    assert photos_in(path.parent) >= PHOTOS // 2 or _is_inner(path, seed)


def _is_inner(path: Path, seed: int) -> bool:
    """Whether the damaged page was the root of a table, without which its rows cannot be reached."""
    [aside] = path.parent.glob("library.db.damaged-*")
    chance = random.Random(seed)
    page = 1 + chance.randrange(1, aside.stat().st_size // PAGE)
    connection = sqlite3.connect(path)
    roots = {root for (root,) in connection.execute("SELECT rootpage FROM sqlite_master")}
    connection.close()
    return page in roots


def test_ids_of_lost_photos_are_not_given_again(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    salvage(path, NOW)
    catalog = Catalog(path.parent)
    entry = FileEntry("/photos/new.jpg", 1, 1)
    catalog.save("/photos", [FileRecord(entry, b"n" * 16, PhotoFacts(1, 1, "JPEG"))], "model")
    photo = catalog.find("/photos/new.jpg")
    assert photo is not None
    assert photo.photo_id > PHOTOS
    catalog.close()


def test_the_command_reports_what_was_recovered(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["repair", "--library", str(path.parent)]) == 0
    assert "is not damaged" in capsys.readouterr().out
    damage(path, 0, bytes(16))
    assert main(["repair", "--library", str(path.parent)]) == 0
    out = capsys.readouterr().out
    assert f"1 folder, {PHOTOS + 5} files, {PHOTOS} photos and {PHOTOS} embeddings" in out
    assert "library.db.damaged-" in out
    assert main(["repair", "--library", str(path.parent / "nowhere")]) == 1


def test_damaged_thumbnails_are_made_anew_without_a_word(tmp_path: Path) -> None:
    thumbnails = ThumbnailCache(tmp_path)
    thumbnails.add({bytes([n]) * 16: bytes(5000) for n in range(50)})
    thumbnails._database.value("PRAGMA wal_checkpoint(TRUNCATE)")
    thumbnails.close()
    file = tmp_path / "thumbnails.db"
    file.write_bytes(file.read_bytes()[: PAGE * 3])
    again = ThumbnailCache(tmp_path)
    assert again.get(b"\x07" * 16) is None
    again.digests()
    again.add({b"x" * 16: b"jpeg"})
    assert again.get(b"x" * 16) == b"jpeg"
    again.close()
    damage(file, 0, b"\xee" * 16)
    ThumbnailCache(tmp_path).close()
