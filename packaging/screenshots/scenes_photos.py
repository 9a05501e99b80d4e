"""Grids of photos."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from window import Scene, favourite, go_to, select_favourite, settle

from photosim.gui.main_window import MainWindow
from photosim.gui.state.grouping import GroupBy
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Place, Query, QueryImage, View
from photosim.library import Library
from photosim.records import SimilarityBand


def _days(window: MainWindow, library: Library) -> None:
    window.views.top_bar.order_actions[SortOrder.DATE].trigger()
    window.views.browser.set_group_by(GroupBy.DAY)
    select_favourite(window, library)


def _justified(window: MainWindow, library: Library) -> None:
    window.views.actions.square.setChecked(False)
    _days(window, library)


def _similar(window: MainWindow, library: Library) -> None:
    photo = favourite(library)
    less = library.photos_by_id([match.file_id for match in library.similar(photo.file_id, 12)])[-1]
    window.services.navigator.find_similar(
        Query((QueryImage(photo.path, photo),), less=(QueryImage(less.path, less),))
    )


def _folded(window: MainWindow, library: Library) -> None:
    """The end of the results, with the heading of the least similar ones."""
    window.services.navigator.find_similar(Query.of_photos(favourite(library)))
    settle(window)
    for grid in (window.views.browser.grid, window.views.detail.similar.grid):
        grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())


def _unfolded(window: MainWindow, library: Library) -> None:
    """The least similar results, in the panel and in the center."""
    select_favourite(window, library)
    window.services.navigator.find_similar(Query.of_photos(favourite(library)))
    settle(window)
    window.views.actions.less_similar.setChecked(True)
    settle(window)
    browser = window.views.browser
    window.services.navigator.select(browser.photo_model.photo(0))
    settle(window)
    bar = browser.grid.verticalScrollBar()
    bar.setValue(bar.maximum() // 3)


def _strict(window: MainWindow, library: Library) -> None:
    """Only very similar results in the center, and similar ones in the panel."""
    query = Query.of_photos(favourite(library))
    window.services.navigator.find_similar(replace(query, least=SimilarityBand.VERY_SIMILAR))
    settle(window)
    photo = window.views.browser.photo_model.photo(0)
    window.services.navigator.select(photo)
    settle(window)
    window.views.detail.similar.strictness_chosen.emit(SimilarityBand.SIMILAR)


def _selection(window: MainWindow, library: Library) -> None:
    select_favourite(window, library)
    window.views.browser.grid.add_to_selection(range(1, 7, 2))


def _hover(window: MainWindow, library: Library) -> None:
    select_favourite(window, library)
    grid = window.views.browser.grid
    tile = grid.visualRect(grid.model().index(grid.currentIndex().row() + 1, 0))
    for point in (tile.center(), tile.bottomRight() - QPoint(20, 20)):
        QTest.mouseMove(grid.viewport(), point)


def _unusual(window: MainWindow, library: Library) -> None:
    """Photos that look like no other first, with the menu of the orders."""
    window.views.top_bar.order_actions[SortOrder.UNIQUENESS].trigger()
    select_favourite(window, library)


def _then_and_now(window: MainWindow, library: Library) -> None:
    """The cover of a cluster with photos from the most times."""
    covers = library.photos_by_id([cluster.medoid_id for cluster in library.clusters().clusters[:30]])
    dated = [photo for photo in covers if photo.facts.taken_at is not None]
    photo = max(dated, key=lambda photo: len(library.over_time.of_photo(photo.file_id).periods))
    window.services.navigator.open_over_time(photo)


def _walk(window: MainWindow, library: Library) -> None:
    """From the cover of the largest cluster to that of a smaller one."""
    clusters = library.clusters().clusters
    ends = library.photos_by_id([clusters[0].medoid_id, clusters[len(clusters) // 2].medoid_id])
    window.services.navigator.open_walk(*ends)


def _stacks(window: MainWindow, library: Library) -> None:
    window.views.actions.stack.setChecked(True)
    select_favourite(window, library)


def _stack(window: MainWindow, library: Library) -> None:
    """The photos of the largest stack."""
    _stacks(window, library)
    stacks = window.views.browser.photo_model.photo_list.stacks
    top = max(stacks, key=lambda file_id: len(stacks[file_id]))
    window.services.navigator.open_stack(*library.photos_by_id([top]), stacks[top])


def _folders(window: MainWindow, library: Library) -> None:
    """The tree of folders, expanded down to the deepest one."""
    folder = max(library.folder_counts(), key=lambda path: path.count(os.sep))
    window.views.sources.expand({str(parent) for parent in Path(folder).parents})
    window.services.navigator.go(Place(View.FOLDER, folder=folder))


def _stopped(window: MainWindow, library: Library) -> None:
    _folders(window, library)
    window.views.index_strip.show_stopped(1240)


SCENES: dict[str, Scene] = {
    "photos": select_favourite,
    "days": _days,
    "justified": _justified,
    "similar": _similar,
    "folded": _folded,
    "unfolded": _unfolded,
    "strict": _strict,
    "selection": _selection,
    "hover": _hover,
    "stacks": _stacks,
    "stack": _stack,
    "unreadable": partial(go_to, Place(View.UNREADABLE)),
    "then-and-now": _then_and_now,
    "walk": _walk,
    "unusual": _unusual,
    "folders": _folders,
    "stopped": _stopped,
}
