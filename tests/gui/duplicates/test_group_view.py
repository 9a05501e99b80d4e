"""One group: its panes, marks, strip, and two photos in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from photosim.duplicates.results import CopyRelation, DuplicateGroup
from photosim.gui.base.jobs import Jobs
from photosim.gui.duplicates.group_view import GroupView
from photosim.gui.duplicates.pair_view import PairMode
from photosim.gui.duplicates.pane_row import visible_rows
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.duplicates.keep_marks import Review
from photosim.records import Photo, PhotoFacts
from tests.support.duplicate_groups import make_group, with_member
from tests.support.images import make_scene

CROP = CopyRelation((2.0, 0.0, -0.5, 0.0, 2.0, -0.5), 0.25, brighter=0.1)
Show = Callable[..., GroupView]


@pytest.fixture
def photos(tmp_path: Path) -> list[Photo]:
    """A scene, a crop of it, and smaller copies."""
    scene = make_scene(1, (600, 400))
    pictures = [scene, scene.crop((150, 100, 450, 300)), *[scene.resize((300, 200))] * 5]
    result = []
    for number, picture in enumerate(pictures, 1):
        path = tmp_path / f"{number}.png"
        picture.save(path)
        facts = PhotoFacts(*picture.size, "PNG")
        result.append(Photo(number, number, str(path), path.stat().st_size, 0, facts))
    return result


@pytest.fixture
def show(qtbot: QtBot, jobs: Jobs, photo_client: PhotoClient) -> Show:
    view = GroupView(jobs, photo_client, lambda _: None, ThumbnailLoader(lambda _: None, jobs))
    qtbot.addWidget(view)
    view.resize(1000, 600)
    view.show()

    def show_group(
        group: DuplicateGroup, review: Review | None = None, ahead: DuplicateGroup | None = None
    ) -> GroupView:
        view.show_group(group, review, ahead)
        qtbot.waitUntil(lambda: not jobs.is_busy and not photo_client.is_busy)
        return view

    return show_group


def texts(view: GroupView) -> list[str]:
    return [pane.facts.accessibleName() for pane in view.row.panes]


def test_the_photos_are_beside_each_other_with_what_sets_them_apart(show: Show, photos: list[Photo]) -> None:
    view = show(with_member(make_group(1, photos[:3]), 1, relation=CROP))
    assert [pane.photo for pane in view.row.panes] == photos[:3]
    assert all(pane.loaded is not None for pane in view.row.panes)
    first, second, _ = texts(view)
    assert first.startswith("Suggested: larger (differs)")
    assert second.startswith("Cropped to 25% (differs), brighter (differs)")
    assert "300 × 200 (differs)" in second
    assert [pane.keep_button.isChecked() for pane in view.row.panes] == [True, False, False]
    assert view.row.panes[1].accessibleName() == "Photo 2 of 3, 2.png"


def test_the_crop_of_the_chosen_photo_is_outlined_on_the_one_to_keep(show: Show, photos: list[Photo]) -> None:
    view = show(with_member(make_group(1, photos[:3]), 1, relation=CROP))
    keep = view.row.panes[0].canvas
    before = keep.grab().toImage()
    view.choose(2)
    assert keep.grab().toImage() != before, "the third one shows all of the photo"


def test_a_large_group_is_reached_by_the_strip_and_the_arrows(show: Show, photos: list[Photo]) -> None:
    view = show(make_group(1, photos))
    assert view.strip.isVisible()
    assert [pane.photo for pane in view.row.panes] == photos[:4]
    for _ in photos:
        view.step(1)
    assert [pane.photo for pane in view.row.panes] == [photos[0], *photos[4:]]
    assert view.row.panes[-1].is_current
    assert view.strip.currentIndex().row() == len(photos) - 1
    assert not show(make_group(2, photos[:2])).strip.isVisible()


@pytest.mark.parametrize("room", [1, 2, 3, 4, 9])
def test_every_photo_of_a_group_comes_into_sight(room: int) -> None:
    for count in range(2, 12):
        for current in range(count):
            rows = visible_rows(count, current, room)
            assert current in rows
            assert rows == sorted(set(rows))
            assert len(rows) == min(room, 4, count)


def test_protected_photos_cannot_be_marked_for_the_trash(show: Show, photos: list[Photo]) -> None:
    view = show(with_member(make_group(1, photos[:3]), 2, is_protected=True))
    assert not view.row.panes[2].keep_button.isEnabled()
    view.toggle(2)
    assert view.marks is not None
    assert view.marks.kept == {1, 3}
    assert view.decisions.keep.text() == "Keep 2, trash 1 other"


def test_a_click_on_the_mark_sets_it(qtbot: QtBot, show: Show, photos: list[Photo]) -> None:
    view = show(make_group(1, photos[:3]))
    qtbot.mouseClick(view.row.panes[2].keep_button, Qt.MouseButton.LeftButton)
    assert view.marks is not None
    assert view.marks.kept == {1, 3}
    qtbot.mouseClick(view.row.panes[1].canvas, Qt.MouseButton.LeftButton)
    assert view.row.panes[1].is_current
    assert view.marks.kept == {1, 3}, "single marks stay"


def test_two_photos_are_flicked_in_place_at_the_same_zoom(show: Show, photos: list[Photo]) -> None:
    view = show(make_group(1, [photos[0], photos[2]]))
    view.flick()
    assert view.pair.mode is PairMode.FLICK
    assert view.caption.text() == "3.png"
    view.active_canvas.zoom_by(4)
    extent = view.active_canvas.view_transform.extent
    view.flick()
    assert view.caption.text() == "1.png"
    assert view.active_canvas.view_transform.extent == pytest.approx(extent)
    assert view.leave_mode()
    assert view.pair.mode is PairMode.NONE
    assert view.caption.text().startswith("2 photos")


def test_a_crop_is_flicked_with_its_part_of_the_photo_to_keep(
    qtbot: QtBot, jobs: Jobs, show: Show, photos: list[Photo]
) -> None:
    view = show(with_member(make_group(1, photos[:2]), 1, relation=CROP))
    pictures = []
    for _ in range(2):
        view.flick()
        qtbot.waitUntil(lambda: not jobs.is_busy and not view.pair.canvas.message)
        picture = view.pair.canvas.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        pictures.append(np.frombuffer(picture.constBits(), np.uint8, picture.sizeInBytes()).astype(int))
    assert view.caption.text() == "1.png"
    assert np.abs(pictures[0] - pictures[1]).mean() < 3 < pictures[0].std()


def test_the_difference_is_computed_in_a_job_and_dropped_with_the_group(
    qtbot: QtBot, jobs: Jobs, show: Show, photos: list[Photo]
) -> None:
    group = make_group(1, [photos[0], photos[2]])
    view = show(group)
    view.set_mode(PairMode.DIFFERENCE)
    assert view.pair.canvas.message == "Comparing…"
    qtbot.waitUntil(lambda: not jobs.is_busy)
    assert view.pair.canvas.message == ""
    view.set_mode(PairMode.DIFFERENCE)
    assert view.pair.mode is PairMode.NONE, "the same key shows the photos again"
    view.set_mode(PairMode.WIPE)
    assert view.pair.wipe.isVisible()
    show(make_group(2, photos[:2]))
    assert view.pair.mode is PairMode.NONE


def test_the_photos_of_the_next_group_are_loaded_ahead(show: Show, photos: list[Photo]) -> None:
    view = show(make_group(1, photos[:2]), ahead=make_group(2, photos[2:4]))
    assert view.cache.photo(photos[2]) is not None
    view.show_group(make_group(2, photos[2:4]))
    assert all(pane.loaded is not None for pane in view.row.panes), "at once"


def test_a_photo_that_cannot_be_read_says_so(show: Show, photos: list[Photo], tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"this is no photo")
    photo = replace(photos[1], path=str(broken))
    view = show(make_group(1, [photos[0], photo]))
    assert view.row.panes[1].canvas.message
    assert view.row.panes[0].loaded is not None


def test_the_marks_of_a_reviewed_group_are_those_of_the_review(show: Show, photos: list[Photo]) -> None:
    view = show(make_group(1, photos[:3]), Review(frozenset([2, 3])))
    assert [pane.keep_button.isChecked() for pane in view.row.panes] == [False, True, True]
    view.show_group(make_group(2, photos[1:4]), Review(frozenset([4])))
    assert view.decisions.keep.text() == "Keep this, trash 2 others"
    view.step(-1)
    assert view.decisions.keep.text() == "Keep 1, trash 2 others", "the chosen one goes"


def test_photos_that_a_larger_window_has_room_for_bear_their_marks(
    qtbot: QtBot, show: Show, photos: list[Photo]
) -> None:
    view = show(make_group(1, photos))
    view.resize(400, 600)
    qtbot.waitUntil(lambda: len(view.row.panes) == 2)
    show(make_group(2, photos[:6]), Review(frozenset([3, 6])))
    view.resize(1000, 600)
    qtbot.waitUntil(lambda: len(view.row.panes) == 4)
    marks = [pane.keep_button.text() for pane in view.row.panes]
    assert marks == ["To trash", "To trash", "Keep", "To trash"]
    assert view.strip.strip_model.rowCount() == 6


def test_at_least_two_photos_are_beside_each_other_in_a_small_window(
    qtbot: QtBot, show: Show, photos: list[Photo]
) -> None:
    view = show(make_group(1, photos[:5]))
    view.resize(400, 400)
    qtbot.waitUntil(lambda: [pane.photo for pane in view.row.panes] == photos[:2])
    assert view.caption.text() in view.caption.toolTip(), "it may be cut"


def test_marks_stay_when_the_group_is_loaded_again(show: Show, photos: list[Photo]) -> None:
    view = show(make_group(1, photos[:3]))
    view.step(1)
    show(make_group(1, photos[:3]))
    assert view.marks is not None
    assert view.marks.kept == {2}, "the chosen photo is the one to keep"
    assert view.decisions.keep.text() == "Keep this, trash 2 others"
    view.toggle(2)
    show(make_group(1, photos[:3]))
    assert view.marks.kept == {2, 3}
    show(make_group(1, photos[:3]), Review(frozenset([1])))
    assert view.marks.kept == {1}, "a review was made or undone elsewhere"
