"""A cache of tiles as pixmaps, least recently used first to go."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtGui import QPixmap

from photosim.gui.base.boxes import Box
from photosim.gui.base.images import TileStyle
from photosim.gui.services.tiles.tile_queue import Key

_Part = tuple[int, Box | None]
"""A photo, and the box that its tile shows, see `TileStyle`."""


class TileCache:
    """Pixmaps by photo and style. For the window's thread only."""

    def __init__(self, budget: int) -> None:
        """`budget`: bytes of pixels; the tile stored last stays whatever its size."""
        self._budget = budget
        self._tiles: OrderedDict[Key, QPixmap] = OrderedDict()
        self._last_style: dict[_Part, TileStyle] = {}
        self._size_bytes = 0

    @property
    def size_bytes(self) -> int:
        """The size of all pixels in bytes."""
        return self._size_bytes

    def __contains__(self, key: Key) -> bool:
        return key in self._tiles

    def pixmap(self, photo_id: int, style: TileStyle) -> QPixmap | None:
        """Return the tile of a photo, or the last one of the same part in another style, or None."""
        key = (photo_id, style)
        pixmap = self._tiles.get(key)
        if pixmap is None:
            key = (photo_id, self._last_style.get((photo_id, style.box), style))
            pixmap = self._tiles.get(key)
        if pixmap is not None:
            self._tiles.move_to_end(key)
        return pixmap

    def touch(self, key: Key) -> None:
        """Mark a cached tile as recently used."""
        self._tiles.move_to_end(key)

    def store(self, key: Key, pixmap: QPixmap) -> None:
        """Add a tile, or replace it."""
        self._discard(key)
        self._tiles[key] = pixmap
        self._last_style[key[0], key[1].box] = key[1]
        self._size_bytes += _size(pixmap)
        while self._size_bytes > self._budget and len(self._tiles) > 1:
            self._discard(next(iter(self._tiles)))

    def _discard(self, key: Key) -> None:
        pixmap = self._tiles.pop(key, None)
        if pixmap is None:
            return
        self._size_bytes -= _size(pixmap)
        part = key[0], key[1].box
        if self._last_style.get(part) == key[1]:
            del self._last_style[part]


def _size(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4
