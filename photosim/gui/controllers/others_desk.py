"""What another PhotoSim does to the library while the window is open: seen as it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from photosim.gui.base.jobs import Jobs, Priority

if TYPE_CHECKING:
    from photosim.gui.controllers.library import LibraryController
    from photosim.gui.services.index_process import IndexProcess
    from photosim.gui.services.library_monitor import LibraryMonitor
    from photosim.library.library import Library
    from photosim.store.change_feed import ChangeSet

_LOOK_MS = 3000


class ExternalSync(QObject):
    """Lets photos appear that another window or the command line indexes, and shows the rest when it has finished.

    While this window indexes, its own indexing process is the one that writes: then nothing is looked for.
    """

    def __init__(
        self,
        library: Library,
        jobs: Jobs,
        indexing: IndexProcess,
        upkeep: LibraryMonitor,
        commands: LibraryController,
        look_ms: int = _LOOK_MS,
    ) -> None:
        super().__init__(indexing)
        self._others, self._jobs = library.external_changes, jobs
        self._indexing, self._upkeep, self._commands = indexing, upkeep, commands
        self._is_changing = False
        self._looking = False
        self._own = False
        self._timer = QTimer(self, interval=look_ms)
        self._timer.timeout.connect(self._look)
        indexing.state_changed.connect(self._follow)

    def start(self) -> None:
        """Begin to look; what is there now is known."""
        self._look()
        self._timer.start()

    def close(self) -> None:
        """Look no more."""
        self._timer.stop()

    # --- helpers -----------------------------------------------------------------------------------------

    def _follow(self) -> None:
        if not self._indexing.is_idle:
            self._own, self._is_changing = True, False

    def _look(self) -> None:
        if self._looking or not self._indexing.is_idle:
            return
        if self._own:
            self._others.reset()
            self._own = False
        self._looking = True
        self._jobs.start(lambda _: self._others.poll(), self._take, Priority.NORMAL)

    def _take(self, arrivals: ChangeSet | None, _: Exception | None) -> None:
        self._looking = False
        if arrivals is None or self._own:
            return  # what is wrong with the library, others tell; what this window indexed, it has shown
        if arrivals.added:
            self._upkeep.fetch(arrivals.added)
        if self._is_changing and not arrivals.changed:
            self._commands.photos_changed.emit()
        self._is_changing = arrivals.changed
