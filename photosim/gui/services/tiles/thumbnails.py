"""Loads thumbnails from the library, makes tiles of them in jobs, and keeps these as pixmaps up to a budget."""

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
from photosim.gui.services.tiles.tile_cache import TileCache
from photosim.gui.services.tiles.tile_queue import Key, MakeTask, TileQueue

_log = logging.getLogger(__name__)

BUDGET_BYTES = 128 * 1024**2
"""Pixels kept: some thousand tiles of the default size, several screens in every direction."""

_MAX_BATCH = 16
"""Thumbnails read from the library at once: reading each alone takes longer."""

_FRAME_MS = 16
"""Tiles that arrive within this time are painted together: one by one they would keep the window's thread busy."""

_STORE_BUDGET_S = 0.0015
"""How long tiles are stored in one turn of the event loop: each is copied into memory that may be new to it."""

_PAUSE_MS = 20
"""Between the last visible tile and the first nearby one: painting the window needs the processors."""

_MAX_JOBS = 3 if (os.cpu_count() or 1) > 3 else 2
"""The other threads stay free for what the user requests meanwhile."""

_MAX_MISSING = 10_000
"""Photos remembered to have no thumbnail; with more all are requested again."""

ReadThumbnail = Callable[[int], bytes | None]
"""Reads the JPEG data of a photo's thumbnail; called in jobs."""

ReadCached = Callable[[Sequence[int]], Mapping[int, bytes]]
"""Reads the cached thumbnails among those of several photos, by photo id; called in jobs."""


Decode = Callable[[int, TileStyle, Callable[[QImage | None, Exception | None], None]], Callable[[], None]]
"""Makes the tile of a photo whose thumbnail is not cached, and calls back; returns a function that cancels it."""


class _NotCached:
    """Stands for a tile whose thumbnail is not cached: the photo must be decoded."""


_NOT_CACHED = _NotCached()


