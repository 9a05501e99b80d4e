"""Show the window of a library until everything is loaded, and print the times.

python -m tests.benchmarks.first_window LIBRARY    (without LIBRARY: an empty Qt window, the baseline)
python -m tests.benchmarks.first_window LIBRARY --objects    (then searches by an object: `before_mb` is the memory before)

Seconds since 1970: `painted_at` is the first paint of the window, `photos_at` the first paint with photos,
`pictures_at` that with the thumbnails of all visible photos, `all_at` when all photos of the library are loaded.
`painted_processor_s` and so on are the processor time of the process until then, which hardly depends on other load.
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

from photosim.runtime.gc_pause import gc_paused

_TIMEOUT_S = 120
_TICK_MS = 5


class EventTimes(QObject):
    """Records the first time of each event."""

    def __init__(self) -> None:
        super().__init__()
        self.times: dict[str, float] = {}

    def note(self, name: str) -> None:
        """Record the time of an event, unless it has been recorded."""
        if name not in self.times:
            self.times[name] = time.time()
            self.times[name.replace("_at", "_processor_s")] = time.process_time()


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


def show(watch: EventTimes, library_folder: Path, *, search: bool = False) -> float:
    """Show the program's window until all its photos are loaded, and perhaps search by an object.

    Returns its memory before the search in MB.
    """
    with gc_paused(freeze=True):  # as the program does
        from photosim.gui.app import _application
        from photosim.gui.base.long_lists import prioritize_gui_thread
        from photosim.gui.main_window import MainWindow
        from photosim.library import Library

    prioritize_gui_thread()
    application = _application()
    with gc_paused(freeze=True):
        library = Library.open(library_folder)
        window = MainWindow(library)
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
    before = own_mb()
    if search:
        from photosim.search.filters.criteria import PhotoFilter
        from photosim.search.query import Example, Region, SimilarityQuery

        photo = library.photos_by_id(library.finder.files(PhotoFilter())[0][:1])[0]
        [found, *_] = library.objects.of_photo(photo.photo_id)
        query = SimilarityQuery((Example(photo.path, Region(*found.object.box), is_object=True),))
        library.similar(photo.file_id, 50)
        assert library.objects.search(query, 50)
    return before


def _show_until(application: QApplication, window: QMainWindow, is_done: Callable[[], bool]) -> None:
    until = time.monotonic() + _TIMEOUT_S
    timer = QTimer(interval=_TICK_MS)
    timer.timeout.connect(lambda: application.quit() if is_done() or time.monotonic() > until else None)
    window.show()
    timer.start()
    application.exec()


def own_mb() -> float:
    """Return the memory of this process; Linux reports memory mapped from files separately, which it can reclaim."""
    memory = psutil.Process().memory_info()
    return float(memory.rss - getattr(memory, "shared", 0)) / 1e6


if __name__ == "__main__":
    events = EventTimes()
    before_mb = 0.0
    if len(sys.argv) > 1:
        before_mb = show(events, Path(sys.argv[1]), search="--objects" in sys.argv)
    else:
        show_empty(events)
    result = {
        **events.times,
        "processor_s": time.process_time(),
        "loaded": sorted({"torch", "ultralytics", "cv2"} & set(sys.modules)),
        "own_mb": own_mb(),
        "before_mb": before_mb,
    }
    print(json.dumps(result), flush=True)
