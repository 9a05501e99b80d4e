"""Opening photo files with other programs and in the file manager; a file that is away is told in a sentence."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDir, QMimeData, QObject, QProcess, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from photosim.files.fspaths import is_inside
from photosim.gui.base import formatting
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr

if TYPE_CHECKING:
    from photosim.library.library import Library


class ExternalOpener(QObject):
    """Looks for the file in a job first: a drive that sleeps may take seconds to say whether it is there."""

    failed = Signal(str)
    """Why nothing was opened, in a sentence that needs no answer."""

    def __init__(self, library: Library, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library, self._jobs = library, jobs

    def open_file(self, path: str) -> None:
        """Open a file with the default program."""
        work = partial(_why_not, self._library, path)
        self._jobs.start(work, lambda why, _: self._open(path, why or ""), Priority.HIGH)

    def show_in_folder(self, path: str) -> None:
        """Show a file or folder in the file manager; the folder alone where the file is gone from it."""
        work = partial(_why_not, self._library, str(Path(path).parent))
        self._jobs.start(work, lambda why, _: self._show(path, why or ""), Priority.HIGH)

    # --- helpers -----------------------------------------------------------------------------------------

    def _open(self, path: str, why: str) -> None:
        if why or not open_file(path):
            text = tr("No program on this computer opens “{name}”.").format(
                name=formatting.display_name(path)
            )
            self.failed.emit(why or text)

    def _show(self, path: str, why: str) -> None:
        if why or not show_in_folder(path):
            text = tr("The folder of “{name}” could not be opened.").format(
                name=formatting.display_name(path)
            )
            self.failed.emit(why or text)


def _why_not(library: Library, path: str, cancel: CancelToken) -> str:
    """Why a file or folder cannot be opened just now; empty where it can."""
    cancel.check()
    if Path(path).exists():
        return ""
    for source in library.sources():
        if not source.online and is_inside(path, source.path):
            text = tr("“{folder}” is offline: connect its drive, and its photos can be opened again.")
            return text.format(folder=formatting.display_name(source.path))
    return tr("“{name}” is not there any more. Rescan its folder to bring the library up to date.").format(
        name=formatting.display_name(path)
    )


def open_file(path: str) -> bool:
    """Open a file with the system's default program; returns whether one took it."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(path))


def show_in_folder(path: str) -> bool:
    """Show a file, marked, in the system's file manager; a folder is just opened."""
    if Path(path).is_dir():
        return QDesktopServices.openUrl(QUrl.fromLocalFile(path))
    if sys.platform == "win32":
        return bool(QProcess.startDetached("explorer.exe", ["/select,", QDir.toNativeSeparators(path)])[0])
    if sys.platform == "darwin":
        return bool(QProcess.startDetached("open", ["-R", path])[0])
    return _show_over_dbus(path) or QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(path).parent)))


def copy_paths(paths: Sequence[str]) -> None:
    """Put paths on the clipboard as text, a line each."""
    QGuiApplication.clipboard().setText("\n".join(paths))


def copy_files(paths: Sequence[str]) -> None:
    """Put files on the clipboard, to be pasted in a file manager or a message; as text they are their paths."""
    data = files_as_mime(paths)
    data.setText("\n".join(paths))
    # File managers of the GNOME family paste nothing without this: what to do, then the files.
    addresses = [QUrl.fromLocalFile(path).toEncoded().data() for path in paths]
    data.setData("x-special/gnome-copied-files", b"\n".join([b"copy", *addresses]))
    QGuiApplication.clipboard().setMimeData(data)


def files_as_mime(paths: Sequence[str]) -> QMimeData:
    """These files as other programs take them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return data


def _show_over_dbus(path: str) -> bool:
    """Ask the desktop's file manager, where there is one that understands."""
    try:
        from PySide6.QtDBus import QDBusConnection, QDBusConnectionInterface, QDBusMessage
    except ImportError:
        return False
    bus = QDBusConnection.sessionBus()
    name = "org.freedesktop.FileManager1"
    interface = bus.interface() if bus.isConnected() else None
    if not isinstance(interface, QDBusConnectionInterface):
        return False
    if name not in (
        *interface.registeredServiceNames().value(),
        *interface.activatableServiceNames().value(),
    ):
        return False
    call = QDBusMessage.createMethodCall(name, "/org/freedesktop/FileManager1", name, "ShowItems")
    call.setArguments([[QUrl.fromLocalFile(path).toString()], ""])
    return bus.send(call)
