"""Runs the application: opens the library, and shows its window until it is closed."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from photosim import APP_ID, APP_NAME, __version__
from photosim.errors import DamagedLibraryError, FolderError, PhotoSimError
from photosim.files.scan import check_folder
from photosim.gui.base import theme
from photosim.gui.base.long_lists import prioritize_gui_thread
from photosim.gui.base.translation import install_translator
from photosim.gui.controllers.sync import ExternalSync, FolderSync
from photosim.gui.main_window import MainWindow
from photosim.gui.services.window_state import WindowState
from photosim.gui.single_instance import (
    Application,
    InstanceServer,
    OpenRequests,
    StartLock,
    forward_to_running,
)
from photosim.gui.state.places import DroppedItems
from photosim.paths import absolute_path, default_library, is_file, printable, real_path, resource_path
from photosim.runtime.gc_pause import gc_paused

if TYPE_CHECKING:
    from photosim.library import Library

SUCCEEDED, FAILED = 0, 1


class UnixSignals(QObject):
    """Call `quit_window` on Ctrl-C and SIGTERM, on the GUI thread, until closed.

    Python runs signal handlers only between bytecode instructions, and an idle Qt event loop executes none:
    the signal is written to a socket that Qt watches (see signal.set_wakeup_fd).
    """

    def __init__(self, quit_window: Callable[[], object]) -> None:
        super().__init__()
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(lambda: (self._reader.recv(1), quit_window()))
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno())
        self._previous = {
            number: signal.signal(number, _ignore) for number in (signal.SIGINT, signal.SIGTERM)
        }

    def close(self) -> None:
        """Restore the previous signal handlers."""
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()


def _ignore(*_: object) -> None:
    """Do nothing: the signal arrives through the socket."""


def run(library_folder: Path | None, paths: Sequence[Path] = ()) -> int:
    """Show the window on a library, open paths in it, and return the exit status when it is closed.

    Folders are indexed, and files are searched by. A window that is open on the library already opens them
    instead. Raises FolderError for a path that does not exist; an error that keeps the library from opening is
    shown in a dialog.
    """
    items = _resolve(paths)
    prioritize_gui_thread()
    app = _application()
    requests = OpenRequests(app)
    if isinstance(app, Application):
        app.open_requested.connect(requests.add)
    library = library_folder or default_library()
    start_lock = StartLock(library)
    start_lock.acquire()
    try:
        if forward_to_running(library, (*items.folders, *items.files)):
            return SUCCEEDED
        return _run(app, requests, library_folder, items, start_lock)
    finally:
        start_lock.release()
        requests.deleteLater()


def _run(
    app: QApplication,
    requests: OpenRequests,
    library_folder: Path | None,
    items: DroppedItems,
    start_lock: StartLock,
) -> int:
    """Open the library and show its window; offer to repair a damaged library, and start again."""
    from photosim.library import Library

    while True:
        try:
            library = Library.open(library_folder)
        except DamagedLibraryError as error:
            start_lock.release()
            _print_error(error)
            if not _repair(library_folder):
                return FAILED
            continue
        except PhotoSimError as error:
            start_lock.release()
            return _show_startup_error(error)
        QTimer.singleShot(0, start_lock.release)  # as soon as the window answers
        status, repair_requested = _show_window(app, requests, library, items)
        if not repair_requested:
            return status
        if not _repair(library_folder):
            return FAILED


def _show_window(
    app: QApplication, requests: OpenRequests, library: Library, items: DroppedItems
) -> tuple[int, bool]:
    """Show the window until it is closed; return the exit status, and whether it was closed to repair the library."""
    theme.choose(app, WindowState(library.folder).theme)
    with gc_paused(freeze=True):  # the objects of the window live until the program ends
        window = MainWindow(library)
    services, library_controller = window.services, window.controllers.library
    previous_hook = sys.excepthook
    sys.excepthook = _excepthook(window)
    signals = UnixSignals(window.close)
    folder_sync = FolderSync(library, services.index_process, library_controller)
    external_sync = ExternalSync(
        library, services.jobs, services.index_process, services.library_monitor, library_controller
    )
    server = InstanceServer(library.folder)
    server.open_requested.connect(requests.add)
    connection = requests.ready.connect(partial(_open, window))
    repair: list[bool] = []
    library_controller.repair_requested.connect(lambda: repair.append(True))
    library_controller.repair_requested.connect(window.close)
    try:
        window.start([Path(folder) for folder in items.folders])
        window.show()
        folder_sync.start()
        external_sync.start()
        window.controllers.search.open_items(DroppedItems(files=items.files))
        return app.exec(), bool(repair)
    finally:
        folder_sync.close()
        external_sync.close()
        server.close()
        requests.ready.disconnect(connection)
        signals.close()
        sys.excepthook = previous_hook
        # Qt crashes if widgets are destroyed after the application, by Python's garbage collector.
        window.deleteLater()
        QApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)
        library.close()


def _repair(library_folder: Path | None) -> bool:
    """Offer to repair the library; return whether it was repaired."""
    from photosim.gui.dialogs.repair import RepairDialog

    folder = absolute_path(library_folder or default_library())
    # No other window is open, but closing the dialog must not quit the application.
    QApplication.setQuitOnLastWindowClosed(False)
    try:
        return RepairDialog(folder).exec() == RepairDialog.DialogCode.Accepted
    finally:
        QApplication.setQuitOnLastWindowClosed(True)


def _resolve(paths: Sequence[Path]) -> DroppedItems:
    """Return the folders and files among paths. Raises FolderError for one that does not exist."""
    resolved = [real_path(absolute_path(path)) for path in paths]
    for path, target in zip(paths, resolved, strict=True):
        if is_file(target):
            continue
        if not os.path.lexists(target):
            raise FolderError(f"{path} does not exist.")
        check_folder(target, path)
    return DroppedItems.from_paths([str(path) for path in resolved])


def _open(window: MainWindow, items: DroppedItems) -> None:
    """Bring the window to the front, and open items in it."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
    window.controllers.search.open_items(items)


def _application() -> QApplication:
    if sys.platform == "win32":
        # Without the ID of the shortcut, the taskbar shows the window apart from the pinned shortcut.
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(APP_ID)
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = Application(sys.argv[:1])
    app.setApplicationName(APP_NAME)
    app.setApplicationDisplayName(APP_NAME)
    app.setApplicationVersion(__version__)
    app.setDesktopFileName(APP_ID)
    icons = (resource_path("icons", name) for name in ("photosim.svg", "photosim.png"))
    icon = next((path for path in icons if path.is_file()), None)
    if icon is not None:
        app.setWindowIcon(QIcon(str(icon)))
    install_translator(app)
    theme.follow_system(app)
    return app


def _print_error(error: PhotoSimError) -> None:
    """Print an error for users who started the program in a terminal."""
    print(printable(str(error)), file=sys.stderr)  # noqa: T201


def _show_startup_error(error: PhotoSimError) -> int:
    """Show why the library cannot be opened; return the exit status."""
    from photosim.gui.dialogs.messages import ErrorDialog

    _print_error(error)
    ErrorDialog(str(error), traceback.format_exc()).exec()
    return FAILED


def _excepthook(
    window: MainWindow,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """Return an excepthook that prints an uncaught exception and shows it in the window."""

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if isinstance(error, Exception):
            window.controllers.library.show_error(error)

    return show
