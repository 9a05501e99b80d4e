"""Shows the window on a library until all is there, and prints when what was seen: the measured side, and the bare one.

python -m tests.benchmarks.first_window LIBRARY    (without LIBRARY: an empty Qt window, the baseline)

`painted_at` is the first paint of the window, `photos_at` the first paint with photos in it, `pictures_at` that with
the thumbnails of all photos in sight, `all_at` when every photo of the library can be scrolled to; seconds since 1970.
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

_LONGEST_S = 60
_TICK_MS = 5


class Watch(QObject):
    """Notes the first time of what happens."""

    def __init__(self) -> None:
        super().__init__()
        self.times: dict[str, float] = {}

    def note(self, name: str) -> None:
        """It happened now, unless it has happened before."""
        self.times.setdefault(name, time.time())


class FirstPaint(QObject):
    """Notes the first paint of a widget, under a condition."""

    def __init__(
        self, watch: Watch, name: str, widget: QWidget, condition: Callable[[], bool] = lambda: True
    ) -> None:
        super().__init__(watch)
        self._watch, self._name, self._condition = watch, name, condition
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Note it once the paint is through."""
        if event.type() is QEvent.Type.Paint and self._condition():
            QTimer.singleShot(0, lambda: self._watch.note(self._name))
        return super().eventFilter(watched, event)


def show_empty(watch: Watch) -> None:
    """An empty Qt window, until it is painted."""
    application = QApplication([])
    window = QMainWindow()
    FirstPaint(watch, "painted_at", window)
    _show_until(application, window, lambda: "painted_at" in watch.times)


def show(watch: Watch, library_folder: Path) -> None:
    """The window as the program shows it, until all its photos are there."""
    from photosim.gui.app import _application
    from photosim.gui.main_window import MainWindow
    from photosim.library import Library

    application = _application()
    window = MainWindow(Library.open(library_folder))
    browser, thumbnails = window.views.browser, window.services.thumbnails
    photos, grid = browser.photo_model, browser.grid

    def is_pictured() -> bool:
        rows = grid.visible_rows()
        return bool(rows) and all(thumbnails.has(photos.photo_id(row), photos.style) for row in rows)

    FirstPaint(watch, "painted_at", window)
    FirstPaint(watch, "photos_at", grid.viewport(), lambda: photos.rowCount() > 0)
    FirstPaint(watch, "pictures_at", grid.viewport(), lambda: photos.rowCount() > 0 and is_pictured())
    browser.loaded.connect(lambda: watch.note("all_at"))
    window.start()
    _show_until(application, window, lambda: "all_at" in watch.times)


def _show_until(application: QApplication, window: QMainWindow, is_over: Callable[[], bool]) -> None:
    until = time.monotonic() + _LONGEST_S
    timer = QTimer(interval=_TICK_MS)
    timer.timeout.connect(lambda: application.quit() if is_over() or time.monotonic() > until else None)
    window.show()
    timer.start()
    application.exec()


if __name__ == "__main__":
    seen = Watch()
    if len(sys.argv) > 1:
        show(seen, Path(sys.argv[1]))
    else:
        show_empty(seen)
    memory = psutil.Process().memory_info()
    told = {
        **seen.times,
        "processor_s": time.process_time(),
        "loaded": sorted({"torch", "ultralytics"} & set(sys.modules)),
        # Linux tells apart what is mapped from files, which the system takes back when it needs the room.
        "own_mb": (memory.rss - getattr(memory, "shared", 0)) / 1e6,
    }
    print(json.dumps(told), flush=True)
