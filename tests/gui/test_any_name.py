"""The whole window on photos and folders whose names are no Unicode: what is done is done to them, and to no others."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDrag, QGuiApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from photosim.gui.base import qt_paths
from photosim.gui.main_window import MainWindow
from photosim.gui.services import external
from photosim.gui.state.places import Place, View
from photosim.library import Library
from tests.gui.file_operations.steps import select_photos, wait_until_done
from tests.support.images import make_photo
from tests.support.indexing import index, use_fake_embedder
from tests.support.program_script import write_program
from tests.support.window_driver import drop, shown_names, wait_until_idle

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="macOS and Windows have no such names")

WANTED = os.fsdecode(b"caf\xe9.jpg")
LOOKALIKES = ("caf\ufffd.jpg", "caf.jpg")
"""The names that Qt makes of it."""

SIZES = {WANTED: (200, 150), LOOKALIKES[0]: (320, 240), LOOKALIKES[1]: (320, 200)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of one photo with such a name and two with the names that Qt makes of it; its own name is one, too."""
    folder = tmp_path / os.fsdecode(b"photos \xff")
    for seed, (name, size) in enumerate(SIZES.items()):
        # Pillow encodes a name as UTF-8.
        make_photo(tmp_path / "new.jpg", seed, size).rename(_created(folder) / name)
    (folder / os.fsdecode(b"broken\xe9.jpg")).write_bytes(b"this is no photo")
    (folder / "broken.jpg").write_bytes(b"this neither")
    return folder


@pytest.fixture
def library(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    use_fake_embedder(monkeypatch)
    program = write_program(tmp_path / "program.py")
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [sys.executable, str(program)])
    opened = Library.open(tmp_path / os.fsdecode(b"library \xff"))
    index(opened, folder)
    yield opened
    opened.close()


@pytest.fixture
def window(library: Library, open_window: Callable[[Library], MainWindow]) -> MainWindow:
    made = open_window(library)
    made.views.browser.grid.setFocus()
    return made


