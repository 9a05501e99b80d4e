"""What is said of a place: its numbers, or why it is empty and what to do."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from photosim.gui.browser.status import BrowserStatus
from photosim.gui.state.empty_text import EmptyAction
from photosim.gui.state.places import Overview, View
from photosim.gui.widgets.empty_state import EmptyState
from photosim.records import Source


@pytest.fixture
def telling(qtbot: QtBot) -> BrowserStatus:
    page = EmptyState()
    qtbot.addWidget(page)
    page.show()
    return BrowserStatus(page, page)


@pytest.mark.parametrize(
    ("view", "shown", "told"),
    [
        (View.ALL, 20, "20 photos"),
        (View.ALL, 3, "3 of 20 photos"),
        (View.CLUSTERS, 20, "20 clusters"),
        (View.UNREADABLE, 20, "20 files"),
    ],
)
def test_what_a_place_holds_is_counted_in_its_own_unit(
    qtbot: QtBot, telling: BrowserStatus, view: View, shown: int, told: str
) -> None:
    telling.total = 20
    with qtbot.waitSignal(telling.count_changed) as counted:
        telling.show_count(view, shown)
    assert counted.args == [told]


def test_an_empty_place_has_no_number(qtbot: QtBot, telling: BrowserStatus) -> None:
    with qtbot.waitSignal(telling.count_changed) as counted:
        telling.show_count(View.ALL, 0)
    assert counted.args == [""]


def test_the_button_of_an_empty_place_tells_what_the_person_wishes(
    qtbot: QtBot, telling: BrowserStatus
) -> None:
    telling.show_empty(View.ALL, filtered=False)
    button = telling.page.findChild(QPushButton)
    assert button is not None
    with qtbot.waitSignal(telling.action_requested) as wished:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert wished.args == [EmptyAction.ADD_FOLDER]


def test_what_the_filter_leaves_out_is_not_told_as_missing(telling: BrowserStatus) -> None:
    telling.set_library(Overview((Source("/photos", 7, True),)), indexing=False)
    telling.total = 7
    telling.show_empty(View.ALL, filtered=True)
    assert telling.page.title.text() == "Nothing fits the filter"
    assert "7 photos" in telling.page.text.text()
    telling.total = 0
    telling.show_empty(View.ALL, filtered=True)
    assert telling.page.title.text() == "No photos"


def test_what_takes_long_or_fails_says_so_and_takes_the_number_away(
    qtbot: QtBot, telling: BrowserStatus
) -> None:
    telling.total = 7
    with qtbot.waitSignal(telling.count_changed) as counted:
        telling.show_loading(View.CLUSTERS)
    assert (telling.page.title.text(), counted.args, telling.total) == ("Finding clusters…", [""], 0)
    with qtbot.waitSignal(telling.count_changed) as counted:
        telling.show_error(View.SIMILAR, "The picture is too small.")
    assert (telling.page.text.text(), counted.args) == ("The picture is too small.", [""])
