"""The page of a compared folder: its lists, and what its buttons copy."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from photosim.duplicates.comparison import ComparedPhoto, ComparedState, Comparison
from photosim.duplicates.keep_rules import KeepRule
from photosim.duplicates.results import CopyRelation
from photosim.gui.base.jobs import Jobs
from photosim.gui.comparison.model import ComparisonModel, ComparisonRole, tile_ids
from photosim.gui.comparison.page import ComparisonListing, ComparisonPage
from photosim.gui.state.text.comparison import STATES, match_text, notes_text, summary_text, why_texts
from photosim.records import UnreadableFile
from tests.support.images import make_scene
from tests.support.photo_records import make_photo_record

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
CROP = CopyRelation((1.25, 0, -0.125, 0, 1.25, -0.125), 0.64)


def compared(number: int, state: ComparedState, **more: object) -> ComparedPhoto:
    photo = replace(make_photo_record(number), path=f"/card/DCIM/IMG_{number}.JPG")
    values = {"match": f"/photos/{number}.jpg", "match_digest": bytes([number]) * 16, "similarity": 0.97}
    return ComparedPhoto(photo, bytes([100 + number]) * 16, state, **{**values, **more})  # type: ignore[arg-type]


NEW = [compared(number, ComparedState.NEW, similarity=0.71) for number in (1, 2, 3)]
BETTER = compared(4, ComparedState.THEIRS_BETTER, reasons=(KeepRule.PIXELS, KeepRule.EARLIER))
WORSE = compared(5, ComparedState.OURS_BETTER, reasons=(KeepRule.PIXELS,), relation=CROP)
SAME = compared(6, ComparedState.SAME, is_identical=True, similarity=1.0)
BROKEN = UnreadableFile("/card/DCIM/IMG_9.JPG", "The file is empty.")
RESULT = Comparison(
    "/card", "", "2026-05-03T12:05:00+00:00", (*NEW, BETTER, WORSE, SAME), (BROKEN,), videos=2, unanalyzed=1
)


def thumbnails(digests: object) -> dict[bytes, bytes]:
    import io

    stream = io.BytesIO()
    make_scene(1).save(stream, "JPEG")
    return dict.fromkeys(digests, stream.getvalue())  # type: ignore[call-overload]


@pytest.fixture
def page(qtbot: QtBot, jobs: Jobs) -> ComparisonPage:
    shown = ComparisonPage(jobs, thumbnails)
    qtbot.addWidget(shown)
    shown.resize(900, 600)
    shown.show()
    shown.show_result(ComparisonListing.of(RESULT), select_first=True)
    return shown


def titles(page: ComparisonPage) -> list[str]:
    model = page.photos.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_every_state_has_a_tab_with_its_count(page: ComparisonPage) -> None:
    texts = [page.tabs.tabText(tab) for tab in range(page.tabs.count())]
    assert texts == [
        "New (3)",
        "Better here (1)",
        "Better in library (1)",
        "In library (1)",
        "Unreadable (1)",
    ]
    assert titles(page) == ["IMG_1.JPG", "IMG_2.JPG", "IMG_3.JPG"]
    page.tabs.setCurrentIndex(STATES.index(ComparedState.OURS_BETTER))
    assert titles(page) == ["IMG_5.JPG"]
    page.tabs.setCurrentIndex(4)
    assert titles(page) == ["IMG_9.JPG"]
    page.show_result(ComparisonListing.of(replace(RESULT, unreadable=())), select_first=True)
    assert not page.tabs.isTabVisible(4)


def test_a_list_without_photos_says_so(page: ComparisonPage) -> None:
    page.show_result(ComparisonListing.of(replace(RESULT, photos=(SAME,))), select_first=True)
    assert page.tabs.currentIndex() == STATES.index(ComparedState.SAME)
    page.tabs.setCurrentIndex(0)
    assert page.empty.isVisible()
    assert "Everything in this folder is in your library" in page.empty.title.text()
    page.show_result(ComparisonListing.of(replace(RESULT, photos=(), unreadable=())), select_first=True)
    assert page.empty.title.text() == "No photos found in this folder."


def test_the_buttons_copy_the_selection_or_else_all_new_photos(qtbot: QtBot, page: ComparisonPage) -> None:
    assert page.copy_button.text() == "Copy 3 new photos to…"
    with qtbot.waitSignal(page.copy_requested) as copied:
        page.copy_button.click()
    assert copied.args == [NEW, False]
    page.photos.setCurrentIndex(page.photos.model().index(1, 0))
    assert page.copy_button.text() == "Copy 1 photo to…"
    with qtbot.waitSignal(page.copy_requested) as copied:
        page.add_button.click()
    assert copied.args == [[NEW[1]], True]
    page.show_result(ComparisonListing.of(replace(RESULT, photos=(SAME,))), select_first=True)
    assert page.copy_button.isHidden()
    assert page.add_button.isHidden()


def test_enter_shows_a_photo_beside_its_match(qtbot: QtBot, page: ComparisonPage) -> None:
    page.photos.setCurrentIndex(page.photos.model().index(2, 0))
    with qtbot.waitSignal(page.compare_requested) as opened:
        qtbot.keyClick(page.photos, Qt.Key.Key_Return)
    assert opened.args == [NEW[2]]


def test_both_tiles_of_the_visible_rows_are_loaded(qtbot: QtBot, page: ComparisonPage) -> None:
    style = page.photos.delegate.style
    for tile in (tile for photo in NEW for tile in tile_ids(photo)):
        qtbot.waitUntil(lambda tile=tile: page.tiles.has(tile, style))
    assert not page.photos.grab().isNull()


def test_a_first_comparison_shows_that_it_runs_and_one_that_failed_offers_to_start(
    qtbot: QtBot, page: ComparisonPage
) -> None:
    page.show_running("/other")
    assert page.empty.title.text() == "Comparing…"
    assert page.tabs.isHidden()
    assert page.to_copy == []
    page.show_none("/other")
    assert "kept" in page.empty.text.text()


def test_the_model_tells_a_screen_reader_the_state_and_why(qtbot: QtBot) -> None:
    model = ComparisonModel()
    tester = QAbstractItemModelTester(model, FATAL)
    model.show([*RESULT.photos, BROKEN])
    spoken = [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]
    assert spoken[0] == "IMG_1.JPG, New, 71% similar, Most similar in library: 1.jpg, /photos"
    assert spoken[3] == "IMG_4.JPG, Better here, Here: larger, original date, In library: 4.jpg, /photos"
    assert spoken[-1] == "IMG_9.JPG, The file is empty."
    content = model.index(len(RESULT.photos), 0).data(ComparisonRole.CONTENT)
    assert (content.photo_id, content.why) == (None, "The file is empty.")
    model.show([])
    del tester


def test_why_tells_both_sides() -> None:
    assert why_texts(WORSE, "") == ["Here: cropped to 64%", "Library: larger"]
    assert why_texts(BETTER, "") == ["Here: larger, original date"]
    assert why_texts(replace(BETTER, relation=CROP.inverse), "") == [
        "Here: larger, original date",
        "Library: cropped to 64%",
    ]
    assert why_texts(SAME, "") == ["Identical"]
    assert why_texts(replace(SAME, is_identical=False), "") == ["Equal quality"]
    itself = replace(SAME, match=SAME.photo.path)
    assert why_texts(itself, "") == ["This file is in the library"]
    assert match_text(itself, "") == ""
    assert why_texts(replace(NEW[0], match=None, match_digest=None), "") == []


def test_what_was_not_compared_is_told() -> None:
    assert summary_text(RESULT) == "6 photos compared, 3 new, 1 better here."
    notes = notes_text(RESULT)
    assert "2 videos were not compared." in notes
    assert "1 photo of your library isn't analyzed yet" in notes
    itself = replace(SAME, match=SAME.photo.path)
    assert "1 photo of this folder is part of your library." in notes_text(replace(RESULT, photos=(itself,)))


def test_another_folder_has_its_own_words_and_is_not_added_to_the_library(
    qtbot: QtBot, page: ComparisonPage
) -> None:
    assert page.with_button.text() == "Library"
    assert not page.with_library.isVisible()
    with qtbot.waitSignal(page.other_requested):
        page.with_other.trigger()
    page.show_result(ComparisonListing.of(replace(RESULT, other="/backup/old")), select_first=True)
    assert page.with_button.text() == "/backup/old"
    assert [page.tabs.tabText(tab) for tab in (2, 3)] == ["Better in other folder (1)", "In other folder (1)"]
    assert page.copy_button.isVisible()
    assert page.add_button.isHidden()
    page.tabs.setCurrentIndex(2)
    row = page.photos.model().index(0, 0)
    content = row.data(ComparisonRole.CONTENT)
    assert content.match == "In other folder: 5.jpg, /photos"
    assert content.why == "Here: cropped to 64%  ·  Other folder: larger"
    assert "Better in other folder" in row.data(Qt.ItemDataRole.AccessibleTextRole)
    with qtbot.waitSignal(page.library_chosen):
        page.with_library.trigger()
    for state in STATES:
        others = tuple(photo for photo in RESULT.photos if photo.state is not state)
        page.show_result(
            ComparisonListing.of(replace(RESULT, other="/backup", photos=others)), select_first=False
        )
        page.tabs.setCurrentIndex(STATES.index(state))
        assert page.empty.isVisible()
        assert "other folder" in page.empty.title.text()
    itself = replace(SAME, match=SAME.photo.path)
    assert why_texts(itself, "/backup") == ["This file is in both folders"]
    assert "1 photo is in both folders" in notes_text(replace(RESULT, other="/backup", photos=(itself,)))
    page.show_running("/card", "/backup")
    assert "folders are only read" in page.empty.text.text()
