"""Pairs of a RAW file and the JPEG or HEIC file of the same shot, which are shown as one photo."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from photosim.records import METADATA_DATES, RAW_FORMATS, PhotoFacts
from photosim.store.database import LibraryDatabase, in_chunks, placeholders

_PRIMARY_FORMATS = ("JPEG", "HEIC")
"""Formats of files that are shown in place of a RAW file, the preferred one first."""

_MAX_DATE_DIFFERENCE_S = 2
"""Seconds by which the dates of one shot may differ, since cameras may write its files one after the other."""

_RAW_LIST = ", ".join(f"'{name}'" for name in sorted(RAW_FORMATS))
_DATE_IN_METADATA = "CASE WHEN photos.taken_from IN ('name', 'file') THEN NULL ELSE photos.taken_at END"
_FILE_COLUMNS = f"files.id, files.path, photos.format, {_DATE_IN_METADATA}, files.missing, files.primary_id"

IS_SHOWN = "files.primary_id IS NULL"
"""Condition for files that are shown, which RAW files with a primary file are not."""

HIDDEN_PHOTOS = """
    SELECT hidden.photo_id FROM files AS hidden WHERE hidden.primary_id IS NOT NULL AND hidden.photo_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM files AS other WHERE other.photo_id = hidden.photo_id AND other.primary_id IS NULL
    )
    UNION SELECT photo_id FROM parked_files WHERE TYPEOF(photo_id) <> 'null' AND NOT EXISTS (
        SELECT 1 FROM files AS other WHERE other.photo_id = parked_files.photo_id AND other.primary_id IS NULL
    )
"""
"""Ids of the photos all of whose files are hidden or parked."""


class _File(NamedTuple):
    file_id: int
    path: str
    format: str
    taken_at: str | None
    missing: int
    primary_id: int | None

    @property
    def shot(self) -> str:
        """The folder and the case-folded name without suffix, which the files of one shot share."""
        start = self.path.rfind(os.sep) + 1
        return self.path[:start] + self.path[start : self.path.rfind(".")].casefold()


class RawPairs:
    """The column `primary_id` of the table `files`.

    The primary file of a RAW file is the JPEG or HEIC file in the same folder with the same name, ignoring case, unless
    both have a date in their metadata and these differ. Pairs follow from the files alone, so they can be computed
    again at any time.
    """

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def update(self) -> None:
        """Update the pairs of the whole library."""
        raws = self._files(f"photos.format IN ({_RAW_LIST})")
        if raws:
            primaries = self._files("photos.format IN (?, ?)", _PRIMARY_FORMATS)
            self._save(raws, primaries)

    def update_near(self, file_ids: Sequence[int]) -> list[int]:
        """Update the pairs of these files; returns the ids of the files that are shown now, or shown in their place."""
        siblings: dict[int, _File] = {}
        files = [
            file
            for chunk in in_chunks(file_ids)
            for file in self._files(f"files.id IN ({placeholders(chunk)})", chunk)
        ]
        for file in files:
            stem = os.path.splitext(file.path)[0]  # noqa: PTH122 - any bytes
            bounds = os.fsencode(stem) + b".", os.fsencode(stem) + b"/"  # the character after the dot
            found = self._files("files.path >= CAST(? AS TEXT) AND files.path < CAST(? AS TEXT)", bounds)
            siblings.update((sibling.file_id, sibling) for sibling in found)
        raws = [file for file in siblings.values() if file.format in RAW_FORMATS]
        primary_of = self._save(raws, [file for file in siblings.values() if file.format in _PRIMARY_FORMATS])
        return list(dict.fromkeys(primary_of.get(file_id) or file_id for file_id in file_ids))

    def count(self) -> int:
        """Return the number of RAW files that have a primary file."""
        return int(self._database.value("SELECT COUNT(*) FROM files WHERE primary_id IS NOT NULL"))

    def _files(self, where: str, parameters: Iterable[Any] = ()) -> list[_File]:
        sql = f"SELECT {_FILE_COLUMNS} FROM files JOIN photos ON photos.id = files.photo_id WHERE {where}"  # noqa: S608
        rows = self._database.rows(sql, parameters)
        return [_File._make(row) for row in rows]

    def _save(self, raws: Sequence[_File], primaries: Sequence[_File]) -> dict[int, int | None]:
        """Save the primary file of each of these RAW files; returns them by the RAW file's id."""
        by_shot: dict[str, list[_File]] = {}
        for file in primaries:
            by_shot.setdefault(file.shot, []).append(file)
        primary_of = {raw.file_id: _primary_of(raw, by_shot.get(raw.shot, ())) for raw in raws}
        changed = [
            (primary_of[raw.file_id], raw.file_id)
            for raw in raws
            if primary_of[raw.file_id] != raw.primary_id
        ]
        if changed:
            with self._database.transaction() as db:
                db.conn.executemany("UPDATE files SET primary_id = ? WHERE id = ?", changed)
        return primary_of


def primary_files(files: Iterable[tuple[int, str, PhotoFacts]]) -> dict[int, int]:
    """Return which of these files, given as id, path and facts, are shown as another one: its id by theirs."""
    known = [
        _File(
            file_id,
            path,
            facts.format,
            facts.taken_at if facts.taken_from in METADATA_DATES else None,
            0,
            None,
        )
        for file_id, path, facts in files
    ]
    by_shot: dict[str, list[_File]] = {}
    for file in known:
        if file.format in _PRIMARY_FORMATS:
            by_shot.setdefault(file.shot, []).append(file)
    found = {
        raw.file_id: _primary_of(raw, by_shot.get(raw.shot, ())) for raw in known if raw.format in RAW_FORMATS
    }
    return {raw: primary for raw, primary in found.items() if primary is not None}


def _primary_of(raw: _File, candidates: Sequence[_File]) -> int | None:
    matching = [
        (_PRIMARY_FORMATS.index(file.format), file.path, file.file_id)
        for file in candidates
        if _dates_agree(raw.taken_at, file.taken_at) and not (file.missing and not raw.missing)
    ]
    return min(matching)[2] if matching else None


def _dates_agree(one: str | None, other: str | None) -> bool:
    if one is None or other is None or one == other:
        return True
    try:
        apart = datetime.fromisoformat(one) - datetime.fromisoformat(other)
    except ValueError:
        return True  # a damaged date is none
    return abs(apart.total_seconds()) <= _MAX_DATE_DIFFERENCE_S
