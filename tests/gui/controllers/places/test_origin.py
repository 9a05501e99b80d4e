"""Finding the original of an image: from the menus, by keys, and what the view shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageOps
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Query, View
from photosim.library import Library
from photosim.library.search.origin import OriginSearch
from tests.support.images import make_scene, save
from tests.support.window_driver import photo_menu_actions, select_photo, wait_until_idle


def find(qtbot: QtBot, window: MainWindow, file: Path) -> None:
    """Search by an image file, as after a drop, and find its original."""
    window.services.navigator.find_similar(Query.of_file(str(file)))
    wait_until_idle(qtbot, window)
    window.views.actions.find_original.trigger()
    wait_until_idle(qtbot, window)


def names(window: MainWindow) -> list[str]:
    members = window.views.origin.strip.family_model.members
    return [Path(member.photo.path).name for member in members]


@pytest.fixture
def screenshot(library: Library, tmp_path: Path) -> Path:
    """A screenshot of a crop of a photo; other takes of its scene are the same, slightly shifted."""
    photo = next(photo for photo in library.photos() if Path(photo.path).name == "scene 3 take 0.jpg")
    crop = Image.open(photo.path).crop((64, 24, 288, 216))
    return save(ImageOps.expand(crop, (0, 50, 0, 60), "black"), tmp_path / "screenshot.png")


def test_the_original_is_shown_beside_the_image_and_then_in_the_library(
    qtbot: QtBot, window: MainWindow, screenshot: Path
) -> None:
    find(qtbot, window, screenshot)
    view = window.views.origin
    assert view.isVisible()
    assert view.photo is not None
    original = view.photo
    assert Path(original.path).name.startswith("scene 3 take")
    assert view.image_pane.name.text() == "screenshot.png"
    assert view.photo_pane.name.text() == Path(original.path).name
    assert view.photo_pane.facts.text().startswith("The image was made from this photo: cropped to 5")
    assert "with bars beside it" in view.photo_pane.facts.text()
    corner = view.photo_pane.canvas._outline[0]
    assert (corner.x(), corner.y()) == pytest.approx((0.2, 0.1), abs=0.1)
    corner = view.image_pane.canvas._outline[0]
    assert (corner.x(), corner.y()) == pytest.approx((0, 50 / 302), abs=0.04)
    assert "found" in view.title.text()
    qtbot.keyClick(view, Qt.Key.Key_L)
    wait_until_idle(qtbot, window)
    place = window.services.navigator.current
    assert not view.isVisible()
    assert place.view is View.FOLDER
    assert place.selected is not None
    assert place.selected.path == original.path


def test_all_photos_of_a_collage_are_in_the_strip_and_reached_by_keys(
    qtbot: QtBot, window: MainWindow, library: Library, tmp_path: Path
) -> None:
    takes = {Path(photo.path).name: photo for photo in library.photos()}
    wanted = [f"scene {scene} take 0.jpg" for scene in range(4)]
    collage = Image.new("RGB", (640, 480))
    for number, name in enumerate(wanted):
        collage.paste(Image.open(takes[name].path), (320 * (number % 2), 240 * (number // 2)))
    find(qtbot, window, save(collage, tmp_path / "collage.png"))
    view = window.views.origin
    assert sorted(name[:7] for name in names(window)[:4]) == [f"scene {scene}" for scene in range(4)]
    QAbstractItemModelTester(view.strip.family_model)
    for name in names(window)[1:3]:
        qtbot.keyClick(view, Qt.Key.Key_Right)
        assert view.photo_pane.name.text() == name
        assert "part of a collage" in view.photo_pane.facts.text()
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.photo_pane.name.text() == names(window)[1]
    wait_until_idle(qtbot, window)


def test_without_an_original_the_most_similar_photos_are_shown(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    find(qtbot, window, save(make_scene(77), tmp_path / "other.png"))
    view = window.views.origin
    assert view.title.text() == "No original found. These photos are similar."
    assert len(names(window)) == 12
    assert view.photo_pane.facts.text() == "This photo is similar, but not the original."
    assert not view.photo_pane.canvas._outline


def test_an_image_that_cannot_be_read_is_told(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"this is no photo")
    find(qtbot, window, tmp_path / "broken.jpg")
    view = window.views.origin
    assert view.title.text() == "Search failed"
    assert view.photo_pane.canvas.message
    assert not view.library_button.isEnabled()
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not view.isVisible()


def test_closing_the_view_ends_the_search(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    select_photo(qtbot, window, "scene 2 take 2.jpg")
    started = []
    steps = OriginSearch.steps

    def record(*arguments: object) -> object:
        started.append(arguments)
        return steps(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(OriginSearch, "steps", record)
    window.views.actions.find_original.trigger()
    window.views.origin.dismiss()
    wait_until_idle(qtbot, window)
    assert not window.views.origin.isVisible()
    assert names(window) == []
    assert started == []


def test_the_action_is_in_the_menus_of_one_photo(qtbot: QtBot, window: MainWindow) -> None:
    photo = select_photo(qtbot, window, "scene 2 take 2.jpg")
    action = window.views.actions.find_original
    assert action.isEnabled()
    assert action in photo_menu_actions(window, photo)
    window.views.viewer.open([photo], 0)
    wait_until_idle(qtbot, window)
    assert action.isEnabled()
    action.trigger()
    wait_until_idle(qtbot, window)
    assert window.views.origin.isVisible()
    action.trigger()
    assert not window.views.origin.isVisible()
    assert window.views.viewer.isVisible()
