"""The whole window: a basket of duplicates goes to the trash, and is undone and redone, as one step."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.results import Basket, BasketGroup
from photosim.errors import NoTrashError
from photosim.gui.dialogs.trash_questions import NoTrashQuestion
from photosim.gui.main_window import MainWindow
from photosim.gui.services import file_operations
from photosim.library import Library
from photosim.library.files.operations import OperationResult
from photosim.records import Photo
from tests.gui.file_operations.steps import list_files, wait_until_done
from tests.support.window_driver import shown_names


@pytest.fixture
def basket(library: Library, folder: Path) -> Basket:
    """Both files of photo 3 give way to photo 0, and a copy of photo 4 to the other."""
    return Basket(
        tuple(
            BasketGroup(
                kept,
                DuplicateKind.SAME,
                tuple(photo(library, folder / path) for path in gone),
                (photo(library, folder / kept),),
            )
            for gone, kept in ((["a/3.jpg", "b/same 3.jpg"], "a/0.jpg"), (["b/same 4.jpg"], "a/4.jpg"))
        )
    )


def photo(library: Library, path: Path) -> Photo:
    found = library.find(path)
    assert found is not None
    return found


def trash(qtbot: QtBot, window: MainWindow, basket: Basket) -> list[OperationResult | None]:
    results: list[OperationResult | None] = []
    window.controllers.files.trash_basket(basket, finished=results.append)
    wait_until_done(qtbot, window)
    return results


def test_a_basket_is_one_step_that_is_undone_and_redone(
    qtbot: QtBot, window: MainWindow, folder: Path, basket: Basket
) -> None:
    before = list_files(folder)
    [result] = trash(qtbot, window, basket)
    assert result is not None
    assert len(result.report.done) == 3
    left = [name for name in before if name not in ("a/3.jpg", "b/same 3.jpg", "b/same 4.jpg")]
    for _ in range(2):
        assert list_files(folder) == left
        assert "3.jpg" not in shown_names(window)
        window.views.actions.undo.trigger()
        wait_until_done(qtbot, window)
        assert list_files(folder) == before
        assert not window.views.browser.selected_photos()
        assert not window.views.actions.undo.isEnabled()
        window.views.actions.redo.trigger()
        wait_until_done(qtbot, window)
    assert window.controllers.files.question is None


def test_a_photo_that_stays_is_told_with_its_reason(
    qtbot: QtBot, window: MainWindow, folder: Path, basket: Basket
) -> None:
    (folder / "a" / "4.jpg").write_bytes(b"another photo")
    trash(qtbot, window, basket)
    assert window.views.file_strip.text.text() == (
        "2 photos moved to trash. “same 4.jpg” wasn't changed: The photo to keep in its place was changed."
    )
    assert (folder / "b" / "same 4.jpg").exists()


def test_a_basket_that_is_cancelled_before_its_turn_is_told(
    qtbot: QtBot, window: MainWindow, basket: Basket
) -> None:
    results: list[OperationResult | None] = []
    window.controllers.files.trash_basket(basket, finished=results.append)
    window.controllers.files.trash_basket(basket, finished=results.append)
    window.controllers.files.queue.cancel()
    assert results == [None], "the one that waited"
    wait_until_done(qtbot, window)
    assert len(results) == 2


def test_where_there_is_no_trash_the_photo_to_keep_is_looked_at_again_before_deleting(
    qtbot: QtBot, window: MainWindow, folder: Path, basket: Basket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: str) -> str:
        raise NoTrashError("Couldn't move it to the trash: its drive has no trash.")

    monkeypatch.setattr(file_operations, "move_to_trash", refuse)
    trash(qtbot, window, basket)
    (folder / "a" / "4.jpg").unlink()
    [asked] = window.findChildren(NoTrashQuestion)
    asked.delete_button.click()
    wait_until_done(qtbot, window)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert (folder / "b" / "same 4.jpg").exists()
    assert not (folder / "a" / "3.jpg").exists()
