"""The model of the grid of clusters."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from photosim.gui.base.images import TileStyle
from photosim.gui.base.jobs import Jobs
from photosim.gui.browser.cluster_model import ClusterModel
from photosim.gui.grid.tile_model import Role, content_of
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from tests.support.photo_records import make_cluster, make_cover, make_event, make_photo_records

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


@pytest.fixture
def model(jobs: Jobs) -> ClusterModel:
    model = ClusterModel(ThumbnailLoader(lambda _: None, jobs))
    model.tester = QAbstractItemModelTester(model, FATAL)  # type: ignore[attr-defined]
    return model


def test_each_cluster_is_shown_by_its_cover(model: ClusterModel, qtbot: QtBot) -> None:
    photos = make_photo_records(5)
    clusters = [make_cluster(1, photos[:3]), make_cluster(2, photos[3:])]
    model.set_clusters([(clusters[0], make_cover(photos[0])), (clusters[1], make_cover(photos[3]))])
    index = model.index(1)
    assert index.data() == "2 photos"
    assert index.data(Role.PHOTO_COUNT) == 2
    assert index.data(Role.CLUSTER) == clusters[1]
    assert index.data(Role.PHOTO) == photos[3]
    assert index.data(Role.PHOTO_ID) == photos[3].photo_id
    with qtbot.assertNotEmitted(model.modelReset):
        model.set_clusters([(clusters[0], make_cover(photos[0])), (clusters[1], make_cover(photos[3]))])


def test_a_caption_has_the_current_name_and_the_number_of_matching_photos(model: ClusterModel) -> None:
    photos = make_photo_records(5)
    clusters = [make_cluster(1, photos[:3]), replace(make_cluster(2, photos[3:]), automatic_name="Dog")]
    rows = [(clusters[0], make_cover(photos[0])), (clusters[1], make_cover(photos[3]))]

    def captions() -> list[tuple[str, str]]:
        return [model.index(row).data(Role.CAPTION)[:2] for row in range(2)]

    model.set_clusters(rows)
    assert captions() == [("3 photos", ""), ("Dog", "2")]
    model.rename(clusters[0], "Holiday")
    assert captions() == [("Holiday", "3"), ("Dog", "2")]
    model.set_clusters(rows, {1: 1, 2: 2})
    assert captions() == [("1 of 3 photos", ""), ("Dog", "2")]


def test_a_cluster_is_found_by_its_cover_or_by_any_of_its_photos(model: ClusterModel) -> None:
    photos = make_photo_records(5)
    model.set_clusters(
        [
            (make_cluster(1, photos[:3]), make_cover(photos[0])),
            (make_cluster(2, photos[3:]), make_cover(photos[3])),
        ]
    )
    rows = [model.row_of(photo.file_id) for photo in photos]
    assert rows == [0, 0, 0, 1, 1]
    assert model.row_of(99) is None


def test_a_cover_has_the_badges_of_its_photo_except_the_number_of_copies(model: ClusterModel) -> None:
    photos = make_photo_records(4)
    photos[0] = replace(photos[0], raw_files=("/photos/photo 1.cr2",), copies=2)
    photos[1] = replace(photos[1], missing=True)
    photos[2] = replace(photos[2], path="/drive/photo 2.jpg")
    model.set_clusters(
        [(make_cluster(number, [photo]), make_cover(photo)) for number, photo in enumerate(photos, 1)]
    )
    model.set_offline_folders(["/drive"])
    contents = model.tile_contents(range(4))
    assert contents == [content_of(model.index(row)) for row in range(4)]
    assert [(content.badge, content.missing, content.offline) for content in contents] == [
        ("JPEG + RAW", False, False),
        ("", True, False),
        ("", False, True),
        ("", False, False),
    ]


def test_the_photos_of_a_cover_are_requested_in_the_size_of_their_parts(model: ClusterModel) -> None:
    photos = make_photo_records(6)
    clusters = [
        replace(make_cluster(1, photos), cover_ids=(1001, 1003, 1005)),
        make_cluster(2, photos[:1]),
    ]
    rows = [(clusters[0], make_cover(photos[0])), (clusters[1], make_cover(photos[0]))]
    model.style = TileStyle.square(160, 6)
    model.set_clusters(rows)
    assert model.tiles_of(0) == (
        (1001, TileStyle(79, 160, 3)),
        (1003, TileStyle(79, 79, 3)),
        (1005, TileStyle(79, 79, 3)),
    )
    assert model.tiles_of(1) == ((1001, TileStyle.square(160, 6)),)
    assert len(model.index(0).data(Role.COVER)) == 3
    model.set_clusters(rows, {1: 6, 2: 1})
    assert len(model.tiles_of(0)) == 3
    model.set_clusters(rows, {1: 5, 2: 1})
    assert len(model.tiles_of(0)) == 1, "of the others, some do not match the filter"


def test_events_are_listed_by_year_with_their_days(model: ClusterModel) -> None:
    photos = make_photo_records(12)
    dates = [
        ("2024-07-01T10:00:00", "2024-07-03T09:00:00"),
        ("2024-05-01T00:00:00", ""),
        ("2022-12-31T23:00:00", "2023-01-01T01:00:00"),
    ]
    events = [
        make_event(number, photos[4 * number - 4 : 4 * number], *days) for number, days in enumerate(dates, 1)
    ]
    rows = [(event, make_cover(photos[4 * event.id - 4])) for event in events]
    model.set_clusters(rows)
    assert [(section.first, section.title) for section in model.sections] == [(0, "2024"), (2, "2022")]
    captions = [model.index(row).data(Role.CAPTION) for row in range(3)]
    assert [caption.name for caption in captions] == ["Event 1", "Event 2", "Event 3"]
    assert [caption.detail for caption in captions] == [
        "2024-07-01 – 2024-07-03",
        "2024-05-01",
        "2022-12-31 – 2023-01-01",
    ]
    model.set_clusters(rows[1:], {2: 3, 3: 4})
    assert model.index(0).data(Role.CAPTION).count_text == "3 of 4"
    assert model.index(0).data() == "Event 2 · 3 of 4 photos · 2024-05-01"
    assert "2024-05-01" in model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    model.set_clusters([(make_cluster(1, photos[:3]), make_cover(photos[0]))])
    assert not model.sections
