"""A window that follows changes on the disk, and changes of its library by other processes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from photosim import settings
from photosim.gui.controllers.sync import ExternalSync, FolderSync
from photosim.gui.main_window import MainWindow
from photosim.gui.services.processes.index_queue import StoppedIndexing
from photosim.gui.services.processes.indexing import IndexProcess
from photosim.library import Library
from photosim.paths import program_command
from tests.support.images import make_photo
from tests.support.window_driver import shown_names, wait_until_idle


@pytest.fixture
def window(
    qtbot: QtBot, empty_library: Library, open_window: Callable[[Library], MainWindow], three_photos: Path
) -> MainWindow:
    window = open_window(empty_library)
    with qtbot.waitSignal(window.services.index_process.finished):
        window.controllers.library.add_folders([three_photos])
    wait_until_idle(qtbot, window)
    window.views.index_strip.hide()
    return window


@pytest.fixture
def folder_sync(window: MainWindow, empty_library: Library) -> Iterator[FolderSync]:
    services, library_controller = window.services, window.controllers.library
    sync = FolderSync(empty_library, services.index_process, library_controller, start_delay_ms=0)
    sync.start()
    yield sync
    sync.close()


def wait_until_shown(qtbot: QtBot, window: MainWindow, *names: str) -> None:
    qtbot.waitUntil(lambda: sorted(shown_names(window)) == sorted(names))


def test_new_and_deleted_photos_appear_and_go_without_a_word(
    qtbot: QtBot, window: MainWindow, folder_sync: FolderSync, three_photos: Path
) -> None:
    make_photo(three_photos / "new" / "9.jpg", 9)
    wait_until_shown(qtbot, window, "0.jpg", "1.jpg", "2.jpg", "9.jpg")
    (three_photos / "0.jpg").unlink()
    wait_until_shown(qtbot, window, "1.jpg", "2.jpg", "9.jpg")
    assert window.views.index_strip.isHidden()


def test_a_folder_may_be_left_unwatched(
    qtbot: QtBot, window: MainWindow, folder_sync: FolderSync, empty_library: Library
) -> None:
    [source] = empty_library.sources()
    watch = next(
        action for action in window.controllers.menus.source_menu(source).actions() if action.isCheckable()
    )
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
    with qtbot.waitSignal(window.services.index_process.finished) as finished:
        window.controllers.library.move(source, str(tmp_path / "elsewhere"))
    wait_until_idle(qtbot, window)
    assert (finished.args[0].indexed, finished.args[0].unchanged) == (0, 3)
    assert [source.path for source in empty_library.sources()] == [str(tmp_path / "elsewhere")]


class FakeIndexProcess(IndexProcess):
    """Records its runs as (folders, background), and starts no process."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.runs: list[tuple[tuple[str, ...], bool]] = []

    def _launch(self, run: int) -> None:  # noqa: ARG002
        self.runs.append((self._folders, self.is_background))


def test_what_changes_during_an_indexing_follows_it_once(
    qtbot: QtBot, empty_library: Library, open_window: Callable[[Library], MainWindow], tmp_path: Path
) -> None:
    window = open_window(empty_library)
    index_process = FakeIndexProcess(tmp_path)
    sync = FolderSync(empty_library, index_process, window.controllers.library)
    index_process.start(["/requested"])
    for number in range(5):
        sync._changed.emit((f"/photos/{number % 2}",))
    assert index_process.runs == [(("/requested",), False)]
    index_process._end()
    qtbot.waitUntil(lambda: len(index_process.runs) == 2)
    assert index_process.runs[1] == (("/photos/0", "/photos/1"), True)
    sync.close()


