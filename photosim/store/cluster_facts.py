"""What the names of clusters follow from, saved with the library: a cache."""

from __future__ import annotations

import itertools
import logging
import os
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xxhash

from photosim.errors import DamagedLibraryError, LibraryError
from photosim.search.id_sets import rows_of
from photosim.store.database import LibraryDatabase
from photosim.store.rows import FileOrigins
from photosim.store.schema import MAX_ID

_log = logging.getLogger(__name__)

_NUMBER = np.dtype("<i4")
_NUMBERS, _TEXTS = 7, 3
"""Parts of numbers, then of texts."""
_UINT32, _UINT64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
_END = "\0"
"""Between texts; no path, month or label has it."""

Ids = npt.NDArray[np.int64]
LabelPairs = tuple[Ids, Ids, tuple[str, ...]]
"""Pairs of a file id and an index into names, -1 for none, (N,) each, and these names."""


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """The shown files by path, where they are from, and their labels, None if these were not read."""

    fingerprint: str
    """Identifies the photos of the saved clusters."""
    pairs: Ids
    """Photo id and file id (N, 2), ordered by path."""
    origins: FileOrigins
    labels: LabelPairs | None


class ClusterFactsTable:
    """The row of one model in `cluster_facts`."""

    def __init__(self, database: LibraryDatabase, model: str) -> None:
        self._database, self._model = database, model

    def load(self) -> ClusterFacts | None:
        """Return the facts; None if they are damaged or the library has changed since they were saved."""
        sql = """
            SELECT fingerprint, facts, checksum, version FROM cluster_facts, pragma_user_version
            WHERE model = ? AND version = user_version
        """
        try:
            rows = self._database.rows(sql, (self._model,))
        except DamagedLibraryError as error:
            _log.warning("The names of clusters are computed again: %s", error)
            return None
        for fingerprint, packed, checksum, version in rows:
            if self._checksum(fingerprint, version, packed) == checksum:
                found = _unpacked(fingerprint, packed)
                if found is not None:
                    return found
            _log.warning("What is saved of the names of clusters is damaged; they are computed again")
        return None

    def save(self, facts: ClusterFacts, version: int) -> None:
        """Replace the facts by those of a `content_version`; without effect if that is past, or it cannot be written."""
        packed = _packed(facts)
        if packed is None or self._database.is_read_only or self._database.read_only_reason:
            return
        try:
            # Nothing that follows from the revision depends on what is only a copy.
            with self._database.transaction(bump_revision=False) as db:
                if self._database.content_version() == version:
                    checksum = self._checksum(facts.fingerprint, version, packed)
                    db.execute(
                        "INSERT OR REPLACE INTO cluster_facts VALUES (?, ?, ?, ?, ?)",
                        (self._model, version, facts.fingerprint, packed, checksum),
                    )
        except LibraryError as error:
            _log.warning("What the names of clusters follow from is not saved: %s", error)

    def _checksum(self, fingerprint: str, version: int, packed: bytes) -> int:
        seed = xxhash.xxh3_64_intdigest(f"{self._model}\0{fingerprint}\0{version}".encode(errors="replace"))
        return xxhash.xxh3_64_intdigest(packed, seed & _UINT64) & _UINT32


def _packed(facts: ClusterFacts) -> bytes | None:
    """Return the sizes in bytes of all parts, then the parts; None where a text cannot be packed."""
    origins, pairs = facts.origins, facts.pairs
    rows = rows_of(origins.files, pairs[:, 1])
    if (rows < 0).any() or len(rows) != len(origins.files):
        return None  # the library changed between two reads
    label_files, labels, names = facts.labels or (np.empty(0, np.int64), np.empty(0, np.int64), ())
    of_files = [values[rows] for values in (origins.folder_of, origins.month_of, origins.dates)]
    numbers = [pairs[:, 0], pairs[:, 1], *of_files, label_files, labels]
    texts = [origins.folders, origins.months, names]
    if any(_END in text for text in itertools.chain(*texts)):
        return None
    parts = [np.asarray(part, _NUMBER).tobytes() for part in numbers]
    parts += [os.fsencode("".join(text + _END for text in part)) for part in texts]
    has_labels = facts.labels is not None
    return np.array([has_labels, *map(len, parts)], _NUMBER).tobytes() + b"".join(parts)


def _unpacked(fingerprint: str, packed: bytes) -> ClusterFacts | None:
    """Return facts as they were packed, None if no PhotoSim packed them."""
    start = (1 + _NUMBERS + _TEXTS) * _NUMBER.itemsize
    if len(packed) < start:
        return None
    has_labels, *sizes = np.frombuffer(packed, _NUMBER, 1 + _NUMBERS + _TEXTS).tolist()
    if min(sizes) < 0 or start + sum(sizes) != len(packed) or any(size % 4 for size in sizes[:_NUMBERS]):
        return None
    ends = list(itertools.accumulate(sizes, initial=start))
    photos, files, folder_of, month_of, dates, label_files, labels = (
        np.frombuffer(packed, _NUMBER, size // _NUMBER.itemsize, first).astype(np.int64)
        for size, first in zip(sizes[:_NUMBERS], ends, strict=False)
    )
    folders, months, names = (
        tuple(os.fsdecode(packed[first:end]).split(_END)[:-1])
        for first, end in itertools.pairwise(ends[_NUMBERS:])
    )
    is_whole = len(photos) == len(files) == len(folder_of) == len(month_of) == len(dates) and len(
        label_files
    ) == len(labels)
    is_sound = (
        all(_within(ids, 1, MAX_ID) for ids in (photos, files, label_files))
        and _within(folder_of, 0, len(folders) - 1)
        and _within(month_of, -1, len(months) - 1)
        and _within(dates, -1, MAX_ID)
        and _within(labels, -1, len(names) - 1)
    )
    if not is_whole or not is_sound:
        return None
    origins = FileOrigins(files, folder_of, folders, month_of, months, dates)
    pairs = np.stack([photos, files], axis=1)
    return ClusterFacts(fingerprint, pairs, origins, (label_files, labels, names) if has_labels else None)


def _within(numbers: Ids, least: int, most: int) -> bool:
    return not len(numbers) or (int(numbers.min()) >= least and int(numbers.max()) <= most)
