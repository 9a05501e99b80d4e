"""Thumbnails on their way from the library to the screen: decoded in jobs, kept as pixmaps up to a budget."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from photosim.gui.imaging import Look, tile
from photosim.gui.jobs import SOON, USUAL, Cancel, Jobs

BUDGET_BYTES = 128 * 1024**2
"""Pixels kept: some thousand tiles of usual size, several screens in every direction."""

_BATCH = 6
"""Thumbnails in one job: few enough that the first of them appear at once."""

_AT_ONCE = 3 if (os.cpu_count() or 1) > 3 else 2
"""Jobs at a time; the other threads stay free for what the person asks meanwhile."""

_MAX_MISSING = 10_000
"""Photos remembered to have no thumbnail, after which they are asked for again."""

Fetch = Callable[[int], bytes | None]
"""Gives the JPEG bytes of a photo's thumbnail, and may have to read the photo for it; called in jobs."""

Kept = Callable[[Sequence[int]], Mapping[int, bytes]]
"""Gives those of these photos' thumbnails that are at hand, all at once; called in jobs."""

_Key = tuple[int, Look]


class _Later:
    """In the place of a tile that was not made: it was not wanted any more, or the photo must be read for it."""


_UNWANTED, _UNKEPT = _Later(), _Later()


class Thumbnails(QObject):
    """A bounded store of tiles, the longest unused first to go. All methods are for the window's thread."""

    loaded = Signal(object)
    """The set of photo ids whose tiles have just arrived, or are now known to be missing."""

    def __init__(
        self,
        fetch: Fetch,
        jobs: Jobs,
        budget: int = BUDGET_BYTES,
        parent: QObject | None = None,
        *,
        kept: Kept | None = None,
    ) -> None:
        """With `kept`, photos are read for their thumbnails one by one, when all that is at hand is shown."""
        super().__init__(parent)
        self._kept = kept
        self._unkept: set[_Key] = set()
        self._wanted: frozenset[_Key] = frozenset()
        self._fetch, self._jobs, self._budget = fetch, jobs, budget
        self._tiles: OrderedDict[_Key, QPixmap] = OrderedDict()
        self._last_look: dict[int, Look] = {}
        self._bytes = 0
        self._missing: set[int] = set()
        self._wishes: OrderedDict[object, list[_Key]] = OrderedDict()
        self._flying: dict[int, list[_Key]] = {}

    @property
    def bytes_kept(self) -> int:
        """The size of all kept pixels."""
        return self._bytes

    def pixmap(self, photo_id: int, look: Look) -> QPixmap | None:
        """The photo's tile, or one that was made for another size, or None while there is none."""
        key = (photo_id, look)
        if key not in self._tiles:
            key = (photo_id, self._last_look.get(photo_id, look))
        found = self._tiles.get(key)
        if found is not None:
            self._tiles.move_to_end(key)
        return found

    def has(self, photo_id: int, look: Look) -> bool:
        """Whether the photo's tile is there at just this size."""
        return (photo_id, look) in self._tiles

    def is_missing(self, photo_id: int) -> bool:
        """Whether the library has no thumbnail of this photo."""
        return photo_id in self._missing

    def want(self, client: object, photo_ids: Sequence[int], look: Look) -> None:
        """Say what one view shows now, most urgent first; what it wanted before and not now is dropped."""
        wishes = []
        for photo_id in dict.fromkeys(photo_ids):
            key = (photo_id, look)
            if key in self._tiles:
                self._tiles.move_to_end(key)
            elif photo_id not in self._missing:
                wishes.append(key)
        self._wishes[client] = wishes
        self._wishes.move_to_end(client, last=False)  # who asked last is looked at now
        self._wanted = frozenset(key for keys in self._wishes.values() for key in keys)
        self._unkept &= self._wanted
        for job, keys in list(self._flying.items()):
            if self._wanted.isdisjoint(keys):
                self._jobs.cancel(job)
                del self._flying[job]
        self._start()

    def forget_missing(self) -> None:
        """Ask again for what was missing: photos were indexed meanwhile."""
        self._missing.clear()

    # --- helpers -----------------------------------------------------------------------------------------

    def _start(self) -> None:
        while len(self._flying) < _AT_ONCE and (batch := self._next_batch()):
            keys = tuple(batch)
            read = keys[0] in self._unkept
            work = partial(self._make, keys, read=read)
            job = self._jobs.start(work, partial(self._take, keys), USUAL if read else SOON)
            self._flying[job] = batch

    def _next_batch(self) -> list[_Key]:
        """What to make next; a photo that must be read for it is alone, and never keeps all jobs busy."""
        flying = {key for keys in self._flying.values() for key in keys}
        batch: list[_Key] = []
        for wishes in self._wishes.values():
            for key in wishes:
                if key not in flying and key not in self._unkept and key not in batch:
                    batch.append(key)
                    if len(batch) == _BATCH:
                        return batch
        if batch or not flying.isdisjoint(self._unkept):
            return batch
        return [key for wishes in self._wishes.values() for key in wishes if key in self._unkept][:1]

    def _make(self, keys: tuple[_Key, ...], cancel: Cancel, *, read: bool) -> list[QImage | _Later | None]:
        """The tiles that are still wanted; in a job."""
        at_hand: Mapping[int, bytes] = {}
        if self._kept is not None and not read:
            at_hand = self._kept([photo_id for photo_id, _ in keys])
        images: list[QImage | _Later | None] = []
        for photo_id, look in keys:
            cancel.check()
            if (photo_id, look) not in self._wanted:
                images.append(_UNWANTED)
                continue
            data = at_hand.get(photo_id)
            if data is None and self._kept is not None and not read:
                images.append(_UNKEPT)
                continue
            data = self._fetch(photo_id) if data is None else data
            images.append(None if data is None else tile(data, look))
        return images

    def _take(self, keys: tuple[_Key, ...], images: list[QImage | _Later | None] | None, _: object) -> None:
        for job, flying in list(self._flying.items()):
            if tuple(flying) == keys:
                del self._flying[job]
        done: set[_Key] = set()
        for key, image in zip(keys, images or [None] * len(keys), strict=True):
            if image is _UNKEPT:
                self._unkept.add(key)
            elif image is not _UNWANTED:
                done.add(key)
                self._unkept.discard(key)
                if isinstance(image, QImage):
                    self._keep(key, QPixmap.fromImage(image))
                else:
                    self._missing.add(key[0])
        if len(self._missing) > _MAX_MISSING:
            self._missing.clear()
        self._forget_wishes(done)
        self._start()
        self.loaded.emit({photo_id for photo_id, _ in done})

    def _forget_wishes(self, done: Collection[_Key]) -> None:
        for wishes in self._wishes.values():
            wishes[:] = [key for key in wishes if key not in done]

    def _keep(self, key: _Key, pixmap: QPixmap) -> None:
        self._discard(key)
        self._tiles[key] = pixmap
        self._last_look[key[0]] = key[1]
        self._bytes += _size(pixmap)
        while self._bytes > self._budget and len(self._tiles) > 1:
            self._discard(next(iter(self._tiles)))

    def _discard(self, key: _Key) -> None:
        pixmap = self._tiles.pop(key, None)
        if pixmap is None:
            return
        self._bytes -= _size(pixmap)
        if self._last_look.get(key[0]) == key[1]:
            del self._last_look[key[0]]


def _size(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4
