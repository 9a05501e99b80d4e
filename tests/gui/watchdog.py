"""How long the window stands still: drives it over a large library and tells the longest block of its event loop.

    python -m tests.gui.watchdog [--photos 20000]

A heart beats in the event loop every millisecond; what lies between two beats is work that held the window up. The
library's entries and vectors are made; its thumbnails are a few made pictures, and some photos are true files. `busy`
is the processor time of the window's thread between two beats, which other programs do not spoil; `wall` is the time
on the clock, and has in it what the machine did meanwhile. Where the window stood is told by the stack then, where the system has timers for that.
"""

from __future__ import annotations

import argparse
import collections
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from photosim.gui.base import theme
from photosim.gui.main_window import MainWindow
from photosim.gui.state.grouping import GroupBy
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Place, Query, View
from photosim.imaging.decode import jpeg_thumbnail
from photosim.library.library import Library
from photosim.ml.catalog import DEFAULT
from photosim.records import FileEntry, Photo, PhotoFacts
from photosim.runtime.control import JobControl
from photosim.runtime.gc_pause import gc_paused
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import pack_vector
from tests.support.images import make_photo, make_scene

BLOCK_S = 0.010
"""What a person begins to feel."""

_BEAT_MS, _LOOK_S, _FRAME_MS = 1, 0.002, 16
_TRUE_FILES, _PICTURES, _SEEDS = 12, 40, 900
_IDLE = -1
"""In place of milliseconds: go on when nothing is being read any more."""


class Watchdog(QObject):
    """Measures while the event loop runs; `doing` names what it is measured for."""

    def __init__(self) -> None:
        super().__init__()
        self.doing = ""
        self.busy: dict[str, float] = {}
        self.wall: dict[str, float] = {}
        self.blocks: collections.Counter[str] = collections.Counter()
        self.where: dict[str, collections.Counter[str]] = {}
        self._beat = time.perf_counter(), time.thread_time()
        self._timer = QTimer(self, interval=_BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_beat)

    def start(self) -> None:
        """Begin."""
        self._beat = time.perf_counter(), time.thread_time()
        self._timer.start()
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._look)
            signal.setitimer(signal.ITIMER_REAL, _LOOK_S, _LOOK_S)

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _on_beat(self) -> None:
        now, used = time.perf_counter(), time.thread_time()
        wall, busy = now - self._beat[0], used - self._beat[1]
        self._beat = now, used
        self.wall[self.doing] = max(self.wall.get(self.doing, 0.0), wall)
        self.busy[self.doing] = max(self.busy.get(self.doing, 0.0), busy)
        self.blocks[self.doing] += busy > BLOCK_S

    def _look(self, _: int, frame: FrameType | None) -> None:
        """In the window's own thread, between two of its steps: another thread would keep its painters alive."""
        if time.perf_counter() - self._beat[0] < BLOCK_S:
            return
        ours: list[str] = []
        while frame is not None and len(ours) < 3:
            if "/photosim/" in frame.f_code.co_filename:
                ours.append(f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} {frame.f_code.co_name}")
            frame = frame.f_back
        if ours:
            self.where.setdefault(self.doing, collections.Counter())[" < ".join(ours)] += 1


def write(folder: Path, photos: int) -> None:
    """A library of so many photos in scenes of about twenty, some of them true files."""
    folder.mkdir(parents=True)
    chance = np.random.default_rng(1)
    scenes = chance.normal(size=(_SEEDS, DEFAULT.dimensions)).astype(np.float32)
    true = [
        make_photo(folder.parent / "true" / f"IMG_{n:07}.jpg", n, (4000, 3000)) for n in range(_TRUE_FILES)
    ]
    catalog = Catalog(folder)
    catalog.add_source("/photos")
    readings = []
    for number in range(photos):
        vector = scenes[number % _SEEDS] + 0.5 * chance.normal(size=DEFAULT.dimensions).astype(np.float32)
        vector /= np.linalg.norm(vector)
        age = photos - number
        day = (
            f"{2024 - age // 3360:04}-{12 - age // 280 % 12:02}-{28 - age // 10 % 28:02}T10:{age % 60:02}:00"
        )
        facts = PhotoFacts(4000, 3000, "JPEG", taken_at=day, camera="Camera of these photos")
        path = f"/photos/{number // 500:04}/IMG_{number:07}.jpg"
        if photos - number <= _TRUE_FILES:
            path = str(true[photos - number - 1])
        readings.append(
            FileRecord(
                FileEntry(path, 4_000_000, number), number.to_bytes(16, "big"), facts, pack_vector(vector)
            )
        )
    catalog.save("/photos", readings, DEFAULT.id)
    catalog.close()
    library = Library.open(folder)
    for _ in library.models.active.index_builder.build(JobControl()):
        pass
    library.close()


