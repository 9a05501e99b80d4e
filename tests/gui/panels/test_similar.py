"""The panel of similar photos: a page at a time, folded and strict."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.panels.similar import SimilarPanel
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.services.similarity import Done
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.places import Query
from photosim.gui.state.results import FIRST_PAGE, Result, Results
from photosim.records import SimilarityBand
from tests.support.photo_records import make_photo_record
from tests.support.window_driver import click

LEFT = Qt.MouseButton.LeftButton
QUERY = Query.of_photos(make_photo_record(9999))


class Search:
    """Answers at once with the first of these results."""

    def __init__(self, close: int, total: int) -> None:
        similar, less = SimilarityBand.SIMILAR, SimilarityBand.LESS_SIMILAR
        self.rows = [
            Result(make_photo_record(number), 1 - number / 1000, similar if number <= close else less)
            for number in range(1, total + 1)
        ]
        self.counts: list[int] = []

    def search(self, query: Query, done: Done, count: int = FIRST_PAGE) -> None:  # noqa: ARG002
        self.counts.append(count)
        done(Results(tuple(self.rows[:count]), is_complete=len(self.rows) < count), None)


def open_panel(qtbot: QtBot, jobs: Jobs, client: PhotoClient, search: Search) -> SimilarPanel:
    thumbnails = ThumbnailLoader(lambda _: None, jobs)
    panel = SimilarPanel(search, thumbnails, jobs, client, lambda _: None)  # type: ignore[arg-type]
    qtbot.addWidget(panel)
    panel.resize(360, 500)
    with qtbot.waitExposed(panel):
        panel.show()
    panel.show_query(QUERY)
    settle(qtbot, jobs)
    return panel


def settle(qtbot: QtBot, jobs: Jobs) -> None:
    QApplication.processEvents()
    qtbot.waitUntil(lambda: not jobs.is_busy)
    QApplication.processEvents()


def scroll_to_end(qtbot: QtBot, jobs: Jobs, panel: SimilarPanel) -> None:
    bar = panel.grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    settle(qtbot, jobs)


def test_more_results_follow_as_one_scrolls_and_nothing_moves(
    qtbot: QtBot, jobs: Jobs, photo_client: PhotoClient
) -> None:
    search = Search(close=1000, total=1000)
    panel = open_panel(qtbot, jobs, photo_client, search)
    assert panel.model.rowCount() == FIRST_PAGE
    assert search.counts == [FIRST_PAGE], "the end is not near"
    panel.grid.select_row(FIRST_PAGE - 2)
    scroll_to_end(qtbot, jobs, panel)
    first = panel.grid.visible_rows().start
    assert panel.model.rowCount() == 2 * FIRST_PAGE
    assert panel.grid.selected_rows() == [FIRST_PAGE - 2]
    assert panel.grid.visualRect(panel.model.index(FIRST_PAGE - 1)).bottom() <= panel.grid.height()
    assert first < FIRST_PAGE
    scroll_to_end(qtbot, jobs, panel)
    assert panel.model.rowCount() == 4 * FIRST_PAGE
    assert search.counts == [FIRST_PAGE, 2 * FIRST_PAGE, 4 * FIRST_PAGE]


def test_the_end_of_the_results_is_asked_for_once(
    qtbot: QtBot, jobs: Jobs, photo_client: PhotoClient
) -> None:
    search = Search(close=1000, total=FIRST_PAGE)
    panel = open_panel(qtbot, jobs, photo_client, search)
    for _ in range(3):
        scroll_to_end(qtbot, jobs, panel)
        panel.grid.verticalScrollBar().setValue(0)
    assert search.counts == [FIRST_PAGE, 2 * FIRST_PAGE]
    assert panel.grid._layout.sections[0].counted


def test_a_click_on_the_folded_heading_shows_what_is_less_similar(
    qtbot: QtBot, jobs: Jobs, photo_client: PhotoClient
) -> None:
    search = Search(close=12, total=1000)
    panel = open_panel(qtbot, jobs, photo_client, search)
    assert panel.model.rowCount() == 12
    assert search.counts == [FIRST_PAGE], "nothing is loaded that would be folded"
    panel.grid.fold_toggled.connect(lambda _: panel.set_unfolded(True))
    grid = panel.grid
    scroll_to_end(qtbot, jobs, panel)
    box = grid._layout.heading_box(1)
    qtbot.mouseClick(
        grid.viewport(), LEFT, pos=QPoint(box.x + 30, box.y + box.height // 2 - grid.verticalOffset())
    )
    settle(qtbot, jobs)
    assert panel.model.rowCount() >= FIRST_PAGE
    assert [section.title for section in panel.model.sections] == ["Similar", "Less similar"]
    panel.show_query(Query.of_photos(make_photo_record(8888)))
    settle(qtbot, jobs)
    assert panel.model.rowCount() >= FIRST_PAGE, "it stays unfolded"


def test_a_stricter_search_has_a_chip_that_is_removed(
    qtbot: QtBot, jobs: Jobs, photo_client: PhotoClient
) -> None:
    panel = open_panel(qtbot, jobs, photo_client, Search(close=7, total=90))
    assert not panel.chips.isVisible()
    chosen: list[SimilarityBand] = []

    def choose(least: SimilarityBand) -> None:
        chosen.append(least)
        panel.show_query(replace(QUERY, least=least))

    panel.strictness_chosen.connect(choose)
    panel.strictness.choices[SimilarityBand.SIMILAR].trigger()
    assert panel.model.rowCount() == 7
    assert panel.chips.strictness_chip.isVisible()
    assert panel.chips.strictness_chip.text() == "Similar or better"
    assert panel.strictness.accessibleName() == "Show: Similar or better"
    panel.strictness.choices[SimilarityBand.VERY_SIMILAR].trigger()
    assert panel.empty.title.text() == "No close matches"
    qtbot.mouseClick(panel.empty.findChild(QPushButton, "primary"), LEFT)
    assert panel.model.rowCount() == FIRST_PAGE
    assert not panel.chips.isVisible()
    panel.strictness.choices[SimilarityBand.SAME_PHOTO].trigger()
    panel.chips.strictness_chip.setFocus()
    qtbot.keyClick(panel.chips.strictness_chip, Qt.Key.Key_Delete)
    assert chosen[-2:] == [SimilarityBand.SAME_PHOTO, SimilarityBand.LESS_SIMILAR]
    settle(qtbot, jobs)


def test_a_double_click_opens_a_photo_of_the_list_that_its_first_click_replaced(
    qtbot: QtBot, jobs: Jobs, photo_client: PhotoClient
) -> None:
    search = Search(close=1000, total=40)
    panel = open_panel(qtbot, jobs, photo_client, search)
    grid, opened = panel.grid, []
    grid.photo_opened.connect(lambda photos, index: opened.append(photos[index].file_id))

    def follow(photo: object) -> None:
        search.rows.reverse()
        panel.show_query(Query.of_photos(photo))  # type: ignore[arg-type]

    grid.photo_chosen.connect(follow)
    before = panel.model.photo(4).file_id
    click(qtbot, grid, 4)
    assert panel.model.photo(4).file_id != before
    qtbot.mouseDClick(grid.viewport(), LEFT, pos=grid.visualRect(panel.model.index(4)).center())
    assert opened == [before]
    settle(qtbot, jobs)


@pytest.mark.parametrize("reload", [False, True])
def test_arrow_keys_move_and_enter_chooses(
    qtbot: QtBot, jobs: Jobs, photo_client: PhotoClient, reload: bool
) -> None:
    panel = open_panel(qtbot, jobs, photo_client, Search(close=1000, total=40))
    chosen: list[int] = []
    panel.grid.photo_chosen.connect(lambda photo: chosen.append(photo.file_id))
    panel.grid.select_row(0)
    qtbot.keyClick(panel.grid, Qt.Key.Key_Right)
    if reload:
        panel.show_query(QUERY, reload=True)
    assert chosen == []
    assert panel.grid.selected_rows() == [1], "a reload changes nothing"
    qtbot.keyClick(panel.grid, Qt.Key.Key_Return)
    assert chosen == [2]
    settle(qtbot, jobs)
