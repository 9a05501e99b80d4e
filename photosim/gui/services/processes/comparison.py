"""Compares folders with the library, or with each other, in a child process, one comparison after the other."""

from __future__ import annotations

from photosim.gui.base.translation import tr
from photosim.gui.services.processes.index_queue import Folders
from photosim.gui.services.processes.indexing import IndexProcess
from photosim.workers.protocol import compare_command


class ComparisonProcess(IndexProcess):
    """Runs beside the indexing; each entry of the queue is a folder, or two that are compared with each other.

    What was read is kept by the library, so that a comparison that did not end goes on when it is requested again.
    """

    @property
    def folders(self) -> Folders:
        """The folder, or both folders, of the present or last comparison; empty before the first one."""
        return self._folders

    def _command(self, folders: Folders) -> list[str]:
        return compare_command(self._library, *folders)

    def _death_text(self) -> str:
        return tr("The comparison stopped unexpectedly several times. What was read so far is kept.")

    def _save_pending(self) -> None:
        """A comparison is not continued at the next start of the window: the card may be gone."""
