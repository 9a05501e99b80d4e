"""Scroll the window over hundreds of thousands of photos: frame times, thumbnails after a stop, open files, memory.

    python -m tests.benchmarks.bench_scroll [--photos 300000] [--library FOLDER] [--stops 30] [--profile]

The library is that of `bench_scale` with a real thumbnail for each photo, but without the photo files. A frame is one
step of the wheel or of the dragged scroll bar, and everything the GUI thread does until the next one: event, layout,
paint, and thumbnails that arrive. Frame times are processor time of that thread, which does not depend on other load,
and wall time from the event to the end of its paint. After each burst of steps scrolling stops until every visible cell
has its thumbnail; the processor time of all threads until then is reported too.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import json
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import psutil
from PIL import Image, ImageChops
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QScrollBar, QStyle, QStyleOptionSlider, QWidget

from photosim.gui.base.long_lists import prioritize_gui_thread
from photosim.gui.main_window import MainWindow
from photosim.gui.state.grouping import GroupBy
from photosim.imaging.turbojpeg import encode_thumbnail
from photosim.library import Library
from photosim.store.catalog import FILE_NAME
from photosim.store.database import LibraryDatabase
from photosim.store.migrations import library as migrations
from photosim.store.thumbnails import ThumbnailCache
from tests.benchmarks.bench_scale import PHOTOS, write
from tests.benchmarks.processes import run
from tests.benchmarks.report import Row, machine, table
from tests.benchmarks.setting import Setting, say
from tests.support.images import make_scene

FRAME_MS, SHOWN_MS = 16, 100
"""Targets for a frame, and from a stop until every cell has its thumbnail."""

PICTURES, GRAIN = 300, 6.0
WINDOW = (1920, 1080)  # logical pixels
STOPS, STEPS = 30, 12
NOTCHES = 3
"""Wheel notches per frame: as fast as a user turns it."""
_TICK_MS, _LONGEST_WAIT_S, _PIXELS = 16, 10, 3
_SHAPES = ((320, 240), (240, 320), (320, 213), (320, 320))


class Frames:
    """Measurements of one grouping and one scrolling method, in milliseconds."""

    def __init__(self) -> None:
        self.busy: list[float] = []
        self.wall: list[float] = []
        self.shown: list[float] = []
        self.work: list[float] = []


class Scrolling:
    """Drives one window; `results` is complete when the application has quit."""

    def __init__(self, window: MainWindow, profile: cProfile.Profile | None, stops: int) -> None:
        self._stops = stops
        self.window, self.grid = window, window.views.browser.grid
        self.results: dict[str, Frames] = {}
        self._profile = profile
        self._frames = Frames()
        self._stopped_at: tuple[float, float] | None = None
        self._rng = np.random.default_rng(1)
        window.services.thumbnails.loaded.connect(self._check_thumbnails)
        self._steps = self._drive()
        self._used = time.thread_time()
        self._moving = False
        self._timer = QTimer(window, interval=_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Start; the application quits when everything is measured."""
        self.window.start()
        self.window.show()
        self._timer.start()

    def _tick(self) -> None:
        now = time.thread_time()
        if self._moving:
            self._frames.busy.append((now - self._used) * 1000)
        self._used = now
        self._moving = False
        if next(self._steps, None) is None:
            self._timer.stop()
            QApplication.quit()

    def _drive(self) -> Iterator[bool]:
        browser = self.window.views.browser
        yield from self._idle()
        for square in (True, False):
            self.window.views.actions.square.setChecked(square)
            for headings in GroupBy if square else (GroupBy.NONE, GroupBy.DAY):
                self.window.views.top_bar.group_by_actions[headings].trigger()
                yield from self._idle()
                name = f"{headings.value} headings" if headings is not GroupBy.NONE else "no headings"
                shape = "" if square else ", justified"
                memory = f"{_own(psutil.Process().memory_info()) / 1e6:.0f} MB"
                under = f"{len(browser.photo_model.sections)} headings"
                say(f"{name}{shape}: {browser.photo_model.rowCount()} photos, {under}, {memory}")
                for way, scroll in (("wheel", self._wheel), ("bar", self._drag)):
                    self._frames = self.results[f"{name}{shape}, {way}"] = Frames()
                    yield from scroll()

    def _idle(self) -> Iterator[bool]:
        quiet = 0
        while quiet < 20:
            quiet = 0 if self.window.services.jobs.is_busy else quiet + 1
            yield True

    def _wheel(self) -> Iterator[bool]:
        bar, viewport = self.grid.verticalScrollBar(), self.grid.viewport()
        for _ in range(self._stops):
            bar.setValue(int(self._rng.integers(0, bar.maximum() * 9 // 10)))
            yield from self._wait()
            for _ in range(STEPS):
                self._step(viewport, _turn(viewport, -120 * NOTCHES))
                yield True
            yield from self._stop()

    def _drag(self) -> Iterator[bool]:
        bar = self.grid.verticalScrollBar()
        for _ in range(self._stops):
            bar.setValue(int(self._rng.integers(0, bar.maximum() * 9 // 10)))
            yield from self._wait()
            at = _handle(bar).center()
            QApplication.sendEvent(bar, _mouse(bar, QEvent.Type.MouseButtonPress, at))
            for _ in range(STEPS):
                at += QPoint(0, int(self._rng.integers(1, _PIXELS + 1)))
                self._step(bar, _mouse(bar, QEvent.Type.MouseMove, at))
                yield True
            QApplication.sendEvent(bar, _mouse(bar, QEvent.Type.MouseButtonRelease, at))
            yield from self._stop()

    def _step(self, widget: QWidget, event: QEvent) -> None:
        if self._profile is not None:
            self._profile.enable()
        before, started = self.grid.verticalScrollBar().value(), time.perf_counter()
        QApplication.sendEvent(widget, event)
        self._paint()
        finished = time.perf_counter()
        self._frames.wall.append((finished - started) * 1000)
        if self._profile is not None:
            self._profile.disable()
        self._moving = True
        if self.grid.verticalScrollBar().value() == before:
            raise RuntimeError("the grid did not scroll")

    def _paint(self) -> None:
        """Process all pending paint events."""
        QApplication.sendPostedEvents()

    def _stop(self) -> Iterator[bool]:
        self._stopped_at = time.perf_counter(), time.process_time()
        yield True  # the last frame ends here
        self._check_thumbnails()
        yield from self._wait()

    def _wait(self) -> Iterator[bool]:
        until = time.perf_counter() + _LONGEST_WAIT_S
        while not self._is_shown() or self._stopped_at is not None:
            if time.perf_counter() > until:
                raise RuntimeError("timed out waiting for thumbnails")
            yield True

    def _check_thumbnails(self, _: object = None) -> None:
        if self._stopped_at is not None and self._is_shown():
            # Painting may use thumbnails that have just arrived.
            stopped, self._stopped_at = self._stopped_at, None
            self._paint()
            self._frames.shown.append((time.perf_counter() - stopped[0]) * 1000)
            self._frames.work.append((time.process_time() - stopped[1]) * 1000)

    def _is_shown(self) -> bool:
        photos, tiles = self.window.views.browser.photo_model, self.window.services.thumbnails
        return all(tiles.has(photos.photo_id(row), photos.style_of(row)) for row in self.grid.visible_rows())


def measure(folder: Path, stops: int, *, profiled: bool) -> dict[str, object]:
    """Scroll the window of a library in this process."""
    opened: list[str] = []
    sys.addaudithook(
        lambda event, args: (
            opened.append(str(args[0])) if event == "open" and "/photos/" in str(args[0]) else None
        )
    )
    from photosim.gui.app import _application

    prioritize_gui_thread()  # like `photosim.gui.app.run`
    application = _application()
    library = Library.open(folder)
    profile = cProfile.Profile() if profiled else None
    window = MainWindow(library)
    window.resize(*WINDOW)
    scrolling = Scrolling(window, profile, stops)
    scrolling.start()
    application.exec()
    cells = len(scrolling.grid.visible_rows())
    memory = psutil.Process().memory_info()
    window.close()
    library.close()
    if profile is not None:
        text = io.StringIO()
        pstats.Stats(profile, stream=text).sort_stats("tottime").print_stats(25)
        say(text.getvalue())
    return {
        "frames": {name: vars(one) for name, one in scrolling.results.items()},
        "opened": len(opened),
        "cells": cells,
        "rss": memory.rss,
        "own": _own(memory),
    }


def fill(folder: Path) -> None:
    """Add one of a few hundred thumbnails to each photo without one."""
    store, thumbnails = LibraryDatabase(folder / FILE_NAME, migrations), ThumbnailCache(folder)
    missing = sorted(
        {bytes(digest) for (digest,) in store.rows("SELECT digest FROM photos")} - thumbnails.digests()
    )
    if missing:
        say(f"creating thumbnails of {len(missing):,} photos")
        pictures = [_picture(number) for number in range(PICTURES)]
        for start in range(0, len(missing), 5000):
            thumbnails.add(
                {
                    digest: pictures[(start + n) % PICTURES]
                    for n, digest in enumerate(missing[start : start + 5000])
                }
            )
    store.close()
    thumbnails.close()


def main() -> int:
    """Print the results; return exit status 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_scroll", description=__doc__)
    parser.add_argument("--photos", type=int, default=PHOTOS)
    parser.add_argument("--library", type=Path, help="where to create and keep the library")
    parser.add_argument("--stops", type=int, default=STOPS, help="bursts of steps for each scrolling method")
    parser.add_argument("--profile", action="store_true", help="profile the steps")
    parser.add_argument("--alone", action="store_true", help="scroll in this process")
    arguments = parser.parse_args()
    if arguments.alone or arguments.profile:
        sys.stdout.write(
            f"{json.dumps(measure(arguments.library, arguments.stops, profiled=arguments.profile))}\n"
        )
        return 0
    with tempfile.TemporaryDirectory(prefix="photosim-bench-") as temporary:
        library = arguments.library or Path(temporary, "library")
        if not library.exists():
            write(library, arguments.photos, Setting(Path(temporary)))
            run("tests.benchmarks.bench_scale", "--stage", "group", "--library", library)
        fill(library)
        answer = run(
            "tests.benchmarks.bench_scroll", "--alone", "--library", library, "--stops", str(arguments.stops)
        ).answer
    rows = list(_rows(answer))
    sys.stdout.write(f"{machine()}\n{table(rows)}\n")
    return int(any(row.met is False for row in rows))


def _rows(answer: dict[str, object]) -> Iterator[Row]:
    frames = answer["frames"]
    assert isinstance(frames, dict)
    for name, one in frames.items():
        busy, wall, shown = (np.array(one[key]) for key in ("busy", "wall", "shown"))
        work = f"{np.percentile(one['work'], 95):.0f} ms of processors"
        p95 = float(np.percentile(busy, 95))
        figures = f"{p95:.1f}, {np.percentile(busy, 99):.1f} ms"
        clock = f"{np.percentile(wall, 50):.1f}, {np.percentile(wall, 95):.1f} ms wall time (p50, p95)"
        yield Row(f"{name}: frame, p95, p99", figures, clock, "", f"≤ {FRAME_MS} ms", p95 <= FRAME_MS)
        p95 = float(np.percentile(shown, 95))
        median = f"{np.percentile(shown, 50):.0f} ms (p50); {work}"
        yield Row(
            f"{name}: all thumbnails after a stop, p95",
            f"{p95:.0f} ms",
            median,
            "",
            f"≤ {SHOWN_MS} ms",
            p95 <= SHOWN_MS,
        )
    yield Row("visible cells", str(answer["cells"]))
    yield Row("photo files opened", str(answer["opened"]), bar="0", met=answer["opened"] == 0)
    rss, own = (int(str(answer[key])) / 1e6 for key in ("rss", "own"))
    yield Row("memory of the window", f"{own:.0f} MB", f"{rss:.0f} MB with the mapped library")


def _own(memory: Any) -> int:
    """Return the bytes that are not mapped from files, which the system could reclaim."""
    return int(memory.rss - getattr(memory, "shared", 0))


def _picture(number: int) -> bytes:
    """Return a thumbnail with sensor noise, so that it has a realistic size."""
    scene = make_scene(number, _SHAPES[number % len(_SHAPES)])
    grain = Image.effect_noise(scene.size, GRAIN).convert("RGB")
    return encode_thumbnail(ImageChops.add(scene, grain, 1, -128))


def _turn(widget: QWidget, delta: int) -> QWheelEvent:
    at, buttons = QPointF(widget.rect().center()), Qt.MouseButton.NoButton
    keys, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    return QWheelEvent(at, at, QPoint(), QPoint(0, delta), buttons, keys, phase, False)


def _mouse(widget: QWidget, kind: QEvent.Type, at: QPoint) -> QMouseEvent:
    buttons = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    place = QPointF(at)
    return QMouseEvent(
        kind, place, QPointF(widget.mapToGlobal(at)), button, buttons, Qt.KeyboardModifier.NoModifier
    )


def _handle(bar: QScrollBar) -> QRect:
    option = QStyleOptionSlider()
    bar.initStyleOption(option)
    return bar.style().subControlRect(
        QStyle.ComplexControl.CC_ScrollBar, option, QStyle.SubControl.SC_ScrollBarSlider, bar
    )


if __name__ == "__main__":
    sys.exit(main())
