"""The counts of a place, and the messages of the empty page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from photosim.gui.browser.status import BrowserStatus
from photosim.gui.state.places import Overview, View
from photosim.gui.state.text.empty import (
    EmptyAction,
    LibrarySummary,
    empty_message,
    loading_message,
    no_matches_message,
)
from photosim.gui.widgets.empty_state import EmptyState
from photosim.records import Source
from photosim.search.filters.criteria import PhotoFilter

DOG = PhotoFilter(labels=frozenset({"dog"}))


@pytest.fixture
def status(qtbot: QtBot) -> BrowserStatus:
    page = EmptyState()
    qtbot.addWidget(page)
    page.show()
    return BrowserStatus(page, page)


@pytest.mark.parametrize(
    ("view", "shown", "text"),
    [
        (View.ALL, 20, "20 photos"),
        (View.ALL, 3, "3 of 20 photos"),
        (View.CLUSTERS, 20, "20 clusters"),
        (View.UNREADABLE, 20, "20 files"),
    ],
)
def test_each_view_is_counted_in_its_own_unit(
    qtbot: QtBot, status: BrowserStatus, view: View, shown: int, text: str
) -> None:
    status.total = 20
    with qtbot.waitSignal(status.count_changed) as changed:
        status.show_count(view, shown)
    assert changed.args == [text]


def test_an_empty_place_has_no_count(qtbot: QtBot, status: BrowserStatus) -> None:
    with qtbot.waitSignal(status.count_changed) as changed:
        status.show_count(View.ALL, 0)
    assert changed.args == [""]


def test_the_button_of_an_empty_place_requests_its_action(qtbot: QtBot, status: BrowserStatus) -> None:
    status.show_empty(View.ALL, PhotoFilter())
    button = status.page.findChild(QPushButton)
    assert button is not None
    with qtbot.waitSignal(status.action_requested) as requested:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert requested.args == [EmptyAction.ADD_FOLDER]


def test_photos_that_do_not_match_the_filter_are_not_reported_as_missing(status: BrowserStatus) -> None:
    overview = Overview((Source("/photos", 7, True),))
    status.set_library(overview, indexing=False)
    status.total = 7
    status.show_empty(View.ALL, DOG)
    assert status.page.title.text() == no_matches_message(View.ALL, DOG).title
    status.total = 0
    status.show_empty(View.ALL, DOG)
    assert status.page.title.text() == empty_message(View.ALL, LibrarySummary(overview)).title


def test_words_that_nothing_matches_lead_to_a_search_by_image(qtbot: QtBot, status: BrowserStatus) -> None:
    status.total = 7
    status.show_empty(View.ALL, PhotoFilter(text="beach"))
    assert "“beach”" in status.page.text.text()
    assert "image" in status.page.text.text()
    with qtbot.waitSignal(status.action_requested) as requested:
        qtbot.mouseClick(status.page.findChildren(QPushButton)[-1], Qt.MouseButton.LeftButton)
    assert requested.args == [EmptyAction.SEARCH_IMAGE]
    status.show_empty(View.ALL, DOG)
    assert "image" not in status.page.text.text()


def test_loading_and_failing_show_a_message_and_clear_the_count(qtbot: QtBot, status: BrowserStatus) -> None:
    status.total = 7
    with qtbot.waitSignal(status.count_changed) as changed:
        status.show_loading(View.CLUSTERS)
    assert status.page.title.text() == loading_message(View.CLUSTERS).title
    assert (changed.args, status.total) == ([""], 0)
    with qtbot.waitSignal(status.count_changed) as changed:
        status.show_error(View.SIMILAR, "The photo is too small.")
    assert (status.page.text.text(), changed.args) == ("The photo is too small.", [""])
