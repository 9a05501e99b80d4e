"""The last results of comparisons."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from photosim.duplicates.comparison import ComparedPhoto, ComparedState, Comparison
from photosim.duplicates.keep_rules import KeepRule
from photosim.records import Photo, PhotoFacts, UnreadableFile
from photosim.store.comparisons.contents import FACT_COLUMNS, FIRST_ID, ComparisonStore
from photosim.store.duplicates import pack_relation, unpack_relation

MAX_KEPT = 10
"""Comparisons that are kept; of 2,000 new photos one takes 35 MB."""

_STATES = frozenset(ComparedState)
_RULES = frozenset(KeepRule)


@dataclass(frozen=True, slots=True)
class ComparisonSummary:
    """A comparison that is kept; see `Comparison`. One that was interrupted has no counts and is not `is_finished`."""

    folder: str
    other: str
    compared_at: str
    counts: Mapping[ComparedState, int]
    is_finished: bool = True


class ComparisonResults:
    """The comparisons with their results. Any thread may use it; methods that write raise LibraryError as the store does."""

    def __init__(self, store: ComparisonStore) -> None:
        self._store, self._file = store, store.file

    def begin(self, folder: str, other: str, now: str) -> None:
        """Note that a folder is being compared, so that what is read of it is kept if that is interrupted."""
        insert = (
            "INSERT INTO comparisons (folder, other, compared_at, fingerprint, video_count, unanalyzed) "
            "VALUES (CAST(? AS TEXT), CAST(? AS TEXT), ?, '', 0, 0) ON CONFLICT DO NOTHING"
        )
        self._file.write([(insert, [(os.fsencode(folder), os.fsencode(other), now)])])

    def save(self, result: Comparison, fingerprint: str) -> None:
        """Keep a result in the place of the last one for its folder; the oldest beyond MAX_KEPT are removed.

        `fingerprint` identifies what the result depends on.
        """
        key = (os.fsencode(result.folder), os.fsencode(result.other))
        which = "folder = CAST(? AS TEXT) AND other = CAST(? AS TEXT)"
        this = f"(SELECT id FROM comparisons WHERE {which})"  # noqa: S608
        self._file.write(
            [
                (f"DELETE FROM comparisons WHERE {which}", [key]),  # noqa: S608
                (
                    "INSERT INTO comparisons (folder, other, compared_at, fingerprint, video_count, unanalyzed) "
                    "VALUES (CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, ?, ?)",
                    [(*key, result.compared_at, fingerprint, result.videos, result.unanalyzed)],
                ),
                (
                    f"INSERT INTO comparison_results SELECT {this}, CAST(? AS TEXT), ?, ?, ?, CAST(? AS TEXT), ?, "
                    "CAST(? AS TEXT), ?, ?, ?, ?, ?, ?",
                    [(*key, *_result_row(photo)) for photo in result.photos],
                ),
                (
                    f"INSERT INTO comparison_failures SELECT {this}, CAST(? AS TEXT), ?",
                    [(*key, os.fsencode(file.path), file.reason) for file in result.unreadable],
                ),
                (
                    "DELETE FROM comparisons WHERE id NOT IN "
                    "(SELECT id FROM comparisons ORDER BY compared_at DESC, id DESC LIMIT ?)",
                    [(MAX_KEPT,)],
                ),
            ]
        )
        self._remove_unused()

    def forget(self, folder: str, other: str = "") -> None:
        """Remove a comparison and what was read for it alone."""
        sql = "DELETE FROM comparisons WHERE folder = CAST(? AS TEXT) AND other = CAST(? AS TEXT)"
        self._file.write([(sql, [(os.fsencode(folder), os.fsencode(other))])])
        self._remove_unused()

    def fingerprint(self, folder: str, other: str = "") -> str:
        """Return the fingerprint of the last result for a folder, empty if there is none."""
        sql = "SELECT fingerprint FROM comparisons WHERE folder = CAST(? AS TEXT) AND other = CAST(? AS TEXT)"
        rows = self._file.rows(sql, (os.fsencode(folder), os.fsencode(other)))
        return str(rows[0][0]) if rows else ""

    def result(self, folder: str, other: str = "") -> Comparison | None:
        """Return the last result for a folder, None if there is none."""
        rows = self._file.rows(
            "SELECT id, compared_at, video_count, unanalyzed FROM comparisons "
            "WHERE folder = CAST(? AS TEXT) AND other = CAST(? AS TEXT) AND fingerprint <> ''",
            (os.fsencode(folder), os.fsencode(other)),
        )
        if not rows:
            return None
        [(comparison_id, compared_at, videos, unanalyzed)] = rows
        photos = self._file.rows(
            f"""
            SELECT path, size, mtime_ns, digest, raw_paths, state, match_path, match_digest, similarity, confidence,
                is_identical, reasons, relation, {FACT_COLUMNS}
            FROM comparison_results JOIN compared_photos USING (digest) WHERE comparison_id = ? ORDER BY path
            """,  # noqa: S608
            (comparison_id,),
        )
        failures = self._file.rows(
            "SELECT path, reason FROM comparison_failures WHERE comparison_id = ? ORDER BY path",
            (comparison_id,),
        )
        return Comparison(
            folder,
            other,
            compared_at,
            tuple(
                _compared_photo(number, row)
                for number, row in enumerate(photos, FIRST_ID)
                if row[5] in _STATES
            ),
            tuple(UnreadableFile(path, reason) for path, reason in failures),
            videos,
            unanalyzed,
        )

    def recent(self) -> list[ComparisonSummary]:
        """Return the comparisons that are kept, the last one first, also those that were interrupted."""
        counts: dict[int, dict[ComparedState, int]] = {}
        sql = "SELECT comparison_id, state, COUNT(*) FROM comparison_results GROUP BY comparison_id, state"
        for comparison_id, state, count in self._file.rows(sql):
            if state in _STATES:
                counts.setdefault(comparison_id, {})[ComparedState(state)] = count
        rows = self._file.rows(
            "SELECT id, folder, other, compared_at, fingerprint <> '' FROM comparisons "
            "ORDER BY compared_at DESC, id DESC"
        )
        return [
            ComparisonSummary(folder, other, compared_at, counts.get(comparison_id, {}), bool(is_finished))
            for comparison_id, folder, other, compared_at, is_finished in rows
        ]

    def _remove_unused(self) -> None:
        """Remove what was read of folders of which no comparison is kept."""
        folders = {
            folder
            for pair in self._file.rows("SELECT folder, other FROM comparisons")
            for folder in pair
            if folder
        }
        self._store.remove_unused(folders)


def _result_row(photo: ComparedPhoto) -> tuple[Any, ...]:
    file = photo.photo
    return (
        os.fsencode(file.path),
        file.size,
        file.mtime_ns,
        photo.digest,
        os.fsencode("\0".join(file.raw_files)) if file.raw_files else None,
        photo.state.value,
        None if photo.match is None else os.fsencode(photo.match),
        photo.match_digest,
        photo.similarity,
        photo.confidence,
        int(photo.is_identical),
        ",".join(photo.reasons),
        pack_relation(photo.relation),
    )


def _compared_photo(number: int, row: tuple[Any, ...]) -> ComparedPhoto:
    (path, size, mtime_ns, digest, raw_paths, state, match, match_digest, similarity, confidence) = row[:10]
    is_identical, reasons, relation, *facts = row[10:]
    raw_files = () if raw_paths is None else tuple(raw_paths.split("\0"))
    return ComparedPhoto(
        Photo(number, number, path, size, mtime_ns, PhotoFacts(*facts), raw_files=raw_files),
        digest,
        ComparedState(state),
        match,
        match_digest,
        similarity,
        confidence,
        bool(is_identical),
        tuple(KeepRule(name) for name in reasons.split(",") if name in _RULES),
        unpack_relation(relation),
    )
