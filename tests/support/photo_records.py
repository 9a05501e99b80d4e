"""Photo and cluster records without files, a grid that shows them, and a library whose drive is offline."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import astuple
from pathlib import Path

from pytestqt.qtbot import QtBot

from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.library import Library
from photosim.records import Cluster, Event, Photo, PhotoFacts
from photosim.store.rows import LazyPhoto


def make_photo_record(number: int, name: str | None = None, *, taken_at: str | None = None) -> Photo:
    """A photo record with this file id."""
    facts = PhotoFacts(400, 300, "JPEG", taken_at=taken_at)
    path = f"/photos/{name or f'photo {number}.jpg'}"
    return Photo(number, 1000 + number, path, 12345, 0, facts)


def make_photo_records(count: int) -> list[Photo]:
    """Photo records with the file ids 1 to `count`."""
    return [make_photo_record(number) for number in range(1, count + 1)]


def make_cover(photo: Photo) -> LazyPhoto:
    """This photo as the cover of a cluster."""
    file = (photo.file_id, photo.photo_id, photo.path, photo.size, photo.mtime_ns, photo.missing)
    raw_files = "\0".join(photo.raw_files) or None
    return LazyPhoto.from_row((*file, photo.primary_id, raw_files, *astuple(photo.facts)), photo.copies)


def make_cluster(number: int, photos: list[Photo]) -> Cluster:
    """A cluster of these photos."""
    return Cluster(number, tuple(photo.file_id for photo in photos), tuple(photo.path for photo in photos))


def make_event(number: int, photos: list[Photo], start: str = "2024-05-01T10:00:00", end: str = "") -> Event:
    """An event of these photos."""
    cluster = make_cluster(number, photos)
    name = f"Event {number}"
    return Event(number, cluster.file_ids, cluster.paths, automatic_name=name, start=start, end=end or start)


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