def test_what_the_user_stopped_is_not_continued_until_it_is_resumed(
    qtbot: QtBot, empty_library: Library, open_window: Callable[[Library], MainWindow], tmp_path: Path
) -> None:
    window = open_window(empty_library)
    index_process = FakeIndexProcess(tmp_path)
    sync = FolderSync(empty_library, index_process, window.controllers.library)
    index_process.stopped = StoppedIndexing((("/photos",),), left=7)
    sync._changed.emit(("/photos", "/other"))
    assert index_process.runs == [(("/other",), True)]
    index_process._end()
    index_process.resume()
    assert index_process.runs[-1] == (("/photos",), False)
    index_process._end()
    qtbot.waitUntil(lambda: index_process.runs[-1] == (("/photos",), True))
    sync.close()


def test_changes_in_a_folder_that_is_excluded_meanwhile_are_dropped(
    empty_library: Library, open_window: Callable[[Library], MainWindow], tmp_path: Path
) -> None:
    window = open_window(empty_library)
    index_process = FakeIndexProcess(tmp_path)
    sync = FolderSync(empty_library, index_process, window.controllers.library)
    sync._sources = ("/photos",)
    settings.update(empty_library.folder, excluded=("Thumbnails",))
    sync._changed.emit(("/photos/Thumbnails", "/photos/a"))
    assert index_process.runs == [(("/photos/a",), True)]
    sync.close()


def test_a_quiet_indexing_that_fails_shows_no_dialog_and_is_tried_again(
    qtbot: QtBot, empty_library: Library, open_window: Callable[[Library], MainWindow], tmp_path: Path
) -> None:
    window = open_window(empty_library)
    index_process = FakeIndexProcess(tmp_path)
    sync = FolderSync(empty_library, index_process, window.controllers.library)
    sync._retry_timer.setInterval(1)
    sync._changed.emit(("/photos",))
    index_process._fail("Another PhotoSim is index_process.", "")
    qtbot.waitUntil(lambda: len(index_process.runs) == 2)
    assert index_process.runs[1] == (("/photos",), True)
    sync.close()


@pytest.fixture
def empty_window(empty_library: Library, open_window: Callable[[Library], MainWindow]) -> MainWindow:
    return open_window(empty_library)


@pytest.fixture
def external_sync(empty_window: MainWindow, empty_library: Library) -> Iterator[ExternalSync]:
    services, library_controller = empty_window.services, empty_window.controllers.library
    sync = ExternalSync(
        empty_library,
        services.jobs,
        services.index_process,
        services.library_monitor,
        library_controller,
        poll_ms=100,
    )
    sync.start()
    yield sync
    sync.close()


def index_from_command_line(library: Library, folder: Path) -> None:
    command = [*program_command(), "--library", str(library.folder), "index", str(folder)]
    subprocess.run(command, check=True, capture_output=True)


def test_what_the_command_line_indexes_and_forgets_is_seen(
    qtbot: QtBot,
    empty_window: MainWindow,
    external_sync: ExternalSync,
    empty_library: Library,
    three_photos: Path,
) -> None:
    assert shown_names(empty_window) == []
    with qtbot.waitSignal(empty_window.controllers.library.photos_changed):
        index_from_command_line(empty_library, three_photos)
    qtbot.waitUntil(lambda: sorted(shown_names(empty_window)) == ["0.jpg", "1.jpg", "2.jpg"])
    qtbot.waitUntil(lambda: empty_window.services.library_monitor.overview.photos == 3)
    (three_photos / "0.jpg").unlink()
    index_from_command_line(empty_library, three_photos)
    qtbot.waitUntil(lambda: sorted(shown_names(empty_window)) == ["1.jpg", "2.jpg"])


def test_its_own_indexing_is_shown_by_the_window_itself(
    qtbot: QtBot, empty_window: MainWindow, external_sync: ExternalSync, three_photos: Path
) -> None:
    notified: list[None] = []
    empty_window.controllers.library.photos_changed.connect(lambda: notified.append(None))
    with qtbot.waitSignal(empty_window.services.index_process.finished):
        empty_window.controllers.library.add_folders([three_photos])
    wait_until_idle(qtbot, empty_window)
    qtbot.wait(500)  # five polls
    assert sorted(shown_names(empty_window)) == ["0.jpg", "1.jpg", "2.jpg"]
    assert notified == []
