"""No photo is decoded in the window, and none that is hostile reaches it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.gui.services.processes.photo_workers import PhotoWorkerPool
from photosim.gui.state.places import DroppedItems
from photosim.imaging import decode
from photosim.library import Library
from photosim.search.query import Example
from tests.support.images import make_photo
from tests.support.photo_worker import new_process
from tests.support.window_driver import select_photo, wait_until_idle


@pytest.fixture
def real_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Photo workers are processes, and decoding a photo in this one fails."""
    monkeypatch.setattr(PhotoWorkerPool, "_new_process", new_process)
    monkeypatch.setattr(decode, "load", lambda path: pytest.fail(f"{path} is decoded in the window"))


def test_views_missing_thumbnails_and_queries_are_decoded_by_photo_workers(
    qtbot: QtBot,
    library: Library,
    open_window: Callable[[Library], MainWindow],
    real_processes: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = library.photos()[3]
    original = library.cached_thumbnails
    monkeypatch.setattr(
        library,
        "cached_thumbnails",
        lambda photo_ids: {key: jpeg for key, jpeg in original(photo_ids).items() if key != lost.photo_id},
    )
    window = open_window(library)
    views = window.views
    grid_thumbnails, style = window.services.thumbnails, views.browser.photo_model.style
    qtbot.waitUntil(lambda: grid_thumbnails.has(lost.photo_id, style))
    photo = select_photo(qtbot, window, "scene 2 take 2.jpg")
    qtbot.waitUntil(lambda: views.detail.preview.is_sharp)
    views.viewer.open([photo], 0)
    qtbot.waitUntil(lambda: views.viewer.is_sharp)
    views.viewer.dismiss()
    views.compare.open(library.photos()[:3])
    qtbot.waitUntil(lambda: all(pane.loaded is not None for pane in views.compare.panes))
    views.compare.dismiss()
    foreign = make_photo(tmp_path / "foreign.jpg", 2, variant=9)
    vector = library.similarity.known_vector(Example(photo.path))
    assert vector is not None
    monkeypatch.setattr(
        window.services.photo_client, "embed", lambda _model, _example, done: done(vector, None)
    )
    window.controllers.search.open_items(DroppedItems(files=(str(foreign),)))
    wait_until_idle(qtbot, window)
    [chip] = views.query_bar.chips.chips
    qtbot.waitUntil(lambda: not chip.picture.pixmap().isNull())


def test_no_folder_of_pixels_outlives_the_window(
    qtbot: QtBot, library: Library, open_window: Callable[[Library], MainWindow], real_processes: None
) -> None:
    window = open_window(library)
    window.views.viewer.open(library.photos()[:3], 1)
    qtbot.waitUntil(lambda: window.views.viewer.is_sharp)
    folder = window.services.photo_client._folder
    assert folder is not None
    assert folder.path.exists()
    window.close()
    assert not folder.path.exists()
