"""Run the watchdog and print its report, the longest stalls first."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from photosim.gui.base import theme
from photosim.gui.main_window import MainWindow
from photosim.library import Library
from photosim.runtime.gc_pause import gc_paused
from tests.gui import watchdog
from tests.gui.watchdog.generated_library import replace_thumbnails, write_library
from tests.gui.watchdog.monitor import StallMonitor
from tests.gui.watchdog.session import PARTS, UNTIL_IDLE, play_session

_POLL_MS, _SETTLE_MS = 20, 30
_STACKS = 4


def measure(library: Library, only: Sequence[str] = ()) -> StallMonitor:
    """Play a session, or some parts of it, in a window on this library while its stalls are recorded."""
    replace_thumbnails(library)
    with gc_paused(freeze=True):  # as the program does
        window = MainWindow(library)
    window.resize(1360, 850)
    monitor = StallMonitor()
    steps = play_session(window, monitor, only)

    def next_step(wait: int = 0) -> None:
        if wait == UNTIL_IDLE and window.services.jobs.is_busy:
            QTimer.singleShot(_POLL_MS, lambda: next_step(UNTIL_IDLE))
            return
        next_wait: int | None = None
        try:
            next_wait = next(steps, None)
        finally:
            if next_wait is None:
                monitor.stop()
                QApplication.quit()
        if next_wait is not None:
            delay = _SETTLE_MS if next_wait == UNTIL_IDLE else next_wait
            QTimer.singleShot(delay, lambda: next_step(next_wait))

    monitor.start()
    QTimer.singleShot(0, next_step)
    QApplication.exec()
    window.close()
    return monitor


def report(monitor: StallMonitor) -> None:
    """Print the longest stall of each activity, and the most frequent call stacks where the window blocked."""
    lines = [f"{'activity':42} {'busy ms':>8} {'wall ms':>8} {'above 10':>8}"]
    activities = sorted(filter(None, monitor.busy), key=lambda activity: -monitor.busy[activity])
    for activity in activities:
        busy, wall = monitor.busy[activity] * 1000, monitor.wall[activity] * 1000
        stalls = monitor.stalls[activity]
        lines.append(f"{activity:42} {busy:8.1f} {wall:8.1f} {stalls:8}")
        if stalls and activity in monitor.stacks:
            stacks = monitor.stacks[activity].most_common(_STACKS)
            lines += [f"      {times:4} × {stack}" for stack, times in stacks]
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> int:
    """Generate the library if needed, measure and report."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.gui.watchdog",
        description=watchdog.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--photos", type=int, default=20_000)
    parser.add_argument("--library", type=Path, help="generate the library in this folder and keep it")
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), default=[], help="parts to play")
    arguments = parser.parse_args()
    app = QApplication(sys.argv[:1])
    app.setStyle("Fusion")
    theme.apply(app, dark=False)
    with tempfile.TemporaryDirectory(prefix="photosim-watchdog-") as temporary:
        folder = arguments.library or Path(temporary, "library")
        if not folder.exists():
            write_library(folder, arguments.photos)
        library = Library.open(folder)
        report(measure(library, arguments.only))
        library.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
