"""The map in the window: shown, selected on, opened, filtered."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSizeF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from photosim.clustering.density import GREY, SCALE
from photosim.gui.main_window import MainWindow
from photosim.gui.map.canvas import MapCanvas
from photosim.gui.state.places import Place, Query, View
from photosim.library import Library
from photosim.library.map import MapColoring
from photosim.search.filters.criteria import PhotoFilter
from tests.support.window_driver import wait_until_idle

Open = Callable[[Library], MainWindow]


@pytest.fixture
def window(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """A window that shows the map."""
    window.views.actions.show_map.trigger()
    wait_until_idle(qtbot, window)
    return window


def canvas_of(window: MainWindow) -> MapCanvas:
    return window.views.map_page.canvas


def point_of(canvas: MapCanvas, row: int) -> QPoint:
    return canvas.scene.camera.to_view(*canvas.scene.data.xy[row].tolist()).toPoint()


def selected_id(window: MainWindow) -> int | None:
    query = window.services.navigator.current.selected
    return None if query is None or query.photo is None else query.photo.file_id


def test_the_map_is_a_place_with_all_photos(window: MainWindow, library: Library) -> None:
    canvas = canvas_of(window)
    assert window.services.navigator.current.view is View.MAP
    assert window.views.map_page.shows_map
    assert "Map" in window.windowTitle()
    assert sorted(canvas.scene.data.file_ids.tolist()) == sorted(photo.file_id for photo in library.photos())
    assert len(canvas.scene.data.named) == len(library.clusters().clusters)
    canvas.grab()
    left, top, right, bottom = canvas.scene.camera.visible
    x, y = canvas.scene.data.xy.T
    assert left < x.min() < x.max() < right
    assert top < y.min() < y.max() < bottom


def test_a_click_selects_a_photo_and_lines_lead_to_its_nearest(qtbot: QtBot, window: MainWindow) -> None:
    canvas = canvas_of(window)
    row = canvas.scene.data.named[0].row
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=point_of(canvas, row))
    wait_until_idle(qtbot, window)
    assert selected_id(window) == canvas.scene.data.file_ids[canvas.scene.selected or 0]
    assert len(canvas.scene.neighbours) > 0
    assert canvas.scene.selected not in canvas.scene.neighbours
    assert re.search(r"\.jpg, in “.+” with \d+ photos$", canvas.accessibleDescription())


def test_of_a_few_photos_not_only_the_covers_of_clusters_are_shown(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    scene = canvas_of(window).scene
    assert scene.camera.is_fitted
    qtbot.waitUntil(lambda: len(scene.thumbnail_rows()) > 0)
    assert set(scene.thumbnail_rows().tolist()) - set(scene.data.named_rows.tolist())


@pytest.mark.parametrize("how", ["Esc", "a click beside the photos"])
@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_the_selection_ends_as_in_the_grid(
    qtbot: QtBot, window: MainWindow, library: Library, how: str, where: str
) -> None:
    canvas, navigator = canvas_of(window), window.services.navigator
    if where == "elsewhere":
        navigator.go(Place(View.ALL))
        navigator.select(library.photos()[7])
        navigator.go(Place(View.MAP))
    else:
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=point_of(canvas, 0))
    wait_until_idle(qtbot, window)
    assert canvas.scene.selected is not None
    if how == "Esc":
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
    else:
        beside = canvas.rect().topLeft() + QPoint(2, 2)
        assert canvas.scene.row_at(QPointF(beside)) is None
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=beside)
    wait_until_idle(qtbot, window)
    assert selected_id(window) is None
    assert canvas.scene.selected is None
    assert len(canvas.scene.neighbours) == 0
    assert not window.views.detail.isVisible()
    assert canvas.accessibleDescription() == ""


def test_what_is_selected_elsewhere_is_shown_on_the_map(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    photo = library.photos()[7]
    navigator, scene = window.services.navigator, canvas_of(window).scene
    for leave in (window.views.actions.show_map.trigger, lambda: navigator.go(Place(View.MAP))):
        navigator.go(Place(View.ALL))
        navigator.select(photo)
        leave()
        wait_until_idle(qtbot, window)
        assert navigator.current.view is View.MAP
        assert scene.selected == scene.data.row_of(photo.file_id)
        photo = library.photos()[11]


def test_a_renamed_cluster_is_named_so_on_the_map(qtbot: QtBot, window: MainWindow, library: Library) -> None:
    library.cluster_edits.rename(library.clusters().clusters[0], "Sea")
    window.services.navigator.go(Place(View.ALL))
    window.services.navigator.go(Place(View.MAP))
    wait_until_idle(qtbot, window)
    assert canvas_of(window).scene.data.named[0].title == "Sea"


def test_a_double_click_and_enter_open_a_photo(qtbot: QtBot, window: MainWindow) -> None:
    canvas, viewer = canvas_of(window), window.views.viewer
    row = canvas.scene.data.named[0].row
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=point_of(canvas, row))
    wait_until_idle(qtbot, window)
    assert viewer.isVisible()
    viewer.dismiss()
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.MAP
    opened = canvas.scene.selected
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    wait_until_idle(qtbot, window)
    assert viewer.isVisible()
    assert viewer.photo is not None
    assert canvas.scene.data.row_of(viewer.photo.file_id) == opened


@pytest.mark.parametrize(
    ("key", "axis", "sign"),
    [
        (Qt.Key.Key_Left, 0, -1),
        (Qt.Key.Key_Right, 0, 1),
        (Qt.Key.Key_Up, 1, -1),
        (Qt.Key.Key_Down, 1, 1),
    ],
)
def test_arrows_lead_in_their_direction_as_far_as_there_are_photos(
    qtbot: QtBot, window: MainWindow, key: Qt.Key, axis: int, sign: int
) -> None:
    canvas = canvas_of(window)
    canvas.grab()
    wait_until_idle(qtbot, window)  # until it is known which have room for thumbnails
    reached = []
    while not reached or canvas.scene.selected != reached[-1]:
        reached.append(canvas.scene.selected)
        QTest.keyClick(canvas, key)
    places = canvas.scene.data.xy[[row for row in reached if row is not None], axis] * sign
    assert (np.diff(places) > 0).all()
    assert places[-1] == (canvas.scene.data.xy[canvas.scene.thumbnail_rows(), axis] * sign).max()
    wait_until_idle(qtbot, window)
    assert selected_id(window) == canvas.scene.data.file_ids[reached[-1] or 0]


def test_the_map_is_zoomed_and_moved(qtbot: QtBot, window: MainWindow) -> None:
    canvas = canvas_of(window)
    fitted = canvas.scene.camera
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    zoomed = canvas.scene.camera
    assert zoomed.scale > 1.5 * fitted.scale
    QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.scene.camera.x > zoomed.x
    start = QPoint(300, 300)
    before = canvas.scene.camera.to_map(QPointF(start))
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    for step in (20, 40):
        QTest.mouseMove(canvas, start + QPoint(step, step))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 40))
    assert canvas.scene.camera.to_map(QPointF(start + QPoint(40, 40))) == pytest.approx(before, abs=1e-6)
    wait_until_idle(qtbot, window)
    assert selected_id(window) is None, "a drag selects nothing"
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.scene.camera == fitted


def test_the_selected_photo_stays_in_view_when_there_is_less_room(window: MainWindow) -> None:
    scene = canvas_of(window).scene
    row = int(scene.data.xy[:, 0].argmin())  # the map's middle can be moved to the right of it
    size = scene.camera.size
    scene.set_selected(row)
    scene.set_camera(scene.camera.zoomed(6).centered(*scene.data.xy[row].tolist()))
    scene.set_camera(scene.camera.moved(100 - size.width() / 2, 0))
    assert scene.point(row).x() == pytest.approx(100)
    for width in (size.width() - 300, size.width()):
        scene.resize(QSizeF(width, size.height()))
        assert 0 < scene.point(row).x() < width


def test_thumbnails_appear_when_one_zooms_in(qtbot: QtBot, window: MainWindow) -> None:
    canvas = canvas_of(window)
    canvas.zoom_by(4)
    canvas.grab()
    wait_until_idle(qtbot, window)
    rows = canvas.scene.thumbnail_rows()
    assert len(rows)
    squares = [canvas.scene.square(row) for row in rows.tolist()]
    assert not any(one.intersects(other) for one in squares for other in squares if one is not other)
    assert canvas.scene.row_at(squares[0].center()) == rows[0]


def test_an_area_becomes_a_place(qtbot: QtBot, window: MainWindow) -> None:
    canvas = canvas_of(window)
    shift = Qt.KeyboardModifier.ShiftModifier
    end = QPoint(canvas.width() - 2, canvas.height() - 2)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, shift, QPoint(2, 2))
    QTest.mouseMove(canvas, end)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, shift, end)
    wait_until_idle(qtbot, window)
    place = window.services.navigator.current
    assert place.view is View.SELECTION
    assert place.name == f"{len(canvas.scene.data)} photos from the map"
    assert sorted(place.file_ids) == sorted(canvas.scene.data.file_ids.tolist())
    window.services.navigator.back()
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.MAP
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.SELECTION


def test_what_a_line_is_drawn_around_becomes_a_place(qtbot: QtBot, window: MainWindow) -> None:
    canvas, page = canvas_of(window), window.views.map_page
    inside = point_of(canvas, 5)
    QTest.keyClick(canvas, Qt.Key.Key_L)
    assert page.lasso.isChecked()
    assert "Draw around" in page.hint.text()
    before = canvas.scene.camera
    corners = [inside + QPoint(*offset) for offset in ((-9, -9), (9, -9), (9, 9), (-9, 9), (-9, -5))]
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=corners[0])
    for corner in corners[1:]:
        QTest.mouseMove(canvas, corner)
    canvas.grab()
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=corners[-1])
    wait_until_idle(qtbot, window)
    place = window.services.navigator.current
    assert place.view is View.SELECTION
    assert int(canvas.scene.data.file_ids[5]) in place.file_ids
    assert len(place.file_ids) < len(canvas.scene.data)
    assert canvas.scene.camera == before, "a drag does not move the map meanwhile"
    assert not page.lasso.isChecked()


def test_the_lasso_is_put_away_by_escape_and_a_click_still_selects(qtbot: QtBot, window: MainWindow) -> None:
    canvas, page = canvas_of(window), window.views.map_page
    page.lasso.click()
    assert canvas.is_lasso
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=point_of(canvas, canvas.scene.data.named[0].row))
    wait_until_idle(qtbot, window)
    assert selected_id(window) is not None
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not page.lasso.isChecked()
    assert window.services.navigator.current.view is View.MAP
    assert selected_id(window) is not None, "Escape put away the lasso, nothing else"


def test_the_viewer_goes_on_to_photos_of_the_cluster_the_nearest_first(
    qtbot: QtBot, window: MainWindow
) -> None:
    canvas, viewer, data = canvas_of(window), window.views.viewer, canvas_of(window).scene.data
    cluster = data.named[0]
    for open_photo in (
        lambda: QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=point_of(canvas, cluster.row)),
        window.views.actions.view.trigger,
    ):
        open_photo()
        wait_until_idle(qtbot, window)
        assert viewer.isVisible()
        first = data.row_of(viewer.photo.file_id)
        opened = [first]
        while not opened[1:] or opened[-1] != opened[-2]:
            viewer.step(1)
            opened.append(data.row_of(viewer.photo.file_id))
        opened.pop()
        assert sorted(opened) == np.flatnonzero(data.clusters == data.clusters[first]).tolist()
        distance = np.linalg.norm(data.xy[opened] - data.xy[first], axis=1)
        assert (np.diff(distance) >= 0).all()
        viewer.dismiss()
        wait_until_idle(qtbot, window)
        assert canvas.scene.selected == opened[-1], "the map shows where the last one lies"


def test_a_photo_of_a_grid_is_shown_on_the_map_by_its_menu(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    photo = library.photos()[4]
    scene, actions = canvas_of(window).scene, window.views.actions
    window.services.navigator.go(Place(View.ALL))
    wait_until_idle(qtbot, window)
    window.controllers.menus.show_photo_menu([Query.of_photos(photo)], QPoint())
    menu = window.controllers.menus.menu
    assert menu is not None
    assert actions.show_map in menu.actions()
    assert actions.show_map.text() == "Show on m&ap"
    actions.show_map.trigger()
    menu.close()
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.MAP
    assert scene.selected == scene.data.row_of(photo.file_id)
    assert len(scene.neighbours) > 0
    assert actions.show_map.text() == "Show m&ap"


@pytest.mark.parametrize("view", [View.ALL, View.SIMILAR, View.CLUSTER, View.DUPLICATES])
def test_what_is_selected_anywhere_is_marked_with_lines_to_its_nearest(
    qtbot: QtBot, window: MainWindow, library: Library, view: View
) -> None:
    photo, navigator = library.photos()[9], window.services.navigator
    scene = canvas_of(window).scene
    if view is View.SIMILAR:
        navigator.find_similar(Query.of_photos(library.photos()[3]))
    elif view is View.CLUSTER:
        navigator.open_cluster(next(c for c in library.clusters().clusters if photo.file_id in c.file_ids))
    else:
        navigator.go(Place(view))
    wait_until_idle(qtbot, window)
    navigator.select(photo)
    navigator.go(Place(View.MAP))
    wait_until_idle(qtbot, window)
    assert scene.selected == scene.data.row_of(photo.file_id)
    assert len(scene.neighbours) > 0


def test_a_selected_cluster_is_shown_on_the_map_by_its_cover(qtbot: QtBot, window: MainWindow) -> None:
    browser, scene = window.views.browser, canvas_of(window).scene
    window.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, window)
    browser.cluster_grid.select_row(1)
    wait_until_idle(qtbot, window)
    [cluster] = browser.selected_clusters()
    window.views.actions.show_map.trigger()
    wait_until_idle(qtbot, window)
    assert scene.selected == scene.data.row_of(cluster.medoid_id)
    assert len(scene.neighbours) > 0


def test_colors_run_from_the_oldest_to_the_newest_photo(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    with library._catalog.database.transaction() as db:
        for number, photo in enumerate(library.photos()):
            date = None if number == 0 else f"20{10 + number % 9}-05-0{1 + number % 7}T12:00:00"
            db.execute("UPDATE photos SET taken_at = ? WHERE id = ?", (date, photo.photo_id))
    page = window.views.map_page
    page.coloring.setCurrentIndex(page.coloring.findData(MapColoring.DATE))
    wait_until_idle(qtbot, window)
    data = page.canvas.scene.data
    taken = {photo.file_id: photo.facts.taken_at for photo in library.photos()}
    assert sum(date is None for date in taken.values()) == 1
    for row, file_id in enumerate(data.file_ids.tolist()):
        assert (tuple(data.colors[row].tolist()) == GREY) == (taken[file_id] is None)
    dates = sorted(date for date in taken.values() if date)
    rows = [
        next(row for row, file_id in enumerate(data.file_ids.tolist()) if taken[file_id] == date)
        for date in (dates[0], dates[-1])
    ]
    assert [tuple(data.colors[row].tolist()) for row in rows] == [SCALE[0], SCALE[-1]]
    legend = data.legend
    assert legend is not None
    assert dates[0][:4] in legend.first
    assert dates[-1][:4] in legend.last
    assert [entry.text for entry in legend.entries] == ["No date"]
    page.canvas.grab()


def test_photos_that_the_filter_leaves_out_are_dimmed(qtbot: QtBot, window: MainWindow) -> None:
    canvas = canvas_of(window)
    window.views.filter_bar.apply(PhotoFilter(text="harbour"))
    wait_until_idle(qtbot, window)
    assert canvas.scene.matching is not None
    assert 0 < np.count_nonzero(canvas.scene.matching) < len(canvas.scene.data)
    canvas.grab()
    window.views.map_page.open_all.click()
    wait_until_idle(qtbot, window)
    assert len(window.services.navigator.current.file_ids) == np.count_nonzero(canvas.scene.matching)
    window.services.navigator.back()
    wait_until_idle(qtbot, window)
    window.views.filter_bar.clear()
    wait_until_idle(qtbot, window)
    assert canvas.scene.matching is None


@pytest.mark.parametrize(
    ("coloring", "count"), [(MapColoring.FOLDER, 2), (MapColoring.YEAR, 1), (MapColoring.CAMERA, 1)]
)
def test_colors_tell_more_than_clusters(
    qtbot: QtBot, window: MainWindow, coloring: MapColoring, count: int
) -> None:
    page = window.views.map_page
    page.coloring.setCurrentIndex(page.coloring.findData(coloring))
    wait_until_idle(qtbot, window)
    assert len(np.unique(page.canvas.scene.data.colors, axis=0)) == count
    legend = page.canvas.scene.data.legend
    assert legend is not None
    assert len(legend.entries) == count
    assert legend.entries[0].text in page.coloring.accessibleDescription()
    page.coloring.setCurrentIndex(page.coloring.findData(MapColoring.CLUSTER))
    wait_until_idle(qtbot, window)
    assert page.shows_map
    assert page.canvas.scene.data.legend is None


def test_an_empty_library_and_one_without_a_map_say_so(
    qtbot: QtBot, empty_library: Library, library: Library, open_window: Open
) -> None:
    with library._catalog.database.transaction() as db:
        db.execute("DELETE FROM maps")
    for opened, title in ((empty_library, "No photos on the map yet"), (library, "No map yet")):
        window = open_window(opened)
        window.services.navigator.go(Place(View.MAP))
        wait_until_idle(qtbot, window)
        assert not window.views.map_page.shows_map
        assert window.views.map_page.message.title.text() == title


@pytest.mark.parametrize("width", [683, 900, 1600])
def test_nothing_in_the_bar_overlaps_beside_the_panel_of_a_narrow_window(
    qtbot: QtBot, window: MainWindow, width: int
) -> None:
    canvas, page = canvas_of(window), window.views.map_page
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point_of(canvas, 0))
    wait_until_idle(qtbot, window)
    assert window.views.detail.isVisible()
    window.resize(width, 600)
    wait_until_idle(qtbot, window)
    bar = page.fit.parentWidget()
    assert bar is not None
    shown = [part for part in bar.findChildren(QWidget) if part.parentWidget() is bar and part.isVisible()]
    assert {page.coloring, page.lasso, page.fit} <= set(shown)
    assert page.open_all.isVisible() or width < 900
    if page.hint in shown:
        assert page.hint.width() >= page.fontMetrics().horizontalAdvance(page.hint.text())
    for one, other in itertools.combinations(shown, 2):
        assert not one.geometry().intersects(other.geometry())
    for part in shown:
        assert bar.rect().contains(part.geometry())
        assert part.width() >= part.minimumSizeHint().width()
