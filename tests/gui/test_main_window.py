"""The whole window: indexing, similar photos, and moving between places."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place, View
from photosim.library import Library
from photosim.records import Phase
from tests.gui.conftest import SEEDS, VARIANTS
from tests.support.images import make_photo
from tests.support.window_driver import (
    click,
    double_click,
    drop,
    select_photo,
    shown_names,
    similar_paths,
    tile_center,
    wait_until_idle,
)

Open = Callable[[Library], MainWindow]


def test_a_dropped_folder_is_indexed_and_its_photos_appear(
    qtbot: QtBot, empty_library: Library, open_window: Open, tmp_path: Path
) -> None:
    for seed in range(3):
        for variant in range(2):
            make_photo(tmp_path / "holiday" / f"{seed}-{variant}.jpg", seed, variant=variant)
    window = open_window(empty_library)
    assert window.views.browser.currentWidget() is window.views.browser.welcome_page
    with qtbot.waitSignal(window.services.index_process.finished) as finished:
        drop(window, [tmp_path / "holiday"])
    assert finished.args[0].indexed == 6
    assert finished.args[0].phase is Phase.DONE
    wait_until_idle(qtbot, window)
    assert sorted(shown_names(window)) == [
        f"{seed}-{variant}.jpg" for seed in range(3) for variant in range(2)
    ]
    assert window.views.sources.model.overview.photos == 6
    photo = select_photo(qtbot, window, "1-0.jpg")
    assert similar_paths(window) == [match.path for match in empty_library.similar(photo.file_id, 60)]
    assert similar_paths(window)[0].endswith("1-1.jpg")


def test_the_keyboard_goes_from_the_first_page_to_the_photos_that_are_indexed(
    qtbot: QtBot, empty_library: Library, open_window: Open, tmp_path: Path
) -> None:
    make_photo(tmp_path / "holiday" / "1.jpg", 1)
    window = open_window(empty_library)
    browser = window.views.browser
    browser.welcome_page.add_button.setFocus()
    with qtbot.waitSignal(window.services.index_process.finished):
        window.controllers.library.add_folders([tmp_path / "holiday"])
        assert browser.currentWidget() is browser.empty_page
        assert not window.views.status_area.isAncestorOf(QApplication.focusWidget())
    wait_until_idle(qtbot, window)
    assert browser.currentWidget() is browser.grid
    assert browser.grid.hasFocus()


def test_an_open_window_has_made_the_services_that_a_click_may_need(
    qtbot: QtBot, library: Library, window: MainWindow
) -> None:
    wait_until_idle(qtbot, window)
    assert {"file_moves", "duplicate_trash", "inspector", "events", "selector"} <= vars(library).keys()


def test_the_menu_selects_all_photos_or_clusters(qtbot: QtBot, window: MainWindow) -> None:
    actions, browser = window.views.actions, window.views.browser
    actions.select_all.trigger()
    wait_until_idle(qtbot, window)
    assert browser.selection.count() == SEEDS * VARIANTS
    window.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, window)
    actions.select_all.trigger()
    assert len(browser.selection.clusters()) == browser.cluster_model.rowCount() > 1
    window.services.navigator.go(Place(View.UNREADABLE))
    wait_until_idle(qtbot, window)
    assert not actions.select_all.isEnabled()


def test_a_window_that_opens_while_the_program_runs_is_painted_once(
    qtbot: QtBot, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[QRect] = []
    monkeypatch.setattr(
        MainWindow, "paintEvent", lambda _, event: painted.append(event.rect()), raising=False
    )
    window = MainWindow(library)
    qtbot.addWidget(window)
    window.resize(1200, 800)
    QTimer.singleShot(0, window.show)
    qtbot.waitUntil(lambda: bool(painted))
    qtbot.wait(50)
    assert painted.count(window.rect()) == 1
    window.close()


def test_photos_are_shown_before_the_folders_are_read(
    qtbot: QtBot, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = MainWindow(library)
    qtbot.addWidget(window)
    shown: list[object] = []
    shown_before: list[bool] = []
    read = Library.folder_counts

    def read_later(library: Library) -> object:
        shown_before.append(bool(shown))
        return read(library)

    window.views.browser.contents_shown.connect(lambda: shown.append(window.views.browser.place))
    monkeypatch.setattr(Library, "folder_counts", read_later)
    with qtbot.waitSignal(window.services.library_monitor.folders_changed):
        window.start()
    assert shown_before == [True]
    window.close()


def test_clusters_that_are_counted_alike_again_are_not_announced(qtbot: QtBot, window: MainWindow) -> None:
    monitor = window.services.library_monitor
    with qtbot.waitSignal(monitor.overview_changed):
        monitor.set_cluster_counts(3, 5)
    with qtbot.assertNotEmitted(monitor.overview_changed):
        monitor.set_cluster_counts(3, 5)
    assert (monitor.overview.clusters, monitor.overview.ungrouped) == (3, 5)


def test_a_clicked_photo_is_shown_with_its_facts_and_what_looks_like_it(
    qtbot: QtBot, window: MainWindow, library: Library, tmp_path: Path
) -> None:
    photo = select_photo(qtbot, window, "scene 2 take 1.jpg")
    facts = window.views.detail.facts
    assert facts.name.text() == "scene 2 take 1.jpg"
    assert facts.value("folder").endswith("meadow")
    assert facts.value("camera") == "Canon EOS R6"
    assert "10 May 2024" in facts.value("taken")
    assert facts.value("dimensions") == "320 × 240"
    assert window.views.detail.preview.is_sharp
    assert similar_paths(window) == [match.path for match in library.similar(photo.file_id, 60)]
    assert len(similar_paths(window)) == SEEDS * VARIANTS - 1, "no threshold is in the way"
    nearest = {Path(path).name for path in similar_paths(window)[: VARIANTS - 1]}
    assert nearest == {"scene 2 take 0.jpg", "scene 2 take 2.jpg", "scene 2 take 3.jpg"}


def test_a_clicked_match_becomes_the_query_and_back_and_forward_retrace_it(
    qtbot: QtBot, window: MainWindow
) -> None:
    first = select_photo(qtbot, window, "scene 1 take 0.jpg")
    click(qtbot, window.views.detail.similar.grid, 0)
    wait_until_idle(qtbot, window)
    second = window.services.navigator.current.selected
    assert second is not None
    assert second.path != first.path
    assert window.views.detail.facts.name.text() == Path(second.path).name
    assert (
        window.views.browser.photo_model.photo(window.views.browser.grid.currentIndex().row()).path
        == second.path
    )
    window.views.actions.back.trigger()
    wait_until_idle(qtbot, window)
    assert window.views.detail.facts.name.text() == "scene 1 take 0.jpg"
    assert (
        window.views.browser.photo_model.photo(window.views.browser.grid.currentIndex().row()).path
        == first.path
    )
    qtbot.mouseClick(window.views.browser.grid.viewport(), Qt.MouseButton.ForwardButton)
    wait_until_idle(qtbot, window)
    assert window.views.detail.facts.name.text() == Path(second.path).name


def test_a_double_click_on_a_match_opens_that_match(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 5 take 0.jpg")
    match = similar_paths(window)[1]
    point = tile_center(window.views.detail.similar.grid, 1)
    qtbot.mouseClick(window.views.detail.similar.grid.viewport(), Qt.MouseButton.LeftButton, pos=point)
    wait_until_idle(qtbot, window)
    qtbot.mouseDClick(window.views.detail.similar.grid.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert window.views.viewer.isVisible()
    assert window.views.viewer.photo is not None
    assert window.views.viewer.photo.path == match


FOLDERS = ("harbour", "meadow")


def test_a_folder_of_the_side_list_shows_its_photos_only(qtbot: QtBot, window: MainWindow) -> None:
    assert len(shown_names(window)) == SEEDS * VARIANTS
    model = window.views.sources.model
    titles = [model.index(row).data() for row in range(model.rowCount())]
    places = ["All photos", "Clusters", "Events", "Map", "Ungrouped", "Duplicates", "Unreadable"]
    assert titles == [*places, "Folders", *FOLDERS]
    index = model.index(titles.index("harbour"))
    rect = window.views.sources.tree.visualRect(index)
    qtbot.mouseClick(window.views.sources.tree.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    wait_until_idle(qtbot, window)
    assert {name.split()[1] for name in shown_names(window)} == {"1", "3", "5"}
    assert window.views.top_bar.title.text() == "harbour"
    assert window.views.top_bar.count.text() == f"{SEEDS * VARIANTS // 2} photos"


def test_several_selected_photos_are_counted_beside_the_title(qtbot: QtBot, window: MainWindow) -> None:
    everything = window.views.top_bar.count.text()
    click(qtbot, window.views.browser.grid, 0)
    wait_until_idle(qtbot, window)
    assert window.views.top_bar.count.text() == everything
    window.views.browser.grid.selectAll()
    wait_until_idle(qtbot, window)
    assert window.views.top_bar.count.text() == f"{everything}  ·  {SEEDS * VARIANTS} selected"
    window.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, window)
    assert "selected" not in window.views.top_bar.count.text()
    window.services.navigator.go(Place())
    click(qtbot, window.views.browser.grid, 1)
    wait_until_idle(qtbot, window)
    assert window.views.top_bar.count.text() == everything


def test_a_cluster_opens_with_a_double_click_and_its_crumb_leads_back(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    window.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, window)
    clusters = library.clusters().clusters
    assert window.views.browser.cluster_model.rowCount() == len(clusters) > 0
    double_click(qtbot, window.views.browser.cluster_grid, 0)
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.CLUSTER
    assert {photo.path for photo in window.views.browser.photo_model.photos} == set(clusters[0].paths)
    qtbot.mouseClick(window.views.top_bar.breadcrumb, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.CLUSTERS
    qtbot.keyClick(window.views.browser.cluster_grid, Qt.Key.Key_Return)
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.CLUSTER


def test_unreadable_files_are_listed_with_their_reasons(qtbot: QtBot, window: MainWindow) -> None:
    window.services.navigator.go(Place(View.UNREADABLE))
    wait_until_idle(qtbot, window)
    model = window.views.browser.unreadable_model
    assert window.views.browser.currentWidget() is window.views.browser.unreadable_table
    assert model.index(0, 0).data() == "broken.jpg"
    assert model.index(0, 1).data()
    assert window.views.top_bar.count.text() == "1 file"


@pytest.mark.parametrize(
    ("view", "title"),
    [
        (View.HIDDEN, "No hidden clusters"),
        (View.UNREADABLE, "No unreadable files"),
    ],
)
def test_an_empty_place_says_what_to_do(
    qtbot: QtBot, empty_library: Library, open_window: Open, view: View, title: str
) -> None:
    window = open_window(empty_library)
    window.services.navigator.go(Place(view))
    wait_until_idle(qtbot, window)
    assert window.views.browser.currentWidget() is window.views.browser.empty_page
    assert window.views.browser.empty_page.title.text() == title


def test_find_similar_fills_the_centre_under_the_names_of_closeness(qtbot: QtBot, window: MainWindow) -> None:
    photo = select_photo(qtbot, window, "scene 0 take 0.jpg")
    window.views.actions.find_similar.trigger()
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.SIMILAR
    assert window.views.top_bar.title.text() == "Similar to scene 0 take 0.jpg"
    assert [photo.path for photo in window.views.browser.photo_model.photos] == similar_paths(window)
    assert photo.path not in similar_paths(window)
    assert window.views.browser.photo_model.sections[0].first == 0


def test_an_image_that_is_not_in_the_library_is_searched_without_joining_it(
    qtbot: QtBot, window: MainWindow, library: Library, tmp_path: Path
) -> None:
    make_photo(tmp_path / "elsewhere.png", 3, variant=9)
    drop(window, [tmp_path / "elsewhere.png"])
    qtbot.waitUntil(lambda: window.views.browser.photo_model.sections != ())
    wait_until_idle(qtbot, window)
    assert window.views.detail.facts.name.text() == "elsewhere.png"
    assert {Path(path).name for path in similar_paths(window)[:VARIANTS]} == {
        f"scene 3 take {variant}.jpg" for variant in range(VARIANTS)
    }
    assert library.find(tmp_path / "elsewhere.png") is None
    assert window.views.detail.preview.is_sharp


def test_an_image_that_cannot_be_read_says_why_beside_its_name(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "notes.jpg").write_text("no image")
    drop(window, [tmp_path / "notes.jpg"])
    empty = window.views.detail.similar.empty
    qtbot.waitUntil(lambda: empty.title.text() == "Search failed")
    wait_until_idle(qtbot, window)
    assert empty.text.text()
    assert window.views.browser.currentWidget() is window.views.browser.empty_page
    assert window.views.browser.empty_page.title.text() == "Search failed"
