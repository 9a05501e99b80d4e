"""One photo in the full window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.panels.preview import PhotoPreview
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.state.places import Query
from photosim.gui.viewer.viewer import Viewer
from photosim.imaging.turbojpeg import encode_thumbnail
from photosim.records import Photo, PhotoFacts
from tests.support.images import make_photo, make_scene

SIZE = (900, 600)


@pytest.fixture
def photos(tmp_path: Path) -> list[Photo]:
    photos = []
    for number, suffix in enumerate(("jpg", "heic", "png")):
        path = make_photo(tmp_path / f"{number}.{suffix}", number, SIZE)
        photos.append(Photo(number, number, str(path), path.stat().st_size, 0, PhotoFacts(*SIZE, suffix)))
    gone = PhotoFacts(*SIZE, "JPEG")
    return [*photos, Photo(9, 9, str(tmp_path / "gone.jpg"), 1, 0, gone)]


@pytest.fixture
def viewer(qtbot: QtBot, jobs: Jobs, photo_client: PhotoClient) -> Iterator[Viewer]:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 500)
    window.show()
    jpeg = encode_thumbnail(make_scene(0, SIZE))
    yield Viewer(jobs, photo_client, lambda _: jpeg, window)


def wait_until_idle(qtbot: QtBot, viewer: Viewer) -> None:
    qtbot.waitUntil(lambda: not viewer._jobs.is_busy and not viewer._images._client.is_busy)


def sharp(qtbot: QtBot, viewer: Viewer) -> None:
    qtbot.waitUntil(lambda: viewer.is_sharp)


def test_the_photo_s_own_pixels_follow_its_thumbnail(
    qtbot: QtBot, viewer: Viewer, photos: list[Photo]
) -> None:
    viewer.open(photos, 0)
    assert viewer.isVisible()
    assert viewer.position_label.text() == "1 of 4"
    sharp(qtbot, viewer)
    assert viewer.canvas._full_size.toTuple() == SIZE
    assert viewer.canvas._levels[0].size().toTuple() == SIZE


def test_photos_that_qt_cannot_read_are_shown_too(qtbot: QtBot, viewer: Viewer, photos: list[Photo]) -> None:
    viewer.open(photos, 1)
    sharp(qtbot, viewer)
    assert viewer.canvas._levels[0].size().toTuple() == SIZE


def test_a_photo_that_is_gone_says_so(qtbot: QtBot, viewer: Viewer, photos: list[Photo]) -> None:
    viewer.open(photos, 3)
    qtbot.waitUntil(lambda: bool(viewer.canvas.message))
    assert "unavailable" in viewer.canvas.message
    qtbot.keyClick(viewer, Qt.Key.Key_Left)
    assert viewer.photo == photos[2]
    assert viewer.canvas.message == ""


def test_a_photo_that_could_not_be_loaded_is_tried_again_when_it_is_shown_again(
    qtbot: QtBot, viewer: Viewer, photos: list[Photo]
) -> None:
    viewer.open(photos, 3)
    qtbot.waitUntil(lambda: bool(viewer.canvas.message))
    viewer.step(-1)
    make_photo(Path(photos[3].path), 4, SIZE)
    viewer.step(1)
    sharp(qtbot, viewer)
    assert viewer.canvas.message == ""


def test_a_photo_that_cannot_be_reached_is_shown_by_its_thumbnail_under_the_reason(
    qtbot: QtBot, viewer: Viewer, photos: list[Photo]
) -> None:
    viewer.open(photos, 3)
    wait_until_idle(qtbot, viewer)
    assert viewer.canvas._levels
    assert "unavailable" in viewer.canvas.message
    viewer._accept_thumbnail(photos[3], QImage(90, 60, QImage.Format.Format_RGB32), None)
    assert "unavailable" in viewer.canvas.message, "whichever of the two comes first"


def test_neighbours_are_read_ahead_and_what_is_left_behind_is_let_go(
    qtbot: QtBot, viewer: Viewer, photos: list[Photo]
) -> None:
    viewer.open(photos, 0)
    wait_until_idle(qtbot, viewer)
    assert [photo for photo in photos if viewer._images.photo(photo)] == photos[:2]
    viewer.step(1)
    assert viewer.is_sharp
    viewer.step(1)
    wait_until_idle(qtbot, viewer)
    assert [photo for photo in photos if viewer._images.photo(photo)] == photos[1:3]
    viewer.dismiss()
    assert not any(viewer._images.photo(photo) for photo in photos)


def test_keys_zoom_and_leave(qtbot: QtBot, viewer: Viewer, photos: list[Photo]) -> None:
    viewer.open(photos, 0)
    sharp(qtbot, viewer)
    fitted = viewer.canvas.zoom
    qtbot.keyClick(viewer, Qt.Key.Key_1)
    assert viewer.canvas.zoom == 1.0
    assert viewer.zoom_label.text() == "100%"
    qtbot.keyClick(viewer, Qt.Key.Key_Plus)
    assert viewer.canvas.zoom > 1.0
    qtbot.keyClick(viewer, Qt.Key.Key_0)
    assert viewer.canvas.zoom == fitted
    with qtbot.waitSignal(viewer.full_screen_toggle_requested):
        qtbot.keyClick(viewer, Qt.Key.Key_F)
    with qtbot.waitSignal(viewer.closed) as closed:
        qtbot.keyClick(viewer, Qt.Key.Key_Escape)
    assert closed.args == [photos[0]]
    assert not viewer.isVisible()


def test_the_viewer_covers_a_window_that_changes_its_size(
    qtbot: QtBot, viewer: Viewer, photos: list[Photo]
) -> None:
    viewer.open(photos, 0)
    window = viewer.parentWidget()
    assert window is not None
    window.resize(800, 700)
    assert viewer.geometry() == window.rect()
    qtbot.mouseClick(viewer, Qt.MouseButton.BackButton, pos=QPoint(300, 300))
    assert not viewer.isVisible()


def test_a_preview_becomes_sharp_and_a_click_opens_it(
    qtbot: QtBot, jobs: Jobs, photo_client: PhotoClient, photos: list[Photo]
) -> None:
    jpeg = encode_thumbnail(make_scene(0, SIZE))
    preview = PhotoPreview(jobs, photo_client, lambda _: jpeg)
    qtbot.addWidget(preview)
    preview.resize(300, 200)
    preview.show()
    preview.show_query(Query.of_photos(photos[0]))
    qtbot.waitUntil(lambda: preview.is_sharp)
    assert preview.target_rect.width() == 300
    with qtbot.waitSignal(preview.open_requested):
        qtbot.mouseClick(preview, Qt.MouseButton.LeftButton)
    preview.show_query(Query.of_photos(photos[3]))
    qtbot.waitUntil(lambda: not jobs.is_busy and not photo_client.is_busy)
    assert not preview.is_sharp
    assert not preview._image.isNull(), "a photo whose file is away still has its thumbnail"
    preview.show_query(None)
    assert not preview.grab().isNull()


@pytest.fixture
def large(tmp_path: Path) -> Photo:
    """A photo with more pixels than the screen."""
    path = make_photo(tmp_path / "large.jpg", 1, (2600, 2000))
    return Photo(7, 7, str(path), path.stat().st_size, 0, PhotoFacts(2600, 2000, "JPEG"))


def test_a_large_photo_is_loaded_at_the_size_of_the_screen_and_whole_when_zoomed_in(
    qtbot: QtBot, viewer: Viewer, large: Photo, photos: list[Photo]
) -> None:
    viewer.open([photos[0], large], 1)
    wait_until_idle(qtbot, viewer)
    assert viewer.canvas._levels[0].size().toTuple() == (1300, 1000)
    assert viewer.canvas._full_size.toTuple() == (2600, 2000)
    viewer.canvas.show_actual_size()
    place = viewer.canvas.target_rect
    wait_until_idle(qtbot, viewer)
    assert viewer.canvas._levels[0].size().toTuple() == (2600, 2000)
    assert viewer.canvas.target_rect == place
    viewer.step(-1)
    kept = viewer._images.photo(large)
    assert kept is not None
    assert kept.levels[0].size().toTuple() == (1300, 1000), "details are not kept"


def test_details_that_cannot_be_loaded_are_a_sentence_over_the_photo_and_not_tried_again(
    qtbot: QtBot, viewer: Viewer, large: Photo
) -> None:
    viewer.open([large], 0)
    wait_until_idle(qtbot, viewer)
    Path(large.path).unlink()
    viewer.canvas.show_actual_size()
    wait_until_idle(qtbot, viewer)
    assert "unavailable" in viewer.canvas.message
    assert viewer.canvas._levels
    viewer.canvas.zoom_by(1)
    assert not viewer._images._client.is_busy


def test_a_photo_that_was_replaced_by_one_of_another_shape_is_shown_as_it_is_now(
    qtbot: QtBot, viewer: Viewer, photos: list[Photo]
) -> None:
    make_photo(Path(photos[0].path), 4, (500, 800))
    viewer.open(photos, 0)
    sharp(qtbot, viewer)
    assert viewer.canvas._full_size.toTuple() == (500, 800)
