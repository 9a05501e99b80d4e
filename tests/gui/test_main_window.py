"""The whole window, driven as a person drives it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from photosim.core.records import Phase, Photo
from photosim.gui.browser import Browser
from photosim.gui.closeness import LOWEST, SCALE_END, Closeness, threshold_at
from photosim.gui.indexing import State
from photosim.gui.main_window import MainWindow
from photosim.gui.ordering import Order
from photosim.gui.places import Place, View
from photosim.library import Library
from tests.gui.conftest import MANY, SEEDS, VARIANTS
from tests.gui.driving import PATIENCE_MS, click, double_click, drop, middle_of, settle
from tests.images import make_photo

Open = Callable[[Library], MainWindow]


def shown(window: MainWindow) -> list[str]:
    """The names of the photos in the centre."""
    return [Path(photo.path).name for photo in window.browser.photos.photos]


def alike(window: MainWindow) -> list[str]:
    """The paths of the photos that are said to look alike."""
    return [photo.path for photo in window.detail.similar.model.photos]


def exact_answer(library: Library, photo: Photo, tmp_path: Path, lowest: float) -> list[str]:
    """What looks like a photo, by comparing its embedding with all others."""
    library.export(tmp_path / "all.npz")
    with np.load(tmp_path / "all.npz") as file:
        paths, vectors = [str(path) for path in file["paths"]], file["embeddings"]
    similarities = vectors @ vectors[paths.index(photo.path)]
    order = [place for place in np.argsort(-similarities, kind="stable") if paths[place] != photo.path]
    return [paths[place] for place in order if similarities[place] >= lowest]


def look_at(qtbot: QtBot, window: MainWindow, name: str) -> Photo:
    """Click a photo of the grid by its name."""
    row = shown(window).index(name)
    click(qtbot, window.browser.grid, row)
    settle(qtbot, window)
    return window.browser.photos.photo(row)


# --- from a folder to what looks alike -----------------------------------------------------------------------


def test_a_dropped_folder_is_indexed_and_its_photos_appear(
    qtbot: QtBot, empty_library: Library, open_window: Open, tmp_path: Path
) -> None:
    for seed in range(3):
        for variant in range(2):
            make_photo(tmp_path / "holiday" / f"{seed}-{variant}.jpg", seed, variant=variant)
    window = open_window(empty_library)
    assert "Drop a folder" in window.browser.empty.title.text()
    with qtbot.waitSignal(window.indexing.finished, timeout=PATIENCE_MS) as told:
        drop(window, [tmp_path / "holiday"])
    assert told.args[0].indexed == 6
    assert told.args[0].phase is Phase.DONE
    settle(qtbot, window)
    assert sorted(shown(window)) == [f"{seed}-{variant}.jpg" for seed in range(3) for variant in range(2)]
    assert window.sources.model.overview.photos == 6
    photo = look_at(qtbot, window, "1-0.jpg")
    window.detail.similar.slider.setValue(SCALE_END)
    assert alike(window) == exact_answer(empty_library, photo, tmp_path, threshold_at(SCALE_END))
    assert alike(window)[0].endswith("1-1.jpg")


def test_a_clicked_photo_is_shown_with_its_facts_and_what_looks_like_it(
    qtbot: QtBot, window: MainWindow, library: Library, tmp_path: Path
) -> None:
    photo = look_at(qtbot, window, "scene 2 take 1.jpg")
    facts = window.detail.facts
    assert facts.name.text() == "scene 2 take 1.jpg"
    assert facts.fact("folder").endswith("meadow")
    assert facts.fact("camera") == "Canon EOS R6"
    assert "10 May 2024" in facts.fact("taken")
    assert facts.fact("dimensions") == "320 × 240"
    assert window.detail.preview.is_sharp
    lowest = window.detail.similar.threshold
    assert alike(window) == exact_answer(library, photo, tmp_path, lowest)
    nearest = {Path(path).name for path in alike(window)[: VARIANTS - 1]}
    assert nearest == {"scene 2 take 0.jpg", "scene 2 take 2.jpg", "scene 2 take 3.jpg"}


def test_a_clicked_match_becomes_the_query_and_back_and_forward_retrace_it(
    qtbot: QtBot, window: MainWindow
) -> None:
    first = look_at(qtbot, window, "scene 1 take 0.jpg")
    click(qtbot, window.detail.similar.grid, 0)
    settle(qtbot, window)
    second = window.navigator.here.query
    assert second is not None
    assert second.path != first.path
    assert window.detail.facts.name.text() == Path(second.path).name
    assert window.browser.photos.photo(window.browser.grid.currentIndex().row()).path == second.path
    window.actions_.back.trigger()
    settle(qtbot, window)
    assert window.detail.facts.name.text() == "scene 1 take 0.jpg"
    assert window.browser.photos.photo(window.browser.grid.currentIndex().row()).path == first.path
    qtbot.mouseClick(window.browser.grid.viewport(), Qt.MouseButton.ForwardButton)
    settle(qtbot, window)
    assert window.detail.facts.name.text() == Path(second.path).name


def test_the_threshold_slider_lets_more_or_fewer_through(qtbot: QtBot, window: MainWindow) -> None:
    look_at(qtbot, window, "scene 3 take 0.jpg")
    slider = window.detail.similar.slider
    slider.setValue(SCALE_END)
    everything = alike(window)
    assert window.detail.similar.reach.text() == "Everything related"
    slider.setValue(SCALE_END // 2)
    some = alike(window)
    assert some == everything[: len(some)]
    slider.setValue(0)
    assert len(alike(window)) <= len(some) <= len(everything)
    assert len(everything) > 0


def test_a_threshold_that_nothing_reaches_says_so_and_offers_the_closest(
    qtbot: QtBot, window: MainWindow
) -> None:
    similar = window.detail.similar
    look_at(qtbot, window, "scene 4 take 0.jpg")
    similar._matches = [(photo, LOWEST[Closeness.SIMILAR] - 0.01) for photo, _ in similar._matches]
    similar.slider.setValue(1)
    similar.slider.setValue(0)
    assert similar.stack.currentWidget() is similar.empty
    assert similar.empty.title.text() == "No photo is this close"
    qtbot.mouseClick(similar.empty.findChild(QPushButton, "primary"), Qt.MouseButton.LeftButton)
    assert similar.stack.currentWidget() is similar.grid
    assert similar.model.rowCount() >= 1


def test_a_double_click_on_a_match_opens_that_match(qtbot: QtBot, window: MainWindow) -> None:
    look_at(qtbot, window, "scene 5 take 0.jpg")
    match = alike(window)[1]
    point = middle_of(window.detail.similar.grid, 1)
    qtbot.mouseClick(window.detail.similar.grid.viewport(), Qt.MouseButton.LeftButton, pos=point)
    settle(qtbot, window)
    qtbot.mouseDClick(window.detail.similar.grid.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert window.viewer.isVisible()
    assert window.viewer.photo is not None
    assert window.viewer.photo.path == match


# --- places --------------------------------------------------------------------------------------------------


def test_a_folder_of_the_side_list_shows_its_photos_only(qtbot: QtBot, window: MainWindow) -> None:
    assert len(shown(window)) == SEEDS * VARIANTS
    model = window.sources.model
    titles = [model.index(row).data() for row in range(model.rowCount())]
    assert titles == ["All photos", "Clusters", "Unreadable", "Folders", "harbour", "meadow"]
    index = model.index(titles.index("harbour"))
    rect = window.sources.list.visualRect(index)
    qtbot.mouseClick(window.sources.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    settle(qtbot, window)
    assert {name.split()[1] for name in shown(window)} == {"1", "3", "5"}
    assert window.top.title.text() == "harbour"
    assert window.top.count.text() == f"{SEEDS * VARIANTS // 2} photos"


def test_a_cluster_opens_with_a_double_click_and_its_crumb_leads_back(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    window.navigator.go(Place(View.CLUSTERS))
    settle(qtbot, window)
    clusters = library.clusters().clusters
    assert window.browser.clusters.rowCount() == len(clusters) > 0
    double_click(qtbot, window.browser.cluster_grid, 0)
    settle(qtbot, window)
    assert window.navigator.here.view is View.CLUSTER
    assert {photo.path for photo in window.browser.photos.photos} == set(clusters[0].paths)
    qtbot.mouseClick(window.top.crumb, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert window.navigator.here.view is View.CLUSTERS
    qtbot.keyClick(window.browser.cluster_grid, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert window.navigator.here.view is View.CLUSTER


def test_unreadable_files_are_listed_with_their_reasons(qtbot: QtBot, window: MainWindow) -> None:
    window.navigator.go(Place(View.UNREADABLE))
    settle(qtbot, window)
    model = window.browser.unreadable
    assert window.browser.currentWidget() is window.browser.table
    assert model.index(0, 0).data() == "broken.jpg"
    assert model.index(0, 1).data()
    assert window.top.count.text() == "1 file"


@pytest.mark.parametrize(
    ("view", "title"),
    [
        (View.ALL, "Drop a folder of photos here"),
        (View.CLUSTERS, "Drop a folder of photos here"),
        (View.UNREADABLE, "Nothing unreadable"),
    ],
)
def test_an_empty_place_says_what_to_do(
    qtbot: QtBot, empty_library: Library, open_window: Open, view: View, title: str
) -> None:
    window = open_window(empty_library)
    window.navigator.go(Place(view))
    settle(qtbot, window)
    assert window.browser.currentWidget() is window.browser.empty
    assert window.browser.empty.title.text() == title


def test_find_similar_fills_the_centre_under_the_names_of_closeness(qtbot: QtBot, window: MainWindow) -> None:
    photo = look_at(qtbot, window, "scene 0 take 0.jpg")
    window.actions_.find_similar.trigger()
    settle(qtbot, window)
    assert window.navigator.here.view is View.SIMILAR
    assert window.top.title.text() == "Like scene 0 take 0.jpg"
    assert [one.path for one in window.browser.photos.photos] == alike(window)
    assert photo.path not in alike(window)
    assert window.browser.photos.sections[0].first == 0
    window.detail.similar.slider.setValue(0)
    settle(qtbot, window)
    assert [one.path for one in window.browser.photos.photos] == alike(window)


def test_an_image_that_is_not_in_the_library_is_searched_without_joining_it(
    qtbot: QtBot, window: MainWindow, library: Library, tmp_path: Path
) -> None:
    make_photo(tmp_path / "elsewhere.png", 3, variant=9)
    drop(window, [tmp_path / "elsewhere.png"])
    qtbot.waitUntil(lambda: window.browser.photos.sections != (), timeout=PATIENCE_MS)
    settle(qtbot, window)
    assert window.detail.facts.name.text() == "elsewhere.png"
    assert {Path(path).name for path in alike(window)[:VARIANTS]} == {
        f"scene 3 take {variant}.jpg" for variant in range(VARIANTS)
    }
    assert library.find(tmp_path / "elsewhere.png") is None
    assert window.detail.preview.is_sharp


def test_an_image_that_cannot_be_read_says_why_beside_its_name(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "notes.jpg").write_text("no image")
    drop(window, [tmp_path / "notes.jpg"])
    empty = window.detail.similar.empty
    qtbot.waitUntil(lambda: empty.title.text() == "This search did not work", timeout=PATIENCE_MS)
    settle(qtbot, window)
    assert empty.text.text()
    assert window.browser.currentWidget() is window.browser.empty


# --- how the photos are shown --------------------------------------------------------------------------------


def test_photos_are_sorted_by_name_date_or_likeness(
    qtbot: QtBot, window: MainWindow, library: Library, tmp_path: Path
) -> None:
    assert window.browser.order is Order.DATE
    assert not window.top.orders[Order.SIMILARITY].isEnabled()
    by_date = shown(window)
    assert by_date[0] == "scene 5 take 3.jpg"
    window.top.orders[Order.NAME].trigger()
    settle(qtbot, window)
    assert shown(window) == sorted(by_date)
    photo = look_at(qtbot, window, "scene 2 take 2.jpg")
    window.top.orders[Order.SIMILARITY].trigger()
    settle(qtbot, window)
    paths = [one.path for one in window.browser.photos.photos]
    assert paths == [photo.path, *exact_answer(library, photo, tmp_path, -1.0)]
    look_at(qtbot, window, Path(paths[5]).name)
    assert [one.path for one in window.browser.photos.photos] == paths, "a click must not move the tiles"


def test_thumbnails_grow_with_ctrl_and_the_wheel_and_with_the_keys(qtbot: QtBot, window: MainWindow) -> None:
    before = window.browser.grid.edge
    window.browser.grid.zoomed.emit(1)
    assert window.browser.grid.edge > before
    assert window.top.size_slider.value() == window.browser.grid.edge
    window.actions_.smaller.trigger()
    assert window.browser.grid.edge == before
    window.top.size_slider.setValue(250)
    assert window.browser.grid.edge == 250
    assert window.browser.cluster_grid.edge == 250


def test_what_was_set_comes_back_with_the_next_start(
    qtbot: QtBot, window: MainWindow, library: Library, open_window: Open
) -> None:
    window.top.size_slider.setValue(224)
    window.top.orders[Order.NAME].trigger()
    window.detail.similar.slider.setValue(7)
    window.actions_.panel.setChecked(False)
    window.resize(1111, 700)
    settle(qtbot, window)
    window.close()
    again = open_window(library)
    assert again.browser.grid.edge == 224
    assert again.top.size_slider.value() == 224
    assert again.browser.order is Order.NAME
    assert again.top.sort.text() == "Name"
    assert again.detail.similar.slider.value() == 7
    assert not again.detail.isVisible()


# --- photo files ---------------------------------------------------------------------------------------------


def menu_of(window: MainWindow) -> dict[str, Callable[[], None]]:
    """The menu that is open, as words and what they do."""
    menu = QGuiApplication.topLevelWindows() and window.commands.menu
    assert menu is not None
    return {action.text().replace("&", ""): action.trigger for action in menu.actions() if action.text()}


def test_the_menu_of_a_photo_does_what_it_says(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("photosim.gui.photo_actions.open_file", lambda path: opened.append(path) or True)
    monkeypatch.setattr("photosim.gui.photo_actions.show_in_folder", lambda path: opened.append(path) or True)
    row = shown(window).index("scene 1 take 1.jpg")
    path = window.browser.photos.photo(row).path
    grid = window.browser.grid
    click(qtbot, grid, row, Qt.MouseButton.RightButton)
    grid.customContextMenuRequested.emit(middle_of(grid, row))
    menu = menu_of(window)
    assert list(menu) == [
        *("Find similar", "Open in viewer", "Open with default program", "Show in folder", "Copy path")
    ]
    menu["Open with default program"]()
    menu["Show in folder"]()
    menu["Copy path"]()
    assert opened == [path, path]
    assert QGuiApplication.clipboard().text() == path
    menu["Open in viewer"]()
    assert window.viewer.photo is not None
    assert window.viewer.photo.path == path
    window.viewer.leave()
    menu["Find similar"]()
    assert window.navigator.here.view is View.SIMILAR


def test_several_selected_photos_are_copied_together(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.browser.grid
    click(qtbot, grid, 0)
    qtbot.mouseClick(
        grid.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.ShiftModifier,
        middle_of(grid, 2),
    )
    window.actions_.copy_path.trigger()
    expected = [window.browser.photos.photo(row).path for row in range(3)]
    assert QGuiApplication.clipboard().text().splitlines() == expected


def test_a_right_click_on_a_match_asks_for_its_menu_and_leaves_the_query(
    qtbot: QtBot, window: MainWindow
) -> None:
    look_at(qtbot, window, "scene 1 take 1.jpg")
    grid = window.detail.similar.grid
    click(qtbot, grid, 0, Qt.MouseButton.RightButton)
    grid.customContextMenuRequested.emit(middle_of(grid, 0))
    menu_of(window)["Copy path"]()
    assert QGuiApplication.clipboard().text() == alike(window)[0]
    assert window.detail.facts.name.text() == "scene 1 take 1.jpg"


def test_a_folder_taken_out_of_the_library_is_gone_and_its_files_are_not(
    qtbot: QtBot, window: MainWindow, library: Library, photo_folder: Path
) -> None:
    source = next(one for one in library.sources() if one.path.endswith("harbour"))
    window.navigator.go(Place(View.FOLDER, folder=source.path))
    settle(qtbot, window)
    with qtbot.waitSignal(window.commands.library_changed, timeout=PATIENCE_MS):
        window.commands._forget(source)
    settle(qtbot, window)
    assert [one.path for one in library.sources()] == [str(photo_folder / "meadow")]
    assert window.navigator.here.view is View.ALL
    assert len(shown(window)) == SEEDS * VARIANTS // 2
    assert len(list((photo_folder / "harbour").iterdir())) == SEEDS * VARIANTS // 2


# --- the viewer ----------------------------------------------------------------------------------------------


def test_space_opens_the_viewer_and_its_keys_walk_in_the_order_of_the_grid(
    qtbot: QtBot, window: MainWindow
) -> None:
    look_at(qtbot, window, "scene 4 take 2.jpg")
    grid, viewer = window.browser.grid, window.viewer
    row = grid.currentIndex().row()
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    assert viewer.isVisible()
    assert viewer.geometry() == window.rect()
    settle(qtbot, window)
    assert viewer.is_sharp
    qtbot.keyClick(viewer, Qt.Key.Key_Right)
    assert viewer.photo == window.browser.photos.photo(row + 1)
    qtbot.keyClick(viewer, Qt.Key.Key_Home)
    qtbot.keyClick(viewer, Qt.Key.Key_Left)
    assert viewer.photo == window.browser.photos.photo(0)
    settle(qtbot, window)
    qtbot.keyClick(viewer, Qt.Key.Key_Escape)
    settle(qtbot, window)
    assert not viewer.isVisible()
    assert window.browser.grid.currentIndex().row() == 0
    assert window.detail.facts.name.text() == Path(window.browser.photos.photo(0).path).name


def test_back_leaves_the_viewer_first(qtbot: QtBot, window: MainWindow) -> None:
    look_at(qtbot, window, "scene 4 take 2.jpg")
    double_click(qtbot, window.browser.grid, window.browser.grid.currentIndex().row())
    assert window.viewer.isVisible()
    window.actions_.back.trigger()
    assert not window.viewer.isVisible()
    assert window.navigator.here.query is not None


# --- keyboard ------------------------------------------------------------------------------------------------


def test_a_run_of_arrow_keys_is_one_step_of_the_history(qtbot: QtBot, window: MainWindow) -> None:
    first = look_at(qtbot, window, "scene 5 take 3.jpg")
    for _ in range(4):
        qtbot.keyClick(window.browser.grid, Qt.Key.Key_Right)
    settle(qtbot, window)
    query = window.navigator.here.query
    assert query is not None
    assert query.photo == window.browser.photos.photo(4)
    window.actions_.back.trigger()
    assert window.navigator.here.query is not None
    assert window.navigator.here.query.photo == first


def test_every_control_has_a_name_for_screen_readers(window: MainWindow) -> None:
    from PySide6.QtWidgets import QAbstractItemView, QAbstractSlider, QHeaderView, QScrollBar, QToolButton

    def named(widget: object) -> bool:
        texts = (widget.accessibleName(), widget.toolTip(), getattr(widget, "text", str)())  # type: ignore[attr-defined]
        return any(texts)

    for kind in (QAbstractItemView, QAbstractSlider, QToolButton, QPushButton):
        for widget in window.findChildren(kind):
            if isinstance(widget, (QScrollBar, QHeaderView)) or widget.objectName().startswith("qt_"):
                continue
            assert named(widget), widget


def test_quit_closes_the_window(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_.quit.trigger()
    assert not window.isVisible()


def test_keyboard_sheet_and_about_open(qtbot: QtBot, window: MainWindow) -> None:
    from photosim.gui.dialogs import AboutDialog, ShortcutsDialog

    window.actions_.shortcuts.trigger()
    sheet = window.findChild(ShortcutsDialog)
    assert sheet is not None
    sheet.close()
    window.actions_.about.trigger()
    about = window.findChild(AboutDialog)
    assert about is not None
    about.close()


def test_an_error_nobody_expected_is_shown_with_a_report_to_copy(qtbot: QtBot, window: MainWindow) -> None:
    from photosim.gui.dialogs import ErrorDialog

    window.commands.tell(RuntimeError("the disk has melted"))
    dialog = window.findChild(ErrorDialog)
    assert dialog is not None
    assert "unexpected" in dialog.sentence.text()
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    report = QGuiApplication.clipboard().text()
    assert "the disk has melted" in report
    assert "PhotoSim" in report
    assert "Qt 6" in report
    dialog.close()


def test_the_browser_keeps_its_place_when_nothing_has_changed(qtbot: QtBot, window: MainWindow) -> None:
    browser: Browser = window.browser
    browser.set_edge(320)
    settle(qtbot, window)
    browser.grid.scrollTo(browser.photos.index(20))
    offset = browser.grid.verticalOffset()
    assert offset > 0
    browser.reload()
    settle(qtbot, window)
    assert browser.grid.verticalOffset() == offset


# --- indexing ------------------------------------------------------------------------------------------------


def test_an_indexing_can_be_paused_and_cancelled_and_keeps_what_it_read(
    qtbot: QtBot, empty_library: Library, open_window: Open, many_photos: Path
) -> None:
    window = open_window(empty_library)
    window.commands.add_folders([many_photos])
    strip = window.progress
    qtbot.waitUntil(lambda: window.browser.photos.rowCount() > 0, timeout=PATIENCE_MS)
    qtbot.mouseClick(strip.pause_button, Qt.MouseButton.LeftButton)
    assert window.indexing.state is State.PAUSED
    assert strip.text.text() == "Paused"
    qtbot.mouseClick(strip.pause_button, Qt.MouseButton.LeftButton)
    assert window.indexing.state is State.RUNNING
    with qtbot.waitSignal(window.indexing.finished, timeout=PATIENCE_MS) as told:
        qtbot.mouseClick(strip.cancel_button, Qt.MouseButton.LeftButton)
    assert told.args[0].cancelled
    settle(qtbot, window)
    kept = len(empty_library.photos())
    assert 0 < kept < MANY
    assert window.browser.photos.rowCount() == kept
    assert strip.text.text().startswith("Stopped.")


def test_closing_the_window_while_it_indexes_leaves_no_process_and_a_sound_library(
    qtbot: QtBot, empty_library: Library, open_window: Open, many_photos: Path
) -> None:
    window = open_window(empty_library)
    window.commands.add_folders([many_photos])
    qtbot.waitUntil(lambda: window.browser.photos.rowCount() > 0, timeout=PATIENCE_MS)
    assert window.indexing.process_id
    window.close()
    assert window.indexing.process_id == 0
    assert len(empty_library.photos()) > 0


def test_a_folder_that_vanished_is_told_in_a_dialog(
    qtbot: QtBot, empty_library: Library, open_window: Open, tmp_path: Path
) -> None:
    from photosim.gui.dialogs import ErrorDialog

    window = open_window(empty_library)
    with qtbot.waitSignal(window.indexing.failed, timeout=PATIENCE_MS):
        window.commands.add_folders([tmp_path / "gone"])
    dialog = window.findChild(ErrorDialog)
    assert dialog is not None
    assert "does not exist" in dialog.sentence.text()
    assert window.progress.isHidden()
    dialog.close()
    settle(qtbot, window)


def test_a_rescan_finds_new_and_gone_photos(
    qtbot: QtBot, empty_library: Library, open_window: Open, tmp_path: Path
) -> None:
    for number in range(4):
        make_photo(tmp_path / "photos" / f"{number}.jpg", number)
    window = open_window(empty_library)
    with qtbot.waitSignal(window.indexing.finished, timeout=PATIENCE_MS):
        window.commands.add_folders([tmp_path / "photos"])
    settle(qtbot, window)
    (tmp_path / "photos" / "0.jpg").unlink()
    make_photo(tmp_path / "photos" / "9.jpg", 9)
    with qtbot.waitSignal(window.indexing.finished, timeout=PATIENCE_MS):
        window.actions_.rescan.trigger()
    settle(qtbot, window)
    assert sorted(shown(window)) == ["1.jpg", "2.jpg", "3.jpg", "9.jpg"]
    assert "1 photo indexed" in window.progress.text.text()
    assert "1 file no longer there" in window.progress.text.text()
