"""What the details panel is about, and the results in the center."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from photosim.gui.base import formatting
from photosim.gui.grid.delegate import tile_rect
from photosim.gui.grid.hover import TileAction, action_at
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place, Query, View
from photosim.library import Library
from photosim.records import SimilarityBand
from tests.support.window_driver import (
    click,
    double_click,
    select_photo,
    shown_names,
    similar_paths,
    tile_center,
    wait_until_idle,
)

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
NAME = "scene 2 take 1.jpg"


def button(grid: PhotoGrid, row: int, action: TileAction) -> QPoint:
    tile_center(grid, row)
    tile = tile_rect(grid.visualRect(grid.model().index(row, 0)), 0)
    points = [
        QPoint(x, y) for x in range(tile.left(), tile.right()) for y in range(tile.top(), tile.bottom())
    ]
    return next(point for point in points if action_at(tile, point - QPoint(3, 3)) is action)


def at_clusters(qtbot: QtBot, window: MainWindow) -> PhotoGrid:
    window.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, window)
    return window.views.browser.cluster_grid


def test_with_nothing_selected_the_panel_takes_no_room(qtbot: QtBot, window: MainWindow) -> None:
    detail, grid, splitter = window.views.detail, window.views.browser.grid, window.views.splitter
    assert not detail.isVisible()
    wide = grid.width()
    select_photo(qtbot, window, NAME)
    assert detail.isVisible()
    splitter.setSizes([200, 620, 380])
    sizes = splitter.sizes()
    assert grid.width() < wide
    qtbot.keyClick(grid, Qt.Key.Key_Escape)
    wait_until_idle(qtbot, window)
    assert not detail.isVisible()
    assert window.services.navigator.current == Place()
    select_photo(qtbot, window, NAME)
    assert splitter.sizes() == sizes
    window.views.actions.panel.trigger()
    wait_until_idle(qtbot, window)
    assert not detail.isVisible()
    select_photo(qtbot, window, "scene 0 take 1.jpg")
    assert not detail.isVisible(), "it was closed"


def test_the_clicked_photo_stays_where_it_is_when_the_panel_opens(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.views.browser.grid
    window.views.browser.set_tile_size(200)
    wait_until_idle(qtbot, window)
    bar = grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    row = grid.visible_rows().start + 3
    tile_center(grid, row)  # scrolls to it
    top = grid.visualRect(grid.model().index(row, 0)).top()
    double_click(qtbot, grid, row)
    wait_until_idle(qtbot, window)
    assert window.views.detail.isVisible()
    assert grid.visualRect(grid.model().index(row, 0)).top() == top
    photo = window.views.browser.photo_model.photo(row)
    assert window.views.viewer.photo == photo, "the second click is on the same photo"


def test_the_panel_follows_the_place(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, NAME)
    at_clusters(qtbot, window)
    assert not window.views.detail.isVisible()
    window.views.actions.back.trigger()
    wait_until_idle(qtbot, window)
    assert window.views.detail.facts.name.text() == NAME
    assert window.views.detail.isVisible()
    window.services.navigator.go(Place(View.UNREADABLE))
    wait_until_idle(qtbot, window)
    assert not window.views.detail.isVisible()


def test_several_photos_have_their_number_and_actions(qtbot: QtBot, window: MainWindow) -> None:
    grid, page = window.views.browser.grid, window.views.detail.photo_set
    for number, row in enumerate((0, 2, 5)):
        keys = CTRL if number else Qt.KeyboardModifier.NoModifier
        qtbot.mouseClick(grid.viewport(), LEFT, keys, tile_center(grid, row))
    wait_until_idle(qtbot, window)
    selected = window.views.browser.selected_photos()
    assert page.isVisible()
    assert page.title.text() == "3 photos selected"
    assert list(page.model.photos) == selected
    buttons = {button.text(): button for button in page.buttons.values() if button.isVisible()}
    names = {"Compare", "Find similar to all", "Copy", "Move to trash", "Add to collection…"}
    assert set(buttons) == names
    qtbot.mouseClick(buttons["Copy"], LEFT)
    urls = QGuiApplication.clipboard().mimeData().urls()
    assert [url.toLocalFile() for url in urls] == [photo.path for photo in selected]
    qtbot.mouseClick(buttons["Compare"], LEFT)
    assert list(window.views.compare.photos) == selected
    window.views.compare.dismiss()
    qtbot.mouseClick(buttons["Find similar to all"], LEFT)
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.search == Query.of_photos(*selected)


def test_compare_is_offered_for_as_many_as_it_shows(qtbot: QtBot, window: MainWindow) -> None:
    page = window.views.detail.photo_set
    window.views.browser.grid.selectAll()
    wait_until_idle(qtbot, window)
    assert page.title.text() == f"{len(shown_names(window))} photos selected"
    assert not page.buttons[window.views.actions.compare].isVisible()
    assert page.buttons[window.views.actions.find_similar].isEnabled()
    qtbot.keyClick(window.views.browser.grid, Qt.Key.Key_Escape)
    wait_until_idle(qtbot, window)
    assert not window.views.detail.isVisible()


def test_a_photo_of_the_panel_s_list_is_what_actions_apply_to(qtbot: QtBot, window: MainWindow) -> None:
    window.views.browser.grid.selectAll()
    wait_until_idle(qtbot, window)
    page = window.views.detail.photo_set
    before = window.services.navigator.current
    click(qtbot, page.grid, 3)
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current == before
    assert window.controllers.targets.photos() == [page.model.photo(3)]
    double_click(qtbot, page.grid, 3)
    assert window.views.viewer.photo == page.model.photo(3)
    window.views.viewer.dismiss()


def test_a_clicked_cluster_is_shown_with_its_photos(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    grid, page = at_clusters(qtbot, window), window.views.detail.photo_set
    click(qtbot, grid, 0)
    wait_until_idle(qtbot, window)
    cluster = window.views.browser.cluster_model.cluster(0)
    assert page.isVisible()
    assert f"{cluster.size} photos" in (page.title.text(), page.count.text())
    assert page.title.text() == (formatting.cluster_title(cluster) or f"{cluster.size} photos")
    assert [photo.file_id for photo in page.model.photos] == list(cluster.file_ids)
    assert page.preview.isVisible()
    actions = window.views.actions
    shown = {action for action, each in page.buttons.items() if each.isVisible()}
    assert shown == {actions.open_cluster, actions.rename_cluster, actions.hide_clusters}
    click(qtbot, page.grid, 1)
    wait_until_idle(qtbot, window)
    second = library.photos_by_id([cluster.file_ids[1]])[0]
    assert window.services.navigator.current.selected == Query.of_photos(second)
    assert window.views.detail.similar.isVisible()
    window.views.actions.back.trigger()
    wait_until_idle(qtbot, window)
    assert page.isVisible()
    qtbot.mouseClick(page.buttons[actions.open_cluster], LEFT)
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.cluster == cluster
    assert not window.views.detail.isVisible()


def test_several_clusters_can_be_merged_from_the_panel(qtbot: QtBot, window: MainWindow) -> None:
    grid, page = at_clusters(qtbot, window), window.views.detail.photo_set
    click(qtbot, grid, 0)
    qtbot.mouseClick(grid.viewport(), LEFT, CTRL, tile_center(grid, 1))
    wait_until_idle(qtbot, window)
    clusters = window.views.browser.selected_clusters()
    assert page.title.text() == "2 clusters selected"
    assert page.count.text() == f"{sum(cluster.size for cluster in clusters)} photos"
    qtbot.mouseClick(page.buttons[window.views.actions.merge_clusters], LEFT)
    wait_until_idle(qtbot, window)
    assert max(
        window.views.browser.cluster_model.cluster(row).size
        for row in range(window.views.browser.cluster_model.rowCount())
    ) == sum(cluster.size for cluster in clusters)


def test_the_buttons_of_a_tile_select_find_and_view(qtbot: QtBot, window: MainWindow) -> None:
    grid, model = window.views.browser.grid, window.views.browser.photo_model
    for row in (1, 4):
        qtbot.mouseClick(grid.viewport(), LEFT, pos=button(grid, row, TileAction.SELECT))
        wait_until_idle(qtbot, window)
    assert grid.selected_rows() == [1, 4]
    qtbot.mouseClick(grid.viewport(), LEFT, pos=button(grid, 2, TileAction.VIEW))
    assert window.views.viewer.photo == model.photo(2)
    window.views.viewer.dismiss()
    wait_until_idle(qtbot, window)
    photo = model.photo(3)
    qtbot.mouseClick(grid.viewport(), LEFT, pos=button(grid, 3, TileAction.FIND_SIMILAR))
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.search == Query.of_photos(photo)


def test_the_center_has_the_pages_and_headings_of_the_panel(
    qtbot: QtBot, window: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.gui.browser.browser.FIRST_PAGE", 5)
    photo = select_photo(qtbot, window, NAME)
    headings = list(window.views.detail.similar.model.sections)
    window.services.navigator.find_similar(Query.of_photos(photo))
    wait_until_idle(qtbot, window)
    wait_until_idle(qtbot, window)
    nearest = [Path(match.path).name for match in library.similar(photo.file_id, 60)]
    assert shown_names(window) == nearest, "the rest is loaded as the end is near"
    assert list(window.views.browser.photo_model.sections) == headings


def test_a_strict_search_in_the_center_says_so_and_is_loosened_by_its_chip(
    qtbot: QtBot, window: MainWindow
) -> None:
    bar = window.views.query_bar
    photo = select_photo(qtbot, window, NAME)
    window.services.navigator.find_similar(Query.of_photos(photo))
    wait_until_idle(qtbot, window)
    everything = shown_names(window)
    bar.strictness.choices[SimilarityBand.VERY_SIMILAR].trigger()
    wait_until_idle(qtbot, window)
    assert shown_names(window) == everything[: len(shown_names(window))]
    assert 0 < len(shown_names(window)) < len(everything)
    assert window.views.top_bar.count.text() == f"{len(shown_names(window))} photos"
    window.views.actions.back.trigger()
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.ALL, "strictness is no step of the history"
    window.views.actions.forward.trigger()
    wait_until_idle(qtbot, window)
    qtbot.mouseClick(bar.chips.strictness_chip, LEFT)
    wait_until_idle(qtbot, window)
    assert shown_names(window) == everything


def test_the_fold_is_one_for_the_panel_and_the_center(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.gui.state.results._MIN_ABOVE_FOLD", 3)
    action, browser = window.views.actions.less_similar, window.views.browser
    assert not action.isEnabled()
    photo = select_photo(qtbot, window, NAME)
    assert action.isEnabled()
    few = len(similar_paths(window))
    assert window.views.detail.similar.shown.fold is True
    action.trigger()
    everything = similar_paths(window)
    assert few < len(everything)
    window.services.navigator.find_similar(Query.of_photos(photo))
    wait_until_idle(qtbot, window)
    assert len(shown_names(window)) == len(everything)
    heading = browser.grid._layout.heading_box(len(browser.photo_model.sections) - 1)
    browser.grid.verticalScrollBar().setValue(heading.y - 100)
    y = heading.y + heading.height // 2 - browser.grid.verticalOffset()
    qtbot.mouseClick(browser.grid.viewport(), LEFT, pos=QPoint(60, y))
    wait_until_idle(qtbot, window)
    assert len(shown_names(window)) == few
    assert not action.isChecked()
