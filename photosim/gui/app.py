"""Opens the window: the one place where program, library and window are put together."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEvent
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from photosim import APP_ID, APP_NAME, __version__
from photosim.errors import FolderError, PhotoSimError
from photosim.gui import theme
from photosim.gui.gentle import prefer_the_window
from photosim.gui.main_window import MainWindow
from photosim.gui.signals import EndSignals
from photosim.paths import resource

SUCCEEDED, FAILED = 0, 1


def run(library_folder: Path | None, index: Sequence[Path] = ()) -> int:
    """Show the window on a library, index folders into it, and return the exit status when it is closed.

    Raises FolderError for a folder that is not there. What keeps the library from opening is shown in a dialog.
    """
    for folder in index:
        if not folder.expanduser().is_dir():
            reason = "is not a folder" if folder.exists() else "does not exist"
            raise FolderError(f"The folder {folder} {reason}.")
    prefer_the_window()
    app = _application()
    try:
        from photosim.library import Library

        library = Library.open(library_folder)
    except PhotoSimError as error:
        return _refuse(error)
    window = MainWindow(library)
    before = sys.excepthook
    sys.excepthook = _telling(window)
    signals = EndSignals(window.close)
    try:
        window.start([folder.expanduser().resolve() for folder in index])
        window.show()
        return app.exec()
    finally:
        signals.close()
        sys.excepthook = before
        # Widgets must go before the application does, not when Python happens to collect them.
        window.deleteLater()
        QApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)
        library.close()


def _application() -> QApplication:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName(APP_NAME)
    app.setApplicationDisplayName(APP_NAME)
    app.setApplicationVersion(__version__)
    app.setDesktopFileName(APP_ID)
    icon = next(
        (path for name in ("photosim.svg", "photosim.png") if (path := resource("icons", name)).is_file()),
        None,
    )
    if icon is not None:
        app.setWindowIcon(QIcon(str(icon)))
    theme.follow_system(app)
    return app


def _refuse(error: PhotoSimError) -> int:
    """Say why the library does not open."""
    from photosim.gui.dialogs import ErrorDialog

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
            window.commands.tell(error)

    return tell
