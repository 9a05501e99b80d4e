"""What the person does with tiles reaches the window with the photos and clusters that it is about."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QSplitter
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.browser.cluster_model import ClusterModel
from photosim.gui.browser.marking import Marking
from photosim.gui.browser.selection import GridSelection
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.services.thumbnails import ThumbnailLoader
from photosim.gui.state.listing import sorted_list
from photosim.gui.state.ordering import SortOrder
from photosim.records import Cluster, Photo
from tests.support.photo_records import make_cluster, make_photo_records
from tests.support.window_driver import click, double_click, middle_of

PHOTOS = make_photo_records(6)
CLUSTERS = [make_cluster(1, PHOTOS[:3]), make_cluster(2, PHOTOS[3:])]


class Hands:
    """Both grids beside each other, and what was told of them."""

    def __init__(self, qtbot: QtBot, jobs: Jobs) -> None:
        thumbnails, both = ThumbnailLoader(lambda _: None, jobs), QSplitter()
        qtbot.addWidget(both)
        photos, clusters = PhotoModel(thumbnails, both), ClusterModel(thumbnails, both)
        photos.set_photos(sorted_list(PHOTOS, SortOrder.NAME))
        clusters.set_clusters([(CLUSTERS[0], PHOTOS[0]), (CLUSTERS[1], PHOTOS[3])])
        self.grid, self.cluster_grid = PhotoGrid(photos, both), PhotoGrid(clusters, both)
        both.addWidget(self.grid)
        both.addWidget(self.cluster_grid)
        both.resize(1200, 800)
        both.show()
        self.both = both
        self.picking = GridSelection(self.grid, self.cluster_grid, Marking(self.grid, photos))
        self.chosen: list[tuple[Photo, bool]] = []
        self.picking.photo_selected.connect(lambda photo, keyboard: self.chosen.append((photo, keyboard)))


@pytest.fixture
def hands(qtbot: QtBot, jobs: Jobs) -> Hands:
    return Hands(qtbot, jobs)


def test_a_clicked_tile_makes_its_photo_the_current_one(qtbot: QtBot, hands: Hands) -> None:
    click(qtbot, hands.grid, 4)
    click(qtbot, hands.cluster_grid, 1)
    assert hands.chosen == [(PHOTOS[4], False), (PHOTOS[3], False)]
    assert hands.picking.photos() == [PHOTOS[4]]
    assert hands.picking.clusters() == [CLUSTERS[1]]
    assert hands.picking.covers() == [PHOTOS[3]]


def test_a_double_click_opens_a_photo_among_all_and_a_cluster(qtbot: QtBot, hands: Hands) -> None:
    with qtbot.waitSignal(hands.picking.photo_opened) as opened:
        double_click(qtbot, hands.grid, 2)
    assert opened.args == [tuple(PHOTOS), 2]
    clusters: list[Cluster] = []
    hands.picking.cluster_opened.connect(clusters.append)
    double_click(qtbot, hands.cluster_grid, 1)
    assert clusters == [CLUSTERS[1]]


def test_the_menu_is_of_what_is_selected_and_there_is_none_beside_the_tiles(
    qtbot: QtBot, hands: Hands
) -> None:
    hands.grid.selectAll()
    told: list[list[Photo]] = []
    hands.picking.photo_menu_requested.connect(lambda photos, _: told.append(photos))
    hands.grid.customContextMenuRequested.emit(QPoint(3, 780))
    assert (told, hands.chosen) == ([], [])
    hands.grid.customContextMenuRequested.emit(middle_of(hands.grid, 1))
    assert told == [PHOTOS]
    assert hands.chosen == [(PHOTOS[1], False)]
    at = middle_of(hands.cluster_grid, 0)
    with qtbot.waitSignal(hands.picking.cluster_menu_requested) as menu:
        hands.cluster_grid.customContextMenuRequested.emit(at)
    assert menu.args == [hands.cluster_grid.viewport().mapToGlobal(at)]
