"""What the comparison of photos found: pairs that may be the same photo, bursts, and what was compared. All of it a cache."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from photosim.duplicates.groups import Shot
from photosim.duplicates.results import CopyRelation, JudgedPair
from photosim.duplicates.signatures import SIGNATURE_BYTES
from photosim.runtime.bulk_records import bulk_constructor
from photosim.store.database import JSON_IDS, LibraryDatabase, json_ids

MIN_STORED = 0.05
"""Pairs with less confidence are not stored."""

CONFIRMED = 0.5
"""Pairs with at least this confidence count as the same photo."""

_READ_ROWS = 8192
"""Photos read at once: no other thread can read meanwhile."""

_RELATION = struct.Struct("<9f?")
"""The matrix, `covers`, `turned`, `brighter` and `is_mirrored`."""

Ids = npt.NDArray[np.int64]


_make_pair, _make_relation = bulk_constructor(JudgedPair), bulk_constructor(CopyRelation)


class DuplicateTable:
    """The tables `duplicate_checks`, `duplicate_pairs`, `burst_links` and `burst_subjects`."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def unchecked(self, photo_ids: Ids, version: int) -> Ids:
        """Return those of these photos, in their order, that this version of the method has not compared with others."""
        rows = self._database.scan_rows("SELECT photo_id FROM duplicate_checks WHERE version = ?", (version,))
        checked = np.fromiter((photo_id for (photo_id,) in rows), np.int64, len(rows))
        return photo_ids[~np.isin(photo_ids, checked)]

    def save(
        self,
        checked: Mapping[int, float | None],
        version: int,
        pairs: Sequence[JudgedPair] = (),
        signatures: Mapping[int, bytes] = MappingProxyType({}),
    ) -> None:
        """Save that photos were compared, with their sharpness and signature, and the pairs found, in one transaction.

        Photos that left the library meanwhile are left out.
        """
        with self._database.transaction() as db:
            db.conn.executemany(
                "INSERT OR REPLACE INTO duplicate_checks SELECT id, ?, ?, ? FROM photos WHERE id = ?",
                [
                    (version, sharpness, signatures.get(photo_id), photo_id)
                    for photo_id, sharpness in checked.items()
                ],
            )
            db.conn.executemany(
                "INSERT OR REPLACE INTO duplicate_pairs SELECT one.id, other.id, ?, ?, ? "
                "FROM photos AS one, photos AS other WHERE one.id = ? AND other.id = ?",
                [
                    (pair.confidence, pack_relation(pair.relation), version, pair.first, pair.second)
                    for pair in pairs
                    if pair.confidence >= MIN_STORED
                ],
            )

    def delete_outdated(self, version: int) -> None:
        """Delete the pairs that other versions of the method found, once this one has compared all photos."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM duplicate_pairs WHERE version <> ?", (version,))

    def pairs(self, min_confidence: float = CONFIRMED, version: int | None = None) -> list[JudgedPair]:
        """Return the pairs with at least this confidence, of one version of the method or of any, ordered by their ids."""
        rows = self._database.scan_rows(
            "SELECT first_id, second_id, confidence, relation FROM duplicate_pairs WHERE confidence >= ? "
            "AND version = IFNULL(?, version) ORDER BY first_id, second_id",
            (min_confidence, version),
        )
        return [
            _make_pair(first, second, confidence, unpack_relation(relation))
            for first, second, confidence, relation in rows
        ]

    def shots(self) -> list[Shot]:
        """Return all photos whose metadata tell the camera and the time."""
        rows = self._database.scan_rows(
            "SELECT id, camera, taken_at FROM photos WHERE camera IS NOT NULL AND taken_at IS NOT NULL "
            "AND taken_from IN ('exif', 'xmp', 'iptc')"
        )
        shots = []
        for photo_id, camera, taken_at in rows:
            with suppress(ValueError):  # a library of someone else may hold any text
                shots.append(Shot(photo_id, camera, datetime.fromisoformat(taken_at).replace(tzinfo=None)))
        return shots

    def replace_burst_links(
        self,
        links: Iterable[tuple[int, int]],
        subject_sharpness: Mapping[int, float] = MappingProxyType({}),
    ) -> None:
        """Replace all links, each a shot and the next one of the same burst as photo ids.

        `subject_sharpness` is by photo id, of the bursts in all shots of which the subject was found.
        """
        with self._database.transaction() as db:
            db.execute("DELETE FROM burst_links")
            db.execute("DELETE FROM burst_subjects")
            db.conn.executemany(
                "INSERT INTO burst_subjects SELECT id, ? FROM photos WHERE id = ?",
                [(sharpness, photo_id) for photo_id, sharpness in subject_sharpness.items()],
            )
            db.conn.executemany(
                "INSERT INTO burst_links SELECT next.id, previous.id FROM photos AS previous, photos AS next "
                "WHERE previous.id = ? AND next.id = ?",
                list(links),
            )

    def burst_links(self) -> list[tuple[int, int]]:
        """Return the links as `replace_burst_links` takes them, ordered by the id of the later shot."""
        return self._database.scan_rows(
            "SELECT previous_id, photo_id FROM burst_links WHERE previous_id IS NOT NULL ORDER BY photo_id"
        )

    def subject_sharpness(self) -> dict[int, float]:
        """Return the sharpness of the subject in the shots of bursts, by photo id, as `replace_burst_links` takes it."""
        sql = "SELECT photo_id, sharpness FROM burst_subjects WHERE TYPEOF(sharpness) IN ('real', 'integer')"
        return dict(self._database.scan_rows(sql))

    def has_cut_bursts(self) -> bool:
        """Return whether a shot with a next one in its burst left the library since the links were replaced."""
        ((is_cut,),) = self._database.rows(
            "SELECT EXISTS (SELECT 1 FROM burst_links WHERE previous_id IS NULL)"
        )
        return bool(is_cut)

    def signatures(self, version: int) -> tuple[Ids, list[bytes]]:
        """Return the photos (N,) that this version of the method compared, and their signatures."""
        rows = self._database.scan_rows(
            "SELECT photo_id, signature FROM duplicate_checks WHERE version = ? AND LENGTH(signature) = ?",
            (version, SIGNATURE_BYTES),
        )
        return np.array([photo_id for photo_id, _ in rows], np.int64), [packed for _, packed in rows]

    def sharpness(self, photo_ids: Sequence[int]) -> dict[int, float]:
        """Return the sharpness of these photos by photo id, without those of which it is not known."""
        found: dict[int, float] = {}
        for start in range(0, len(photo_ids), _READ_ROWS):
            rows = self._database.rows(
                f"SELECT photo_id, sharpness FROM duplicate_checks WHERE photo_id IN {JSON_IDS}"  # noqa: S608
                " AND sharpness IS NOT NULL",
                (json_ids(photo_ids[start : start + _READ_ROWS]),),
            )
            found.update(rows)
        return found


def pack_relation(relation: CopyRelation | None) -> bytes | None:
    """Return a relation as it is stored."""
    if relation is None:
        return None
    return _RELATION.pack(
        *relation.matrix, relation.covers, relation.turned, relation.brighter, relation.is_mirrored
    )


def unpack_relation(packed: bytes | None) -> CopyRelation | None:
    """Return a stored relation, None if there is none or it is damaged."""
    if packed is None or len(packed) != _RELATION.size:
        return None
    *matrix, covers, turned, brighter, is_mirrored = _RELATION.unpack(packed)
    a, b, _, c, d, _ = matrix
    if not 0 < abs(a * d - b * c) < math.inf:
        return None  # damaged: it could not be inverted
    return _make_relation(tuple(matrix), covers, turned, is_mirrored, brighter)
