"""The model of the grid of photos."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from photosim.gui.base.boxes import FoundObject
from photosim.gui.base.jobs import Jobs
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.grid.tile_model import Role, content_of
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.grouping import GroupBy, make_grouper
from photosim.gui.state.listing import make_list, sorted_list
from photosim.gui.state.ordering import SortOrder
from photosim.records import Photo
from tests.support.photo_records import make_photo_record, make_photo_records

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


@pytest.fixture
def thumbnails(jobs: Jobs) -> ThumbnailLoader:
    return ThumbnailLoader(lambda _: None, jobs)


@pytest.fixture
def model(thumbnails: ThumbnailLoader) -> PhotoModel:
    model = PhotoModel(thumbnails)
    model.tester = QAbstractItemModelTester(model, FATAL)  # type: ignore[attr-defined]
    return model


def ids(model: PhotoModel) -> list[int]:
    return [model.index(row).data(Role.FILE_ID) for row in range(model.rowCount())]


def test_each_row_has_the_roles_of_its_photo(model: PhotoModel) -> None:
    photo = make_photo_record(7, "sea <b>.jpg", taken_at="2024-07-01T18:03:11")
    model.set_photos(make_list([photo], {7: 0.9}))
    index = model.index(0)
    assert index.data() == "sea <b>.jpg"
    assert index.data(Role.PHOTO) == photo
    assert (index.data(Role.FILE_ID), index.data(Role.PHOTO_ID)) == (7, 1007)
    assert index.data(Role.SIMILARITY) == pytest.approx(0.9)
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    assert "sea &lt;b&gt;.jpg" in tip
    assert "90% similar" in tip
    assert "1 July 2024" in tip


def test_a_found_object_is_shown_by_its_box(model: PhotoModel) -> None:
    photos = make_photo_records(2)
    found = FoundObject((0.5, 0.5, 0.2, 0.2), "traffic light")
    model.set_photos(replace(make_list(photos), found={2: found}))
    whole, part = model.index(0), model.index(1)
    assert whole.data(Role.BOX) is None
    assert model.style_of(0) == model.style
    assert model.style_of(1) == model.style._replace(box=found.box)
    assert model.tiles_of(1) == ((1002, model.style_of(1)),)
    x, y, width, height = part.data(Role.BOX)
    assert 0 < x < 1 - width
    assert 0 < y < 1 - height
    assert width > 0.2, "it is zoomed to"
    assert [content.box for content in model.tile_contents(range(2))] == [None, part.data(Role.BOX)]
    assert part.data(Qt.ItemDataRole.AccessibleTextRole) == "Traffic light in photo 2.jpg"
    assert "Traffic light" in part.data(Qt.ItemDataRole.ToolTipRole)
    model.set_photos(make_list(photos))
    assert model.index(1).data(Role.BOX) is None


def test_an_invalid_index_has_no_data(model: PhotoModel) -> None:
    assert model.data(QModelIndex()) is None
    assert model.rowCount(QModelIndex()) == 0


def test_new_photos_are_inserted_at_their_positions(model: PhotoModel) -> None:
    model.set_photos(sorted_list([make_photo_record(n, f"{n:02}.jpg") for n in (2, 4, 8)], SortOrder.NAME))
    inserted: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _, first, last: inserted.append((first, last)))
    model.add([make_photo_record(n, f"{n:02}.jpg") for n in (9, 1, 5, 6)])
    assert ids(model) == [1, 2, 4, 5, 6, 8, 9]
    assert inserted == [(0, 0), (3, 4), (6, 6)]


def test_photos_can_be_added_to_an_empty_model(model: PhotoModel) -> None:
    model.add(make_photo_records(5)[::-1])
    assert ids(model) == [1, 2, 3, 4, 5]


def test_insertions_are_one_batch(model: PhotoModel, qtbot: QtBot) -> None:
    model.set_photos(sorted_list([make_photo_record(n, f"{n:02}.jpg") for n in (2, 4, 8)], SortOrder.NAME))
    in_batch: list[bool] = []
    model.rowsInserted.connect(lambda: in_batch.append(model.in_batch))
    with qtbot.waitSignal(model.batch_finished):
        model.add([make_photo_record(n, f"{n:02}.jpg") for n in (1, 5)])
    assert in_batch == [True, True]
    assert not model.in_batch


def test_a_photo_that_is_shown_already_is_updated(model: PhotoModel) -> None:
    model.set_photos(sorted_list(make_photo_records(3), SortOrder.NAME))
    newer = Photo(2, 2222, "/photos/photo 2.jpg", 99, 5, make_photo_record(2).facts)
    model.add([newer])
    assert ids(model) == [1, 2, 3]
    assert model.photo(1) == newer
    assert model.photo_id(1) == 2222


def test_the_same_photos_again_do_not_reset_the_model(model: PhotoModel, qtbot: QtBot) -> None:
    model.set_photos(sorted_list(make_photo_records(3), SortOrder.NAME))
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.set_photos(sorted_list(make_photo_records(3), SortOrder.NAME))
    with qtbot.waitSignal(model.modelReset):
        model.set_photos(sorted_list(make_photo_records(4), SortOrder.NAME))


def test_a_photo_is_found_by_its_file_id(model: PhotoModel) -> None:
    model.set_photos(sorted_list(make_photo_records(30), SortOrder.NAME))
    assert model.row_of(17) == 16
    assert model.row_of(99) is None


def test_two_models_share_no_photos(thumbnails: ThumbnailLoader) -> None:
    model, empty_model = PhotoModel(thumbnails), PhotoModel(thumbnails)
    model.add(make_photo_records(2))
    assert empty_model.rowCount() == 0


def test_changes_remove_move_update_and_insert_in_one_batch(model: PhotoModel, qtbot: QtBot) -> None:
    photos = [make_photo_record(n, f"{n}.jpg", taken_at=f"2024-05-0{n}T12:00:00") for n in range(1, 6)]
    by_day = make_grouper(GroupBy.DAY)
    model.set_photos(sorted_list(photos, SortOrder.DATE, grouper=by_day))
    assert ids(model) == [5, 4, 3, 2, 1]
    moved = replace(photos[0], facts=replace(photos[0].facts, taken_at="2024-05-04T13:00:00"))
    updated = replace(photos[2], missing=True)
    inserted = make_photo_record(9, "9.jpg", taken_at="2024-05-03T09:00:00")
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.batch_finished):
        model.apply_changes({2}, [moved, updated, inserted])
    expected = sorted_list([photos[4], photos[3], moved, updated, inserted], SortOrder.DATE, grouper=by_day)
    assert list(model.photos) == expected.photos
    assert [section.first for section in model.sections] == [section.first for section in expected.sections]
    assert not model.in_batch


def test_tile_contents_are_those_of_the_roles(model: PhotoModel) -> None:
    photos = make_photo_records(4)
    photos[0] = replace(photos[0], raw_files=("/photos/photo 1.cr2",), copies=2)
    photos[1] = replace(photos[1], missing=True)
    photos[2] = replace(photos[2], path="/drive/photo 2.jpg")
    model.set_photos(sorted_list(photos, SortOrder.NAME))
    model.set_offline_folders(["/drive"])
    contents = model.tile_contents(range(4))
    assert contents == [content_of(model.index(row)) for row in range(4)]
    assert {(content.badge != "", content.missing, content.offline) for content in contents} == {
        (True, False, False),
        (False, True, False),
        (False, False, True),
        (False, False, False),
    }


def test_photos_in_an_offline_folder_are_marked_and_described_as_offline(thumbnails: ThumbnailLoader) -> None:
    photos = make_photo_records(3)
    photos[2] = replace(photos[2], path="/drive/photo 2.jpg")
    model = PhotoModel(thumbnails)
    model.set_photos(sorted_list(photos, SortOrder.NAME))
    model.set_offline_folders(["/drive"])
    offline = [model.index(row).data(Role.OFFLINE) for row in range(3)]
    assert offline == [photo.path.startswith("/drive/") for photo in model.photos]
    index = model.index(offline.index(True))
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "photo 2.jpg, offline"
    assert "offline" in index.data(Qt.ItemDataRole.ToolTipRole)
    model.set_offline_folders([])
    assert not index.data(Role.OFFLINE)


def test_the_tool_tip_tells_where_an_estimated_date_is_from(thumbnails: ThumbnailLoader) -> None:
    photo = make_photo_record(1, taken_at="2024-05-04T12:00:00")
    tips = []
    for source in ("exif", "name", "file"):
        model = PhotoModel(thumbnails)
        facts = replace(photo.facts, taken_from=source)
        model.set_photos(sorted_list([replace(photo, facts=facts)], SortOrder.NAME))
        tips.append(model.index(0).data(Qt.ItemDataRole.ToolTipRole))
    assert ["file name" in tip for tip in tips] == [False, True, False]
    assert ["file date" in tip for tip in tips] == [False, False, True]
