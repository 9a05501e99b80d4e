"""Photo and cluster records without files, a grid that shows them, and a library whose drive is offline."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from pytestqt.qtbot import QtBot

from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.library import Library
from photosim.records import Cluster, Photo, PhotoFacts


def make_photo_record(number: int, name: str | None = None, *, taken_at: str | None = None) -> Photo:
    """A photo record with this file id."""
    facts = PhotoFacts(400, 300, "JPEG", taken_at=taken_at)
    path = f"/photos/{name or f'photo {number}.jpg'}"
    return Photo(number, 1000 + number, path, 12345, 0, facts)


def make_photo_records(count: int) -> list[Photo]:
    """Photo records with the file ids 1 to `count`."""
    return [make_photo_record(number) for number in range(1, count + 1)]


def make_cluster(number: int, photos: list[Photo]) -> Cluster:
    """A cluster of these photos."""
    return Cluster(number, tuple(photo.file_id for photo in photos), tuple(photo.path for photo in photos))


def show_grid(qtbot: QtBot, model: PhotoModel) -> PhotoGrid:
    """Show a grid of 600 × 500 pixels with five tiles in a line; it becomes the parent of the model."""
    grid = PhotoGrid(model)
    model.setParent(grid)
    qtbot.addWidget(grid)
    grid.set_tile_size(100)
    grid.resize(600, 500)
    grid.show()
    return grid


def take_folder_offline(library: Library, folder: Path, target: Path) -> None:
    """Move a folder of the library, in its database only, to `target` on a drive that does not exist."""
    with closing(sqlite3.connect(library.folder / "library.db")) as db, db:
        db.execute("UPDATE files SET path = REPLACE(path, ?, ?)", (str(folder), str(target)))
        db.execute("UPDATE sources SET path = ? WHERE path = ?", (str(target), str(folder)))
