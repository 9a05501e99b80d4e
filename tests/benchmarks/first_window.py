"""Show the window of a library until everything is loaded, and print the times.

python -m tests.benchmarks.first_window LIBRARY    (without LIBRARY: an empty Qt window, the baseline)

Seconds since 1970: `painted_at` is the first paint of the window, `photos_at` the first paint with photos,
`pictures_at` that with the thumbnails of all visible photos, `all_at` when all photos of the library are loaded.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

_TIMEOUT_S = 60
_TICK_MS = 5


class EventTimes(QObject):
    """Records the first time of each event."""

    def __init__(self) -> None:
        super().__init__()
        self.times: dict[str, float] = {}

    def note(self, name: str) -> None:
        """Record the time of an event, unless it has been recorded."""
        self.times.setdefault(name, time.time())


class FirstPaint(QObject):
    """Records the first paint of a widget that meets a condition."""

    def __init__(
        self, watch: EventTimes, name: str, widget: QWidget, condition: Callable[[], bool] = lambda: True
    ) -> None:
        super().__init__(watch)
        self._watch, self._name, self._condition = watch, name, condition
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() is QEvent.Type.Paint and self._condition():
            QTimer.singleShot(0, lambda: self._watch.note(self._name))
        return super().eventFilter(watched, event)


def show_empty(watch: EventTimes) -> None:
    """Show an empty Qt window until it is painted."""
    application = QApplication([])
    window = QMainWindow()
    FirstPaint(watch, "painted_at", window)
    _show_until(application, window, lambda: "painted_at" in watch.times)


def show(watch: EventTimes, library_folder: Path) -> None:
    """Show the program's window until all its photos are loaded."""
    from photosim.gui.app import _application
    from photosim.gui.main_window import MainWindow
    from photosim.library import Library

    application = _application()
    window = MainWindow(Library.open(library_folder))
    browser, thumbnails = window.views.browser, window.services.thumbnails
    photos, grid = browser.photo_model, browser.grid

    def has_thumbnails() -> bool:
        rows = grid.visible_rows()
        return bool(rows) and all(thumbnails.has(photos.photo_id(row), photos.style_of(row)) for row in rows)

    FirstPaint(watch, "painted_at", window)
    FirstPaint(watch, "photos_at", grid.viewport(), lambda: photos.rowCount() > 0)
    FirstPaint(watch, "pictures_at", grid.viewport(), lambda: photos.rowCount() > 0 and has_thumbnails())
    browser.loaded.connect(lambda: watch.note("all_at"))
    window.start()
    _show_until(application, window, lambda: "all_at" in watch.times)


def _show_until(application: QApplication, window: QMainWindow, is_done: Callable[[], bool]) -> None:
    until = time.monotonic() + _TIMEOUT_S
    timer = QTimer(interval=_TICK_MS)
    timer.timeout.connect(lambda: application.quit() if is_done() or time.monotonic() > until else None)
    window.show()
    timer.start()
    application.exec()


if __name__ == "__main__":
    events = EventTimes()
    if len(sys.argv) > 1:
        show(events, Path(sys.argv[1]))
    else:
        show_empty(events)
    memory = psutil.Process().memory_info()
    result = {
        **events.times,
        "processor_s": time.process_time(),
        "loaded": sorted({"torch", "ultralytics"} & set(sys.modules)),
        # Linux reports memory mapped from files separately; the system can reclaim it.
        "own_mb": (memory.rss - getattr(memory, "shared", 0)) / 1e6,
    }
    print(json.dumps(result), flush=True)
