"""The filter narrows every view, and says so."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from photosim.gui.grid.tile_model import Role
from photosim.gui.main_window import MainWindow
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Place, View
from photosim.library import Library
from photosim.records import Label
from photosim.search.filters.criteria import Facet, PhotoFilter
from photosim.store.labels import LabelTable
from tests.gui.filters.steps import ALL, chips, choices, choose, filter_text
from tests.support.photo_records import take_folder_offline
from tests.support.window_driver import select_photo, set_filter, shown_names, similar_paths, wait_until_idle


def test_words_narrow_the_photos_by_name_and_folder(qtbot: QtBot, window: MainWindow) -> None:
    filter_text(qtbot, window, "2.jpg harb")
    assert sorted(shown_names(window)) == [f"scene {seed} take 2.jpg" for seed in (1, 3, 5)]
    assert window.views.filter_bar.summary.count.text() == f"Showing 3 of {ALL} photos"
    assert window.views.top_bar.count.text() == f"3 of {ALL} photos"
    assert chips(window) == ["“2.jpg”", "“harb”"]


def test_choices_combine_and_their_counts_follow(qtbot: QtBot, varied: MainWindow) -> None:
    half = ALL // 2
    assert choices(qtbot, varied, Facet.CAMERAS) == {"Canon EOS R6": half, "Leica Q": half}
    choose(qtbot, varied, Facet.CAMERAS, "Leica Q")
    assert len(shown_names(varied)) == half
    assert choices(qtbot, varied, Facet.CAMERAS) == {"Canon EOS R6": half, "Leica Q": half}, (
        "either may be added"
    )
    assert choices(qtbot, varied, Facet.ORIENTATIONS) == {"Portrait": half}
    choose(qtbot, varied, Facet.CAMERAS, "Canon EOS R6")
    assert len(shown_names(varied)) == ALL
    assert choices(qtbot, varied, Facet.ORIENTATIONS) == {"Landscape": half, "Portrait": half}
    choose(qtbot, varied, Facet.ORIENTATIONS, "Landscape")
    choose(qtbot, varied, Facet.CAMERAS, "Canon EOS R6")
    assert shown_names(varied) == []
    assert chips(varied) == ["Leica Q", "Landscape"]


def test_what_photos_show_narrows_them(qtbot: QtBot, varied: MainWindow) -> None:
    assert choices(qtbot, varied, Facet.LABELS)["dog"] == ALL // 2
    choose(qtbot, varied, Facet.LABELS, "dog")
    assert len(shown_names(varied)) == ALL // 2
    assert {Path(photo.path).parent.name for photo in varied.views.browser.photo_model.photos} == {"meadow"}


def test_a_folder_is_narrowed_and_counted_by_itself(
    qtbot: QtBot, varied: MainWindow, photo_folder: Path
) -> None:
    varied.services.navigator.go(Place(View.FOLDER, folder=str(photo_folder / "meadow")))
    wait_until_idle(qtbot, varied)
    assert choices(qtbot, varied, Facet.CAMERAS) == {"Leica Q": ALL // 2}
    filter_text(qtbot, varied, "1.jpg")
    assert varied.views.filter_bar.summary.count.text() == f"Showing 3 of {ALL // 2} photos"


def test_the_filter_stays_from_place_to_place(qtbot: QtBot, window: MainWindow, photo_folder: Path) -> None:
    filter_text(qtbot, window, "1.jpg")
    for place in (Place(View.FOLDER, folder=str(photo_folder / "harbour")), Place(View.ALL)):
        window.services.navigator.go(place)
        wait_until_idle(qtbot, window)
        assert {name[-10:] for name in shown_names(window)} == {"take 1.jpg"}
    window.services.navigator.back()
    wait_until_idle(qtbot, window)
    assert len(shown_names(window)) == 3


def test_where_the_filter_does_not_apply_it_is_kept_and_not_shown(qtbot: QtBot, window: MainWindow) -> None:
    window.views.actions.filter.setChecked(True)
    filter_text(qtbot, window, "1.jpg")
    bar, action = window.views.filter_bar, window.views.actions.filter
    assert bar.isVisible()
    window.services.navigator.go(Place(View.DUPLICATES))
    wait_until_idle(qtbot, window)
    assert not bar.isVisible()
    assert not action.isEnabled()
    window.services.navigator.go(Place(View.ALL))
    wait_until_idle(qtbot, window)
    assert bar.isVisible()
    assert bar.is_open
    assert action.isEnabled()
    assert chips(window) == ["“1.jpg”"]


def test_clusters_without_a_match_go_and_the_others_count_their_matches(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, window)
    model = window.views.browser.cluster_model
    every = [model.cluster(row) for row in range(model.rowCount())]
    assert len(every) > 1
    filter_text(qtbot, window, "1 take 3.jpg")
    [cluster] = [model.cluster(row) for row in range(model.rowCount())]
    assert Path(model.cover(0).path).name == "scene 1 take 3.jpg", "the cover is one that fits"
    assert model.index(0).data().endswith(f"1 of {cluster.size} photos")
    assert window.views.filter_bar.summary.count.text() == f"Showing 1 of {len(every)} clusters"
    window.services.navigator.open_cluster(cluster)
    wait_until_idle(qtbot, window)
    assert shown_names(window) == ["scene 1 take 3.jpg"]
    window.views.filter_bar.clear()
    wait_until_idle(qtbot, window)
    assert len(shown_names(window)) == cluster.size, "the cluster itself has lost nothing"


def test_the_filter_stays_from_level_to_level_of_the_clusters(qtbot: QtBot, window: MainWindow) -> None:
    window.services.navigator.go(Place(View.CLUSTERS))
    filter_text(qtbot, window, "harbour 3.jpg")
    model = window.views.browser.cluster_model
    for level in (0, 4, 2):
        window.views.browser.set_level(level)
        wait_until_idle(qtbot, window)
        assert model.rowCount() > 0
        for row in range(model.rowCount()):
            matches = [path for path in model.cluster(row).paths if "harbour" in path and "3.jpg" in path]
            assert model.index(row).data(Role.PHOTO_COUNT) == len(matches) > 0


def test_photos_in_no_cluster_are_narrowed_too(qtbot: QtBot, window: MainWindow) -> None:
    window.views.browser.set_level(4)
    window.services.navigator.go(Place(View.UNGROUPED))
    wait_until_idle(qtbot, window)
    loose = shown_names(window)
    filter_text(qtbot, window, "1.jpg")
    assert shown_names(window) == [name for name in loose if name.endswith("1.jpg")]


def test_similar_photos_are_narrowed_beside_the_photo_and_in_the_centre(
    qtbot: QtBot, window: MainWindow
) -> None:
    photo = select_photo(qtbot, window, "scene 2 take 1.jpg")
    before = similar_paths(window)
    assert len(before) > 1
    filter_text(qtbot, window, "3.jpg")
    assert set(similar_paths(window)) == {path for path in before if path.endswith("take 3.jpg")}
    assert similar_paths(window)
    window.controllers.search.find_similar()
    wait_until_idle(qtbot, window)
    assert [photo.path for photo in window.views.browser.photo_model.photos] == similar_paths(window)
    assert window.views.filter_bar.summary.count.text() == f"Showing {len(similar_paths(window))} photos"
    assert photo.path not in similar_paths(window)


def test_similar_photos_that_do_not_fit_are_said_to_be_left_out(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 2 take 1.jpg")
    filter_text(qtbot, window, "nothing is called so")
    empty = window.views.detail.similar.empty
    assert window.views.detail.similar.stack.currentWidget() is empty
    assert empty.title.text() == "No matches"
    empty.findChild(QPushButton).click()
    wait_until_idle(qtbot, window)
    assert similar_paths(window)


def test_unreadable_files_are_narrowed_by_words(qtbot: QtBot, window: MainWindow) -> None:
    window.services.navigator.go(Place(View.UNREADABLE))
    wait_until_idle(qtbot, window)
    filter_text(qtbot, window, "meadow broken")
    assert window.views.browser.currentWidget() is window.views.browser.unreadable_table
    filter_text(qtbot, window, "harbour")
    assert window.views.browser.currentWidget() is window.views.browser.empty_page
    assert window.views.filter_bar.summary.count.text() == "Showing 0 of 1 file"


def test_unreadable_files_are_offered_among_the_states(qtbot: QtBot, window: MainWindow) -> None:
    popup = window.views.filter_bar.popups[Facet.FLAGS]
    window.views.filter_bar.buttons[Facet.FLAGS].click()
    wait_until_idle(qtbot, window)
    assert popup.link.text() == "Unreadable files (1)…"
    assert not popup.empty_label.isVisible()
    popup.link.click()
    wait_until_idle(qtbot, window)
    assert not popup.isVisible()
    assert window.services.navigator.current.view is View.UNREADABLE
    assert window.views.browser.unreadable_model.rowCount() == 1


def test_the_keys_of_the_bar_do_nothing_over_the_viewer(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 2 take 2.jpg")
    window.controllers.photos.view()
    window.views.actions.find.trigger()
    assert not window.views.search_field.hasFocus()
    window.views.viewer.dismiss()


def test_offline_and_missing_photos_can_be_chosen(
    qtbot: QtBot,
    library: Library,
    open_window: Callable[[Library], MainWindow],
    photo_folder: Path,
    tmp_path: Path,
) -> None:
    away = tmp_path / "a drive that is away"
    take_folder_offline(library, photo_folder / "harbour", away)
    with closing(sqlite3.connect(library.folder / "library.db")) as db, db:
        db.execute("UPDATE files SET missing = 1 WHERE path LIKE '%scene 0 take 0.jpg'")
    window = open_window(library)
    wait_until_idle(qtbot, window)
    assert choices(qtbot, window, Facet.FLAGS) == {"Offline": ALL // 2, "Missing": 1}
    choose(qtbot, window, Facet.FLAGS, "Missing")
    assert shown_names(window) == ["scene 0 take 0.jpg"]
    choose(qtbot, window, Facet.FLAGS, "Offline")
    assert len(shown_names(window)) == ALL // 2 + 1
    marks = [window.views.browser.photo_model.index(row).data(Role.OFFLINE) for row in range(ALL // 2 + 1)]
    assert sum(marks) == ALL // 2
    window.views.filter_bar.clear()
    window.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, window)
    clusters = window.views.browser.cluster_model
    marked = {
        clusters.cover(row).path.startswith(str(away))
        for row in range(clusters.rowCount())
        if clusters.index(row).data(Role.OFFLINE)
    }
    assert marked == {True}, "the covers of clusters bear the mark, too"
    window.services.navigator.go(Place())
    choose(qtbot, window, Facet.FLAGS, "Missing")
    choose(qtbot, window, Facet.FLAGS, "Offline")
    away.mkdir()
    window.services.library_monitor.refresh()
    wait_until_idle(qtbot, window)
    assert shown_names(window) == ["scene 0 take 0.jpg"], "the drive is back"


def test_photos_of_an_object_are_sorted_by_certainty_until_another_order_is_chosen(
    qtbot: QtBot, varied: MainWindow
) -> None:
    browser, actions = varied.views.browser, varied.views.top_bar.order_actions
    meadow = [photo for photo in browser.photo_model.photos if "meadow" in photo.path]
    scores = {photo.photo_id: 0.5 + number / 100 for number, photo in enumerate(meadow[::-1])}
    database, model = varied.controllers.filters._library._catalog.database, browser.photo_model
    labels = {photo_id: [Label("dog", score)] for photo_id, score in scores.items()}
    LabelTable(database, varied.controllers.filters._library.model.id).save(labels)
    assert not actions[SortOrder.BEST_MATCH].isVisible()
    set_filter(varied, PhotoFilter(labels=frozenset({"dog"})))
    wait_until_idle(qtbot, varied)
    assert [photo.photo_id for photo in model.photos] == sorted(scores, key=lambda key: -scores[key])
    assert actions[SortOrder.BEST_MATCH].isVisible()
    assert varied.views.top_bar.sort_button.text() == "Best match"
    actions[SortOrder.NAME].trigger()
    wait_until_idle(qtbot, varied)
    assert shown_names(varied) == sorted(shown_names(varied))
    assert varied.views.top_bar.sort_button.text() == "Name"
    actions[SortOrder.BEST_MATCH].trigger()
    wait_until_idle(qtbot, varied)
    assert [photo.photo_id for photo in model.photos] == sorted(scores, key=lambda key: -scores[key])
    set_filter(varied, PhotoFilter())
    wait_until_idle(qtbot, varied)
    assert browser.order is browser.shown_order is SortOrder.NAME
    assert not actions[SortOrder.BEST_MATCH].isVisible()
