"""Drop folders on a new window, and print when a photo of each could be clicked and had similar ones; or let it idle.

python -m tests.benchmarks.first_click LIBRARY FOLDER [FOLDER...]
python -m tests.benchmarks.first_click LIBRARY --idle SECONDS

Prints JSON: `clicked`, the seconds from each drop to the similar photos of the first photo of that folder that was
shown, and `indexed`, those to the end of the indexing; or the processor time `processor_s` that the idle window and its
child processes used in that many seconds.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
from PySide6.QtCore import QElapsedTimer, QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest

from photosim.gui.app import _application
from photosim.gui.base.long_lists import prioritize_gui_thread
from photosim.gui.main_window import MainWindow
from photosim.library import Library
from tests.support.window_driver import drag_over, drop, tile_center

OPEN_S, DRAG_S = 2.0, 1.0
"""How long the window has been open before somebody drags a folder over it, and before they drop it."""

_TIMEOUT_MS, _TICK_MS = 120_000, 5
_SETTLE_S = 10.0
_LEAST = 2  # photos: one and another that is similar


def main() -> None:
    """Open the window of a library, and drop or idle."""
    library, *arguments = sys.argv[1:]
    prioritize_gui_thread()
    application = _application()
    window = MainWindow(Library.open(Path(library)))
    is_loaded: list[bool] = []
    window.views.browser.loaded.connect(lambda: is_loaded.append(True))
    window.start()
    window.show()
    _wait(lambda: bool(is_loaded))
    if arguments[0] == "--idle":
        print(json.dumps({"processor_s": idle(float(arguments[1]))}), flush=True)
    else:
        _pause(OPEN_S)
        clicked, indexed = zip(*[drop_and_click(window, Path(path)) for path in arguments], strict=True)
        print(json.dumps({"clicked": clicked, "indexed": indexed}), flush=True)
    window.close()
    application.processEvents()


def drop_and_click(window: MainWindow, folder: Path) -> tuple[float, float]:
    """Return the seconds from dropping a folder to the similar photos of its first photo, and to the end."""
    browser = window.views.browser
    model = browser.photo_model
    data = drag_over(window, [folder])
    _pause(DRAG_S)
    del data
    started = QElapsedTimer()
    started.start()
    drop(window, [folder])

    def first() -> int | None:
        if model.rowCount() < _LEAST:
            return None
        rows = (row for row, photo in enumerate(model.photos) if Path(photo.path).parent == folder)
        return next(rows, None)

    _wait(lambda: first() is not None)
    row = first()
    assert row is not None
    path = model.photo(row).path
    QTest.mouseClick(browser.grid.viewport(), Qt.MouseButton.LeftButton, pos=tile_center(browser.grid, row))
    _wait(lambda: _is_answered(window, path))
    clicked = started.elapsed() / 1000
    _wait(lambda: window.services.index_process.is_idle)
    return clicked, started.elapsed() / 1000


def _is_answered(window: MainWindow, path: str) -> bool:
    selected = window.services.navigator.current.selected
    photos = window.views.detail.similar.model.photos
    return selected is not None and selected.path == path and bool(photos) and photos[0].path != path


def idle(seconds: float) -> float:
    """Return the processor time in seconds that this process and its children use while nobody does anything."""
    _pause(_SETTLE_S)
    before = _processor_time()
    _pause(seconds)
    return _processor_time() - before


def _processor_time() -> float:
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def _wait(condition: Callable[[], bool]) -> None:
    loop, timer, elapsed = QEventLoop(), QTimer(interval=_TICK_MS), QElapsedTimer()
    elapsed.start()

    def check() -> None:
        if condition() or elapsed.hasExpired(_TIMEOUT_MS):
            loop.quit()

    timer.timeout.connect(check)
    timer.start()
    loop.exec()
    assert condition(), "nothing happened for two minutes"


def _pause(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


if __name__ == "__main__":
    main()
