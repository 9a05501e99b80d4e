"""Shows the window on a library until its first paint and prints how that went: the measured side, and the bare one.

python -m tests.benchmarks.first_window LIBRARY    (without LIBRARY: an empty Qt window, the baseline)
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import psutil
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow


class FirstPaint(QObject):
    """Ends the program after the first paint of a window, when Qt has nothing more to do."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self.painted_at: float | None = None
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Note the first paint and ask to quit."""
        if event.type() is QEvent.Type.Paint and self.painted_at is None:
            self.painted_at = time.time()
            QTimer.singleShot(0, QApplication.quit)
        return super().eventFilter(watched, event)


def show(library_folder: Path | None) -> FirstPaint:
    """Show the window as the program does, until it is painted."""
    if library_folder is None:
        application = QApplication([])
        window = QMainWindow()
    else:
        from photosim.gui.app import _application
        from photosim.gui.main_window import MainWindow
        from photosim.library import Library

        application = _application()
        window = MainWindow(Library.open(library_folder))
        window.start()
    paint = FirstPaint(window)
    window.show()
    application.exec()
    return paint


if __name__ == "__main__":
    first = show(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    loaded = sorted({"torch", "ultralytics"} & set(sys.modules))
    memory = psutil.Process().memory_info()
    told = {
        "painted_at": first.painted_at,
        "processor_s": time.process_time(),
        "loaded": loaded,
        # Linux tells apart what is mapped from files, which the system takes back when it needs the room.
        "own_mb": (memory.rss - getattr(memory, "shared", 0)) / 1e6,
    }
    print(json.dumps(told), flush=True)
