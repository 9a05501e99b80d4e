"""Full disks and read-only folders: a plain message, and nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from photosim.errors import LibraryError, ReadOnlyLibraryError
from photosim.records import FileEntry, PhotoFacts
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.thumbnails import ThumbnailCache


def readings(first: int, count: int) -> list[FileRecord]:
    return [
        FileRecord(
            FileEntry(f"/photos/{number}.jpg", 1, 1),
            number.to_bytes(16, "big"),
            PhotoFacts(1, 1, "JPEG"),
            bytes(1280),
        )
        for number in range(first, first + count)
    ]


def test_a_full_disk_is_reported_and_no_batch_is_saved_in_part(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.add_source("/photos")
    catalog.save("/photos", readings(0, 10), "model")
    pages = catalog.database.value("PRAGMA page_count")
    catalog.database.value(f"PRAGMA max_page_count = {pages + 5}")  # SQLite then answers as on a full disk
    with pytest.raises(LibraryError, match="is full"):
        catalog.save("/photos", readings(10, 200), "model")
    assert len(catalog.photos()) == 10
    assert catalog.database.value("PRAGMA integrity_check") == "ok"
    catalog.database.value("PRAGMA max_page_count = 100000")
    catalog.save("/photos", readings(10, 200), "model")
    assert len(catalog.photos()) == 210
    catalog.close()


def test_a_full_disk_under_the_thumbnails_is_reported(tmp_path: Path) -> None:
    thumbnails = ThumbnailCache(tmp_path)
    thumbnails._database.value("PRAGMA max_page_count = 20")
    with pytest.raises(LibraryError, match="is full"):
        thumbnails.add({bytes([n]) * 16: bytes(5000) for n in range(50)})
    assert thumbnails.digests() == set()
    thumbnails.close()


READ = """
import sys
from pathlib import Path
from photosim.errors import ReadOnlyLibraryError
from photosim.store.catalog import Catalog
catalog = Catalog(Path(sys.argv[1]))
try:
    catalog.add_source("/more")
except ReadOnlyLibraryError as error:
    print(len(catalog.photos()), error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of folders are of another kind there")
@pytest.mark.parametrize("closed", [True, False], ids=["closed well", "left behind by a crash"])
def test_a_library_that_cannot_be_written_is_read(closed: bool) -> None:
    with tempfile.TemporaryDirectory() as place:  # pytest's own folders are closed to other users
        folder = Path(place, "library")
        folder.mkdir()
        catalog = Catalog(folder)
        catalog.add_source("/photos")
        catalog.save("/photos", readings(0, 10), "model")
        if closed:
            catalog.close()
        Path(place).chmod(0o755)
        for file in folder.iterdir():
            file.chmod(0o444)
        folder.chmod(0o555)
        user = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        try:
            done = subprocess.run(
                [sys.executable, "-c", READ, str(folder)],
                capture_output=True,
                text=True,
                check=False,
                **user,
            )
        except PermissionError:
            pytest.skip("the other user may not start Python")
        folder.chmod(0o755)
        catalog.close()
    if "PermissionError" in done.stderr or "No module" in done.stderr:
        pytest.skip("the other user may not read the program")
    assert done.stdout.startswith("10 "), done.stderr
    assert "can be looked at and not changed" in done.stdout


def test_a_read_only_library_without_thumbnails_can_be_viewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "photosim.store.connection.os.access",
        lambda path, _: Path(path) not in {tmp_path, tmp_path / "library.db"},
    )
    thumbnails = ThumbnailCache(tmp_path)
    assert thumbnails.get(b"x" * 16) is None
    assert thumbnails.digests() == set()
    thumbnails.close()
    assert list(tmp_path.iterdir()) == []


def test_no_library_where_none_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photosim.store.connection.os.access", lambda *_: False)
    with pytest.raises(ReadOnlyLibraryError, match="the folder is read-only"):
        Catalog(tmp_path)
