"""The filter bar on the whole window: it narrows every view, says so, and can be cleared."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from photosim.core.photo_filter import Facet, PhotoFilter, Shape, State
from photosim.core.records import Label
from photosim.gui.choice_model import ChoiceRole
from photosim.gui.main_window import MainWindow
from photosim.gui.places import Place, View
from photosim.gui.tile_model import Role
from photosim.library import Library
from photosim.store.labels import Labels
from tests.gui.conftest import SEEDS, VARIANTS
from tests.gui.driving import alike, click, look_at, settle, shown
from tests.gui.made import unplug

ALL = SEEDS * VARIANTS
MAY_2024 = 2024 * 12 + 4

Open = Callable[[Library], MainWindow]


@pytest.fixture
def varied(library: Library, open_window: Open) -> MainWindow:
    """The photos of the meadow are of another camera, of 2019, stand upright and show a dog."""
    with closing(sqlite3.connect(library.folder / "library.db")) as db, db:
        rows = db.execute("SELECT photo_id FROM files WHERE path LIKE '%meadow%' AND photo_id IS NOT NULL")
        meadow = [row[0] for row in rows]
        changed = "camera = 'Leica Q', width = 240, height = 320, taken_at = '2019-03-02T10:00:00'"
        db.executemany(f"UPDATE photos SET {changed} WHERE id = ?", [(one,) for one in meadow])  # noqa: S608
        db.execute("UPDATE photos SET taken_at = NULL WHERE id = 1")
    found = {one: [Label("dog", 0.9)] for one in meadow}
    Labels(library._catalog.store, library.model.id).keep(found)
    return open_window(library)


def find(qtbot: QtBot, window: MainWindow, text: str) -> None:
    """Type into the bar, as with Ctrl+F."""
    window.actions_.find.trigger()
    window.filter.bar.text.selectAll()
    qtbot.keyClicks(window.filter.bar.text, text)
    qtbot.waitUntil(lambda: window.filter.wanted.text == text)
    settle(qtbot, window)


def choose(qtbot: QtBot, window: MainWindow, facet: Facet, name: str) -> None:
    """Tick a choice under a button of the bar, or take its tick off."""
    bar = window.filter.bar
    bar.buttons[facet].click()
    settle(qtbot, window)
    popup = bar.popups[facet]
    names = [popup.model.index(row).data() for row in range(popup.model.rowCount())]
    index = popup.model.index(names.index(name))
    qtbot.mouseClick(
        popup.list.viewport(), Qt.MouseButton.LeftButton, pos=popup.list.visualRect(index).center()
    )
    popup.close()
    settle(qtbot, window)


def choices(qtbot: QtBot, window: MainWindow, facet: Facet) -> dict[str, int]:
    """What can be chosen under a button, with counts."""
    bar = window.filter.bar
    bar.buttons[facet].click()
    settle(qtbot, window)
    model = bar.popups[facet].model
    bar.popups[facet].close()
    rows = [model.index(row) for row in range(model.rowCount())]
    return {row.data(): row.data(ChoiceRole.COUNT) for row in rows}


def chips(window: MainWindow) -> list[str]:
    return [chip.text() for chip in window.filter.bar.chips]


# --- narrowing ----------------------------------------------------------------------------------------------


def test_words_narrow_the_photos_by_name_and_folder(qtbot: QtBot, window: MainWindow) -> None:
    find(qtbot, window, "2.jpg harb")
    assert sorted(shown(window)) == [f"scene {seed} take 2.jpg" for seed in (1, 3, 5)]
    assert window.filter.bar.summary.count.text() == f"Showing 3 of {ALL} photos"
    assert window.top.count.text() == f"3 of {ALL} photos"
    assert chips(window) == ["“2.jpg harb”"]


def test_choices_combine_and_their_counts_follow(qtbot: QtBot, varied: MainWindow) -> None:
    half = ALL // 2
    assert choices(qtbot, varied, Facet.CAMERAS) == {"Canon EOS R6": half, "Leica Q": half}
    choose(qtbot, varied, Facet.CAMERAS, "Leica Q")
    assert len(shown(varied)) == half
    assert choices(qtbot, varied, Facet.CAMERAS) == {"Canon EOS R6": half, "Leica Q": half}, (
        "either may be added"
    )
    assert choices(qtbot, varied, Facet.SHAPES) == {"Portrait": half}
    choose(qtbot, varied, Facet.CAMERAS, "Canon EOS R6")
    assert len(shown(varied)) == ALL
    assert choices(qtbot, varied, Facet.SHAPES) == {"Landscape": half, "Portrait": half}
    choose(qtbot, varied, Facet.SHAPES, "Landscape")
    choose(qtbot, varied, Facet.CAMERAS, "Canon EOS R6")
    assert shown(varied) == []
    assert chips(varied) == ["Leica Q", "Landscape"]


def test_what_photos_show_narrows_them(qtbot: QtBot, varied: MainWindow) -> None:
    assert choices(qtbot, varied, Facet.LABELS)["dog"] == ALL // 2
    choose(qtbot, varied, Facet.LABELS, "dog")
    assert len(shown(varied)) == ALL // 2
    assert {Path(photo.path).parent.name for photo in varied.browser.photos.photos} == {"meadow"}


def test_a_folder_is_narrowed_and_counted_by_itself(
    qtbot: QtBot, varied: MainWindow, photo_folder: Path
) -> None:
    varied.navigator.go(Place(View.FOLDER, folder=str(photo_folder / "meadow")))
    settle(qtbot, varied)
    assert choices(qtbot, varied, Facet.CAMERAS) == {"Leica Q": ALL // 2}
    find(qtbot, varied, "1.jpg")
    assert varied.filter.bar.summary.count.text() == f"Showing 3 of {ALL // 2} photos"


def test_the_filter_stays_from_place_to_place(qtbot: QtBot, window: MainWindow, photo_folder: Path) -> None:
    find(qtbot, window, "1.jpg")
    for place in (Place(View.FOLDER, folder=str(photo_folder / "harbour")), Place(View.ALL)):
        window.navigator.go(place)
        settle(qtbot, window)
        assert {name[-10:] for name in shown(window)} == {"take 1.jpg"}
    window.navigator.back()
    settle(qtbot, window)
    assert len(shown(window)) == 3


def test_clusters_without_a_match_go_and_the_others_count_their_matches(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.navigator.go(Place(View.CLUSTERS))
    settle(qtbot, window)
    model = window.browser.clusters
    every = [model.cluster(row) for row in range(model.rowCount())]
    assert len(every) > 1
    find(qtbot, window, "1 take 3.jpg")
    [cluster] = [model.cluster(row) for row in range(model.rowCount())]
    assert Path(model.cover(0).path).name == "scene 1 take 3.jpg", "the cover is one that fits"
    assert model.index(0).data().endswith(f"1 of {cluster.size} photos")
    assert window.filter.bar.summary.count.text() == f"Showing 1 of {len(every)} clusters"
    window.navigator.open_cluster(cluster)
    settle(qtbot, window)
    assert shown(window) == ["scene 1 take 3.jpg"]
    window.filter.bar.clear()
    settle(qtbot, window)
    assert len(shown(window)) == cluster.size, "the cluster itself has lost nothing"


def test_the_filter_stays_from_level_to_level_of_the_clusters(qtbot: QtBot, window: MainWindow) -> None:
    window.navigator.go(Place(View.CLUSTERS))
    find(qtbot, window, "harbour 3.jpg")
    model = window.browser.clusters
    for level in (0, 4, 2):
        window.browser.set_level(level)
        settle(qtbot, window)
        assert model.rowCount() > 0
        for row in range(model.rowCount()):
            matches = [path for path in model.cluster(row).paths if "harbour" in path and "3.jpg" in path]
            assert model.index(row).data(Role.COUNT) == len(matches) > 0


def test_photos_in_no_cluster_are_narrowed_too(qtbot: QtBot, window: MainWindow) -> None:
    window.browser.set_level(4)
    window.navigator.go(Place(View.LOOSE))
    settle(qtbot, window)
    loose = shown(window)
    find(qtbot, window, "1.jpg")
    assert shown(window) == [name for name in loose if name.endswith("1.jpg")]


def test_similar_photos_are_narrowed_beside_the_photo_and_in_the_centre(
    qtbot: QtBot, window: MainWindow
) -> None:
    photo = look_at(qtbot, window, "scene 2 take 1.jpg")
    before = alike(window)
    assert len(before) > 1
    find(qtbot, window, "3.jpg")
    assert alike(window) == [path for path in before if path.endswith("take 3.jpg")]
    assert alike(window)
    window.desk.find_similar()
    settle(qtbot, window)
    assert [one.path for one in window.browser.photos.photos] == alike(window)
    assert window.filter.bar.summary.count.text() == f"Showing {len(alike(window))} of {len(before)} photos"
    assert photo.path not in alike(window)


def test_similar_photos_that_do_not_fit_are_said_to_be_left_out(qtbot: QtBot, window: MainWindow) -> None:
    look_at(qtbot, window, "scene 2 take 1.jpg")
    find(qtbot, window, "nothing is called so")
    empty = window.detail.similar.empty
    assert window.detail.similar.stack.currentWidget() is empty
    assert empty.title.text() == "No similar photo fits the filter"
    empty.findChild(QPushButton).click()
    settle(qtbot, window)
    assert alike(window)


def test_unreadable_files_are_narrowed_by_words(qtbot: QtBot, window: MainWindow) -> None:
    window.navigator.go(Place(View.UNREADABLE))
    settle(qtbot, window)
    find(qtbot, window, "meadow broken")
    assert window.browser.currentWidget() is window.browser.table
    find(qtbot, window, "harbour")
    assert window.browser.currentWidget() is window.browser.empty
    assert window.filter.bar.summary.count.text() == "Showing 0 of 1 file"


def test_unreadable_files_are_offered_among_the_states(qtbot: QtBot, window: MainWindow) -> None:
    popup = window.filter.bar.popups[Facet.STATES]
    window.filter.bar.buttons[Facet.STATES].click()
    settle(qtbot, window)
    assert popup.link.text() == "Unreadable files (1)…"
    assert not popup.nothing.isVisible()
    popup.link.click()
    settle(qtbot, window)
    assert not popup.isVisible()
    assert window.navigator.here.view is View.UNREADABLE
    assert window.browser.unreadable.rowCount() == 1


def test_the_keys_of_the_bar_do_nothing_over_the_viewer(qtbot: QtBot, window: MainWindow) -> None:
    look_at(qtbot, window, "scene 2 take 2.jpg")
    window.desk.view()
    window.actions_.find.trigger()
    assert not window.filter.bar.is_open
    window.viewer.leave()


def test_offline_and_missing_photos_can_be_chosen(
    qtbot: QtBot, library: Library, open_window: Open, photo_folder: Path, tmp_path: Path
) -> None:
    away = tmp_path / "a drive that is away"
    unplug(library, photo_folder / "harbour", away)
    with closing(sqlite3.connect(library.folder / "library.db")) as db, db:
        db.execute("UPDATE files SET missing = 1 WHERE path LIKE '%scene 0 take 0.jpg'")
    window = open_window(library)
    settle(qtbot, window)
    assert choices(qtbot, window, Facet.STATES) == {"Offline": ALL // 2, "Missing": 1}
    choose(qtbot, window, Facet.STATES, "Missing")
    assert shown(window) == ["scene 0 take 0.jpg"]
    choose(qtbot, window, Facet.STATES, "Offline")
    assert len(shown(window)) == ALL // 2 + 1
    marks = [window.browser.photos.index(row).data(Role.AWAY) for row in range(ALL // 2 + 1)]
    assert sum(marks) == ALL // 2
    window.filter.bar.clear()
    window.navigator.go(Place(View.CLUSTERS))
    settle(qtbot, window)
    clusters = window.browser.clusters
    marked = {
        clusters.cover(row).path.startswith(str(away))
        for row in range(clusters.rowCount())
        if clusters.index(row).data(Role.AWAY)
    }
    assert marked == {True}, "the covers of clusters bear the mark, too"
    window.navigator.go(Place())
    choose(qtbot, window, Facet.STATES, "Missing")
    choose(qtbot, window, Facet.STATES, "Offline")
    away.mkdir()
    window.upkeep.refresh()
    settle(qtbot, window)
    assert shown(window) == ["scene 0 take 0.jpg"], "the drive is back"


# --- dates --------------------------------------------------------------------------------------------------


def open_dates(qtbot: QtBot, window: MainWindow) -> None:
    window.filter.bar.buttons[Facet.DATES].click()
    settle(qtbot, window)


def test_years_and_then_months_are_chosen_from_bars(qtbot: QtBot, varied: MainWindow) -> None:
    dates, left = varied.filter.bar.dates, Qt.MouseButton.LeftButton
    open_dates(qtbot, varied)
    assert [bar.name for bar in dates.years.bars] == ["2019", "2020", "2021", "2022", "2023", "2024"]
    assert sum(bar.photos for bar in dates.years.bars) == ALL - 1
    assert not dates.months.isVisible()
    qtbot.mouseClick(dates.years, left, pos=dates.years.area(5).center())
    settle(qtbot, varied)
    assert varied.filter.wanted.dates == (2024 * 12, 2024 * 12 + 11)
    assert all("harbour" in photo.path for photo in varied.browser.photos.photos)
    assert dates.months.isVisible()
    assert dates.months.bars[4].photos == len(shown(varied))
    qtbot.mouseClick(dates.months, left, pos=dates.months.area(4).center())
    settle(qtbot, varied)
    assert chips(varied) == ["May 2024"]
    qtbot.mouseClick(dates.months, left, pos=dates.months.area(4).center())
    settle(qtbot, varied)
    assert varied.filter.wanted.dates is None, "a second click lets go"


def test_dragging_over_bars_chooses_a_span(qtbot: QtBot, varied: MainWindow) -> None:
    years, left = varied.filter.bar.dates.years, Qt.MouseButton.LeftButton
    open_dates(qtbot, varied)
    qtbot.mousePress(years, left, pos=years.area(4).center())
    qtbot.mouseMove(years, years.area(1).center())
    qtbot.mouseRelease(years, left, pos=years.area(1).center())
    settle(qtbot, varied)
    assert chips(varied) == ["2020 – 2023"]
    assert shown(varied) == []


def test_the_arrow_keys_choose_years(qtbot: QtBot, varied: MainWindow) -> None:
    years = varied.filter.bar.dates.years
    open_dates(qtbot, varied)
    qtbot.keyClick(years, Qt.Key.Key_Right)
    assert varied.filter.wanted.dates == (2019 * 12, 2019 * 12 + 11)
    qtbot.keyClick(years, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert varied.filter.wanted.dates == (2019 * 12, 2020 * 12 + 11)
    qtbot.keyClick(years, Qt.Key.Key_End)
    assert varied.filter.wanted.dates == (2024 * 12, 2024 * 12 + 11)


def test_photos_without_a_date_can_be_asked_for(qtbot: QtBot, varied: MainWindow) -> None:
    open_dates(qtbot, varied)
    dates = varied.filter.bar.dates
    assert dates.undated.text() == "Without a date (1)"
    dates.undated.click()
    settle(qtbot, varied)
    assert [photo.photo_id for photo in varied.browser.photos.photos] == [1]
    assert chips(varied) == ["Without a date"]


# --- clearing -----------------------------------------------------------------------------------------------


def test_chips_are_taken_off_one_by_one_and_all_at_once(qtbot: QtBot, varied: MainWindow) -> None:
    wanted = PhotoFilter(text="take", dates=(2019 * 12 + 2, 2019 * 12 + 2), cameras=frozenset({"Leica Q"}))
    varied.filter.set(wanted)
    settle(qtbot, varied)
    assert chips(varied) == ["“take”", "Mar 2019", "Leica Q"]
    assert varied.filter.bar.isVisible(), "what is chosen is in sight, also where the controls are not"
    assert not varied.filter.bar.controls.isVisible()
    qtbot.keyClick(varied.filter.bar.chips[1], Qt.Key.Key_Delete)
    settle(qtbot, varied)
    assert varied.filter.wanted == replace(wanted, dates=None)
    varied.filter.bar.chips[0].click()
    assert varied.filter.bar.text.text() == ""
    assert chips(varied) == ["Leica Q"]
    varied.filter.bar.summary.clear_button.click()
    settle(qtbot, varied)
    assert varied.filter.wanted == PhotoFilter()
    assert len(shown(varied)) == ALL
    assert not varied.filter.bar.isVisible()


def test_esc_clears_and_then_goes_back_to_the_photos(qtbot: QtBot, window: MainWindow) -> None:
    find(qtbot, window, "1.jpg")
    qtbot.keyClick(window.filter.bar.text, Qt.Key.Key_Escape)
    settle(qtbot, window)
    assert len(shown(window)) == ALL
    assert window.filter.bar.text.text() == ""
    assert window.focusWidget() is window.filter.bar.text
    qtbot.keyClick(window.filter.bar.text, Qt.Key.Key_Escape)
    assert window.focusWidget() is window.browser.grid


def test_an_empty_view_says_that_the_filter_is_why_and_clears_it(qtbot: QtBot, window: MainWindow) -> None:
    find(qtbot, window, "nothing is called so")
    empty = window.browser.empty
    assert window.browser.currentWidget() is empty
    assert empty.title.text() == "Nothing fits the filter"
    assert f"{ALL} photos" in empty.text.text()
    empty.findChild(QPushButton, "primary").click()
    settle(qtbot, window)
    assert len(shown(window)) == ALL


# --- the bar ------------------------------------------------------------------------------------------------


def test_the_bar_opens_with_its_button_and_comes_back_with_the_next_start(
    qtbot: QtBot, window: MainWindow, library: Library, open_window: Open
) -> None:
    assert not window.filter.bar.isVisible()
    window.actions_.filter.trigger()
    assert window.filter.bar.controls.isVisible()
    window.close()
    again = open_window(library)
    assert again.filter.bar.controls.isVisible()
    assert again.filter.wanted == PhotoFilter(), "a filter does not come back unasked"


def test_the_bar_takes_no_more_lines_than_it_needs(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_.filter.trigger()
    window.resize(1400, 800)
    settle(qtbot, window)
    one_line = window.filter.bar.controls.height()
    window.resize(700, 800)
    settle(qtbot, window)
    assert one_line < window.filter.bar.controls.height() <= 3 * one_line


def test_enter_in_the_words_goes_to_the_photos_at_once(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_.find.trigger()
    qtbot.keyClicks(window.filter.bar.text, "take 1")
    qtbot.keyClick(window.filter.bar.text, Qt.Key.Key_Return)
    assert window.filter.wanted.text == "take 1"
    assert window.focusWidget() is not window.filter.bar.text


def test_choices_are_ticked_with_the_keyboard(qtbot: QtBot, varied: MainWindow) -> None:
    varied.actions_.filter.trigger()
    varied.filter.bar.buttons[Facet.SHAPES].click()
    settle(qtbot, varied)
    popup = varied.filter.bar.popups[Facet.SHAPES]
    qtbot.keyClick(popup.list, Qt.Key.Key_Down)
    qtbot.keyClick(popup.list, Qt.Key.Key_Space)
    assert varied.filter.wanted.shapes == {Shape.PORTRAIT}
    qtbot.keyClick(popup.list, Qt.Key.Key_Space)
    assert varied.filter.wanted.shapes == frozenset()
    qtbot.keyClick(popup.list, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def test_new_photos_that_do_not_fit_stay_out(qtbot: QtBot, window: MainWindow) -> None:
    find(qtbot, window, "1.jpg")
    photo = window.browser.photos.photo(0)
    other = replace(photo, file_id=990, path=photo.path.replace("take 1", "take 7"))
    fitting = replace(photo, file_id=991, path=photo.path.replace("take 1", "again take 1"))
    window.browser.add([other, fitting])
    assert "scene 5 take 7.jpg" not in shown(window)
    assert Path(fitting.path).name in shown(window)


def test_a_click_on_a_narrowed_photo_asks_about_it(qtbot: QtBot, window: MainWindow) -> None:
    find(qtbot, window, "scene 3")
    click(qtbot, window.browser.grid, 1)
    settle(qtbot, window)
    assert window.navigator.here.query.photo == window.browser.photos.photo(1)
    window.filter.set(PhotoFilter(states=frozenset({State.RAW})))
    settle(qtbot, window)
    assert window.navigator.here.query.photo is not None, "the photo in question stays"
