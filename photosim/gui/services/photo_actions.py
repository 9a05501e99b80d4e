"""What one can do with photo files outside PhotoSim: open them, show them in their folder, copy and carry them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QDir, QMimeData, QProcess, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication


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
    data = files(paths)
    data.setText("\n".join(paths))
    # File managers of the GNOME family paste nothing without this: what to do, then the files.
    addresses = [QUrl.fromLocalFile(path).toEncoded().data() for path in paths]
    data.setData("x-special/gnome-copied-files", b"\n".join([b"copy", *addresses]))
    QGuiApplication.clipboard().setMimeData(data)


def files(paths: Sequence[str]) -> QMimeData:
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
