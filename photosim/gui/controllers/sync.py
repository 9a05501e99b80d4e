"""What a change on the disk means for the window: the folders concerned are indexed again, quietly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from photosim.gui.services.index_process import IndexProcess, IndexState

if TYPE_CHECKING:
    from photosim.files.watcher import FolderWatcher
    from photosim.gui.controllers.library import LibraryController
    from photosim.gui.services.library_monitor import LibraryMonitor
    from photosim.library.library import Library
    from photosim.records import FolderStatus, Progress

_FIRST_MS = 3000
"""The window comes up first, then the disk is asked."""

_AGAIN_MS = 30_000
"""After a quiet indexing that failed, say because another PhotoSim was writing."""


class FolderSync(QObject):
    """Watches the folders of the library, and indexes what changed when nothing else is being indexed."""

    _changed = Signal(object)
    _came_or_went = Signal()

    def __init__(
        self,
        library: Library,
        indexing: IndexProcess,
        upkeep: LibraryMonitor,
        commands: LibraryController,
        first_ms: int = _FIRST_MS,
    ) -> None:
        super().__init__(indexing)
        self._library, self._indexing, self._upkeep, self._commands = library, indexing, upkeep, commands
        self._first_ms = first_ms
        self._pending: set[str] = set()
        self._asked: list[str] = []
        self._watcher: FolderWatcher | None = None
        self._again = QTimer(self, interval=_AGAIN_MS, singleShot=True)
        self._again.timeout.connect(self._index)
        self._changed.connect(self._take)
        self._came_or_went.connect(commands.photos_changed)
        commands.library_changed.connect(self.look_now)
        commands.folders_changed.connect(self.look_now)
        indexing.state_changed.connect(self._follow)
        indexing.finished.connect(self._finish)
        indexing.failed.connect(self._fail)

    def start(self) -> None:
        """Begin to watch, once the window is up."""
        QTimer.singleShot(self._first_ms, self, self._begin)

    def look_now(self) -> None:
        """Folders were added, removed or are to be watched no more."""
        if self._watcher is not None:
            self._watcher.rescan_now()

    def close(self) -> None:
        """Watch no more."""
        self._changed.disconnect()
        self._came_or_went.disconnect()
        self._again.stop()
        if self._watcher is not None:
            self._watcher.close()

    # --- helpers -----------------------------------------------------------------------------------------

    def _begin(self) -> None:
        from photosim.files.watcher import FolderWatcher

        self._watcher = FolderWatcher(self._standings, self._changed.emit, self._came_or_went.emit)
        self._watcher.start()

    def _standings(self) -> Sequence[FolderStatus]:
        """In the thread of the watcher: folders whose drive is elsewhere move first."""
        self._library.folders.update_drive_paths()
        return self._library.folders.statuses()

    def _take(self, folders: Sequence[str]) -> None:
        self._pending.update(folders)
        self._index()

    def _index(self) -> None:
        if self._pending and self._indexing.is_idle and not self._again.isActive():
            folders, self._pending = sorted(self._pending), set()
            self._asked = folders
            self._indexing.start(folders, background=True)

    def _follow(self, state: IndexState) -> None:
        if state is IndexState.IDLE:
            # Whoever waits in the queue of the indexing goes first.
            QTimer.singleShot(0, self, self._index)

    def _finish(self, progress: Progress) -> None:
        if progress.cancelled:
            self._pending.clear()  # the person wants quiet; the next change or start catches up
        self.look_now()

    def _fail(self) -> None:
        if self._indexing.is_background:
            self._pending.update(self._asked)
            self._again.start()
