"""Thumbnails on their way from the library to the screen: decoded in jobs, kept as pixmaps up to a budget."""

from __future__ import annotations

import logging
import os
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from photosim.gui.base.images import TileStyle, make_tile
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.services.tile_cache import TileCache
from photosim.gui.services.tile_queue import Key, MakeTask, TileQueue

_log = logging.getLogger(__name__)

BUDGET_BYTES = 128 * 1024**2
"""Pixels kept: some thousand tiles of usual size, several screens in every direction."""

_MOST_READ = 16
"""Thumbnails asked of the library at once: asking for each alone takes longer than reading it."""

_GATHERED_MS = 16
"""Tiles that come within this time are painted together: one by one they would keep the window's thread busy."""

_TAKEN_IN_S = 0.0015
"""How long tiles are taken in in one turn of the window: each is copied into memory that may be new to it."""

_PAUSE_MS = 20
"""Between the last tile that is shown and the first beside it: the window paints, and needs the processors for it."""

_AT_ONCE = 3 if (os.cpu_count() or 1) > 3 else 2
"""Jobs at a time; the other threads stay free for what the person asks meanwhile."""

_MAX_MISSING = 10_000
"""Photos remembered to have no thumbnail, after which they are asked for again."""

Fetch = Callable[[int], bytes | None]
"""Gives the JPEG bytes of a photo's thumbnail, and may have to read the photo for it; called in jobs."""

Kept = Callable[[Sequence[int]], Mapping[int, bytes]]
"""Gives those of these photos' thumbnails that are at hand, all at once; called in jobs."""


class _Unkept:
    """In the place of a tile that is not made yet: the photo must be read for it."""


_UNKEPT = _Unkept()


