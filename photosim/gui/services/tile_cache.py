"""The tiles that are there: pixmaps up to a budget, the longest unused first to go."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtGui import QPixmap

from photosim.gui.base.images import TileStyle
from photosim.gui.services.tile_queue import Key


class TileCache:
    """Keeps pixmaps by photo and look. All methods are for the window's thread."""

    def __init__(self, budget: int) -> None:
        """`budget`: bytes of pixels; the last tile that came is kept whatever its size."""
        self._budget = budget
        self._tiles: OrderedDict[Key, QPixmap] = OrderedDict()
        self._last_look: dict[int, TileStyle] = {}
        self._bytes = 0

    @property
    def size_bytes(self) -> int:
        """The size of all kept pixels."""
        return self._bytes

    def __contains__(self, key: Key) -> bool:
        return key in self._tiles

    def pixmap(self, photo_id: int, style: TileStyle) -> QPixmap | None:
        """The photo's tile, or the last that was made for another look, or None while there is none."""
        key = (photo_id, style)
        found = self._tiles.get(key)
        if found is None:
            key = (photo_id, self._last_look.get(photo_id, style))
            found = self._tiles.get(key)
        if found is not None:
            self._tiles.move_to_end(key)
        return found

    def touch(self, key: Key) -> None:
        """Note that a tile, which is there, is in use: others go before it."""
        self._tiles.move_to_end(key)

    def store(self, key: Key, pixmap: QPixmap) -> None:
        """Keep a tile, in the place of the one of its kind that may be there."""
        self._discard(key)
        self._tiles[key] = pixmap
        self._last_look[key[0]] = key[1]
        self._bytes += _size(pixmap)
        while self._bytes > self._budget and len(self._tiles) > 1:
            self._discard(next(iter(self._tiles)))

    def _discard(self, key: Key) -> None:
        pixmap = self._tiles.pop(key, None)
        if pixmap is None:
            return
        self._bytes -= _size(pixmap)
        if self._last_look.get(key[0]) == key[1]:
            del self._last_look[key[0]]


def _size(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4
