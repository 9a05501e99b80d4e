"""Opens the window: the one place where program, library and window are put together."""

from __future__ import annotations

import ctypes
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from photosim import APP_ID, APP_NAME, __version__
from photosim.errors import DamagedLibraryError, FolderError, PhotoSimError
from photosim.gui.base import theme
from photosim.gui.base.gc_pause import prioritize_gui_thread
from photosim.gui.base.translation import install_translator
from photosim.gui.controllers.others_desk import ExternalSync
from photosim.gui.controllers.sync import FolderSync
from photosim.gui.main_window import MainWindow
from photosim.gui.single_instance import Application, InstanceServer, OpenRequests, forward_to_running
from photosim.gui.state.places import DroppedItems
from photosim.paths import default_library, resource_path
from photosim.runtime.gc_pause import gc_paused

if TYPE_CHECKING:
    from photosim.library.library import Library

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

    Folders are indexed, and what looks like the first file is shown. When a window on the library is open
    already, that one opens them. Raises FolderError for a path that is not there. What keeps the library from
    opening is shown in a dialog.
    """
    wanted = _wanted(paths)
    prioritize_gui_thread()
    app = _application()
    openings = OpenRequests(app)
    if isinstance(app, Application):
        app.asked.connect(openings.want)
    if forward_to_running(library_folder or default_library(), (*wanted.folders, *wanted.files)):
        return SUCCEEDED
    try:
        return _live(app, openings, library_folder, wanted)
    finally:
        openings.deleteLater()


def _live(
    app: QApplication, openings: OpenRequests, library_folder: Path | None, wanted: DroppedItems
) -> int:
    """Show the window until it is closed; where the library is damaged offer to repair it, and begin again."""
    from photosim.library.library import Library

    while True:
        try:
            library = Library.open(library_folder)
        except DamagedLibraryError as error:
            print(error, file=sys.stderr)  # noqa: T201 - for whoever started the program in a terminal
            if not _repaired(library_folder):
                return FAILED
            continue
        except PhotoSimError as error:
            return _refuse(error)
        status, damaged = _show(app, openings, library, wanted)
        if not damaged:
            return status
        if not _repaired(library_folder):
            return FAILED


def _show(
    app: QApplication, openings: OpenRequests, library: Library, wanted: DroppedItems
) -> tuple[int, bool]:
    """Show the window until it is closed; the exit status, and whether it was closed to repair the library."""
    with gc_paused(freeze=True):  # it stays until the program ends
        window = MainWindow(library)
    before = sys.excepthook
    sys.excepthook = _telling(window)
    signals = UnixSignals(window.close)
    watch = FolderSync(
        library, window.services.index_process, window.services.library_monitor, window.controllers.library
    )
    others = ExternalSync(
        library,
        window.services.jobs,
        window.services.index_process,
        window.services.library_monitor,
        window.controllers.library,
    )
    first = InstanceServer(library.folder)
    first.asked.connect(openings.want)
    to_open = openings.wanted.connect(partial(_open, window))
    damage: list[bool] = []
    window.controllers.library.repair_wanted.connect(lambda: damage.append(True))
    window.controllers.library.repair_wanted.connect(window.close)
    try:
        window.start([Path(folder) for folder in wanted.folders])
        window.show()
        watch.start()
        others.start()
        window.controllers.library.take_drop(DroppedItems(files=wanted.files))
        return app.exec(), bool(damage)
    finally:
        watch.close()
        others.close()
        first.close()
        openings.wanted.disconnect(to_open)
        signals.close()
        sys.excepthook = before
        # Widgets must go before the application does, not when Python happens to collect them.
        window.deleteLater()
        QApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)
        library.close()


def _repaired(library_folder: Path | None) -> bool:
    """Offer to repair the library; whether it can be opened now."""
    from photosim.gui.dialogs.repair import RepairDialog

    folder = (library_folder or default_library()).expanduser().absolute()
    # The dialog is the last window, but not the end of the program.
    QApplication.setQuitOnLastWindowClosed(False)
    try:
        return RepairDialog(folder).exec() == RepairDialog.DialogCode.Accepted
    finally:
        QApplication.setQuitOnLastWindowClosed(True)


def _wanted(paths: Sequence[Path]) -> DroppedItems:
    """The folders and files that were named. Raises FolderError when one of them is not there."""
    there = [path.expanduser().resolve() for path in paths]
    for path, resolved in zip(paths, there, strict=True):
        if not resolved.is_dir() and not resolved.is_file():
            reason = "is neither a folder nor a file" if resolved.exists() else "does not exist"
            raise FolderError(f"{path} {reason}.")
    return DroppedItems.from_paths([str(path) for path in there])


def _open(window: MainWindow, wanted: DroppedItems) -> None:
    """Bring the window to the front, and open in it what was asked for."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
    window.controllers.library.take_drop(wanted)


def _application() -> QApplication:
    if sys.platform == "win32":
        # The shortcut's name for the program: without it the window is not the shortcut's in the taskbar.
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(APP_ID)
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = Application(sys.argv[:1])
    app.setApplicationName(APP_NAME)
    app.setApplicationDisplayName(APP_NAME)
    app.setApplicationVersion(__version__)
    app.setDesktopFileName(APP_ID)
    icon = next(
        (
            path
            for name in ("photosim.svg", "photosim.png")
            if (path := resource_path("icons", name)).is_file()
        ),
        None,
    )
    if icon is not None:
        app.setWindowIcon(QIcon(str(icon)))
    install_translator(app)
    theme.follow_system(app)
    return app


def _refuse(error: PhotoSimError) -> int:
    """Say why the library does not open."""
    from photosim.gui.dialogs.messages import ErrorDialog

    print(error, file=sys.stderr)  # noqa: T201 - for whoever started the program in a terminal
    ErrorDialog(str(error), traceback.format_exc()).exec()
    return FAILED


def _telling(
    window: MainWindow,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """An excepthook that shows what nobody caught, and writes it to the terminal as ever."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if isinstance(error, Exception):
            window.controllers.library.show_error(error)

    return tell