class ThumbnailLoader(QObject):
    """A bounded store of tiles, the longest unused first to go. All methods are for the window's thread."""

    loaded = Signal(object)
    """The set of photo ids whose tiles have just arrived, or are now known to be missing."""

    _came = Signal(bool)
    """Tiles have been brought; True: with them all that is shown is there."""

    def __init__(
        self,
        read: Fetch,
        jobs: Jobs,
        budget: int = BUDGET_BYTES,
        parent: QObject | None = None,
        *,
        read_cached: Kept | None = None,
    ) -> None:
        """With `kept`, photos are read for their thumbnails one by one, when all that is at hand is shown."""
        super().__init__(parent)
        self._fetch, self._kept, self._jobs = read, read_cached, jobs
        self._tiles = TileCache(budget)
        self._missing: set[int] = set()
        self._shown: OrderedDict[object, dict[Key, None]] = OrderedDict()
        self._beside: OrderedDict[object, dict[Key, None]] = OrderedDict()
        self._unkept: dict[Key, None] = {}
        self._reading: tuple[int, Key] | None = None
        self._queue = TileQueue(1 if read_cached is None else _MOST_READ)
        self._arrived: deque[tuple[Key, QImage | _Unkept | None]] = deque()
        self._told = False
        self._awaited: set[Key] = set()
        self._all_asked = False
        self._taken_in = QElapsedTimer()
        self._taken_in.start()
        self._gathering = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._gathering.timeout.connect(self._take_in)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self._came.connect(self._gather, Qt.ConnectionType.QueuedConnection)

    @property
    def size_bytes(self) -> int:
        """The size of all kept pixels."""
        return self._tiles.size_bytes

    def pixmap(self, photo_id: int, style: TileStyle) -> QPixmap | None:
        """The photo's tile, or one that was made for another size, or None while there is none."""
        return self._tiles.pixmap(photo_id, style)

    def has(self, photo_id: int, style: TileStyle) -> bool:
        """Whether the photo's tile is there at just this size."""
        return (photo_id, style) in self._tiles

    def is_missing(self, photo_id: int) -> bool:
        """Whether the library has no thumbnail of this photo."""
        return photo_id in self._missing

    def request(
        self, client: object, photo_ids: Iterable[int], style: TileStyle, nearby: Iterable[int] = ()
    ) -> None:
        """Say what one view shows now, most urgent first; what it wanted before and not now is dropped.

        `beside`: what it may show next; it waits for what all views show.
        """
        self._shown[client] = self._lacking(photo_ids, style)
        self._beside[client] = self._lacking(nearby, style)
        for wishes in (self._shown, self._beside):
            wishes.move_to_end(client, last=False)  # who asked last is looked at now
        wanted = self._wanted()
        self._unkept = {key: None for key in self._unkept if key in wanted}
        if self._reading is not None and self._reading[1] not in wanted:
            self._jobs.cancel(self._reading[0])
            self._reading = None
        self._awaited = {key for wishes in self._shown.values() for key in wishes if key not in self._unkept}
        self._ask()

    def forget_missing(self) -> None:
        """Ask again for what was missing: photos were indexed meanwhile."""
        self._missing.clear()

    # --- helpers -----------------------------------------------------------------------------------------

    def _wanted(self) -> dict[Key, None]:
        return dict.fromkeys(chain(*self._shown.values(), *self._beside.values()))

    def _ask(self) -> None:
        """Have made what is shown, and when that is there, what is beside it."""
        self._all_asked = not self._awaited
        wanted = self._wanted() if self._all_asked else dict.fromkeys(chain(*self._shown.values()))
        self._queue.request(key for key in wanted if key not in self._unkept)
        self._start()

    def _start(self) -> None:
        reading = self._reading is not None
        for _ in range(self._queue.workers_needed(max(_AT_ONCE - reading, 1))):
            self._jobs.start(self._make_tiles, self._made, Priority.HIGH, immediately=True)
        # Photos are read one at a time, and never keep all jobs busy.
        if self._unkept and not reading and self._queue.is_idle:
            key = next(iter(self._unkept))
            job = self._jobs.start(partial(self._read, key), partial(self._have_read, key), Priority.NORMAL)
            self._reading = job, key

    def _make_tiles(self, cancel: CancelToken) -> None:
        """Tile after tile, as long as any is wanted; in jobs."""
        while not cancel.cancelled and (task := self._queue.next_task()) is not None:
            if isinstance(task, MakeTask):
                self._bring([(task.key, _tile(task.data, task.key[1]))])
                continue
            at_hand = self._at_hand([photo_id for photo_id, _ in task.keys])
            self._queue.add_data(task.keys, at_hand)
            lacking = _UNKEPT if self._kept is not None else None
            self._bring([(key, lacking) for key in task.keys if key[0] not in at_hand])

    def _at_hand(self, photo_ids: list[int]) -> Mapping[int, bytes]:
        """The thumbnails that can be had without reading a photo; of a file that fails none, and then one by one."""
        try:
            if self._kept is not None:
                return self._kept(photo_ids)
            return {one: data for one in photo_ids if (data := self._fetch(one)) is not None}
        except Exception:
            _log.debug("Thumbnails could not be read", exc_info=True)
            return {}

    def _read(self, key: Key, _: CancelToken) -> QImage | None:
        """A tile, for which the photo may have to be read; in a job."""
        data = self._fetch(key[0])
        return None if data is None else _tile(data, key[1])

    def _bring(self, tiles: Sequence[tuple[Key, QImage | _Unkept | None]]) -> None:
        """Pass tiles on to the window's thread, which takes in all that came meanwhile; in jobs."""
        if not tiles:
            return
        self._arrived.extend(tiles)
        awaited = self._awaited  # `request` makes another
        some = bool(awaited)
        awaited.difference_update(key for key, _ in tiles)
        complete = some and not awaited
        if complete or not self._told:
            self._told = True
            self._came.emit(complete)

    def _made(self, _: object, __: Exception | None) -> None:
        self._start()

    def _have_read(self, key: Key, image: QImage | None, _: Exception | None) -> None:
        self._reading = None
        self._unkept.pop(key, None)
        self._show(key, image)
        self._tell({key[0]})
        self._start()

    def _gather(self, complete: bool) -> None:
        """Take in what came in a turn of its own, or with more of it soon."""
        wait = 0 if complete else max(_GATHERED_MS - self._taken_in.elapsed(), 0)
        if not (wait and self._gathering.isActive()):
            self._gathering.start(wait)

    def _take_in(self) -> None:
        """Keep what came, as much as one turn of the window has time for, and tell of it."""
        self._taken_in.restart()
        self._told = False  # first: what comes from now on is told of again
        came: list[Key] = []
        shown: set[int] = set()
        until = time.perf_counter() + _TAKEN_IN_S
        while self._arrived and (not came or time.perf_counter() < until):
            key, image = self._arrived.popleft()
            came.append(key)
            if not isinstance(image, _Unkept):
                self._show(key, image)
                shown.add(key[0])
            elif self._is_wanted(key):
                self._unkept[key] = None
        self._queue.finish(came)
        self._awaited.difference_update(came)
        self._tell(shown)
        if self._arrived:
            self._told = True
            self._gathering.start(0)
        if not self._awaited and not self._all_asked and not self._pause.isActive():
            self._pause.start()

    def _show(self, key: Key, image: QImage | None) -> None:
        """Keep what was made."""
        if image is None:
            self._missing.add(key[0])
        else:
            # A copy from this thread's memory: in that of the jobs, where pieces of many sizes come and go, the tiles
            # that stay would leave holes.
            self._tiles.store(key, QPixmap.fromImage(image.copy()))
        for wishes in chain(self._shown.values(), self._beside.values()):
            wishes.pop(key, None)

    def _tell(self, photo_ids: set[int]) -> None:
        """Say which have come."""
        if len(self._missing) > _MAX_MISSING:
            self._missing.clear()
        if photo_ids:
            self.loaded.emit(photo_ids)

    def _is_wanted(self, key: Key) -> bool:
        return any(key in wishes for wishes in chain(self._shown.values(), self._beside.values()))

    def _lacking(self, photo_ids: Iterable[int], look: TileStyle) -> dict[Key, None]:
        """The tiles that are not there and can be."""
        lacking: dict[Key, None] = {}
        for photo_id in photo_ids:
            key = (photo_id, look)
            if key in self._tiles:
                self._tiles.touch(key)
            elif photo_id not in self._missing:
                lacking[key] = None
        return lacking


def _tile(data: bytes, look: TileStyle) -> QImage | None:
    """A tile; None when there can be none, whatever the reason: the others are made all the same."""
    try:
        return make_tile(data, look)
    except Exception:
        _log.debug("A tile could not be made", exc_info=True)
        return None
