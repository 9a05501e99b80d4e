"""Steps of a user at the search field and the filter bar."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosim.gui.filters.choices import ChoiceRole
from photosim.gui.filters.suggestions import SuggestionRole
from photosim.gui.main_window import MainWindow
from photosim.search.filters.criteria import Facet, PhotoFilter
from tests.gui.conftest import SEEDS, VARIANTS
from tests.support.window_driver import set_filter, wait_until_idle

ALL = SEEDS * VARIANTS
"""Photos in the library of the tests."""


def find(qtbot: QtBot, window: MainWindow, text: str) -> None:
    """Search words, as with Ctrl+F and Enter."""
    type_words(qtbot, window, text)
    qtbot.keyClick(window.views.search_field, Qt.Key.Key_Return)
    wait_until_idle(qtbot, window)


def type_words(qtbot: QtBot, window: MainWindow, text: str) -> None:
    """Type into the search field, in the place of what is there, and wait for the suggestions."""
    window.views.actions.find.trigger()
    qtbot.keyClicks(window.views.search_field, text)
    wait_until_idle(qtbot, window)


def suggestions(window: MainWindow) -> list[tuple[str, int | None]]:
    """Return the rows below the search field with their counts, None for headings."""
    model = window.views.search_field.popup.model
    rows = [model.index(row) for row in range(model.rowCount())]
    return [(row.data(), row.data(SuggestionRole.COUNT)) for row in rows]


def filter_text(qtbot: QtBot, window: MainWindow, text: str) -> None:
    """Filter by parts of names."""
    set_filter(window, PhotoFilter(text=text))
    wait_until_idle(qtbot, window)


def choose(qtbot: QtBot, window: MainWindow, facet: Facet, name: str) -> None:
    """Toggle a choice in a popup of the bar."""
    bar = window.views.filter_bar
    bar.buttons[facet].click()
    wait_until_idle(qtbot, window)
    popup = bar.popups[facet]
    names = [popup.model.index(row).data() for row in range(popup.model.rowCount())]
    index = popup.model.index(names.index(name))
    qtbot.mouseClick(
        popup.list.viewport(), Qt.MouseButton.LeftButton, pos=popup.list.visualRect(index).center()
    )
    popup.close()
    wait_until_idle(qtbot, window)


def choices(qtbot: QtBot, window: MainWindow, facet: Facet) -> dict[str, int]:
    """Return the choices in a popup of the bar, with counts."""
    bar = window.views.filter_bar
    bar.buttons[facet].click()
    wait_until_idle(qtbot, window)
    model = bar.popups[facet].model
    bar.popups[facet].close()
    rows = [model.index(row) for row in range(model.rowCount())]
    return {row.data(): row.data(ChoiceRole.COUNT) for row in rows}


def chips(window: MainWindow) -> list[str]:
    return [chip.text() for chip in window.views.filter_bar.chips]


def open_dates(qtbot: QtBot, window: MainWindow) -> None:
    window.views.filter_bar.buttons[Facet.DATES].click()
    wait_until_idle(qtbot, window)
