"""Labels of photos in the detail panel, the viewer and the clusters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from pytestqt.qtbot import QtBot

from photosim.gui.base import formatting
from photosim.gui.base.jobs import Jobs
from photosim.gui.browser.cluster_model import ClusterModel
from photosim.gui.main_window import MainWindow
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Place, Query, View
from photosim.library import Library
from photosim.records import Label
from photosim.store.labels import LabelTable
from tests.support.photo_records import make_cluster, make_cover, make_photo_records
from tests.support.window_driver import click, select_photo, wait_until_idle

DOG, CAT = Label("dog", 0.914), Label("cat <b>", 0.55)
NAME, NEXT = "scene 2 take 2.jpg", "scene 2 take 3.jpg"


@pytest.fixture
def window(library: Library, window: MainWindow) -> MainWindow:
    """A window on a library in which two photos have labels."""
    photos = {Path(photo.path).name: photo.photo_id for photo in library.photos()}
    found = {photo_id: [] for photo_id in photos.values()} | {photos[NAME]: [DOG, CAT], photos[NEXT]: [CAT]}
    LabelTable(library._catalog.database, library.model.id).save(found)
    return window


def panel_labels(window: MainWindow) -> str:
    return window.views.detail.facts.value("labels")


def test_the_panel_tells_what_the_photo_shows_and_forgets_it_with_the_photo(
    qtbot: QtBot, window: MainWindow
) -> None:
    select_photo(qtbot, window, NAME)
    assert panel_labels(window) == "dog 91%, cat <b> 55%"
    assert window.views.detail.facts.rows["labels"][1].isVisible()
    select_photo(qtbot, window, "scene 0 take 0.jpg")
    assert panel_labels(window) == ""
    assert not window.views.detail.facts.rows["labels"][0].isVisible()


def test_an_image_from_elsewhere_shows_nothing_of_the_photo_before(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, NAME)
    window.views.detail.facts.show_query(Query.of_file("/elsewhere/other.jpg"))
    assert panel_labels(window) == ""


def test_labels_that_are_switched_off_are_not_told(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    library.labels.set_enabled(False)
    select_photo(qtbot, window, NAME)
    assert panel_labels(window) == ""


def test_the_viewer_tells_what_each_photo_shows(qtbot: QtBot, window: MainWindow) -> None:
    photo = select_photo(qtbot, window, NAME)
    photos = window.views.browser.photo_model.photos
    window.views.viewer.open(photos, photos.index(photo))
    wait_until_idle(qtbot, window)
    assert window.views.viewer.labels_label.text() == "dog 91%, cat <b> 55%"
    names = [Path(photo.path).name for photo in photos]
    window.views.viewer.step(names.index(NEXT) - names.index(NAME))
    wait_until_idle(qtbot, window)
    assert window.views.viewer.labels_label.text() == "cat <b> 55%"


def test_only_the_last_of_many_photos_is_told(qtbot: QtBot, window: MainWindow) -> None:
    names = [Path(photo.path).name for photo in window.views.browser.photo_model.photos]
    for name in (NAME, "scene 0 take 0.jpg", NEXT):
        click(qtbot, window.views.browser.grid, names.index(name))
    wait_until_idle(qtbot, window)
    assert panel_labels(window) == "cat <b> 55%"


def test_a_cluster_bears_its_name(qtbot: QtBot, jobs: Jobs) -> None:
    photos = make_photo_records(3)
    named = replace(make_cluster(1, photos), automatic_name="Dog, frisbee")
    model = ClusterModel(ThumbnailLoader(lambda _: None, jobs))
    model.set_clusters([(named, make_cover(photos[0])), (make_cluster(2, photos), make_cover(photos[1]))])
    tips = [model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) for row in (0, 1)]
    assert [model.index(row, 0).data() for row in (0, 1)] == ["Dog, frisbee · 3 photos", "3 photos"]
    assert ["frisbee" in tip for tip in tips] == [True, False]


def test_an_open_cluster_is_called_by_its_name() -> None:
    navigator = Navigator()
    cluster = make_cluster(7, make_photo_records(2))
    navigator.go(Place(View.CLUSTER, cluster=cluster))
    assert navigator.title()[0] == "Cluster 7"
    navigator.open_cluster(replace(cluster, automatic_name="Dog"))
    assert navigator.title() == ("Dog", "Clusters")


def test_no_labels_are_no_words() -> None:
    assert formatting.format_labels(()) == ""


def test_the_clusters_of_the_window_are_painted_with_their_names(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    cluster = max(library.clusters().clusters, key=lambda cluster: cluster.size)
    members = [photo.photo_id for photo in library.photos_by_id(cluster.file_ids)]
    LabelTable(library._catalog.database, library.model.id).save({photo_id: [DOG] for photo_id in members})
    window.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, window)
    grid = window.views.browser.cluster_grid
    captions = [grid.model().index(row, 0).data() for row in range(grid.model().rowCount())]
    assert f"Dog · {formatting.count_photos(cluster.size)}" in captions
    assert isinstance(grid.grab(), QPixmap)
