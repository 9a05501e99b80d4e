"""Opening photo files with other programs and in the file manager; a file that is away is told in a sentence."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from photosim.gui.base import formatting
from photosim.gui.base.jobs import SOON, CancelToken, Jobs
from photosim.gui.base.translation import tr
from photosim.gui.services import photo_actions
from photosim.gui.state.view_filter import is_below

if TYPE_CHECKING:
    from photosim.library.library import Library


class ExternalOpener(QObject):
    """Looks for the file in a job first: a drive that sleeps may take seconds to say whether it is there."""

    said = Signal(str)
    """Why nothing was opened, in a sentence that needs no answer."""

    def __init__(self, library: Library, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library, self._jobs = library, jobs

    def open_file(self, path: str) -> None:
        """Open a file with the default program."""
        work = partial(_why_not, self._library, path)
        self._jobs.start(work, lambda why, _: self._open(path, why or ""), SOON)

    def show_in_folder(self, path: str) -> None:
        """Show a file or folder in the file manager; the folder alone where the file is gone from it."""
        work = partial(_why_not, self._library, str(Path(path).parent))
        self._jobs.start(work, lambda why, _: self._show(path, why or ""), SOON)

    # --- helpers -----------------------------------------------------------------------------------------

    def _open(self, path: str, why: str) -> None:
        if why or not photo_actions.open_file(path):
            text = tr("No program on this computer opens “{name}”.").format(name=formatting.name(path))
            self.said.emit(why or text)

    def _show(self, path: str, why: str) -> None:
        if why or not photo_actions.show_in_folder(path):
            text = tr("The folder of “{name}” could not be opened.").format(name=formatting.name(path))
            self.said.emit(why or text)


def _why_not(library: Library, path: str, cancel: CancelToken) -> str:
    """Why a file or folder cannot be opened just now; empty where it can."""
    cancel.check()
    if Path(path).exists():
        return ""
    for source in library.sources():
        if not source.online and (path == source.path or is_below(path, source.path)):
            text = tr("“{folder}” is offline: connect its drive, and its photos can be opened again.")
            return text.format(folder=formatting.name(source.path))
    return tr("“{name}” is not there any more. Rescan its folder to bring the library up to date.").format(
        name=formatting.name(path)
    )