def drive(window: MainWindow, dog: Watchdog) -> Iterator[int]:
    """What a person does; each step gives the milliseconds until the next."""
    for deeds in (browse, look, act, narrow, head, set_up):
        yield from deeds(window, dog)


def browse(window: MainWindow, dog: Watchdog) -> Iterator[int]:
    """Opening, scrolling, sorting, choosing, going from place to place."""
    browser, grid, similar = window.views.browser, window.views.browser.grid, window.views.detail.similar
    dog.doing = "open the library"
    window.start()
    window.show()
    yield _IDLE
    dog.doing = "scroll by the wheel"
    for _ in range(80):
        wheel(grid.viewport(), -360)
        yield _FRAME_MS
    dog.doing = "drag the scroll bar"
    bar = grid.verticalScrollBar()
    for step in range(60):
        bar.setValue(bar.maximum() * step // 60)
        yield _FRAME_MS
    yield _IDLE
    for order in (SortOrder.NAME, SortOrder.DATE):
        dog.doing = f"sort by {order.value}"
        window.views.top_bar.order_actions[order].trigger()
        yield _IDLE
    dog.doing = "choose a photo"
    for row in (3, 40, 77):
        grid.select_row(row)
        window.services.navigator.select(browser.photos.photo(row), False)
        yield _IDLE
    dog.doing = "sort by likeness"
    window.views.top_bar.order_actions[SortOrder.SIMILARITY].trigger()
    yield _IDLE
    window.views.top_bar.order_actions[SortOrder.DATE].trigger()
    yield _IDLE
    dog.doing = "move the threshold"
    for value in range(0, similar.slider.maximum(), 5):
        similar.slider.setValue(value)
        yield _FRAME_MS
    yield _IDLE
    dog.doing = "larger and smaller thumbnails"
    for edge in (*range(100, 260, 16), *range(260, 140, -16)):
        browser.set_tile_size(edge)
        yield _FRAME_MS
    window.views.actions.square.toggle()
    yield _IDLE
    dog.doing = "select all"
    grid.selectAll()
    yield 100
    browser.selected_photos()
    yield 100
    grid.clearSelection()
    dog.doing = "the clusters, one of them, and back"
    window.services.navigator.go(Place(View.CLUSTERS))
    yield _IDLE
    window.services.navigator.open_cluster(browser.clusters.cluster(0))
    yield _IDLE
    window.services.navigator.go(Place(View.ALL))
    yield _IDLE
    dog.doing = "find similar, and back"
    window.services.navigator.find_similar(Query.of_photos(browser.photos.photo(5)))
    yield _IDLE
    window.services.navigator.back()
    yield _IDLE
    dog.doing = "photos have been indexed"
    window.services.library_monitor.fetch([photo.file_id for photo in browser.photos.photos[:200]])
    window.controllers.indexing._refresh()
    yield _IDLE


def look(window: MainWindow, dog: Watchdog) -> Iterator[int]:
    """Viewer and comparison."""
    browser = window.views.browser
    dog.doing = ""  # looking for files is no work of the window's
    rows = [row for row in range(200) if Path(browser.photos.photo(row).path).is_file()]
    yield 10
    dog.doing = "open the viewer"
    window.views.viewer.open(tuple(browser.photos.photos), rows[0])
    yield _IDLE
    dog.doing = "turn photos in the viewer"
    for _ in range(5):
        window.views.viewer.step(1)
        yield _IDLE
    dog.doing = "zoom in the viewer"
    for notch in (*[120] * 14, *[-120] * 14):
        wheel(window.views.viewer.canvas, notch)
        yield _FRAME_MS
    dog.doing = "facts in the viewer"
    window.views.viewer.set_info_visible(True)
    yield _IDLE
    dog.doing = "back to the grid"
    window.views.viewer.dismiss()
    yield _IDLE
    dog.doing = "compare four"
    view = window.views.compare
    view.open([browser.photos.photo(row) for row in rows[:4]])
    yield _IDLE
    dog.doing = "zoom four together"
    for notch in (*[120] * 14, *[-120] * 14):
        wheel(view.panes[0].canvas, notch)
        yield _FRAME_MS
    dog.doing = "leave two out"
    for _ in range(2):
        view.remove_photo(view.photos[0])
        yield 100
    dog.doing = "wipe"
    view.set_wiping(True)
    for step in range(40):
        view.wipe.set_position(step / 40)
        yield _FRAME_MS
    dog.doing = "back to the grid"
    view.dismiss()
    yield _IDLE


def act(window: MainWindow, dog: Watchdog) -> Iterator[int]:
    """Pasting, copying, moving, undoing."""
    browser = window.views.browser
    dog.doing = ""  # making the picture is no work of the window's
    picture = QImage(6000, 4000, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.darkGreen)
    QGuiApplication.clipboard().setImage(picture)
    yield 200
    dog.doing = "paste a picture of 24 megapixels"
    window.views.actions.paste.trigger()
    yield 1500
    yield _IDLE
    QGuiApplication.clipboard().clear()
    window.services.navigator.go(Place(View.ALL))
    yield _IDLE
    dog.doing = ""  # nor is looking for files
    chosen = [photo for photo in browser.photos.photos[:200] if Path(photo.path).is_file()][:4]
    target = Path(chosen[0].path).parent / "elsewhere"
    target.mkdir(exist_ok=True)
    yield 10
    dog.doing = "copy photos to a folder"
    window.controllers.files.transfer(chosen, target, move=False)
    yield _IDLE
    dog.doing = "move photos to a folder"
    window.services.navigator.select(chosen[0], False)
    window.controllers.files.transfer(chosen, target, move=True)
    yield _IDLE
    dog.doing = "undo moving photos"
    window.views.actions.undo.trigger()
    yield _IDLE


def narrow(window: MainWindow, dog: Watchdog) -> Iterator[int]:
    """The filter."""
    dog.doing = "open the filter"
    window.views.actions.filter.setChecked(True)
    yield _IDLE
    dog.doing = "type in the filter"
    window.views.filter_bar.focus_text()
    for letter in "img 00017":
        QApplication.sendEvent(window.views.filter_bar.text, key(QEvent.Type.KeyPress, letter))
        QApplication.sendEvent(window.views.filter_bar.text, key(QEvent.Type.KeyRelease, letter))
        yield 70
    yield 600
    yield _IDLE
    dog.doing = "clear the filter"
    window.views.filter_bar.clear()
    yield 400
    yield _IDLE
    window.views.actions.filter.setChecked(False)
    yield _IDLE


def head(window: MainWindow, dog: Watchdog) -> Iterator[int]:
    """Headings, and photos that come in under them."""
    browser, bar = window.views.browser, window.views.browser.grid.verticalScrollBar()
    dog.doing = "headings by day"
    browser.set_group_by(GroupBy.DAY)
    yield _IDLE
    dog.doing = "photos come in under headings"
    bar.setValue(bar.maximum() // 2)
    yield _IDLE
    for count, wait in ((1, 300), (200, 800)):
        dog.doing = ""  # nor is making them up
        coming = others(browser.photos.photos, count)
        yield 10
        dog.doing = "photos come in under headings"
        browser.add_indexed(coming)
        yield wait
    yield _IDLE
    dog.doing = "no headings"
    browser.set_group_by(GroupBy.NONE)
    yield _IDLE


def set_up(window: MainWindow, dog: Watchdog) -> Iterator[int]:
    """The settings, page by page."""
    for page in ("first", "second"):
        dog.doing = f"the settings, {page} page"
        if page == "first":
            window.views.actions.settings.trigger()
        elif window.controllers.settings.dialog is not None:
            window.controllers.settings.dialog.show_page(1)
        yield 500
        yield _IDLE
    if window.controllers.settings.dialog is not None:
        window.controllers.settings.dialog.reject()
    window.controllers.settings.close()
    yield 100


def others(photos: Sequence[Photo], count: int) -> list[Photo]:
    """So many photos that are not there yet, taken on as many of the days."""
    chosen = photos[:: max(len(photos) // count, 1)][:count]
    first = max(photo.file_id for photo in photos) + 1
    return [
        replace(one, file_id=first + number, path=f"{one.path}.new.jpg") for number, one in enumerate(chosen)
    ]


def key(kind: QEvent.Type, letter: str) -> QKeyEvent:
    """A key goes down or up."""
    return QKeyEvent(kind, ord(letter.upper()), Qt.KeyboardModifier.NoModifier, letter)


def wheel(widget: QWidget, delta: int) -> None:
    """A turn of the wheel in the middle of a widget."""
    at, buttons = QPointF(widget.rect().center()), Qt.MouseButton.NoButton
    keys, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, at, QPoint(), QPoint(0, delta), buttons, keys, phase, False)
    QApplication.sendEvent(widget, event)


def watch(library: Library) -> Watchdog:
    """Drive a window on this library, and give what was seen."""
    pictures = [jpeg_thumbnail(make_scene(number, (640, 480))) for number in range(_PICTURES)]
    library.thumbnail = lambda photo_id: pictures[photo_id % _PICTURES]  # type: ignore[method-assign]
    library.cached_thumbnails = lambda photo_ids: {  # type: ignore[method-assign]
        photo_id: pictures[photo_id % _PICTURES] for photo_id in photo_ids
    }
    with gc_paused(freeze=True):  # as the program does
        window = MainWindow(library)
    window.resize(1360, 850)
    dog = Watchdog()
    steps = drive(window, dog)

    def go_on(wait: int = 0) -> None:
        following: int | None
        if wait == _IDLE and window.services.jobs.is_busy:
            QTimer.singleShot(20, lambda: go_on(_IDLE))
            return
        following = None
        try:
            following = next(steps, None)
        finally:
            if following is None:
                dog.stop()
                QApplication.quit()
        if following is None:
            return
        QTimer.singleShot(max(following, 30 if following == _IDLE else 0), lambda: go_on(following))

    dog.start()
    QTimer.singleShot(0, go_on)
    QApplication.exec()
    window.close()
    return dog


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def main() -> int:
    """Print what was seen, the worst first."""
    parser = argparse.ArgumentParser(prog="python -m tests.gui.watchdog", description=__doc__)
    parser.add_argument("--photos", type=int, default=20_000)
    parser.add_argument("--library", type=Path, help="where the library is made, and left")
    arguments = parser.parse_args()
    app = QApplication(sys.argv[:1])
    app.setStyle("Fusion")
    theme.apply(app, dark=False)
    with tempfile.TemporaryDirectory(prefix="photosim-watchdog-") as temporary:
        folder = arguments.library or Path(temporary, "library")
        if not folder.exists():
            write(folder, arguments.photos)
        library = Library.open(folder)
        dog = watch(library)
        library.close()
    say(f"{'doing':38} {'busy ms':>8} {'wall ms':>8} {'above 10':>8}")
    dog.busy.pop("", None)
    for doing in sorted(dog.busy, key=lambda one: -dog.busy[one]):
        figures = dog.busy[doing] * 1000, dog.wall[doing] * 1000, dog.blocks[doing]
        say(f"{doing:38} {figures[0]:8.1f} {figures[1]:8.1f} {figures[2]:8}")
        if dog.blocks[doing]:
            for told, times in dog.where.get(doing, collections.Counter()).most_common(4):
                say(f"      {times:4} × {told}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
