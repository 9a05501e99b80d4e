"""Why two photos are similar, shown on both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosim.errors import PhotoSimError
from photosim.gui.base.heat_map import heat_map
from photosim.gui.controllers.photos.why import color_names, explanation_text
from photosim.gui.main_window import MainWindow
from photosim.gui.services.processes.photo_client import ExplainCallback
from photosim.imaging.color_names import ColorName
from photosim.library import Library
from photosim.records import Label, Photo
from photosim.store.labels import LabelTable
from photosim.workers.photo_results import Explanation
from tests.support.window_driver import wait_until_idle

DOG, CAT, CAR = Label("dog", 0.9), Label("cat", 0.8), Label("car", 0.7)


def explanation(told: tuple[float, float] = (1.0, 1.0), colors: tuple[str, ...] = ()) -> Explanation:
    """Two maps, all of which lies in one cell."""
    maps = []
    for place in ((2, 3), (10, 20)):
        cells = np.zeros((21, 28), np.float32)
        cells[place] = 0.8
        maps.append(cells)
    return Explanation(0.8, (maps[0], maps[1]), told, colors)


class Requests:
    """Records requests for explanations, which the test answers."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, str]] = []
        self.answers: list[ExplainCallback] = []

    def __call__(self, _model: str, path: str, other: str, done: ExplainCallback) -> int:
        self.pairs.append((path, other))
        self.answers.append(done)
        return 10_000_000 + len(self.pairs)


@pytest.fixture
def requests(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> Requests:
    requests = Requests()
    monkeypatch.setattr(window.services.photo_client, "explain", requests)
    return requests


def compare(qtbot: QtBot, window: MainWindow, count: int = 2) -> Sequence[Photo]:
    wait_until_idle(qtbot, window)
    photos = window.views.browser.photo_model.photos[:count]
    window.views.compare.open(photos)
    wait_until_idle(qtbot, window)
    return photos


def heats(window: MainWindow) -> list[bool]:
    return [not pane.canvas._heat.isNull() for pane in window.views.compare.panes]


def test_the_places_and_what_both_show_are_told(
    qtbot: QtBot, window: MainWindow, library: Library, requests: Requests
) -> None:
    photos = compare(qtbot, window)
    LabelTable(library._catalog.database, library.model.id).save(
        {photos[0].photo_id: [DOG, CAT], photos[1].photo_id: [CAR, DOG]}
    )
    window.views.actions.why.trigger()
    view = window.views.compare
    assert requests.pairs == [(photos[0].path, photos[1].path)]
    assert view.is_explained
    requests.answers[0](explanation((1.0, 0.5), ("blue", "green")), None)
    wait_until_idle(qtbot, window)
    assert heats(window) == [True, True]
    assert view.title.text() == (
        "The marked places make up 100% and 50% of the similarity. Both show: dog. Colors in both: blue, green."
    )
    window.views.actions.why.trigger()
    assert heats(window) == [False, False]
    assert view.title.text() == "Comparing 2 photos"


def test_a_result_and_the_photo_that_was_searched_by_are_compared_by_one_key(
    qtbot: QtBot, window: MainWindow, requests: Requests
) -> None:
    wait_until_idle(qtbot, window)
    first, second = window.views.browser.photo_model.photos[:2]
    window.views.browser.selection.show_query_photo(first)
    window.services.navigator.select(first)
    wait_until_idle(qtbot, window)
    grid = window.views.browser.grid
    grid.selectionModel().select(
        window.views.browser.photo_model.index(1, 0), grid.selectionModel().SelectionFlag.Select
    )
    wait_until_idle(qtbot, window)
    assert window.views.actions.why.isEnabled()
    window.views.actions.why.trigger()
    assert window.views.compare.isVisible()
    assert set(requests.pairs[0]) == {first.path, second.path}


def test_the_split_view_and_the_places_are_shown_one_at_a_time(
    qtbot: QtBot, window: MainWindow, requests: Requests
) -> None:
    compare(qtbot, window)
    view = window.views.compare
    view.set_wiping(True)
    view.set_explained(True)
    assert not view.is_wiping
    requests.answers[0](explanation(), None)
    wait_until_idle(qtbot, window)
    qtbot.keyClick(view, Qt.Key.Key_S)
    assert view.is_wiping
    assert not view.is_explained
    assert heats(window) == [False, False]


def test_a_late_answer_for_other_photos_is_not_shown(
    qtbot: QtBot, window: MainWindow, requests: Requests
) -> None:
    compare(qtbot, window)
    view = window.views.compare
    view.set_explained(True)
    view.dismiss()
    view.open(window.views.browser.photo_model.photos[2:4])
    view.set_explained(True)
    requests.answers[0](explanation(), None)
    wait_until_idle(qtbot, window)
    assert heats(window) == [False, False]


def test_a_photo_that_cannot_be_read_is_the_reason_that_is_told(
    qtbot: QtBot, window: MainWindow, requests: Requests
) -> None:
    compare(qtbot, window)
    window.views.compare.set_explained(True)
    requests.answers[0](None, PhotoSimError("a.jpg cannot be read. It is gone."))
    assert window.views.compare.title.text() == "a.jpg cannot be read. It is gone."


def test_only_two_photos_are_explained(qtbot: QtBot, window: MainWindow, requests: Requests) -> None:
    compare(qtbot, window, 3)
    assert not window.views.compare.why_button.isEnabled()
    window.views.compare.set_explained(True)
    assert not requests.pairs
    assert not window.views.compare.is_explained


def test_nothing_in_common_is_not_told() -> None:
    found = explanation()
    text = explanation_text(found, [heat_map(cells) for cells in found.maps], [])
    assert text == "The marked places make up 100% and 100% of the similarity."


def test_every_color_has_a_name_in_the_window() -> None:
    assert set(color_names()) == set(ColorName)
