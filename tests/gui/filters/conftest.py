"""A window with photos that differ in what can be filtered."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from photosim.gui.main_window import MainWindow
from photosim.library import Library
from photosim.records import Label
from photosim.store.labels import LabelTable


@pytest.fixture
def varied(library: Library, open_window: Callable[[Library], MainWindow]) -> MainWindow:
    """The photos of the meadow have another camera, the year 2019, portrait orientation and the label dog."""
    with closing(sqlite3.connect(library.folder / "library.db")) as db, db:
        rows = db.execute("SELECT photo_id FROM files WHERE path LIKE '%meadow%' AND photo_id IS NOT NULL")
        meadow = [row[0] for row in rows]
        changed = "camera = 'Leica Q', width = 240, height = 320, taken_at = '2019-03-02T10:00:00'"
        db.executemany(f"UPDATE photos SET {changed} WHERE id = ?", [(photo_id,) for photo_id in meadow])  # noqa: S608
        db.execute("UPDATE photos SET taken_at = NULL WHERE id = 1")
    labels = {photo_id: [Label("dog", 0.9)] for photo_id in meadow}
    LabelTable(library._catalog.database, library.model.id).save(labels)
    return open_window(library)
