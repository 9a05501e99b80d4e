"""Index into libraries on real disks that are too small: run in a namespace where it may mount (see test_faults).

    unshare --map-root-user --mount python -m tests.support.full_disk FOLDER

Prints the result for each size: `full: MESSAGE`, `done`, or `FAILED: REASON`.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from photosim.library import Library
from photosim.search.index import NeighbourIndex
from photosim.workers import index_worker
from tests.support.indexing import use_fake_embedder
from tests.support.photo_folders import make_photos

PHOTOS = 24
SIZES_KB = (64, 192, 320, 448, 640, 768, 1024, 1536)
ENOUGH = "64m"


def mount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "photosim-test", str(folder)], check=True)


def index_events(library: Path, photos: Path) -> list[dict[str, object]]:
    """Run the indexing process; return its events."""
    events = io.StringIO()
    reader, writer = os.pipe()  # no commands, but the pipe stays open as from a window
    with open(reader) as commands, open(writer, "w"):  # noqa: PTH123
        index_worker.run(library, [photos], commands, events)
    return [json.loads(line) for line in events.getvalue().splitlines()]


def is_intact_copy(file: Path, folder: Path) -> bool:
    """Check the integrity of a copy of a database; the full disk may have no space for the check itself."""
    folder.mkdir(exist_ok=True)
    for part in (file, file.with_name(f"{file.name}-wal")):
        (folder / part.name).unlink(missing_ok=True)
        if part.exists():
            shutil.copy(part, folder)
    with closing(sqlite3.connect(folder / file.name)) as db:
        return bool(db.execute("PRAGMA integrity_check").fetchone() == ("ok",))


def try_size(folder: Path, photos: Path, size: int) -> str:
    """Index into a library on a disk of `size` KB, then on one that is large enough; return the result."""
    library = folder / f"library of {size} KB"
    library.mkdir()
    mount(library, f"size={size}k")
    last = index_events(library, photos)[-1]
    message = str(last.get("message", ""))
    if last["event"] == "error" and "is full" not in message:
        return f"FAILED: {last}"
    for file in library.glob("*.db"):
        if not is_intact_copy(file, folder / "copy"):
            return f"FAILED: {file.name} is damaged"
    left = [path.name for path in library.rglob("*.new")]
    if left:
        return f"FAILED: {left} was left behind"
    mount(library, f"remount,size={ENOUGH}")
    again = index_events(library, photos)[-1]
    if again["event"] != "progress" or again["unreadable"]:
        return f"FAILED: with more space: {again}"
    opened = Library.open(library)
    try:
        if len(opened.photos()) != PHOTOS or opened.status().embedded != PHOTOS:
            return f"FAILED: {len(opened.photos())} photos in the end"
        if not all(opened.thumbnail(photo.photo_id) for photo in opened.photos()):
            return "FAILED: thumbnails are missing"
    finally:
        opened.close()
    return f"full: {message}" if message else "done"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an empty folder")
    folder: Path = parser.parse_args().folder
    photos = folder / "photos"
    make_photos(photos, PHOTOS)
    patch = pytest.MonkeyPatch()
    use_fake_embedder(patch)
    # Have a search index on the disk even for a small library.
    patch.setitem(NeighbourIndex.load.__func__.__kwdefaults__, "exact_below", 2)  # type: ignore[attr-defined]
    for size in SIZES_KB:
        print(f"{size} KB: {try_size(folder, photos, size)}", flush=True)


if __name__ == "__main__":
    main()
