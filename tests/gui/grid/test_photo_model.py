"""The models behind the grids."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.browser.cluster_model import ClusterModel
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.grid.tile_model import Role, content_of
from photosim.gui.services.thumbnails import ThumbnailLoader
from photosim.gui.state.listing import ranked_list, sorted_list
from photosim.gui.state.ordering import SortOrder
from photosim.records import Photo
from tests.support.photo_records import make_cluster, make_photo_record, make_photo_records

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


@pytest.fixture
def thumbnails(jobs: Jobs) -> ThumbnailLoader:
    return ThumbnailLoader(lambda _: None, jobs)


@pytest.fixture
def model(thumbnails: ThumbnailLoader) -> PhotoModel:
    made = PhotoModel(thumbnails)
    made.tester = QAbstractItemModelTester(made, FATAL)  # type: ignore[attr-defined]
    return made


def ids(model: PhotoModel) -> list[int]:
    return [model.index(row).data(Role.FILE_ID) for row in range(model.rowCount())]


def test_each_row_tells_of_its_photo(model: PhotoModel) -> None:
    photo = make_photo_record(7, "sea <b>.jpg", taken_at="2024-07-01T18:03:11")
    model.set_photos(ranked_list([(photo, 0.9)], 0.5))
    index = model.index(0)
    assert index.data() == "sea <b>.jpg"
    assert index.data(Role.PHOTO) == photo
    assert (index.data(Role.FILE_ID), index.data(Role.PHOTO_ID)) == (7, 1007)
    assert index.data(Role.SIMILARITY) == pytest.approx(0.9)
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    assert "sea &lt;b&gt;.jpg" in tip
    assert "Likeness 90 of 100" in tip
    assert "1 July 2024" in tip


def test_an_index_that_is_none_has_no_data(model: PhotoModel) -> None:
    assert model.data(QModelIndex()) is None
    assert model.rowCount(QModelIndex()) == 0


def test_new_photos_appear_where_they_belong(model: PhotoModel) -> None:
    model.set_photos(sorted_list([make_photo_record(n, f"{n:02}.jpg") for n in (2, 4, 8)], SortOrder.NAME))
    inserted: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _, first, last: inserted.append((first, last)))
    model.add([make_photo_record(n, f"{n:02}.jpg") for n in (9, 1, 5, 6)])
    assert ids(model) == [1, 2, 4, 5, 6, 8, 9]
    assert inserted == [(0, 0), (3, 4), (6, 6)]


def test_photos_can_be_added_to_an_empty_model(model: PhotoModel) -> None:
    model.add(make_photo_records(5)[::-1])
    assert ids(model) == [1, 2, 3, 4, 5]


def test_a_photo_that_is_there_is_brought_up_to_date(model: PhotoModel) -> None:
    model.set_photos(sorted_list(make_photo_records(3), SortOrder.NAME))
    newer = Photo(2, 2222, "/photos/photo 2.jpg", 99, 5, make_photo_record(2).facts)
    model.add([newer])
    assert ids(model) == [1, 2, 3]
    assert model.photo(1) == newer
    assert model.photo_id(1) == 2222


def test_the_same_photos_again_do_not_reset_the_grid(model: PhotoModel, qtbot: QtBot) -> None:
    model.set_photos(sorted_list(make_photo_records(3), SortOrder.NAME))
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.set_photos(sorted_list(make_photo_records(3), SortOrder.NAME))
    with qtbot.waitSignal(model.modelReset):
        model.set_photos(sorted_list(make_photo_records(4), SortOrder.NAME))


def test_a_photo_is_found_by_its_file(model: PhotoModel) -> None:
    model.set_photos(sorted_list(make_photo_records(30), SortOrder.NAME))
    assert model.row_of(17) == 16
    assert model.row_of(99) is None


def test_two_models_share_nothing(thumbnails: ThumbnailLoader) -> None:
    one, other = PhotoModel(thumbnails), PhotoModel(thumbnails)
    one.add(make_photo_records(2))
    assert other.rowCount() == 0


def test_each_cluster_is_shown_by_its_medoid(thumbnails: ThumbnailLoader, qtbot: QtBot) -> None:
    photos = make_photo_records(5)
    clusters = [make_cluster(1, photos[:3]), make_cluster(2, photos[3:])]
    model = ClusterModel(thumbnails)
    tester = QAbstractItemModelTester(model, FATAL)
    model.set_clusters([(clusters[0], photos[0]), (clusters[1], photos[3])])
    index = model.index(1)
    assert index.data() == "2 photos"
    assert index.data(Role.PHOTO_COUNT) == 2
    assert index.data(Role.CLUSTER) == clusters[1]
    assert index.data(Role.PHOTO) == photos[3]
    assert index.data(Role.PHOTO_ID) == photos[3].photo_id
    with qtbot.assertNotEmitted(model.modelReset):
        model.set_clusters([(clusters[0], photos[0]), (clusters[1], photos[3])])
    assert tester.model() is model


def test_a_cluster_is_called_by_its_present_name_and_the_photos_that_fit(thumbnails: ThumbnailLoader) -> None:
    photos = make_photo_records(5)
    clusters = [make_cluster(1, photos[:3]), replace(make_cluster(2, photos[3:]), labels=("dog",))]
    rows = [(clusters[0], photos[0]), (clusters[1], photos[3])]
    model = ClusterModel(thumbnails)

    def captions() -> list[tuple[str, str]]:
        return [model.index(row).data(Role.CAPTION) for row in range(2)]

    model.set_clusters(rows)
    assert captions() == [("3 photos", ""), ("dog", "2")]
    model.rename(clusters[0], "Holiday")
    assert captions() == [("Holiday", "3"), ("dog", "2")]
    model.set_clusters(rows, {1: 1, 2: 2})
    assert captions() == [("1 of 3 photos", ""), ("dog", "2")]


def test_a_cluster_s_cover_bears_the_badges_of_its_photo_but_no_count_of_copies(
    thumbnails: ThumbnailLoader,
) -> None:
    photos = make_photo_records(3)
    photos[0] = replace(photos[0], raw_files=("/photos/photo 1.cr2",), copies=2)
    photos[1] = replace(photos[1], missing=True)
    model = ClusterModel(thumbnails)
    model.set_clusters([(make_cluster(number, [photo]), photo) for number, photo in enumerate(photos, 1)])
    told = [(model.index(row).data(Role.BADGE), model.index(row).data(Role.MISSING)) for row in range(3)]
    assert told == [("JPEG + RAW", False), ("", True), ("", False)]


def test_what_tiles_show_is_told_together_as_by_their_roles(thumbnails: ThumbnailLoader) -> None:
    photos = make_photo_records(5)
    photos[0] = replace(photos[0], raw_files=("/photos/photo 1.cr2",), copies=2)
    photos[1] = replace(photos[1], missing=True)
    photos[2] = replace(photos[2], path="/drive/photo 2.jpg")
    model, clusters = PhotoModel(thumbnails), ClusterModel(thumbnails)
    model.set_photos(sorted_list(photos, SortOrder.NAME))
    clusters.set_clusters([(make_cluster(number, [photo]), photo) for number, photo in enumerate(photos, 1)])
    for shown in (model, clusters):
        shown.set_offline_folders(["/drive"])
        told = shown.tile_contents(range(5))
        assert told == [content_of(shown.index(row)) for row in range(5)]
        assert {(face.badge != "", face.missing, face.offline) for face in told} >= {
            (True, False, False),
            (False, True, False),
            (False, False, True),
        }


def test_photos_of_a_folder_that_is_offline_bear_its_mark_and_say_so(thumbnails: ThumbnailLoader) -> None:
    photos = make_photo_records(3)
    photos[2] = replace(photos[2], path="/drive/photo 2.jpg")
    model = PhotoModel(thumbnails)
    model.set_photos(sorted_list(photos, SortOrder.NAME))
    model.set_offline_folders(["/drive"])
    told = {one.path: model.index(row).data(Role.OFFLINE) for row, one in enumerate(model.photos)}
    assert told == {one.path: one.path.startswith("/drive/") for one in photos}
    index = model.index(list(told.values()).index(True))
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "photo 2.jpg, offline"
    assert "offline" in index.data(Qt.ItemDataRole.ToolTipRole)
    model.set_offline_folders([])
    assert not index.data(Role.OFFLINE)
