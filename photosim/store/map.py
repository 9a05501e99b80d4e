"""The maps of the library, one for each model: a cache."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

import numpy as np
import xxhash

from photosim.clustering.layout import Layout
from photosim.errors import DamagedLibraryError
from photosim.search.exact import Ids
from photosim.store.database import LibraryDatabase
from photosim.store.schema import MAX_ID

_log = logging.getLogger(__name__)

_ID, _COORDINATE = np.dtype("<u4"), np.dtype("<u2")
_BYTES = _ID.itemsize + 2 * _COORDINATE.itemsize
"""Bytes of a photo."""

_STEPS = 65_535
"""Steps of a coordinate: two photos that differ by one lie on each other even where the map fills a wall."""

_UINT32, _UINT64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF


@dataclass(frozen=True, slots=True)
class StoredMap:
    """A map as it was saved: the photos `photo_ids` (N,), ascending, and their places by row."""

    fingerprint: str
    photo_ids: Ids
    layout: Layout
    checksum: int

    def places_of(self, photo_ids: Ids) -> Layout:
        """Return the places of these photos (n,), NaN for one that is not on the map."""
        if not len(self.photo_ids):
            return Layout(np.full((len(photo_ids), 2), np.nan, np.float32), self.layout.unit)
        rows = np.minimum(np.searchsorted(self.photo_ids, photo_ids), len(self.photo_ids) - 1)
        is_known = self.photo_ids[rows] == photo_ids
        return Layout(np.where(is_known[:, None], self.layout.xy[rows], np.float32(np.nan)), self.layout.unit)


class MapTable:
    """The row of one model in `maps`."""

    def __init__(self, database: LibraryDatabase, model: str) -> None:
        self._database, self._model = database, model

    def load(self) -> StoredMap | None:
        """Return the map, of whatever photos it was made; None if there is none or it is damaged."""
        sql = "SELECT fingerprint, unit, positions, checksum FROM maps WHERE model = ?"
        try:
            rows = self._database.rows(sql, (self._model,))
        except DamagedLibraryError as error:
            _log.warning("The map is made again: %s", error)
            return None
        for fingerprint, unit, packed, checksum in rows:
            if self._checksum(fingerprint, unit, packed) == checksum:
                found = _unpacked(fingerprint, unit, packed, checksum)
                if found is not None:
                    return found
            _log.warning("The saved map is damaged and is made again")
        return None

    def has(self, fingerprint: str) -> bool:
        """Check whether the saved map is sound and was made of the photos with this fingerprint."""
        found = self.load()
        return found is not None and found.fingerprint == fingerprint

    def save(self, fingerprint: str, photo_ids: Ids, layout: Layout) -> None:
        """Replace the map; `photo_ids` (N,) in the order of the places. A damaged file is left to a repair."""
        order = np.argsort(photo_ids)
        ids = photo_ids[order]
        xy = np.rint(layout.xy[order] * np.float32(_STEPS)).astype(_COORDINATE)
        packed = ids.astype(_ID).tobytes() + xy.tobytes()
        checksum = self._checksum(fingerprint, layout.unit, packed)
        try:
            # Nothing that follows from the revision depends on the map.
            with self._database.transaction(bump_revision=False) as db:
                db.execute(
                    "INSERT OR REPLACE INTO maps VALUES (?, ?, ?, ?, ?)",
                    (self._model, fingerprint, layout.unit, packed, checksum),
                )
        except DamagedLibraryError as error:
            _log.warning("The map is not saved: %s", error)

    def _checksum(self, fingerprint: str, unit: float, packed: bytes) -> int:
        seed = xxhash.xxh3_64_intdigest(f"{self._model}\0{fingerprint}\0{unit!r}".encode(errors="replace"))
        return xxhash.xxh3_64_intdigest(packed, seed & _UINT64) & _UINT32


def _unpacked(fingerprint: str, unit: float, packed: bytes, checksum: int) -> StoredMap | None:
    """Return a map as it was packed, None if no PhotoSim packed it."""
    count, rest = divmod(len(packed), _BYTES)
    ids = np.frombuffer(packed, _ID, count).astype(np.int64)
    if rest or not 0 < unit < math.inf or (count and (ids[-1] > MAX_ID or (np.diff(ids) <= 0).any())):
        return None
    xy = np.frombuffer(packed, _COORDINATE, 2 * count, count * _ID.itemsize).reshape(-1, 2)
    return StoredMap(fingerprint, ids, Layout((xy / np.float32(_STEPS)).astype(np.float32), unit), checksum)
