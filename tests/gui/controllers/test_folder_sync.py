"""A window that sees what changes on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from photosim.gui.controllers.sync import FolderSync
from photosim.gui.main_window import MainWindow
from photosim.gui.services.index_process import IndexProcess
from photosim.library.library import Library
from photosim.records import Phase, Progress
from tests.support.images import make_photo
from tests.support.window_driver import settle, shown


@pytest.fixture
def window(
    qtbot: QtBot, empty_library: Library, open_window: Callable[[Library], MainWindow], three_photos: Path
) -> MainWindow:
    window = open_window(empty_library)
    with qtbot.waitSignal(window.services.index_process.finished):
        window.controllers.library.add_folders([three_photos])
    settle(qtbot, window)
    window.views.index_strip.hide()
    return window


@pytest.fixture
def desk(window: MainWindow, empty_library: Library) -> Iterator[FolderSync]:
    desk = FolderSync(
        empty_library,
        window.services.index_process,
        window.services.library_monitor,
        window.controllers.library,
        first_ms=0,
    )
    desk.start()
    yield desk
    desk.close()


def wait_until_shown(qtbot: QtBot, window: MainWindow, *names: str) -> None:
    qtbot.waitUntil(lambda: sorted(shown(window)) == sorted(names))


def test_new_and_deleted_photos_appear_and_go_without_a_word(
    qtbot: QtBot, window: MainWindow, desk: FolderSync, three_photos: Path
) -> None:
    make_photo(three_photos / "new" / "9.jpg", 9)
    wait_until_shown(qtbot, window, "0.jpg", "1.jpg", "2.jpg", "9.jpg")
    (three_photos / "0.jpg").unlink()
    wait_until_shown(qtbot, window, "1.jpg", "2.jpg", "9.jpg")
    assert window.views.index_strip.isHidden()


def test_a_folder_may_be_left_unwatched(
    qtbot: QtBot, window: MainWindow, desk: FolderSync, empty_library: Library
) -> None:
    [source] = empty_library.sources()
    watch = next(one for one in window.controllers.menus.source_menu(source).actions() if one.isCheckable())
    assert watch.isChecked()
    with qtbot.waitSignal(window.controllers.library.folders_changed):
        watch.trigger()
    assert not empty_library.sources()[0].watched
    assert not empty_library.folders.statuses()[0].watched


def test_a_moved_folder_is_located(
    qtbot: QtBot, window: MainWindow, empty_library: Library, three_photos: Path, tmp_path: Path
) -> None:
    three_photos.rename(tmp_path / "elsewhere")
    [source] = empty_library.sources()
    with qtbot.waitSignal(window.services.index_process.finished) as told:
        window.controllers.library.move(source, str(tmp_path / "elsewhere"))
    settle(qtbot, window)
    assert (told.args[0].indexed, told.args[0].unchanged) == (0, 3)
    assert [one.path for one in empty_library.sources()] == [str(tmp_path / "elsewhere")]


class FakeIndexing(IndexProcess):
    """Remembers what it was asked for, and runs nothing."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked: list[tuple[tuple[str, ...], bool]] = []

    def _launch(self, run: int) -> None:  # noqa: ARG002
        self.asked.append((self._folders, self.is_background))


def test_what_changes_during_an_indexing_follows_it_once(
    qtbot: QtBot, empty_library: Library, open_window: Callable[[Library], MainWindow], tmp_path: Path
) -> None:
    window = open_window(empty_library)
    indexing = FakeIndexing(tmp_path)
    desk = FolderSync(empty_library, indexing, window.services.library_monitor, window.controllers.library)
    indexing.start(["/asked"])
    for number in range(5):
        desk._changed.emit((f"/photos/{number % 2}",))
    assert indexing.asked == [(("/asked",), False)]
    indexing._last = Progress(Phase.DONE)
    indexing._end()
    qtbot.waitUntil(lambda: len(indexing.asked) == 2)
    assert indexing.asked[1] == (("/photos/0", "/photos/1"), True)
    desk.close()


def test_a_quiet_indexing_that_fails_shows_no_dialog_and_is_tried_again(
    qtbot: QtBot, empty_library: Library, open_window: Callable[[Library], MainWindow], tmp_path: Path
) -> None:
    window = open_window(empty_library)
    indexing = FakeIndexing(tmp_path)
    desk = FolderSync(empty_library, indexing, window.services.library_monitor, window.controllers.library)
    desk._again.setInterval(1)
    desk._changed.emit(("/photos",))
    indexing._fail("Another PhotoSim is indexing.", "")
    qtbot.waitUntil(lambda: len(indexing.asked) == 2)
    assert indexing.asked[1] == (("/photos",), True)
    desk.close()