class ThumbnailLoader(QObject):
    """Makes the tiles that the views request. All public methods are for the window's thread."""

    loaded = Signal(object)
    """The set of photo ids whose tiles have just arrived, or are now known to be missing."""

    _tiles_arrived = Signal(bool)
    """Emitted in jobs; True when all visible tiles have arrived."""

    def __init__(
        self,
        read: ReadThumbnail,
        jobs: Jobs,
        budget: int = BUDGET_BYTES,
        parent: QObject | None = None,
        *,
        read_cached: ReadCached | None = None,
        decode: Decode | None = None,
    ) -> None:
        """With `read_cached`, other thumbnails are made by `decode` or `read` one by one, after all cached ones.

        `budget` is in bytes.
        """
        super().__init__(parent)
        self._decode = decode or self._decode_in_job
        self._read, self._read_cached, self._jobs = read, read_cached, jobs
        self._tiles = TileCache(budget)
        self._missing: set[int] = set()
        # What each view requests, the latest view first: tiles that are visible, and tiles nearby.
        self._visible: OrderedDict[object, dict[Key, None]] = OrderedDict()
        self._nearby: OrderedDict[object, dict[Key, None]] = OrderedDict()
        self._to_decode: dict[Key, None] = {}
        self._decoding: tuple[Callable[[], None], Key] | None = None  # what cancels it, and tile
        self._queue = TileQueue(1 if read_cached is None else _MAX_BATCH)
        self._arrived: deque[tuple[Key, QImage | _NotCached | None]] = deque()
        self._is_notified = False  # _tiles_arrived was emitted for what is in _arrived
        self._awaited: set[Key] = set()  # visible tiles that have not arrived
        self._nearby_queued = False
        self._since_store = QElapsedTimer()
        self._since_store.start()
        self._store_timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._store_timer.timeout.connect(self._store_arrived)
        self._pause_timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause_timer.timeout.connect(self._queue_tiles)
        self._tiles_arrived.connect(self._schedule_store, Qt.ConnectionType.QueuedConnection)

    @property
    def size_bytes(self) -> int:
        """The size of all cached tiles."""
        return self._tiles.size_bytes

    def pixmap(self, photo_id: int, style: TileStyle) -> QPixmap | None:
        """Return the tile of a photo, or one in another style, or None while there is none."""
        return self._tiles.pixmap(photo_id, style)

    def has(self, photo_id: int, style: TileStyle) -> bool:
        """Return whether the tile of a photo in this style is loaded."""
        return (photo_id, style) in self._tiles

    def is_missing(self, photo_id: int) -> bool:
        """Return whether the library has no thumbnail of a photo."""
        return photo_id in self._missing

    def request(self, client: object, tiles: Iterable[Key], nearby: Iterable[Key] = ()) -> None:
        """Load the tiles that a view shows, most urgent first, in place of those that it requested before.

        Those nearby, which it may show next, are loaded after the visible ones of all views.
        """
        self._visible[client] = self._not_loaded(tiles)
        self._nearby[client] = self._not_loaded(nearby)
        for requests in (self._visible, self._nearby):
            requests.move_to_end(client, last=False)  # the user is looking at the view that requested last
        requested = self._requested()
        self._to_decode = {key: None for key in self._to_decode if key in requested}
        if self._decoding is not None and self._decoding[1] not in requested:
            cancel, _ = self._decoding
            cancel()
            self._decoding = None
        self._awaited = {key for keys in self._visible.values() for key in keys if key not in self._to_decode}
        self._queue_tiles()

    def forget_missing(self) -> None:
        """Request missing thumbnails again: photos were indexed meanwhile."""
        self._missing.clear()

    def _requested(self) -> dict[Key, None]:
        return dict.fromkeys(chain(*self._visible.values(), *self._nearby.values()))

    def _queue_tiles(self) -> None:
        """Queue the visible tiles, and when they have arrived those nearby."""
        self._nearby_queued = not self._awaited
        keys = self._requested() if self._nearby_queued else dict.fromkeys(chain(*self._visible.values()))
        self._queue.request(key for key in keys if key not in self._to_decode)
        self._start_jobs()

    def _start_jobs(self) -> None:
        is_decoding = self._decoding is not None
        for _ in range(self._queue.workers_needed(max(_MAX_JOBS - is_decoding, 1))):
            self._jobs.start(self._make_tiles, self._finish_job, Priority.HIGH, immediately=True)
        # Photos are decoded one at a time, so that they never keep all threads busy.
        if self._to_decode and not is_decoding and self._queue.is_idle:
            key = next(iter(self._to_decode))
            self._decoding = self._decode(*key, partial(self._finish_decoding, key)), key

    def _make_tiles(self, cancel: CancelToken) -> None:
        """Make tiles as long as any are queued; runs in jobs."""
        while not cancel.is_cancelled and (task := self._queue.next_task()) is not None:
            if isinstance(task, MakeTask):
                self._add_arrived([(task.key, _make_tile_or_none(task.data, task.key[1]))])
                continue
            data = self._read_batch([photo_id for photo_id, _ in task.keys])
            self._queue.add_data(task.keys, data)
            placeholder = _NOT_CACHED if self._read_cached is not None else None
            self._add_arrived([(key, placeholder) for key in task.keys if key[0] not in data])

    def _read_batch(self, photo_ids: list[int]) -> Mapping[int, bytes]:
        """Read cached thumbnails; none where that fails, so that they are read one by one."""
        try:
            if self._read_cached is not None:
                return self._read_cached(photo_ids)
            thumbnails = ((photo_id, self._read(photo_id)) for photo_id in photo_ids)
            return {photo_id: data for photo_id, data in thumbnails if data is not None}
        except Exception:
            _log.debug("Thumbnails could not be read", exc_info=True)
            return {}

    def _decode_in_job(
        self, photo_id: int, style: TileStyle, done: Callable[[QImage | None, Exception | None], None]
    ) -> Callable[[], None]:
        return partial(self._jobs.cancel, self._jobs.start(partial(self._read_tile, photo_id, style), done))

    def _read_tile(self, photo_id: int, style: TileStyle, _: CancelToken) -> QImage | None:
        """Make the tile of one photo; runs in a job."""
        data = self._read(photo_id)
        return None if data is None else _make_tile_or_none(data, style)

    def _add_arrived(self, tiles: Sequence[tuple[Key, QImage | _NotCached | None]]) -> None:
        """Pass tiles to the window's thread, which is notified once for all that arrive together; runs in jobs."""
        if not tiles:
            return
        self._arrived.extend(tiles)
        awaited = self._awaited  # a request replaces the set
        had_awaited = bool(awaited)
        awaited.difference_update(key for key, _ in tiles)
        is_complete = had_awaited and not awaited
        if is_complete or not self._is_notified:
            self._is_notified = True
            self._tiles_arrived.emit(is_complete)

    def _finish_job(self, _: object, __: Exception | None) -> None:
        self._start_jobs()

    def _finish_decoding(self, key: Key, image: QImage | None, _: Exception | None) -> None:
        self._decoding = None
        self._to_decode.pop(key, None)
        self._store(key, image)
        self._emit_loaded({key[0]})
        self._start_jobs()

    def _schedule_store(self, is_complete: bool) -> None:
        """Store what has arrived in a turn of its own: at once when it is complete, else with the next frame."""
        wait = 0 if is_complete else max(_FRAME_MS - self._since_store.elapsed(), 0)
        if not (wait and self._store_timer.isActive()):
            self._store_timer.start(wait)

    def _store_arrived(self) -> None:
        """Store what has arrived, as much as one turn of the event loop has time for."""
        self._since_store.restart()
        self._is_notified = False  # before reading: what arrives from now on needs another notification
        keys: list[Key] = []
        photo_ids: set[int] = set()
        deadline = time.perf_counter() + _STORE_BUDGET_S
        while self._arrived and (not keys or time.perf_counter() < deadline):
            key, image = self._arrived.popleft()
            keys.append(key)
            if not isinstance(image, _NotCached):
                self._store(key, image)
                photo_ids.add(key[0])
            elif self._is_requested(key):
                self._to_decode[key] = None
        self._queue.finish(keys)
        self._awaited.difference_update(keys)
        self._emit_loaded(photo_ids)
        if self._arrived:
            self._is_notified = True
            self._store_timer.start(0)
        if not self._awaited and not self._nearby_queued and not self._pause_timer.isActive():
            self._pause_timer.start()

    def _store(self, key: Key, image: QImage | None) -> None:
        if image is None:
            self._missing.add(key[0])
        else:
            # A copy in this thread's memory: in that of the jobs, which allocate blocks of many sizes, tiles that
            # stay would fragment it.
            self._tiles.store(key, QPixmap.fromImage(image.copy()))
        for keys in chain(self._visible.values(), self._nearby.values()):
            keys.pop(key, None)

    def _emit_loaded(self, photo_ids: set[int]) -> None:
        if len(self._missing) > _MAX_MISSING:
            self._missing.clear()
        if photo_ids:
            self.loaded.emit(photo_ids)

    def _is_requested(self, key: Key) -> bool:
        return any(key in keys for keys in chain(self._visible.values(), self._nearby.values()))

    def _not_loaded(self, tiles: Iterable[Key]) -> dict[Key, None]:
        """The tiles that are neither loaded nor missing, in order."""
        keys: dict[Key, None] = {}
        for key in tiles:
            if key in self._tiles:
                self._tiles.touch(key)
            elif key[0] not in self._missing:
                keys[key] = None
        return keys


def _make_tile_or_none(data: bytes, style: TileStyle) -> QImage | None:
    """Make a tile; None when that fails for whatever reason, so that the other tiles are made all the same."""
    try:
        return make_tile(data, style)
    except Exception:
        _log.debug("A tile could not be made", exc_info=True)
        return None
