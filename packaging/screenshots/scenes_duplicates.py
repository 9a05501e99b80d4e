"""Duplicates, and folders that are compared."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QWidget
from window import Scene, dialog_of, go_to, settle

from photosim.duplicates.comparison import ComparedPhoto, ComparedState, Comparison
from photosim.duplicates.keep_rules import KeepRule
from photosim.duplicates.results import CopyRelation
from photosim.gui.comparison.page import ComparisonListing
from photosim.gui.dialogs.trash_questions import LastCopyQuestion
from photosim.gui.duplicates.pair_view import PairMode
from photosim.gui.main_window import MainWindow
from photosim.gui.services.processes.indexing import IndexState
from photosim.gui.state.places import Place, View
from photosim.gui.state.text.comparison import STATES
from photosim.library import Library
from photosim.records import Phase, Progress, UnreadableFile


def _duplicates(window: MainWindow, library: Library) -> None:
    go_to(Place(View.DUPLICATES), window, library)
    settle(window)
    window.views.duplicates.list.select_row(0)


def _duplicates_mode(mode: PairMode, window: MainWindow, library: Library) -> None:
    _duplicates(window, library)
    settle(window)
    window.views.duplicates.group_view.step(1)
    window.views.duplicates.group_view.set_mode(mode)


def _duplicates_reviewed(window: MainWindow, library: Library) -> None:
    _duplicates(window, library)
    for _ in range(3):
        window.views.duplicates.keep()
    window.views.duplicates.keep_all()


def _duplicates_certain(window: MainWindow, library: Library) -> QWidget:
    _duplicates(window, library)
    window.views.actions.review_certain.trigger()
    settle(window)
    return dialog_of(window)


def _keep_rules(window: MainWindow, library: Library) -> QWidget:
    _duplicates(window, library)
    window.views.actions.keep_rules.trigger()
    dialog = window.controllers.duplicate_rules.dialog
    assert dialog is not None
    dialog.across_box.setChecked(True)
    return dialog_of(window)


def _comparison(state: ComparedState, window: MainWindow, library: Library, other: str = "") -> None:
    """A memory card, made up of photos of the library, of which every state has some."""
    result = replace(_card(library), other=other)
    window.services.navigator.go(Place(View.COMPARISON, folder=result.folder, other=other or None))
    settle(window)
    page = window.views.comparison
    page.show_result(ComparisonListing.of(result), select_first=True)
    page.tabs.setCurrentIndex(STATES.index(state))
    page.photos.setCurrentIndex(page.photos.model().index(1, 0))
    window.views.comparison_strip.show_result(result)


def _comparison_running(window: MainWindow, library: Library) -> None:
    folder = _card(library).folder
    window.services.navigator.go(Place(View.COMPARISON, folder=folder))
    settle(window)
    window.views.comparison.show_running(folder)
    window.views.comparison_strip.show_state(IndexState.RUNNING)
    window.views.comparison_strip.show_progress(Progress(Phase.ANALYZING, 840, 2000, seconds_left=95))


def _comparison_none_new(window: MainWindow, library: Library) -> None:
    result = _card(library)
    window.services.navigator.go(Place(View.COMPARISON, folder=result.folder))
    settle(window)
    known = tuple(photo for photo in result.photos if photo.state is not ComparedState.NEW)
    window.views.comparison.show_result(
        ComparisonListing.of(replace(result, photos=known, videos=0)), select_first=False
    )
    window.views.comparison.tabs.setCurrentIndex(0)


def _card(library: Library) -> Comparison:
    photos = library.photos()[::3][:36]
    digests = library.comparisons.catalog.digests([photo.photo_id for photo in photos])
    rules = {
        ComparedState.THEIRS_BETTER: (KeepRule.PIXELS, KeepRule.EARLIER),
        ComparedState.OURS_BETTER: (KeepRule.PIXELS, KeepRule.BYTES_PER_PIXEL),
    }
    crop = CopyRelation((1.25, 0, -0.1, 0, 1.2, -0.1), 0.67)
    compared = []
    for number, photo in enumerate(photos):
        state = STATES[number % 4]
        match = library.similar(photo.file_id, 1)[0] if state is ComparedState.NEW else None
        path = photo.path if match is None else match.path
        other = (
            digests[photo.photo_id] if match is None else library.comparisons.catalog.digest(match.photo_id)
        )
        compared.append(
            ComparedPhoto(
                replace(photo, file_id=number, path=f"/media/CARD/DCIM/100CANON/IMG_{1200 + number}.JPG"),
                digests[photo.photo_id],
                state,
                path,
                other,
                0.71 if match is None else match.similarity,
                0.0 if match is not None else 0.99,
                state is ComparedState.SAME,
                rules.get(state, ()),
                crop if state is ComparedState.OURS_BETTER and number % 8 == 2 else None,
            )
        )
    broken = UnreadableFile("/media/CARD/DCIM/100CANON/IMG_1299.JPG", "The file is empty.")
    return Comparison("/media/CARD", "", "2026-05-03T12:05:00+00:00", tuple(compared), (broken,), videos=3)


def _copies(window: MainWindow, library: Library) -> QWidget:
    paths = [photo.path for photo in library.photos()[:4]]
    LastCopyQuestion(paths, 2, 4, lambda _: None, window).open()
    return dialog_of(window)


SCENES: dict[str, Scene] = {
    "duplicates": _duplicates,
    "duplicates-split": partial(_duplicates_mode, PairMode.WIPE),
    "duplicates-difference": partial(_duplicates_mode, PairMode.DIFFERENCE),
    "duplicates-reviewed": _duplicates_reviewed,
    "duplicates-certain": _duplicates_certain,
    "keep-rules": _keep_rules,
    "comparison": partial(_comparison, ComparedState.NEW),
    "comparison-better": partial(_comparison, ComparedState.OURS_BETTER),
    "comparison-folders": partial(_comparison, ComparedState.OURS_BETTER, other="/media/Backup 2024/Photos"),
    "comparison-running": _comparison_running,
    "comparison-none-new": _comparison_none_new,
    "copies": _copies,
}
