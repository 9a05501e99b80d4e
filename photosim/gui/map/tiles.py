"""Density of the map as images: squares by level, made in jobs and kept up to a number."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QImage

from photosim.clustering.density import density
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.map.data import MapData, Rect

EDGE = 512
"""Edge of a tile, pixels."""

_PAD = 4
"""Pixels around a tile whose points reach into it."""

_KEPT = 60
"""Tiles kept, of 1 MB each: several screens."""

_FEW, _MANY = 2000, 20_000
"""Photos up to which points are larger."""

_MAX_LEVEL = 12
"""Beyond it, photos are so far from each other that larger squares of the last level will do."""


class TileKey(NamedTuple):
    """A square of the map: of 2 ** level along each axis, the one in this column and row."""

    level: int
    column: int
    row: int

    @property
    def rect(self) -> Rect:
        """The part of the map that it shows."""
        edge = 2.0**-self.level
        left, top = self.column * edge, self.row * edge
        return Rect(left, top, left + edge, top + edge)

    @property
    def parent(self) -> TileKey:
        """The square of the level above that it is part of."""
        return TileKey(self.level - 1, self.column // 2, self.row // 2)


class DensityTiles(QObject):
    """The tiles of one map in one coloring; for the window's thread."""

    loaded = Signal()

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._data: MapData | None = None
        self._matching: npt.NDArray[np.bool_] | None = None
        self._faint = (210, 210, 210)
        self._images: OrderedDict[TileKey, QImage] = OrderedDict()
        self._outdated: dict[TileKey, QImage] = {}
        self._running: dict[TileKey, int] = {}

    def set_data(
        self,
        data: MapData,
        matching: npt.NDArray[np.bool_] | None,
        faint: tuple[int, int, int],
        *,
        keep: bool,
    ) -> None:
        """Draw this map from now on; photos that are not `matching` (N,) have the color `faint`.

        With `keep` the tiles of before are shown until the new ones have been made.
        """
        for job in self._running.values():
            self._jobs.cancel(job)
        self._running = {}
        self._outdated = dict(self._images) if keep else {}
        self._images.clear()
        self._data, self._matching, self._faint = data, matching, faint

    def image(self, key: TileKey) -> tuple[QImage, QRectF] | None:
        """Return an image and its part that shows a square, of a coarser level while its own is being made."""
        part = QRectF(0, 0, EDGE, EDGE)
        wanted = key
        while True:
            found = self._images.get(key) or self._outdated.get(key)
            if found is not None:
                if key in self._images:
                    self._images.move_to_end(key)
                return found, part
            if key.level == 0:
                return None
            x = part.x() / 2 + (key.column % 2) * EDGE / 2
            y = part.y() / 2 + (key.row % 2) * EDGE / 2
            part = QRectF(x, y, part.width() / 2, part.height() / 2)
            key = key.parent
            if wanted.level - key.level > 6:
                return None

    def request(self, keys: list[TileKey]) -> None:
        """Make these tiles and no others."""
        wanted = {key for key in keys if key not in self._images}
        wanted |= {TileKey(0, 0, 0)} - self._images.keys()  # of the overview, and while others are made
        for key in self._running.keys() - wanted:
            self._jobs.cancel(self._running.pop(key))
        for key in sorted(wanted - self._running.keys()):
            if self._data is not None:
                work = partial(_make_tile, self._data, self._matching, self._faint, key)
                self._running[key] = self._jobs.start(work, partial(self._store, key), Priority.HIGH)

    def _store(self, key: TileKey, image: QImage | None, _: Exception | None) -> None:
        self._running.pop(key, None)
        if image is not None:
            self._images[key] = image
            while len(self._images) > _KEPT:
                oldest = next(iter(self._images))
                if oldest.level == 0:
                    self._images.move_to_end(oldest)
                    continue
                del self._images[oldest]
            self._outdated.pop(key, None)
            if not self._running:
                self._outdated = {}
            self.loaded.emit()


def tiles_for(visible: Rect, scale: float) -> Iterator[TileKey]:
    """Yield the squares that cover a part of the map at a scale, in pixels for the whole map."""
    level = min(max(math.ceil(math.log2(max(scale, 1) / EDGE)), 0), _MAX_LEVEL)
    count = 2**level
    left, top, right, bottom = (min(max(int(edge * count), 0), count - 1) for edge in visible)
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            yield TileKey(level, column, row)


def _make_tile(
    data: MapData,
    matching: npt.NDArray[np.bool_] | None,
    faint: tuple[int, int, int],
    key: TileKey,
    cancel: CancelToken,
) -> QImage:
    rect = key.rect
    edge = rect.right - rect.left
    pad = edge * _PAD / EDGE
    rows = data.rows_in(Rect(rect.left - pad, rect.top - pad, rect.right + pad, rect.bottom + pad))
    cancel.check()
    points = (data.xy[rows].astype(np.float64) - (rect.left, rect.top)) * (EDGE / edge) + _PAD
    colors = data.colors[rows]
    if matching is not None:
        colors = np.where(matching[rows][:, None], colors, np.array(faint, np.uint8))
    radius = 1 if len(data) > _MANY and key.level < 2 else 2 if len(data) > _FEW else 3
    side = EDGE + 2 * _PAD
    pixels = density(points, colors, side, side, radius)[_PAD:-_PAD, _PAD:-_PAD]
    cancel.check()
    pixels = np.ascontiguousarray(pixels[..., (2, 1, 0, 3)])  # as ARGB32 lies in memory
    return QImage(pixels.data, EDGE, EDGE, QImage.Format.Format_ARGB32_Premultiplied).copy()