def _created(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_the_selected_photo_goes_to_the_trash_and_comes_back(
    qtbot: QtBot, window: MainWindow, folder: Path, isolated_home: Path
) -> None:
    before = contents(folder)
    select_photos(qtbot, window, WANTED)
    qtbot.keyClick(window.views.browser.grid, Qt.Key.Key_Delete)
    wait_until_done(qtbot, window)
    assert contents(folder) == {name: data for name, data in before.items() if name != WANTED}
    assert contents(isolated_home / "Trash" / "files") == {WANTED: before[WANTED]}
    assert window.views.file_strip.text.text() == "1 photo moved to trash."
    window.views.actions.undo.trigger()
    wait_until_done(qtbot, window)
    assert contents(folder) == before
    assert WANTED in shown_names(window)


@pytest.mark.parametrize("move", [False, True])
def test_it_is_copied_and_moved_to_a_folder_with_such_a_name(
    qtbot: QtBot,
    window: MainWindow,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    move: bool,
) -> None:
    before, target = contents(folder), tmp_path / os.fsdecode(b"target\xe9")
    target.mkdir()
    url = QUrl.fromLocalFile(f"{tmp_path}/target\ufffd")  # as GTK's dialog answers
    monkeypatch.setattr(QFileDialog, "getExistingDirectoryUrl", lambda *_: url)
    select_photos(qtbot, window, WANTED)
    (window.views.actions.move_to if move else window.views.actions.copy_to).trigger()
    wait_until_done(qtbot, window)
    assert contents(target) == {WANTED: before[WANTED]}
    kept = before.keys() - {WANTED} if move else before.keys()
    assert contents(folder).keys() == kept
    verb = "moved" if move else "copied"
    assert window.views.file_strip.text.text() == f"1 photo {verb} to “target\ufffd”."


def test_an_ambiguous_answer_of_the_dialog_changes_nothing(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(folder)
    for name in (b"target\xe9", b"target\xe8"):
        (tmp_path / os.fsdecode(name)).mkdir()
    url = QUrl.fromLocalFile(f"{tmp_path}/target\ufffd")
    monkeypatch.setattr(QFileDialog, "getExistingDirectoryUrl", lambda *_: url)
    select_photos(qtbot, window, WANTED)
    window.views.actions.move_to.trigger()
    wait_until_done(qtbot, window)
    assert contents(folder) == before
    dialog = window.controllers.library.error_dialog
    assert dialog is not None
    assert "several names look the same" in dialog.message.text()
    dialog.close()


def test_it_is_dragged_and_copied_and_pasted(
    qtbot: QtBot, window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(folder / WANTED)
    [photo] = select_photos(qtbot, window, WANTED)
    assert photo.path == path
    dragged: list[str] = []

    def record(drag: QDrag, _: Qt.DropAction) -> Qt.DropAction:
        dragged.extend(qt_paths.from_mime(drag.mimeData()))
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", record)
    grid = window.views.browser.grid
    grid.startDrag(Qt.DropAction.CopyAction)
    assert dragged == [path]
    for copy in (window.views.actions.copy_files, window.views.actions.copy_path):
        copy.trigger()
        data = QGuiApplication.clipboard().mimeData()
        assert b"photos%20%FF/caf%E9.jpg" in data.text().encode()
        window.services.navigator.go(Place(View.ALL))
        window.views.actions.paste.trigger()
        qtbot.waitUntil(lambda: window.services.navigator.current.view is View.SIMILAR)
        wait_until_idle(qtbot, window)
        search = window.services.navigator.current.search
        assert search is not None
        assert search.path == path
        assert window.windowTitle().startswith("Similar to caf\ufffd.jpg")


def test_it_is_opened_and_shown_in_its_folder(
    qtbot: QtBot, window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bytes] = []

    class Desktop:
        @staticmethod
        def openUrl(url: QUrl) -> bool:  # noqa: N802
            opened.append(url.toEncoded().data())
            return True

    monkeypatch.setattr(external, "QDesktopServices", Desktop)
    monkeypatch.setattr(external, "_show_over_dbus", lambda _: False)
    window.controllers.library.open_file(str(folder / WANTED))
    qtbot.waitUntil(lambda: len(opened) == 1)
    window.controllers.library.show_in_folder(str(folder / WANTED))
    qtbot.waitUntil(lambda: len(opened) == 2)
    assert opened[0].endswith(b"/photos%20%FF/caf%E9.jpg")
    assert opened[1].endswith(b"/photos%20%FF")


def test_the_menu_of_an_unreadable_file_is_about_that_file(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    window.services.navigator.go(Place(View.UNREADABLE))
    wait_until_idle(qtbot, window)
    table, model = window.views.browser.unreadable_table, window.views.browser.unreadable_model
    wanted = str(folder / os.fsdecode(b"broken\xe9.jpg"))
    [row] = [row for row in range(model.rowCount()) if model.path(row) == wanted]
    table.customContextMenuRequested.emit(table.visualRect(model.index(row, 0)).center())
    context = window.controllers.menus._targets.context
    assert context is not None
    assert [query.path for query in context.queries] == [wanted]
    assert window.controllers.menus.menu is not None
    window.controllers.menus.menu.close()


def test_a_dropped_folder_is_indexed_by_the_child_process_and_watched(
    qtbot: QtBot, window: MainWindow, library: Library, tmp_path: Path
) -> None:
    dropped = tmp_path / os.fsdecode(b"dropped\xe9")
    (tmp_path / "dropped").mkdir()
    make_photo(tmp_path / "dropped" / "lookalike.jpg", 8)
    make_photo(tmp_path / "new.jpg", 9).rename(_created(dropped) / WANTED)
    drop(window, [dropped])
    qtbot.waitUntil(lambda: not window.services.index_process.is_idle)
    qtbot.waitUntil(lambda: window.services.index_process.is_idle)
    wait_until_idle(qtbot, window)
    assert str(dropped) in {source.path for source in library.sources()}
    assert str(tmp_path / "dropped") not in {source.path for source in library.sources()}
    assert library.find(str(dropped / WANTED)) is not None
    make_photo(tmp_path / "new.jpg", 10).rename(dropped / os.fsdecode(b"later\xe9.jpg"))
    window.services.index_process.start([str(dropped)], background=True)  # as the watcher asks for it
    qtbot.waitUntil(lambda: window.services.index_process.is_idle)
    assert library.find(str(dropped / os.fsdecode(b"later\xe9.jpg"))) is not None


def test_the_viewer_shows_that_photo(qtbot: QtBot, window: MainWindow) -> None:
    [photo] = select_photos(qtbot, window, WANTED)
    qtbot.keyClick(window.views.browser.grid, Qt.Key.Key_Space)
    viewer = window.views.viewer
    qtbot.waitUntil(lambda: viewer.photo == photo and viewer.is_sharp)
    assert viewer.title.text() == "caf\ufffd.jpg"
    loaded = viewer._images.photo(photo)
    assert loaded is not None
    assert (loaded.size.width(), loaded.size.height()) == SIZES[WANTED]
    viewer.dismiss()


def test_the_library_s_folder_is_the_one_that_was_named(
    qtbot: QtBot, window: MainWindow, library: Library, tmp_path: Path
) -> None:
    window.close()
    assert (library.folder / "window.json").exists()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("library")) == [
        library.folder.name
    ]
