"""The window that is photographed: opened, brought to a view, and saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from photosim.gui.base import theme
from photosim.gui.main_window import MainWindow
from photosim.gui.services.window_state import WindowState
from photosim.gui.state.places import Place
from photosim.library import Library
from photosim.records import Photo

SIZE, SMALL = (1360, 850), (900, 620)
TILE = 150  # pixels: small enough for several series in one picture
_QUALITY = 88  # of a JPEG: letters stay sharp, at a quarter of the bytes of a PNG
_QUIET_MS = 1500  # nothing moves any more after that long without a job

Scene = Callable[[MainWindow, Library], QWidget | None]
"""Brings a window to a view; the widget to be shown instead of the window, if it is another."""


@contextmanager
def open_window(
    app: QApplication, library: Library, dark: bool, size: tuple[int, int]
) -> Iterator[MainWindow]:
    """Yield a window of that size (width, height) that has been quiet for a moment."""
    app.setStyle("Fusion")
    theme.apply(app, dark)
    state = WindowState(library.folder)
    state.model_hint_shown, state.stack_photos, state.collection = True, False, 0
    window = MainWindow(library)
    window.resize(*size)
    window.views.browser.set_tile_size(TILE)
    window.start()
    window.show()
    settle(window)
    yield window
    window.close()
    window.deleteLater()


def save(shown: QWidget, window: MainWindow, path: Path) -> None:
    """Save a picture of a widget as PNG or JPEG, by the ending of `path`."""
    settle(window)
    path.parent.mkdir(parents=True, exist_ok=True)
    shown.grab().save(str(path), quality=_QUALITY if path.suffix == ".jpg" else -1)
    if shown is not window:
        shown.close()
    print(path)


def settle(window: MainWindow) -> None:
    """Let the window work until it has been quiet for a moment."""
    loop = QEventLoop()
    quiet = QTimer(interval=_QUIET_MS)
    services = window.services
    busy = (services.jobs, services.photo_client)
    quiet.timeout.connect(lambda: None if any(one.is_busy for one in busy) else loop.quit())
    quiet.start()
    loop.exec()


def dialog_of(window: MainWindow) -> QWidget:
    """Return the window beside this one."""
    settle(window)
    return next(one for one in QApplication.topLevelWidgets() if one.isVisible() and one is not window)


def favourite(library: Library) -> Photo:
    """A photo with many likenesses, of which a camera tells something."""
    medoid = library.clusters().clusters[0].medoid_id
    near = library.photos_by_id([medoid, *(match.file_id for match in library.similar(medoid, 12))])
    return next((photo for photo in near if photo.facts.camera is not None), near[0])


def select_favourite(window: MainWindow, library: Library) -> None:
    """Select a photo with many similar ones among all photos."""
    photo = favourite(library)
    window.services.navigator.select(photo)
    settle(window)


def go_to(place: Place, window: MainWindow, _: Library) -> None:
    """Show a place."""
    window.services.navigator.go(place)


def type_text(window: MainWindow, text: str) -> None:
    """Type into the search field, and wait for the suggestions."""
    window.activateWindow()
    window.views.actions.find.trigger()
    QTest.keyClicks(window.views.search_field, text)
    settle(window)
