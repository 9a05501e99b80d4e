"""Operations on clusters in the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QLineEdit
from pytestqt.qtbot import QtBot

from photosim.errors import LibraryError
from photosim.gui.main_window import MainWindow
from photosim.gui.state.cluster_listing import ClusterListing, ClusterOrder
from photosim.gui.state.places import Place, View
from photosim.library import Library
from photosim.records import DEFAULT_LEVEL, FINEST_LEVEL, Cluster
from tests.support.window_driver import click, shown_names, tile_center, wait_until_idle

Open = Callable[[Library], MainWindow]


@pytest.fixture
def at_clusters(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """A window that shows the clusters."""
    window.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, window)
    return window


def clusters_of(window: MainWindow) -> list[Cluster]:
    model = window.views.browser.cluster_model
    return [model.cluster(row) for row in range(model.rowCount())]


def select(qtbot: QtBot, window: MainWindow, *rows: int) -> None:
    """Click tiles, the second and later ones with Ctrl."""
    grid = window.views.browser.cluster_grid
    for number, row in enumerate(rows):
        keys = Qt.KeyboardModifier.ControlModifier if number else Qt.KeyboardModifier.NoModifier
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, keys, tile_center(grid, row))
    wait_until_idle(qtbot, window)


def do(qtbot: QtBot, window: MainWindow, name: str) -> None:
    """Trigger an action by its name."""
    action = getattr(window.views.actions, name)
    assert action.isEnabled(), name
    action.trigger()
    wait_until_idle(qtbot, window)


def rename(qtbot: QtBot, window: MainWindow, row: int, name: str) -> None:
    """Type a name over a tile."""
    select(qtbot, window, row)
    window.views.actions.rename_cluster.trigger()
    editor = window.views.browser.cluster_grid.viewport().findChild(QLineEdit)
    assert editor is not None
    editor.setText(name)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    wait_until_idle(qtbot, window)


def test_the_slider_goes_from_few_large_clusters_to_many_small_ones(
    qtbot: QtBot, at_clusters: MainWindow, library: Library
) -> None:
    page = at_clusters.views.browser.cluster_page
    assert page.bar.slider.value() == DEFAULT_LEVEL
    for level in range(FINEST_LEVEL + 1):
        page.bar.slider.setValue(level)
        assert [cluster.file_ids for cluster in clusters_of(at_clusters)] == [
            cluster.file_ids for cluster in library.clusters(level).clusters
        ]


def test_once_shown_every_level_is_there_without_a_job(qtbot: QtBot, at_clusters: MainWindow) -> None:
    for level in (0, FINEST_LEVEL, DEFAULT_LEVEL):
        at_clusters.views.browser.cluster_page.bar.slider.setValue(level)
        assert not at_clusters.services.jobs.is_busy
        assert at_clusters.views.browser.level == level


def test_the_slider_can_be_moved_by_the_keyboard_and_says_what_it_is(
    qtbot: QtBot, at_clusters: MainWindow
) -> None:
    slider = at_clusters.views.browser.cluster_page.bar.slider
    assert slider.accessibleName()
    before = slider.accessibleDescription()
    assert slider.focusPolicy() & Qt.FocusPolicy.TabFocus
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert at_clusters.views.browser.level == DEFAULT_LEVEL + 1
    assert slider.accessibleDescription() != before


def test_the_level_comes_back_with_the_next_start(
    qtbot: QtBot, at_clusters: MainWindow, library: Library, open_window: Open
) -> None:
    at_clusters.views.browser.cluster_page.bar.slider.setValue(1)
    at_clusters.close()
    again = open_window(library)
    assert again.views.browser.level == again.views.browser.cluster_page.bar.slider.value() == 1


def test_what_is_selected_stays_so_on_the_next_level(qtbot: QtBot, at_clusters: MainWindow) -> None:
    select(qtbot, at_clusters, 1)
    [before] = at_clusters.views.browser.selected_clusters()
    at_clusters.views.browser.cluster_page.bar.slider.setValue(0)
    [now] = at_clusters.views.browser.selected_clusters()
    assert before.medoid_id in now.file_ids


def test_a_cluster_is_renamed_in_its_place_and_that_is_undone(
    qtbot: QtBot, at_clusters: MainWindow, library: Library
) -> None:
    rename(qtbot, at_clusters, 1, "  Our   dog ")
    assert at_clusters.services.navigator.current.view is View.CLUSTERS, (
        "the Enter that ends the typing opens nothing"
    )
    assert clusters_of(at_clusters)[1].name == "Our dog"
    assert at_clusters.views.browser.cluster_grid.currentIndex().row() == 1
    assert at_clusters.views.actions.undo.text() == "&Undo Rename"
    do(qtbot, at_clusters, "undo")
    assert clusters_of(at_clusters)[1].name is None
    assert library.cluster_edits.snapshot() == []
    do(qtbot, at_clusters, "redo")
    assert clusters_of(at_clusters)[1].name == "Our dog"


def test_a_name_that_was_not_changed_is_no_deed(
    qtbot: QtBot, at_clusters: MainWindow, library: Library
) -> None:
    rename(qtbot, at_clusters, 0, "")
    assert library.cluster_edits.snapshot() == []
    assert not at_clusters.views.actions.undo.isEnabled()


def test_the_new_name_is_seen_at_once_and_gone_when_it_cannot_be_kept(
    qtbot: QtBot, at_clusters: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(cluster: Cluster, name: str) -> None:
        raise LibraryError("no more room")

    monkeypatch.setattr(at_clusters.controllers.library, "show_error", lambda _: None)
    monkeypatch.setattr(library.cluster_edits, "rename", fails)
    at_clusters.views.browser.cluster_page.rename_requested.emit(clusters_of(at_clusters)[1], "Dog")
    assert clusters_of(at_clusters)[1].name == "Dog"
    wait_until_idle(qtbot, at_clusters)
    assert clusters_of(at_clusters)[1].name is None


def test_escape_leaves_the_name_as_it_is(qtbot: QtBot, at_clusters: MainWindow, library: Library) -> None:
    select(qtbot, at_clusters, 0)
    at_clusters.views.actions.rename_cluster.trigger()
    editor = at_clusters.views.browser.cluster_grid.viewport().findChild(QLineEdit)
    editor.setText("something")
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    wait_until_idle(qtbot, at_clusters)
    assert library.cluster_edits.snapshot() == []


def test_selected_clusters_are_merged(qtbot: QtBot, at_clusters: MainWindow) -> None:
    before = clusters_of(at_clusters)
    assert not at_clusters.views.actions.merge_clusters.isEnabled()
    select(qtbot, at_clusters, 0, 2)
    do(qtbot, at_clusters, "merge_clusters")
    after = clusters_of(at_clusters)
    assert len(after) == len(before) - 1
    merged = set(before[0].file_ids) | set(before[2].file_ids)
    assert merged in [set(cluster.file_ids) for cluster in after]
    [selected] = at_clusters.views.browser.selected_clusters()
    assert set(selected.file_ids) == merged
    do(qtbot, at_clusters, "undo")
    assert [cluster.file_ids for cluster in clusters_of(at_clusters)] == [
        cluster.file_ids for cluster in before
    ]


def test_a_hidden_cluster_has_a_place_and_comes_back_from_it(qtbot: QtBot, at_clusters: MainWindow) -> None:
    before, page = clusters_of(at_clusters), at_clusters.views.browser.cluster_page
    assert not page.bar.hidden_link.isVisible()
    select(qtbot, at_clusters, 1)
    do(qtbot, at_clusters, "hide_clusters")
    assert before[1].file_ids not in [cluster.file_ids for cluster in clusters_of(at_clusters)]
    assert page.bar.hidden_link.text() == "1 hidden cluster"
    page.bar.hidden_link.click()
    wait_until_idle(qtbot, at_clusters)
    assert [cluster.file_ids for cluster in clusters_of(at_clusters)] == [before[1].file_ids]
    select(qtbot, at_clusters, 0)
    assert at_clusters.views.actions.hide_clusters.text() == "Un&hide"
    do(qtbot, at_clusters, "hide_clusters")
    assert at_clusters.views.browser.empty_page.title.text() == "No hidden clusters"
    do(qtbot, at_clusters, "show_clusters")
    assert {cluster.file_ids for cluster in clusters_of(at_clusters)} == {
        cluster.file_ids for cluster in before
    }


def test_when_all_are_hidden_the_way_to_them_stays(qtbot: QtBot, at_clusters: MainWindow) -> None:
    at_clusters.views.browser.cluster_grid.selectAll()
    do(qtbot, at_clusters, "hide_clusters")
    page = at_clusters.views.browser.cluster_page
    assert page.isVisible()
    assert page.empty_page.isVisible()
    assert page.bar.hidden_link.isVisible()


def test_photos_are_pulled_out_of_the_cluster_that_is_open(qtbot: QtBot, at_clusters: MainWindow) -> None:
    assert not at_clusters.views.actions.remove_from_cluster.isEnabled()
    at_clusters.services.navigator.open_cluster(clusters_of(at_clusters)[0])
    wait_until_idle(qtbot, at_clusters)
    before = shown_names(at_clusters)
    click(qtbot, at_clusters.views.browser.grid, 1)
    wait_until_idle(qtbot, at_clusters)
    do(qtbot, at_clusters, "remove_from_cluster")
    assert shown_names(at_clusters) == [name for name in before if name != before[1]]
    assert at_clusters.services.navigator.current.view is View.CLUSTER
    assert at_clusters.views.actions.undo.text() == "&Undo Remove from cluster"
    do(qtbot, at_clusters, "undo")
    assert shown_names(at_clusters) == before


def test_what_was_done_to_clusters_is_told_with_a_way_back_and_counted(
    qtbot: QtBot, at_clusters: MainWindow
) -> None:
    strip, loose = at_clusters.views.file_strip, at_clusters.services.library_monitor.overview.ungrouped
    assert loose is not None
    at_clusters.services.navigator.open_cluster(clusters_of(at_clusters)[0])
    wait_until_idle(qtbot, at_clusters)
    before, grid = at_clusters.views.browser.photo_model.photos[:], at_clusters.views.browser.grid
    click(qtbot, grid, 1)
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, control, tile_center(grid, 2))
    do(qtbot, at_clusters, "remove_from_cluster")
    assert strip.text.text() == "2 photos removed from the cluster."
    assert at_clusters.views.browser.selected_photos() == [before[3]], "the next photo is the current one"
    assert at_clusters.services.library_monitor.overview.ungrouped == loose + 2
    strip.undo_button.click()
    wait_until_idle(qtbot, at_clusters)
    assert strip.text.text() == "Remove from cluster undone."
    assert at_clusters.views.browser.selected_photos() == before[1:3]
    assert at_clusters.services.library_monitor.overview.ungrouped == loose
    do(qtbot, at_clusters, "show_clusters")
    select(qtbot, at_clusters, 0, 2)
    do(qtbot, at_clusters, "merge_clusters")
    assert strip.text.text() == "2 clusters merged."
    strip.undo_button.click()
    wait_until_idle(qtbot, at_clusters)
    assert at_clusters.views.browser.cluster_grid.selected_rows() == [0, 2], "as they were before"


def test_the_menu_of_a_photo_offers_to_pull_it_out_of_its_cluster_only_there(
    qtbot: QtBot, at_clusters: MainWindow
) -> None:
    window, grid = at_clusters, at_clusters.views.browser.grid
    for place, offered in (
        (Place(View.CLUSTER, cluster=clusters_of(window)[0]), True),
        (Place(View.ALL), False),
    ):
        window.services.navigator.go(place)
        wait_until_idle(qtbot, window)
        click(qtbot, grid, 0)
        wait_until_idle(qtbot, window)
        grid.customContextMenuRequested.emit(tile_center(grid, 0))
        assert window.controllers.menus.menu is not None
        assert (
            window.views.actions.remove_from_cluster in window.controllers.menus.menu.actions()
        ) is offered


def test_an_open_cluster_is_renamed_in_a_dialog_and_its_title_follows(
    qtbot: QtBot, at_clusters: MainWindow
) -> None:
    at_clusters.services.navigator.open_cluster(clusters_of(at_clusters)[0])
    wait_until_idle(qtbot, at_clusters)
    at_clusters.views.actions.rename_cluster.trigger()
    dialog = at_clusters.findChild(QInputDialog)
    assert dialog is not None
    dialog.setTextValue("Harbour")
    dialog.accept()
    wait_until_idle(qtbot, at_clusters)
    assert at_clusters.views.top_bar.title.text() == "Harbour"
    do(qtbot, at_clusters, "undo")
    assert at_clusters.views.top_bar.title.text() != "Harbour"


def test_a_cluster_that_was_open_before_is_shown_as_it_is_now(qtbot: QtBot, at_clusters: MainWindow) -> None:
    first, second = clusters_of(at_clusters)[:2]
    at_clusters.services.navigator.open_cluster(first)
    at_clusters.services.navigator.back()
    wait_until_idle(qtbot, at_clusters)
    select(qtbot, at_clusters, 0, 1)
    do(qtbot, at_clusters, "merge_clusters")
    at_clusters.services.navigator.back()
    at_clusters.services.navigator.back()
    at_clusters.services.navigator.open_cluster(at_clusters.views.browser.selected_clusters()[0])
    wait_until_idle(qtbot, at_clusters)
    photos = {photo.file_id for photo in at_clusters.views.browser.photo_model.photos}
    assert photos == set(first.file_ids) | set(second.file_ids)


def test_what_was_done_to_a_cluster_is_forgotten_when_asked(
    qtbot: QtBot, at_clusters: MainWindow, library: Library
) -> None:
    select(qtbot, at_clusters, 0)
    assert not at_clusters.views.actions.reset_clusters.isEnabled()
    rename(qtbot, at_clusters, 0, "Dog")
    do(qtbot, at_clusters, "reset_clusters")
    assert library.cluster_edits.snapshot() == []
    do(qtbot, at_clusters, "undo")
    assert clusters_of(at_clusters)[0].name == "Dog"


def test_the_menu_of_clusters_holds_what_can_be_done_with_them(qtbot: QtBot, at_clusters: MainWindow) -> None:
    grid, actions = at_clusters.views.browser.cluster_grid, at_clusters.views.actions
    select(qtbot, at_clusters, 0, 1)
    grid.customContextMenuRequested.emit(tile_center(grid, 1))
    assert at_clusters.controllers.menus.menu is not None
    offered = at_clusters.controllers.menus.menu.actions()
    assert actions.merge_clusters in offered
    assert actions.hide_clusters in offered
    assert actions.rename_cluster not in offered, "one name for two clusters"


def test_what_cannot_be_done_is_told_and_changes_nothing(
    qtbot: QtBot, at_clusters: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[BaseException] = []
    monkeypatch.setattr(at_clusters.controllers.library, "show_error", errors.append)
    hide = library.cluster_edits.hide
    calls: list[Cluster] = []

    def fails_at_the_second(cluster: Cluster, hidden: bool = True) -> None:
        calls.append(cluster)
        if len(calls) == 2:
            raise LibraryError("no more room")
        hide(cluster, hidden)

    monkeypatch.setattr(library.cluster_edits, "hide", fails_at_the_second)
    before = clusters_of(at_clusters)
    select(qtbot, at_clusters, 0, 1)
    do(qtbot, at_clusters, "hide_clusters")
    assert [str(error) for error in errors] == ["no more room"]
    assert library.cluster_edits.snapshot() == []
    assert clusters_of(at_clusters) == before
    assert not at_clusters.views.actions.undo.isEnabled()


def test_photos_in_no_cluster_are_a_place_with_their_number(
    qtbot: QtBot, at_clusters: MainWindow, library: Library
) -> None:
    window, page = at_clusters, at_clusters.views.browser.cluster_page
    window.services.navigator.open_cluster(clusters_of(window)[0])
    wait_until_idle(qtbot, window)
    window.views.browser.grid.select_row(0)
    name = Path(window.views.browser.photo_model.photo(0).path).name
    do(qtbot, window, "remove_from_cluster")
    do(qtbot, window, "show_clusters")
    count = len(library.clusters().unclustered_ids)
    assert page.bar.ungrouped_link.text() == (
        "1 ungrouped photo" if count == 1 else f"{count} ungrouped photos"
    )
    page.bar.ungrouped_link.click()
    wait_until_idle(qtbot, window)
    assert name in shown_names(window)
    assert len(shown_names(window)) == count == window.views.sources.model.overview.ungrouped
    assert window.views.sources.tree.currentIndex().data() == "Ungrouped"


def test_clusters_are_sorted_and_searched_by_the_bar(
    qtbot: QtBot, at_clusters: MainWindow, library: Library, open_window: Open
) -> None:
    window, page = at_clusters, at_clusters.views.browser.cluster_page
    rename(qtbot, window, 0, "Zebras")
    rename(qtbot, window, 1, "Antelopes 2")
    total = len(clusters_of(window))
    page.bar.order_actions[ClusterOrder.NAME].trigger()
    assert [cluster.name for cluster in clusters_of(window) if cluster.name] == ["Antelopes 2", "Zebras"]
    assert page.bar.sort_button.text() == "Sort: Name"
    page.bar.direction_actions[True].trigger()
    assert [cluster.name for cluster in clusters_of(window) if cluster.name] == ["Zebras", "Antelopes 2"]
    select(qtbot, window, 0)
    page.bar.search.setFocus()
    with qtbot.waitSignal(page.listing_changed):
        qtbot.keyClicks(page.bar.search, "zeb")
    assert [cluster.name for cluster in clusters_of(window)] == ["Zebras"]
    assert [cluster.name for cluster in window.views.browser.selected_clusters()] == ["Zebras"]
    assert window.views.top_bar.count.text() == f"1 of {total} clusters"
    with qtbot.waitSignal(page.listing_changed):
        qtbot.keyClicks(page.bar.search, "ras and lions")
    assert page.empty_page.title.text() == "No matches"
    assert page.bar.isVisible()
    with qtbot.waitSignal(page.listing_changed):
        qtbot.keyClick(page.bar.search, Qt.Key.Key_Escape)
    assert len(clusters_of(window)) == total
    window.close()
    again = open_window(library).views.browser.cluster_page.bar
    assert again.listing == ClusterListing(ClusterOrder.NAME, reverse=True)
