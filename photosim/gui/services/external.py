"""Opens files in other programs and in the file manager, and copies them to the clipboard."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDir, QObject, QProcess, QStandardPaths, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from photosim.files.fspaths import is_inside
from photosim.gui.base import formatting, qt_paths
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr

if TYPE_CHECKING:
    from photosim.library import Library


class ExternalOpener(QObject):
    """Opens files after checking in a job that they exist, since a sleeping drive may take seconds to respond."""

    failed = Signal(str)
    """Why nothing was opened, as a sentence."""

    def __init__(self, library: Library, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library, self._jobs = library, jobs

    def open_file(self, path: str) -> None:
        """Open a file with its default app."""
        work = partial(_find_problem, self._library, path)
        self._jobs.start(work, lambda problem, _: self._open(path, problem or ""), Priority.HIGH)

    def show_in_folder(self, path: str) -> None:
        """Show a file or folder in the file manager, or the folder alone where the file no longer exists."""
        work = partial(_find_problem, self._library, str(Path(path).parent))
        self._jobs.start(work, lambda problem, _: self._show(path, problem or ""), Priority.HIGH)

    def _open(self, path: str, problem: str) -> None:
        if problem or not open_file(path):
            text = tr("No app on this computer opens “{name}”.").format(name=formatting.display_name(path))
            self.failed.emit(problem or text)

    def _show(self, path: str, problem: str) -> None:
        if problem or not show_in_folder(path):
            text = tr("Couldn't open the folder of “{name}”.").format(name=formatting.display_name(path))
            self.failed.emit(problem or text)


def _find_problem(library: Library, path: str, cancel: CancelToken) -> str:
    """Why a file or folder cannot be opened, as a sentence; empty where it can."""
    cancel.check()
    if Path(path).exists():
        return ""
    for source in library.sources():
        if not source.online and is_inside(path, source.path):
            text = tr("“{folder}” is offline. Connect its drive to open its photos.")
            return text.format(folder=formatting.display_name(source.path))
    return tr("“{name}” no longer exists. Rescan the folder to update the library.").format(
        name=formatting.display_name(path)
    )


def pictures_folder() -> str:
    """Return the user's folder of pictures, "" where there is none."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    return folder if folder and Path(folder).is_dir() and Path(folder) != Path.home() else ""


def open_file(path: str) -> bool:
    """Open a file or a folder with its default app; returns whether there is one."""
    if sys.platform == "win32" and not qt_paths.is_faithful(path):
        return _start_file(path)
    return QDesktopServices.openUrl(qt_paths.file_url(path))


def show_in_folder(path: str) -> bool:
    """Show a file, selected, in the file manager; a folder is just opened. Returns whether that worked."""
    if Path(path).is_dir():
        return open_file(path)
    if sys.platform == "win32" and qt_paths.is_faithful(path):
        return bool(QProcess.startDetached("explorer.exe", ["/select,", QDir.toNativeSeparators(path)])[0])
    if sys.platform == "darwin":
        return bool(QProcess.startDetached("open", ["-R", path])[0])
    return _show_over_dbus(path) or open_file(str(Path(path).parent))


def copy_paths(paths: Sequence[str]) -> None:
    """Copy paths to the clipboard as text, one in each line."""
    QGuiApplication.clipboard().setText(_as_text(paths))


def copy_files(paths: Sequence[str]) -> None:
    """Copy files to the clipboard, to be pasted in a file manager or a message, with their paths as text."""
    data = qt_paths.to_mime(paths)
    data.setText(_as_text(paths))
    # File managers of the GNOME family paste nothing without this: the operation, then the files.
    addresses = [url.toEncoded().data() for url in data.urls()]
    data.setData("x-special/gnome-copied-files", b"\n".join([b"copy", *addresses]))
    QGuiApplication.clipboard().setMimeData(data)


def _as_text(paths: Sequence[str]) -> str:
    return "\n".join(map(qt_paths.text_of, paths))


def _start_file(path: str) -> bool:
    """Open a file on Windows whose name Qt can't pass on."""
    if sys.platform == "win32":
        try:
            os.startfile(path)  # noqa: S606 - what the user asks for
        except OSError:
            return False
        return True
    return False


def _show_over_dbus(path: str) -> bool:
    """Show a file in a file manager with the freedesktop.org interface; returns whether there is one."""
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
    address = qt_paths.file_url(path).toString(QUrl.ComponentFormattingOption.FullyEncoded)
    call.setArguments([[address], ""])
    return bus.send(call)
