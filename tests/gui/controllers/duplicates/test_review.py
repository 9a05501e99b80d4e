"""Reviewing duplicates in the window: decisions, undo, the basket, and what others change meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.duplicates.results import JudgedPair
from photosim.gui.dialogs.shortcuts import ShortcutsDialog
from photosim.gui.duplicates.page import DuplicatesPage
from photosim.gui.duplicates.review_keys import key_actions
from photosim.gui.main_window import MainWindow
from photosim.gui.state.duplicates.listing import ReviewState
from photosim.gui.state.places import Place, View
from photosim.library import Library
from photosim.records import Photo
from photosim.store.duplicates import DuplicateTable
from tests.gui.test_accessibility import controls, unnamed_controls
from tests.support.window_driver import wait_until_idle

_Key = Qt.Key
GROUPS = 4


@dataclass
class Review:
    """The page of a window, with what a test does on it."""

    qtbot: QtBot
    window: MainWindow
    library: Library

    @property
    def page(self) -> DuplicatesPage:
        return self.window.views.duplicates

    def press(self, *keys: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        for key in keys:
            self.qtbot.keyClick(self.page.list, key, modifier)

    def wait(self) -> None:
        wait_until_idle(self.qtbot, self.window)

    def ids(self) -> list[str]:
        return [group.id for group in self.page.model.groups]

    def kept(self) -> dict[str, frozenset[int]]:
        return self.library.duplicates.reviews()

    def basket(self) -> set[str]:
        return {photo.path for photo in self.library.duplicates.basket().photos}


def photos_of_scene(library: Library, seed: int) -> list[Photo]:
    photos = [photo for photo in library.photos() if f"scene {seed} " in photo.path]
    return sorted(photos, key=lambda photo: photo.path)


def tie(library: Library, *groups: list[Photo]) -> None:
    """Save that all photos of a group are the same photo, in place of what the indexing has found."""
    with library._catalog.database.transaction() as db:
        db.execute("DELETE FROM duplicate_pairs")
        db.execute("DELETE FROM burst_links")
    pairs = [
        JudgedPair(*sorted((one.photo_id, other.photo_id)), 0.9)
        for photos in groups
        for row, one in enumerate(photos)
        for other in photos[row + 1 :]
    ]
    DuplicateTable(library._catalog.database).save({}, 1, pairs)


@pytest.fixture
def review(qtbot: QtBot, library: Library, open_window: Callable[[Library], MainWindow]) -> Review:
    """The Duplicates of a library with groups of two to four photos."""
    tie(library, *(photos_of_scene(library, seed)[: 2 + seed % 3] for seed in range(GROUPS)))
    window = open_window(library)
    window.services.navigator.go(Place(View.DUPLICATES))
    wait_until_idle(qtbot, window)
    window.views.duplicates.list.setFocus()
    return Review(qtbot, window, library)


def test_the_groups_are_listed_and_the_first_one_is_shown(review: Review) -> None:
    page = review.page
    assert review.ids() == [group.id for group in review.library.duplicates.groups()]
    assert len(review.ids()) == GROUPS
    assert page.current == page.model.groups[0]
    shown = [pane.photo.file_id for pane in page.group_view.row.panes]
    assert shown == list(page.model.groups[0].file_ids[: len(shown)])
    assert page.group_view.strip.isVisible(), "the window has no room for four"
    assert all(pane.loaded is not None for pane in page.group_view.row.panes)


def test_k_keeps_the_marked_photo_and_the_next_group_comes_at_once(review: Review) -> None:
    first, second = review.page.model.groups[:2]
    review.press(_Key.Key_K)
    assert review.page.current == second, "without waiting for the library"
    review.wait()
    assert review.kept() == {first.id: frozenset([first.keep])}
    others = {member.photo.path for member in first.photos if member.photo.file_id != first.keep}
    assert review.basket() == others
    assert review.page.basket_bar.button.text() == (
        "Move 1 photo to trash" if len(others) == 1 else f"Move {len(others)} photos to trash"
    )
    assert review.ids()[0] == first.id, "it stays in its place, marked as reviewed"
    assert review.page.model.index(0).data().startswith("Same photo")


def test_the_chosen_photo_is_kept_instead_of_the_suggested_one(review: Review) -> None:
    group = review.page.model.groups[0]
    review.press(_Key.Key_Right, _Key.Key_K)
    review.wait()
    assert review.kept() == {group.id: frozenset([group.file_ids[1]])}


def test_digits_mark_several_photos(review: Review) -> None:
    group = next(group for group in review.page.model.groups if len(group.photos) > 2)
    review.page.list.select_row(review.ids().index(group.id))
    review.press(_Key.Key_3)
    assert review.page.group_view.decisions.keep.text().startswith("Keep 2")
    review.press(_Key.Key_K)
    review.wait()
    assert review.kept()[group.id] == frozenset([group.file_ids[0], group.file_ids[2]])


def test_fast_decisions_are_all_recorded_and_undone_in_order(review: Review) -> None:
    groups = list(review.page.model.groups)
    review.press(*[_Key.Key_K] * GROUPS)
    review.wait()
    assert set(review.kept()) == {group.id for group in groups}
    assert review.page.done_page.isVisible()
    assert review.page.done_page.title.text() == "All reviewed"
    for count in range(GROUPS - 1, -1, -1):
        review.press(_Key.Key_U)
        assert review.page.current == groups[count], "the undone group is shown again"
    review.wait()
    assert review.kept() == {}
    assert review.basket() == set()
    review.window.views.actions.redo.trigger()
    review.wait()
    assert set(review.kept()) == {groups[0].id}


def test_a_key_that_is_held_decides_about_one_group_only(review: Review) -> None:
    held = QKeyEvent(QKeyEvent.Type.KeyPress, _Key.Key_K, Qt.KeyboardModifier.NoModifier, "k", autorep=True)
    review.press(_Key.Key_K)
    second = review.page.current
    for _ in range(5):
        QApplication.sendEvent(review.page.list, held)
    review.wait()
    assert review.page.current == second
    assert len(review.kept()) == 1


def test_u_undoes_decisions_only(review: Review) -> None:
    messages: list[str] = []
    review.window.controllers.library.message.connect(messages.append)
    review.press(_Key.Key_U)
    assert messages == ["No decision to undo."]
    undone: list[str] = []
    review.window.services.undo.push("Merge", undo=lambda: undone.append("merge"))
    review.press(_Key.Key_U)
    assert undone == []


def test_photos_that_are_all_kept_do_not_come_back(review: Review) -> None:
    first = review.page.model.groups[0]
    review.press(_Key.Key_A)
    review.wait()
    assert review.basket() == set()
    review.window.controllers.duplicates.reload()
    review.wait()
    assert first.id not in review.ids()
    review.window.services.undo.undo()
    review.wait()
    assert first.id in review.ids()


def test_photos_that_are_not_the_same_leave_the_list(review: Review) -> None:
    first = review.page.model.groups[0]
    review.press(_Key.Key_N)
    review.wait()
    review.window.controllers.duplicates.reload()
    review.wait()
    assert first.id not in review.ids()
    assert len(review.ids()) == GROUPS - 1


def test_one_photo_that_is_not_the_same_leaves_its_group(review: Review) -> None:
    group = next(group for group in review.page.model.groups if len(group.photos) == 3)
    review.page.list.select_row(review.ids().index(group.id))
    review.press(_Key.Key_Right)
    review.press(_Key.Key_N, modifier=Qt.KeyboardModifier.ShiftModifier)
    review.wait()
    assert group.id not in review.ids()
    rest = {group.file_ids[0], group.file_ids[2]}
    assert any(set(other.file_ids) == rest for other in review.page.model.groups)
    review.press(_Key.Key_U)
    review.wait()
    assert group.id in review.ids()


def test_reviewed_groups_can_be_listed_alone(review: Review) -> None:
    first = review.page.model.groups[0]
    review.press(_Key.Key_K)
    review.wait()
    states = review.page.filters.states
    states.setCurrentIndex(states.findData(ReviewState.REVIEWED))
    states.activated.emit(states.currentIndex())
    review.wait()
    assert review.ids() == [first.id]
    review.page.filters.search.setText("nothing is called so")
    review.qtbot.waitUntil(review.page.done_page.isVisible)
    assert review.ids() == []
    assert review.page.done_page.title.text() == "No matches"
    review.page.filters.clear()
    review.wait()
    assert len(review.ids()) == GROUPS


def test_the_reviews_are_there_again_in_the_next_window(
    review: Review, open_window: Callable[[Library], MainWindow]
) -> None:
    first = review.page.model.groups[0]
    review.press(_Key.Key_K)
    review.wait()
    review.window.close()
    window = open_window(review.library)
    window.services.navigator.go(Place(View.DUPLICATES))
    wait_until_idle(review.qtbot, window)
    assert set(window.views.duplicates.model.reviews) == {first.id}
    assert window.views.duplicates.current != first, "the first one to review is shown"
    assert window.views.duplicates.basket_bar.summary.photos == len(first.photos) - 1


def test_a_group_whose_file_is_gone_leaves_the_list_and_the_place_is_kept(review: Review) -> None:
    second = review.page.model.groups[1]
    review.press(_Key.Key_Down)
    gone = review.page.model.groups[0].photos[0].photo
    with review.library._catalog.database.transaction() as db:
        db.execute("DELETE FROM files WHERE id = ?", (gone.file_id,))
    review.window.controllers.library.photos_changed.emit()
    review.wait()
    assert review.page.current is not None
    assert review.page.current.id == second.id


def test_a_library_that_can_be_only_read_is_shown_and_not_changed(review: Review) -> None:
    review.page.set_writable(False)
    first = review.page.current
    review.press(_Key.Key_K, _Key.Key_A, _Key.Key_N)
    review.wait()
    assert review.page.current == first
    assert review.kept() == {}
    assert not review.page.group_view.decisions.keep.isEnabled()
    assert not review.page.basket_bar.button.isEnabled()


def test_a_decision_that_fails_is_shown_as_open_again(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(type(review.library.duplicates), "decide_all", fail)
    errors: list[object] = []
    monkeypatch.setattr(review.window.controllers.library, "show_error", errors.append)
    first = review.page.model.groups[0]
    review.press(_Key.Key_K)
    review.wait()
    assert first.id not in review.page.model.reviews
    assert len(errors) == 1


def test_enter_opens_the_comparison_and_it_returns_to_the_list(review: Review) -> None:
    review.press(_Key.Key_Return)
    review.wait()
    compare = review.window.views.compare
    shown = review.page.group_view.row.members
    assert compare.photos == [member.photo for member in shown]
    compare.dismiss()
    assert review.page.list.hasFocus()


def test_leaving_the_place_frees_the_photos_and_back_shows_the_group(review: Review) -> None:
    review.press(_Key.Key_Down)
    shown = review.page.current
    review.window.services.navigator.go(Place(View.ALL))
    review.wait()
    assert review.page.group_view.cache.photo(shown.photos[0].photo) is None  # type: ignore[union-attr]
    review.window.services.navigator.back()
    review.wait()
    assert review.page.current == shown


def test_every_control_of_the_page_has_a_name_for_screen_readers(review: Review) -> None:
    assert len(list(controls(review.page))) > 30
    assert unnamed_controls(review.page) == []


def test_the_shortcuts_dialog_has_every_key_of_the_page(review: Review) -> None:
    review.window.views.actions.shortcuts.trigger()
    sheet = review.window.findChild(ShortcutsDialog)
    assert sheet is not None
    listed = " ".join(key for title, keys in sheet.groups if title == "Duplicates" for key, _ in keys)
    words = set(listed.replace(",", " ").split())
    same = {"Return": "Enter", "Escape": "Esc", "Plus": "+", "Equal": "+", "Minus": "−"}
    for key, modifier in key_actions(review.page):
        name = Qt.Key(key).name.removeprefix("Key_")
        name = same.get(name, name)
        if name in "123456789":
            name = "1–9"
        elif modifier == Qt.KeyboardModifier.ShiftModifier and name != "+":
            name = f"Shift+{name}"
        assert name in words, name
    sheet.close()


def test_tab_goes_round_the_page_and_its_keys_hold_in_all_of_it(review: Review) -> None:
    review.page.list.setFocus()
    reached = []
    for _ in range(80):
        review.window.focusNextChild()
        reached.append(QApplication.focusWidget())
        if reached[-1] is review.page.list:
            break
    assert reached[-1] is review.page.list
    panes = review.page.group_view.row.panes
    for control in (
        *panes,
        panes[0].keep_button,
        review.page.filters.search,
        review.page.group_view.decisions.keep,
    ):
        assert control in reached
    panes[1].setFocus()
    assert review.page.group_view.current is not None
    assert review.page.group_view.current.photo == panes[1].photo
    first = review.page.current
    review.qtbot.keyClick(panes[1], _Key.Key_Down)
    assert review.page.current != first
    review.page.filters.search.setFocus()
    review.qtbot.keyClicks(review.page.filters.search, "kan1")
    assert review.page.filters.search.text() == "kan1"
    assert review.kept() == {}


@pytest.mark.parametrize("size", [(900, 470), (683, 406)])
def test_a_small_window_shows_the_photos_and_all_decisions(review: Review, size: tuple[int, int]) -> None:
    review.window.resize(*size)
    review.wait()
    assert (review.window.width(), review.window.height()) == size
    view = review.page.group_view
    for button in (view.decisions.keep, view.decisions.keep_all, review.page.basket_bar.button):
        corner = button.mapTo(review.page, button.rect().bottomRight())
        assert review.page.rect().contains(corner), button.text()
    assert view.row.panes[0].canvas.height() > 20


def test_the_keyboard_follows_from_the_photos_to_the_groups(review: Review) -> None:
    review.window.services.navigator.go(Place(View.ALL))
    review.wait()
    review.window.views.browser.grid.setFocus()
    review.window.views.actions.show_duplicates.trigger()
    review.wait()
    assert review.page.list.hasFocus()


def test_the_keyboard_is_in_the_list_once_the_groups_are_loaded(
    qtbot: QtBot, library: Library, open_window: Callable[[Library], MainWindow]
) -> None:
    window = open_window(library)
    window.views.browser.grid.setFocus()
    window.views.actions.show_duplicates.trigger()
    wait_until_idle(qtbot, window)
    assert window.views.duplicates.model.rowCount() > 0
    assert window.views.duplicates.list.hasFocus()


def test_after_a_click_in_the_side_bar_the_keys_apply_to_the_groups(review: Review) -> None:
    window, tree = review.window, review.window.views.sources.tree
    window.services.navigator.go(Place(View.ALL))
    review.wait()
    index = window.views.sources.model.index_of(Place(View.DUPLICATES))
    assert index is not None
    point = tree.visualRect(index).center()
    review.qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=point)
    review.wait()
    focused = QApplication.focusWidget()
    assert focused is review.page.list
    review.qtbot.keyClick(focused, _Key.Key_A)
    review.wait()
    assert window.services.navigator.current.view is View.DUPLICATES, "A is no search in the side bar"
    assert len(review.kept()) == 1
