"""Synchronization: indexes what changes on the disk, and shows what other processes do to the library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from photosim.files.exclusions import ExcludedFolders
from photosim.gui.base.jobs import Jobs, Priority
from photosim.gui.services.processes.indexing import IndexProcess, IndexState

if TYPE_CHECKING:
    from photosim.files.watcher import FolderWatcher
    from photosim.gui.controllers.library import LibraryController
    from photosim.gui.services.library_monitor import LibraryMonitor
    from photosim.library import Library
    from photosim.records import FolderStatus, Progress
    from photosim.store.change_feed import ChangeSet

_START_DELAY_MS = 3000
"""The window is shown first."""

_RETRY_MS = 30_000
"""After a background indexing has failed, for example because another process was writing."""

_POLL_MS = 3000


class FolderSync(QObject):
    """Watches the folders of the library, and indexes changes in the background while nothing else is indexed."""

    _changed = Signal(object)
    _availability_changed = Signal()

    def __init__(
        self,
        library: Library,
        index_process: IndexProcess,
        library_controller: LibraryController,
        start_delay_ms: int = _START_DELAY_MS,
    ) -> None:
        super().__init__(index_process)
        self._library, self._index_process = library, index_process
        self._start_delay_ms = start_delay_ms
        self._pending: set[str] = set()
        self._sources: tuple[str, ...] = ()
        self._indexing: list[str] = []
        self._watcher: FolderWatcher | None = None
        self._retry_timer = QTimer(self, interval=_RETRY_MS, singleShot=True)
        self._retry_timer.timeout.connect(self._index_pending)
        # Both signals are emitted in the thread of the watcher.
        self._changed.connect(self._add_pending)
        self._availability_changed.connect(library_controller.photos_changed)
        library_controller.library_changed.connect(self.rescan_now)
        library_controller.folders_changed.connect(self.rescan_now)
        index_process.state_changed.connect(self._follow_state)
        index_process.finished.connect(self._finish)
        index_process.failed.connect(self._fail)

    def start(self) -> None:
        """Start watching after a delay."""
        QTimer.singleShot(self._start_delay_ms, self, self._start_watcher)

    def rescan_now(self) -> None:
        """Let the watcher read the list of folders and look for changes now."""
        if self._watcher is not None:
            self._watcher.rescan_now()

    def close(self) -> None:
        """Stop watching."""
        self._changed.disconnect()
        self._availability_changed.disconnect()
        self._retry_timer.stop()
        if self._watcher is not None:
            self._watcher.close()

    def _start_watcher(self) -> None:
        from photosim.files.watcher import FolderWatcher

        self._watcher = FolderWatcher(
            self._statuses,
            self._changed.emit,
            self._availability_changed.emit,
            excluded=lambda: ExcludedFolders.of_library(self._library.folder),
        )
        self._watcher.start()

    def _statuses(self) -> Sequence[FolderStatus]:
        """Return the folders to watch, with the current paths of their drives; called by the watcher's thread."""
        self._library.folders.update_drive_paths()
        statuses = self._library.folders.statuses()
        self._sources = tuple(status.path for status in statuses)
        return statuses

    def _add_pending(self, folders: Sequence[str]) -> None:
        self._pending.update(folders)
        self._index_pending()

    def _index_pending(self) -> None:
        self._pending = {folder for folder in self._pending if not self._is_excluded(folder)}
        stopped = self._index_process.stopped
        # What the user stopped is not continued behind their back.
        ready = {folder for folder in self._pending if stopped is None or not stopped.concerns(folder)}
        if ready and self._index_process.is_idle and not self._retry_timer.isActive():
            self._indexing = sorted(ready)
            self._pending -= ready
            self._index_process.start(self._indexing, background=True)

    def _is_excluded(self, folder: str) -> bool:
        """Whether the user has excluded a folder since it was found to be changed."""
        excluded = ExcludedFolders.of_library(self._library.folder)
        return any(excluded.excludes(folder, source) for source in self._sources)

    def _follow_state(self, state: IndexState) -> None:
        if state is IndexState.IDLE:
            # Deferred, because what the user asked to index comes first.
            QTimer.singleShot(0, self, self._index_pending)

    def _finish(self, progress: Progress) -> None:
        if progress.cancelled:
            self._pending.clear()  # the user wants no indexing now; the next change or start catches up
        self.rescan_now()

    def _fail(self) -> None:
        if self._index_process.is_background:
            self._pending.update(self._indexing)
            self._retry_timer.start()


class ExternalSync(QObject):
    """Shows photos while another window or the command line indexes them, and other changes once it has finished.

    While this window indexes, its own process is the one that writes: polling pauses.
    """

    def __init__(
        self,
        library: Library,
        jobs: Jobs,
        index_process: IndexProcess,
        monitor: LibraryMonitor,
        library_controller: LibraryController,
        poll_ms: int = _POLL_MS,
    ) -> None:
        super().__init__(index_process)
        self._changes, self._jobs = library.external_changes, jobs
        self._index_process, self._monitor = index_process, monitor
        self._library_controller = library_controller
        self._is_changing = False
        self._is_polling = False
        self._indexed_here = False
        self._timer = QTimer(self, interval=poll_ms)
        self._timer.timeout.connect(self._poll)
        index_process.state_changed.connect(self._follow_state)

    def start(self) -> None:
        """Start polling for changes from now on."""
        self._poll()
        self._timer.start()

    def close(self) -> None:
        """Stop polling."""
        self._timer.stop()

    def _follow_state(self) -> None:
        if not self._index_process.is_idle:
            self._indexed_here, self._is_changing = True, False

    def _poll(self) -> None:
        if self._is_polling or not self._index_process.is_idle:
            return
        if self._indexed_here:
            self._changes.reset()
            self._indexed_here = False
        self._is_polling = True
        self._jobs.start(lambda _: self._changes.poll(), self._apply, Priority.NORMAL)

    def _apply(self, changes: ChangeSet | None, _: Exception | None) -> None:
        self._is_polling = False
        if changes is None or self._indexed_here:
            return  # errors are shown by the other jobs, and what this window indexed is shown already
        if changes.added:
            self._monitor.fetch(changes.added)
        if self._is_changing and not changes.changed:
            self._library_controller.photos_changed.emit()
        self._is_changing = changes.changed
