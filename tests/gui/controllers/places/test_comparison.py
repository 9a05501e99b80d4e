"""Comparing a folder with the library in the window, by a real process."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosim.duplicates.comparison import ComparedState
from photosim.gui.base import qt_paths
from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import View
from photosim.library import Library
from photosim.records import Phase
from photosim.runtime.control import JobControl
from tests.support.images import make_detailed_scene, make_exif, save
from tests.support.indexing import indexed_library
from tests.support.program_script import write_program
from tests.support.window_driver import drop, wait_until_idle

Open = Callable[[Library], MainWindow]
EXIF = make_exif(taken_at="2024:05:01 12:00:00", make="Canon", model="EOS R6")


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """A library of three photos, whose child processes have the fake embedder, too."""
    for seed in range(3):
        save(make_detailed_scene(seed).resize((640, 480)), tmp_path / "ours" / f"{seed}.jpg", exif=EXIF)
    program = write_program(tmp_path / "program.py")
    import sys

    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [sys.executable, str(program)])
    with indexed_library(tmp_path / "library", tmp_path / "ours", monkeypatch) as opened:
        yield opened


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    folder.mkdir()
    save(make_detailed_scene(1), folder / "smaller.jpg", exif=EXIF)
    save(make_detailed_scene(40), folder / "new.jpg", exif=EXIF)
    (folder / "new.xmp").write_text("<x:xmpmeta/>")
    return folder


def compare(qtbot: QtBot, window: MainWindow, card: Path) -> None:
    with qtbot.waitSignal(window.services.comparison_process.finished):
        window.controllers.comparison.compare(str(card))
    wait_until_idle(qtbot, window)


def states(window: MainWindow) -> dict[str, ComparedState]:
    result = window.views.comparison.result
    assert result is not None
    return {Path(photo.photo.path).name: photo.state for photo in result.photos}


def test_a_folder_dropped_with_shift_is_compared_and_its_new_photos_are_copied_and_added(
    qtbot: QtBot,
    library: Library,
    card: Path,
    tmp_path: Path,
    open_window: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window(library)
    services, page = window.services, window.views.comparison
    with qtbot.waitSignal(services.comparison_process.finished) as finished:
        drop(window, [card], Qt.KeyboardModifier.ShiftModifier)
        assert services.navigator.current.view is View.COMPARISON
    assert finished.args[0].phase is Phase.DONE
    wait_until_idle(qtbot, window)
    assert states(window) == {"new.jpg": ComparedState.NEW, "smaller.jpg": ComparedState.OURS_BETTER}
    assert len(library.photos()) == 3, "nothing joins the library"
    assert "2 photos compared, 1 new" in window.views.comparison_strip.text.text()
    assert "Compared: card" in window.windowTitle()
    # Copied by date with its side file, and undone by one step of Undo.
    target = tmp_path / "target"
    target.mkdir()
    monkeypatch.setattr(qt_paths, "choose_folder", lambda *_: str(target))
    page.copy_button.click()
    qtbot.waitUntil(lambda: "copied to" in window.views.file_strip.text.text())
    with qtbot.waitSignal(services.comparison_process.finished):  # although all of them are there by now
        page.add_button.click()
    wait_until_idle(qtbot, window)
    copied = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    assert copied == {"2024/2024-05-01/new.jpg", "2024/2024-05-01/new.xmp"}
    assert sorted(path.name for path in card.iterdir()) == ["new.jpg", "new.xmp", "smaller.jpg"]
    assert len(library.photos()) == 4
    assert states(window)["new.jpg"] is ComparedState.SAME
    assert window.views.actions.undo.isEnabled()


def test_a_folder_compared_before_is_offered_in_the_menu_and_shown_while_it_is_offline(
    qtbot: QtBot, library: Library, card: Path, open_window: Open
) -> None:
    assert list(library.comparisons.run(card))
    shutil.move(card, card.with_name("unplugged"))
    window = open_window(library)
    wait_until_idle(qtbot, window)
    menu = window.views.actions.recent_comparisons
    [action] = menu.actions()
    assert action.text() == f"{card} (1 new)"
    action.trigger()
    wait_until_idle(qtbot, window)
    assert len(states(window)) == 2
    with qtbot.waitSignal(window.services.comparison_process.failed):
        window.views.comparison.again_button.click()
    dialog = window.controllers.library.error_dialog
    assert dialog is not None
    assert "does not exist" in dialog.message.text()
    dialog.reject()
    assert len(states(window)) == 2, "the last result is still shown"


def test_an_interrupted_comparison_is_offered_in_the_menu_and_goes_on(
    qtbot: QtBot, library: Library, card: Path, open_window: Open
) -> None:
    control = JobControl()
    for _ in library.comparisons.run(card, control):
        control.cancel()
    window = open_window(library)
    wait_until_idle(qtbot, window)
    [action] = window.views.actions.recent_comparisons.actions()
    assert action.text() == f"{card} (interrupted)"
    action.trigger()
    wait_until_idle(qtbot, window)
    page = window.views.comparison
    assert page.result is None
    with qtbot.waitSignal(window.services.comparison_process.finished):
        page.again_requested.emit()
    wait_until_idle(qtbot, window)
    assert len(states(window)) == 2
    [action] = window.views.actions.recent_comparisons.actions()
    assert action.text() == f"{card} (1 new)"


def test_two_folders_are_compared_and_new_photos_are_copied_into_the_other_one(
    qtbot: QtBot,
    library: Library,
    card: Path,
    tmp_path: Path,
    open_window: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backup = tmp_path / "backup"
    save(make_detailed_scene(1).resize((640, 480)), backup / "larger.jpg", exif=EXIF)
    window = open_window(library)
    process, page, actions = window.services.comparison_process, window.views.comparison, window.views.actions
    asked = iter([card, backup])
    monkeypatch.setattr(qt_paths, "choose_folder", lambda *_: str(next(asked)))
    with qtbot.waitSignal(process.finished):
        actions.compare_folders.trigger()
    wait_until_idle(qtbot, window)
    assert states(window) == {"new.jpg": ComparedState.NEW, "smaller.jpg": ComparedState.OURS_BETTER}
    assert "Compared: card and backup" in window.windowTitle()
    assert page.with_button.text().endswith("backup")
    # Beside its match, which no library knows; shown in the file manager instead of the library.
    page.compare_requested.emit(page.result.photos[1])
    wait_until_idle(qtbot, window)
    assert [photo.path for photo in window.views.compare.photos] == [
        str(card / "smaller.jpg"),
        str(backup / "larger.jpg"),
    ]
    window.views.compare.dismiss()
    page.tabs.setCurrentIndex(2)
    page.photos.setCurrentIndex(page.photos.model().index(0, 0))
    page.menu_requested.emit(page.rect().center())
    menu = window.controllers.menus.menu
    assert menu is not None
    names = [action.text().replace("&", "") for action in menu.actions() if action.text()]
    assert [names[0], names[2], names[3]] == ["Compare side by side", "Show in other folder", "Copy to…"]
    menu.close()
    page.photos.clearSelection()
    page.tabs.setCurrentIndex(0)
    # Copied into the other folder, they are no longer new.
    asked = iter([backup])
    with qtbot.waitSignal(process.finished):
        page.copy_button.click()
    wait_until_idle(qtbot, window)
    assert (backup / "2024" / "2024-05-01" / "new.xmp").is_file()
    assert states(window)["new.jpg"] is ComparedState.SAME
    assert len(library.photos()) == 3


def test_a_compared_folder_is_compared_with_another_one_and_back_with_the_library(
    qtbot: QtBot,
    library: Library,
    card: Path,
    tmp_path: Path,
    open_window: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "empty").mkdir()
    window = open_window(library)
    compare(qtbot, window, card)
    page, process = window.views.comparison, window.services.comparison_process
    monkeypatch.setattr(qt_paths, "choose_folder", lambda *_: str(tmp_path / "empty"))
    with qtbot.waitSignal(process.finished):
        page.with_other.trigger()
    wait_until_idle(qtbot, window)
    assert set(states(window).values()) == {ComparedState.NEW}
    [first, second] = window.views.actions.recent_comparisons.actions()
    assert (first.text(), second.text()) == (f"{card} with {tmp_path / 'empty'} (2 new)", f"{card} (1 new)")
    page.with_library.trigger()
    wait_until_idle(qtbot, window)
    assert states(window)["smaller.jpg"] is ComparedState.OURS_BETTER
    assert process.folders == (str(card), str(tmp_path / "empty")), "the last result is shown"
    window.services.navigator.back()
    wait_until_idle(qtbot, window)
    assert set(states(window).values()) == {ComparedState.NEW}


def test_a_photo_is_shown_beside_its_match_and_neither_can_go_to_the_trash(
    qtbot: QtBot, library: Library, card: Path, tmp_path: Path, open_window: Open
) -> None:
    assert list(library.comparisons.run(card))
    window = open_window(library)
    compare(qtbot, window, card)
    page = window.views.comparison
    result = page.result
    assert result is not None
    smaller = result.photos[1]
    page.compare_requested.emit(smaller)
    wait_until_idle(qtbot, window)
    view = window.views.compare
    assert [photo.path for photo in view.photos] == [
        str(card / "smaller.jpg"),
        str(tmp_path / "ours" / "1.jpg"),
    ]
    assert all(pane.trash_button.isHidden() for pane in view.panes)
    view.dismiss()
    page.tabs.setCurrentIndex(2)
    page.photos.setCurrentIndex(page.photos.model().index(0, 0))
    page.menu_requested.emit(page.rect().center())
    menu = window.controllers.menus.menu
    assert menu is not None
    names = [action.text().replace("&", "") for action in menu.actions() if action.text()]
    assert names[:2] == ["Compare side by side", "Show in library"]
    menu.actions()[1].trigger()
    wait_until_idle(qtbot, window)
    place = window.services.navigator.current
    assert (place.view, place.folder) == (View.FOLDER, str(tmp_path / "ours"))
    assert place.selected is not None
    assert place.selected.path == str(tmp_path / "ours" / "1.jpg")


def test_a_comparison_can_be_cancelled_and_resumed(
    qtbot: QtBot, library: Library, card: Path, open_window: Open
) -> None:
    window = open_window(library)
    process, strip = window.services.comparison_process, window.views.comparison_strip
    window.controllers.comparison.compare(str(card))
    with qtbot.waitSignal(process.finished) as finished:
        strip.cancel_button.click()
    assert finished.args[0].cancelled
    assert strip.text.text().startswith("Comparison stopped.")
    wait_until_idle(qtbot, window)
    assert window.views.comparison.empty.title.text() == "Not compared yet"
    with qtbot.waitSignal(process.finished):
        strip.pause_button.click()
    wait_until_idle(qtbot, window)
    assert len(states(window)) == 2
