"""The search field: suggestions while one types, chips, images, and what is searched."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from photosim.gui.filters.suggestions import SuggestionModel, describe
from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place, View
from photosim.library.search.words import UnderstoodSearch
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.words.terms import Suggestion, camera_term, folder_term, object_term, text_term
from tests.gui.filters.steps import ALL, chips, find, suggestions, type_words
from tests.support.timeouts import TIMEOUT_MS
from tests.support.window_driver import drop, shown_names, wait_until_idle

HALF = ALL // 2


def press(qtbot: QtBot, window: MainWindow, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(window.views.search_field, key)
    wait_until_idle(qtbot, window)


def taken_in(window: MainWindow, year: int) -> int:
    """The number of photos in the browser of a year; one photo in either folder has no date."""
    return sum(
        (photo.facts.taken_at or "").startswith(str(year))
        for photo in window.views.browser.photo_model.photos
    )


def test_what_is_typed_is_offered_by_kind_with_counts(qtbot: QtBot, varied: MainWindow) -> None:
    type_words(qtbot, varied, "puppies")
    field = varied.views.search_field
    assert field.popup.isVisible()
    assert field.hasFocus()
    assert suggestions(varied) == [("Objects", None), ("dog", HALF)]
    assert field.popup.hint.text() == f"Enter: dog, {HALF} photos"
    type_words(qtbot, varied, "leica 2019")
    assert suggestions(varied)[:4] == [
        ("Cameras", None),
        ("Leica Q", HALF),
        ("Dates", None),
        ("2019", taken_in(varied, 2019)),
    ], "before clusters with such names, if there are any"
    assert not varied.controllers.filters.filter.active_facets, "typing alone changes nothing"
    type_words(qtbot, varied, "zebrra")
    assert suggestions(varied) == []
    assert field.popup.hint.text() == "Nothing found for “zebrra”"


def test_enter_searches_all_words_and_each_becomes_a_chip(qtbot: QtBot, varied: MainWindow) -> None:
    find(qtbot, varied, "dogs leica 1.jpg")
    assert chips(varied) == ["“1.jpg”", "Leica Q", "dog"]
    assert {name[-10:] for name in shown_names(varied)} == {"take 1.jpg"}
    assert varied.views.search_field.text() == ""
    assert varied.focusWidget() is varied.views.browser.grid
    find(qtbot, varied, "scene 2")
    assert chips(varied) == ["“1.jpg”", "“scene”", "“2”", "Leica Q", "dog"], "what is searched next is added"
    for chip in varied.views.filter_bar.chips[1::-1]:
        chip.click()
    assert chips(varied) == ["“2”", "Leica Q", "dog"]


def test_arrow_keys_and_enter_choose_one_and_leave_the_other_words(qtbot: QtBot, varied: MainWindow) -> None:
    type_words(qtbot, varied, "Dog 2019")
    press(qtbot, varied, Qt.Key.Key_Down)
    highlighted = varied.views.search_field.popup.highlighted
    assert highlighted is not None
    assert describe(highlighted) == f"dog, Objects, {HALF} photos"
    press(qtbot, varied, Qt.Key.Key_Return)
    assert chips(varied) == ["dog"]
    assert varied.views.search_field.text() == "2019"
    assert varied.views.search_field.is_open, "with what the rest may mean"
    press(qtbot, varied, Qt.Key.Key_Up, Qt.Key.Key_Down)
    assert varied.views.search_field.popup.highlighted is None, "behind the last one is none"
    press(qtbot, varied, Qt.Key.Key_Return)
    assert chips(varied) == ["2019", "dog"]


def test_a_click_chooses_a_suggestion(qtbot: QtBot, varied: MainWindow) -> None:
    type_words(qtbot, varied, "leica")
    popup = varied.views.search_field.popup
    for row in (0, 1):  # the heading chooses nothing
        rect = popup.list.visualRect(popup.model.index(row, 0))
        qtbot.mouseClick(popup.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    wait_until_idle(qtbot, varied)
    assert chips(varied) == ["Leica Q"]
    assert not popup.isVisible()


def test_esc_closes_the_suggestions_then_clears_the_words_then_leaves(
    qtbot: QtBot, varied: MainWindow
) -> None:
    field = varied.views.search_field
    type_words(qtbot, varied, "dog")
    press(qtbot, varied, Qt.Key.Key_Escape)
    assert (field.is_open, field.text()) == (False, "dog")
    press(qtbot, varied, Qt.Key.Key_Down)
    assert field.is_open, "an arrow opens them again"
    press(qtbot, varied, Qt.Key.Key_Escape, Qt.Key.Key_Escape)
    assert field.text() == ""
    press(qtbot, varied, Qt.Key.Key_Escape)
    assert varied.focusWidget() is varied.views.browser.grid


def test_suggestions_that_take_long_are_announced(
    qtbot: QtBot, varied: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, field = varied.controllers.filters._library, varied.views.search_field
    understand, may_answer = library.search.understand, Event()

    def answer_later(*arguments: Any, **options: Any) -> UnderstoodSearch:
        may_answer.wait(TIMEOUT_MS / 1000)
        return understand(*arguments, **options)

    monkeypatch.setattr(library.search, "understand", answer_later)
    varied.views.actions.find.trigger()
    qtbot.keyClicks(field, "dog")
    qtbot.waitUntil(lambda: field.is_open)
    assert (suggestions(varied), field.popup.hint.text()) == ([], "Searching…")
    may_answer.set()
    qtbot.waitUntil(lambda: ("dog", HALF) in suggestions(varied))
    wait_until_idle(qtbot, varied)


def test_the_suggestions_close_when_the_field_loses_the_focus(qtbot: QtBot, varied: MainWindow) -> None:
    type_words(qtbot, varied, "dog")
    varied.views.browser.grid.setFocus()
    assert not varied.views.search_field.is_open
    varied.views.search_field.show_suggestions(varied.controllers.filters._library.search.understand("dog"))
    assert not varied.views.search_field.is_open, "also those that come late"


def test_a_folder_is_searched_with_a_chip_that_widens_the_search(
    qtbot: QtBot, varied: MainWindow, photo_folder: Path
) -> None:
    varied.services.navigator.go(Place(View.FOLDER, folder=str(photo_folder / "harbour")))
    wait_until_idle(qtbot, varied)
    type_words(qtbot, varied, "1.jpg")
    assert varied.views.search_field.popup.hint.text() == f"Enter: “1.jpg” in harbour, {HALF // 4} photos"
    press(qtbot, varied, Qt.Key.Key_Return)
    scope = varied.views.filter_bar.summary.scope_chip
    assert (scope.isVisible(), scope.text()) == (True, "In: harbour")
    assert len(shown_names(varied)) == HALF // 4
    scope.click()
    wait_until_idle(qtbot, varied)
    assert len(shown_names(varied)) == ALL // 4
    assert not scope.isVisible()
    assert chips(varied) == ["“1.jpg”"]


def test_a_search_from_the_clusters_shows_photos_of_the_whole_library(
    qtbot: QtBot, varied: MainWindow
) -> None:
    varied.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, varied)
    find(qtbot, varied, "dog")
    assert varied.services.navigator.current.view is View.ALL
    assert len(shown_names(varied)) == HALF


def test_a_named_cluster_is_found_and_filters(qtbot: QtBot, window: MainWindow) -> None:
    library = window.controllers.filters._library
    window.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, window)
    cluster = window.views.browser.cluster_model.cluster(0)
    library.cluster_edits.rename(cluster, "By the sea")
    window.services.navigator.go(Place(View.ALL))
    type_words(qtbot, window, "sea")
    assert ("By the sea", cluster.size) in suggestions(window)
    find(qtbot, window, "by the sea")
    assert chips(window) == ["By the sea"]
    paths = {photo.path for photo in window.views.browser.photo_model.photos}
    assert paths == set(cluster.paths)


def test_no_result_in_a_folder_offers_the_whole_library_and_the_removal_of_a_chip(
    qtbot: QtBot, varied: MainWindow, photo_folder: Path
) -> None:
    varied.services.navigator.go(Place(View.FOLDER, folder=str(photo_folder / "harbour")))
    wait_until_idle(qtbot, varied)
    find(qtbot, varied, "dog")
    empty = varied.views.browser.empty_page
    assert varied.views.browser.currentWidget() is empty
    buttons = {button.text(): button for button in empty.findChildren(QPushButton)}
    assert set(buttons) == {"Search all photos", "Remove dog"}
    buttons["Search all photos"].click()
    wait_until_idle(qtbot, varied)
    assert len(shown_names(varied)) == HALF


def test_an_image_that_is_pasted_or_dropped_is_searched_by(qtbot: QtBot, window: MainWindow) -> None:
    field, path = window.views.search_field, Path(window.views.browser.photo_model.photo(0).path)
    drop(field, [path])
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.search.path == str(path)
    window.services.navigator.go(Place())
    QGuiApplication.clipboard().setImage(QImage(str(path)))
    window.views.actions.find.trigger()
    qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.services.navigator.current.view is View.SIMILAR)
    assert window.services.navigator.current.search.images[0].pasted
    wait_until_idle(qtbot, window)


def test_a_copied_image_is_searched_by_from_the_context_menu(qtbot: QtBot, window: MainWindow) -> None:
    field = window.views.search_field
    QGuiApplication.clipboard().setImage(QImage(window.views.browser.photo_model.photo(0).path))
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Keyboard, QPoint(9, 9), field.mapToGlobal(QPoint(9, 9))
    )
    QApplication.sendEvent(field, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.actions()[-1].trigger()
    menu.close()
    qtbot.waitUntil(lambda: window.services.navigator.current.view is View.SIMILAR)
    wait_until_idle(qtbot, window)


def test_text_that_is_pasted_or_dropped_becomes_words(qtbot: QtBot, window: MainWindow) -> None:
    field = window.views.search_field
    QGuiApplication.clipboard().setText("scene 1")
    window.views.actions.find.trigger()
    qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == "scene 1"
    field.clear()
    data = QMimeData()
    data.setText("harbour")
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    QApplication.sendEvent(field, QDragEnterEvent(QPoint(9, 9), copy, data, buttons, keys))
    QApplication.sendEvent(field, QDropEvent(QPointF(9, 9), copy, data, buttons, keys))
    assert field.text() == "harbour"
    wait_until_idle(qtbot, window)


@pytest.mark.parametrize("width", [800, 1400])
def test_the_suggestions_lie_inside_the_window(qtbot: QtBot, varied: MainWindow, width: int) -> None:
    varied.resize(width, 500)
    type_words(qtbot, varied, "s")
    popup, field = varied.views.search_field.popup, varied.views.search_field
    assert field.isVisible()
    assert varied.rect().contains(popup.geometry())
    assert popup.y() > field.mapTo(varied, QPoint(0, field.height())).y()
    varied.resize(width - 60, 500)
    wait_until_idle(qtbot, varied)
    assert varied.rect().contains(popup.geometry())


def test_the_model_of_suggestions_has_headings_that_cannot_be_chosen() -> None:
    model = SuggestionModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    found = [
        Suggestion(object_term("dog"), 3),
        Suggestion(folder_term("/photos/Kyoto"), 2),
        Suggestion(camera_term("canon", ["Canon R6", "Canon R5"]), 5),
        Suggestion(text_term(["kyo"]), 2),
    ]
    model.show(found)
    names = [model.index(row).data() for row in range(model.rowCount())]
    assert names == [
        "Objects",
        "dog",
        "Folders",
        "Kyoto",
        "Cameras",
        "canon",
        "File and folder names",
        "“kyo”",
    ]
    assert [model.suggestion(row) for row in (1, 3, 5, 7)] == found
    rows, row = [], -1
    for _ in found:
        row = model.next_row(row, 1)
        rows.append(row)
    assert rows == [1, 3, 5, 7]
    assert (model.next_row(7, 1), model.next_row(1, -1), model.next_row(-1, -1)) == (-1, -1, 7)
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsSelectable
    model.show(())
    assert (model.rowCount(), model.next_row(-1, 1)) == (0, -1)
    del tester


def test_words_are_searched_while_a_filter_of_the_bar_is_active(qtbot: QtBot, varied: MainWindow) -> None:
    varied.views.filter_bar.apply(PhotoFilter(cameras=frozenset({"Canon EOS R6"})))
    wait_until_idle(qtbot, varied)
    type_words(qtbot, varied, "dog")
    assert suggestions(varied) == [], "no dog was taken with this camera"
    type_words(qtbot, varied, "2024")
    assert ("2024", taken_in(varied, 2024)) in suggestions(varied)
