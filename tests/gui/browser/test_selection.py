"""What the user selects, opens and right-clicks in the grids is reported as photos and clusters."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QSplitter
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.browser.cluster_model import ClusterModel
from photosim.gui.browser.selection import GridSelection
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.listing import sorted_list
from photosim.gui.state.ordering import SortOrder
from photosim.records import Cluster, Photo
from tests.support.photo_records import make_cluster, make_cover, make_photo_records
from tests.support.window_driver import click, double_click, tile_center

PHOTOS = make_photo_records(6)
CLUSTERS = [make_cluster(1, PHOTOS[:3]), make_cluster(2, PHOTOS[3:])]


class Grids:
    """Both grids side by side, and the photos that were reported as selected, None for none."""

    def __init__(self, qtbot: QtBot, jobs: Jobs) -> None:
        thumbnails, self.splitter = ThumbnailLoader(lambda _: None, jobs), QSplitter()
        qtbot.addWidget(self.splitter)
        photos = PhotoModel(thumbnails, self.splitter)
        photos.set_photos(sorted_list(PHOTOS, SortOrder.NAME))
        clusters = ClusterModel(thumbnails, self.splitter)
        clusters.set_clusters([(CLUSTERS[0], make_cover(PHOTOS[0])), (CLUSTERS[1], make_cover(PHOTOS[3]))])
        self.photos, self.clusters = PhotoGrid(photos, self.splitter), PhotoGrid(clusters, self.splitter)
        self.splitter.addWidget(self.photos)
        self.splitter.addWidget(self.clusters)
        self.splitter.resize(1200, 800)
        self.splitter.show()
        self.selection = GridSelection(self.photos, self.clusters)
        self.reported: list[Photo | None] = []
        self.selection.photo_selected.connect(self.reported.append)
        self.selection.deselected.connect(lambda: self.reported.append(None))


@pytest.fixture
def grids(qtbot: QtBot, jobs: Jobs) -> Grids:
    return Grids(qtbot, jobs)


def test_a_clicked_tile_makes_its_photo_the_current_one(qtbot: QtBot, grids: Grids) -> None:
    click(qtbot, grids.photos, 4)
    click(qtbot, grids.clusters, 1)
    assert grids.reported == [PHOTOS[4], None]
    assert grids.selection.photos() == [PHOTOS[4]]
    assert grids.selection.clusters() == [CLUSTERS[1]]
    assert grids.selection.covers(5) == [PHOTOS[3]]


def test_with_several_selected_the_current_photo_is_one_of_them(qtbot: QtBot, grids: Grids) -> None:
    grids.selection.photo_selected.connect(grids.selection.show_query_photo)
    click(qtbot, grids.photos, 1)
    for row in (3, 1, 3):
        keys = Qt.KeyboardModifier.ControlModifier
        with qtbot.waitSignal(grids.selection.changed):
            qtbot.mouseClick(
                grids.photos.viewport(), Qt.MouseButton.LeftButton, keys, tile_center(grids.photos, row)
            )
    assert grids.reported[-4:] == [PHOTOS[1], PHOTOS[3], PHOTOS[3], None]
    grids.reported.clear()
    with qtbot.waitSignal(grids.selection.changed):
        grids.photos.selectAll()
    assert grids.selection.count() == 6
    assert grids.selection.photos(2) == PHOTOS[:2]
    grids.selection.show_query_photo(PHOTOS[2])
    assert grids.selection.count() == 6, "a photo among the selected ones needs no other selection"


def test_a_selection_by_dragging_is_reported_when_it_ends(qtbot: QtBot, grids: Grids) -> None:
    changes: list[int] = []
    grids.selection.changed.connect(lambda: changes.append(grids.selection.count()))
    view, start = grids.photos.viewport(), QPoint(2, 2)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    for row in (0, 1):
        qtbot.mouseMove(view, tile_center(grids.photos, row))
        QApplication.processEvents()
    assert changes == []
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=tile_center(grids.photos, 1))
    qtbot.waitUntil(lambda: changes == [2])
    assert grids.reported == [PHOTOS[0]]


def test_a_double_click_opens_a_photo_among_all_photos_and_a_cluster(qtbot: QtBot, grids: Grids) -> None:
    with qtbot.waitSignal(grids.selection.photo_opened) as opened:
        double_click(qtbot, grids.photos, 2)
    assert opened.args == [tuple(PHOTOS), 2]
    clusters: list[Cluster] = []
    grids.selection.cluster_opened.connect(clusters.append)
    double_click(qtbot, grids.clusters, 1)
    assert clusters == [CLUSTERS[1]]


def test_the_context_menu_is_for_the_selection_and_only_on_tiles(qtbot: QtBot, grids: Grids) -> None:
    grids.photos.selectAll()
    menus: list[list[Photo]] = []
    grids.selection.photo_menu_requested.connect(lambda photos, _: menus.append(photos))
    grids.photos.customContextMenuRequested.emit(QPoint(3, 780))
    assert (menus, grids.reported) == ([], [])
    grids.photos.customContextMenuRequested.emit(tile_center(grids.photos, 1))
    assert menus == [PHOTOS]
    assert grids.reported == [PHOTOS[1]]
    point = tile_center(grids.clusters, 0)
    with qtbot.waitSignal(grids.selection.cluster_menu_requested) as menu:
        grids.clusters.customContextMenuRequested.emit(point)
    assert menu.args == [grids.clusters.viewport().mapToGlobal(point)]


def test_photos_stay_selected_together_until_the_query_is_about_another_photo(grids: Grids) -> None:
    grids.selection.select_together(photo.file_id for photo in PHOTOS[1:4])
    grids.selection.show_query_photo(PHOTOS[2])
    assert grids.selection.photos() == PHOTOS[1:4]
    grids.selection.show_query_photo(PHOTOS[5])
    assert grids.selection.photos() == [PHOTOS[5]]
    grids.selection.show_query_photo(PHOTOS[2])
    assert grids.selection.photos() == [PHOTOS[2]]
    grids.selection.show_query_photo(None)
    assert grids.selection.photos() == []
