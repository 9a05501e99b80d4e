"""Small screens, such as those at a scale of 200% or 300%: everything must fit."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QLabel, QScrollArea, QToolButton
from pytestqt.qtbot import QtBot

from photosim.gui.base import screen, theme
from photosim.gui.dialogs.shortcuts import ShortcutsDialog
from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place, View
from photosim.library import Library
from photosim.search.filters.criteria import PhotoFilter
from tests.support.window_driver import select_photo, set_filter, wait_until_idle

SCREEN_SIZE = QSize(900, 470)
"""Logical pixels: 1920 x 1080 at 200 %, less a task bar and the window's frame."""


@pytest.fixture
def small_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "max_window_size", lambda _: SCREEN_SIZE)
    monkeypatch.setattr("photosim.gui.dialogs.shortcuts.max_window_size", lambda _: SCREEN_SIZE)


def test_the_window_fits_a_small_screen_with_a_photo_and_the_filter_open(
    qtbot: QtBot, window: MainWindow
) -> None:
    select_photo(qtbot, window, "scene 2 take 2.jpg")
    window.controllers.filters.set_open(True)
    window.views.model_banner.hide()
    set_filter(window, PhotoFilter(text="scene"))
    window.resize(SCREEN_SIZE)
    wait_until_idle(qtbot, window)
    assert window.size() == SCREEN_SIZE
    facts = window.views.detail.facts
    assert facts.parentWidget() is not None
    assert facts.height() > facts.parentWidget().height(), "the facts are reached by scrolling"


def test_a_low_window_shows_a_whole_row_of_what_looks_like_the_photo(
    qtbot: QtBot, window: MainWindow
) -> None:
    select_photo(qtbot, window, "scene 2 take 2.jpg")
    window.controllers.filters.set_open(True)
    window.views.model_banner.show()
    window.resize(1280, 720)
    wait_until_idle(qtbot, window)
    grid = window.views.detail.similar.grid
    row = grid.visualRect(grid.model().index(0, 0))
    assert grid.viewport().rect().contains(row)


def test_no_word_beside_a_slider_is_cut_in_a_narrow_window(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 2 take 2.jpg")
    window.resize(683, 384)
    window.services.navigator.go(Place(View.CLUSTERS))
    wait_until_idle(qtbot, window)
    bar = window.views.browser.cluster_page.bar
    for label in bar.findChildren(QLabel):
        assert label.mapTo(bar, label.rect().topRight()).x() <= bar.width(), label.text()


def test_the_title_and_the_count_are_whole_in_a_narrow_window(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(683, 406)
    window.views.browser.grid.selectAll()
    wait_until_idle(qtbot, window)
    top = window.views.top_bar
    assert "selected" in top.count.text()
    assert top.count.width() >= top.count.sizeHint().width()
    assert top.title.width() >= top.title.fontMetrics().horizontalAdvance(top.title.text())
    more = top.findChild(QToolButton, "qt_toolbar_ext_button")
    assert more is not None
    assert more.isVisible(), "what has no room is behind it"
    assert more.accessibleName() == "More"


def test_with_room_for_them_all_facts_are_seen(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 2 take 2.jpg")
    facts = window.views.detail.facts
    assert facts.parentWidget() is not None
    assert facts.height() == facts.parentWidget().height() == facts.sizeHint().height()


@pytest.mark.usefixtures("small_screen")
def test_dialogs_are_no_larger_than_a_small_screen(qtbot: QtBot, window: MainWindow) -> None:
    window.controllers.help.show_shortcuts()
    sheet = window.findChild(ShortcutsDialog)
    assert sheet is not None
    wait_until_idle(qtbot, window)
    area = sheet.findChild(QScrollArea)
    assert area is not None
    assert area.horizontalScrollBar().maximum() == 0, "its columns stand below each other instead"
    window.controllers.settings.open()
    settings = window.controllers.settings.dialog
    assert settings is not None
    for dialog in (sheet, settings):
        assert dialog.width() <= SCREEN_SIZE.width()
        assert dialog.height() <= SCREEN_SIZE.height()
        dialog.close()


def test_the_first_start_on_a_small_screen_leaves_room_for_two_photos_in_a_row(
    qtbot: QtBot, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "max_window_size", lambda _: QSize(784, 552))
    window = MainWindow(library)
    qtbot.addWidget(window)
    window.start()
    window.show()
    wait_until_idle(qtbot, window)
    grid = window.views.browser.grid
    first, second = (grid.visualRect(grid.model().index(row, 0)) for row in (0, 1))
    assert first.top() == second.top()


def test_icons_are_drawn_for_the_densest_screen(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QScreen, "devicePixelRatio", lambda _: 3.0)
    assert theme.icon("close").actualSize(QSize(60, 60)) == QSize(60, 60)
