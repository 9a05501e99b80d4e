"""Photo records without files, for models and orders; a grid that shows them; a library whose drive is away."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from pytestqt.qtbot import QtBot

from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.library.library import Library
from photosim.records import Cluster, Photo, PhotoFacts


def make_photo_record(number: int, name: str | None = None, *, taken_at: str | None = None) -> Photo:
    """A photo record with this file id."""
    facts = PhotoFacts(400, 300, "JPEG", taken_at=taken_at)
    path = f"/photos/{name or f'photo {number}.jpg'}"
    return Photo(number, 1000 + number, path, 12345, 0, facts)


def make_photo_records(count: int) -> list[Photo]:
    """So many photo records, numbered from 1."""
    return [make_photo_record(number) for number in range(1, count + 1)]


def make_cluster(number: int, photos: list[Photo]) -> Cluster:
    """A cluster of these photos."""
    return Cluster(number, tuple(one.file_id for one in photos), tuple(one.path for one in photos))


def show_grid(qtbot: QtBot, model: PhotoModel) -> PhotoGrid:
    """A grid of 600 × 500 pixels on the screen, five tiles in a line; the model lives as long as it does."""
    grid = PhotoGrid(model)
    model.setParent(grid)
    qtbot.addWidget(grid)
    grid.set_tile_size(100)
    grid.resize(600, 500)
    grid.show()
    return grid


def take_folder_offline(library: Library, folder: Path, target: Path) -> None:
    """Let a folder of the library lie on a drive that is not there."""
    with closing(sqlite3.connect(library.folder / "library.db")) as db, db:
        db.execute("UPDATE files SET path = REPLACE(path, ?, ?)", (str(folder), str(target)))
        db.execute("UPDATE sources SET path = ? WHERE path = ?", (str(target), str(folder)))
