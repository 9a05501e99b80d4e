"""RAW files and the JPEG or HEIC that the camera wrote with them: one photo with several files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from photosim.records import RAW_FORMATS
from photosim.store.database import LibraryDatabase

_STANDING = ("JPEG", "HEIC")
"""The formats whose file stands for the shot, the preferred one first."""

_SAME_SHOT_S = 2
"""Seconds by which the two dates of one shot may differ: a camera may write them one after the other."""

_RAW_LIST = ", ".join(f"'{name}'" for name in sorted(RAW_FORMATS))
_FILE_COLUMNS = "files.id, files.path, photos.format, photos.taken_at, files.missing, files.primary_id"

IS_SHOWN = "files.primary_id IS NULL"
"""Of files: those that are shown; the others are RAW files beside the file that stands for them."""

HIDDEN_PHOTOS = """
    SELECT hidden.photo_id FROM files AS hidden WHERE hidden.primary_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM files AS other WHERE other.photo_id = hidden.photo_id AND other.primary_id IS NULL
    )
    UNION SELECT photo_id FROM parked_files WHERE NOT EXISTS (
        SELECT 1 FROM files AS other WHERE other.photo_id = parked_files.photo_id AND other.primary_id IS NULL
    )
"""
"""Ids of the photos of which every file is hidden or set aside."""


class _File(NamedTuple):
    file_id: int
    path: str
    format: str
    taken_at: str | None
    missing: int
    primary_id: int | None

    @property
    def shot(self) -> str:
        """What the files of one shot have in common: the folder, and the name up to its suffix in any case."""
        start = self.path.rfind(os.sep) + 1
        return self.path[:start] + self.path[start : self.path.rfind(".")].casefold()


class RawPairs:
    """The column `primary_id` of the table `files`.

    A RAW file is shown by the JPEG or HEIC of the same folder and the same name, in any case, when their dates agree
    as far as both have one. It follows from the files alone, so it need not be told when one is moved, renamed or
    deleted: a RAW file whose partner has gone is shown by itself.
    """

    def __init__(self, store: LibraryDatabase) -> None:
        self._store = store

    def update(self) -> None:
        """Pair what belongs together in the whole library, and part what no longer does."""
        raws = self._files(f"photos.format IN ({_RAW_LIST})")
        if raws:
            standing = self._files("photos.format IN (?, ?)", _STANDING)
            self._keep(raws, standing)

    def update_near(self, file_ids: Sequence[int]) -> list[int]:
        """Pair these files with those that stand beside them.

        Gives the ids of those that are shown now, with what stands for the others.
        """
        near: dict[int, _File] = {}
        given = self._files(f"files.id IN ({','.join('?' * len(file_ids))})", file_ids)
        for file in given:
            stem = os.path.splitext(file.path)[0]  # noqa: PTH122 - any bytes
            bounds = os.fsencode(stem) + b".", os.fsencode(stem) + b"/"  # the character after the dot
            found = self._files("files.path >= CAST(? AS TEXT) AND files.path < CAST(? AS TEXT)", bounds)
            near.update((one.file_id, one) for one in found)
        raws = [file for file in near.values() if file.format in RAW_FORMATS]
        primary_id = self._keep(raws, [file for file in near.values() if file.format in _STANDING])
        return list(dict.fromkeys(primary_id.get(file_id) or file_id for file_id in file_ids))

    def count(self) -> int:
        """How many RAW files are shown by another file."""
        return int(self._store.value("SELECT COUNT(*) FROM files WHERE primary_id IS NOT NULL"))

    def _files(self, where: str, parameters: Iterable[Any] = ()) -> list[_File]:
        sql = f"SELECT {_FILE_COLUMNS} FROM files JOIN photos ON photos.id = files.photo_id WHERE {where}"  # noqa: S608
        rows = self._store.rows(sql, parameters)
        return [_File._make(row) for row in rows]

    def _keep(self, raws: Sequence[_File], standing: Sequence[_File]) -> dict[int, int | None]:
        """Keep what shows each of these RAW files; returns it by the file's id."""
        by_shot: dict[str, list[_File]] = {}
        for file in standing:
            by_shot.setdefault(file.shot, []).append(file)
        primary_id = {raw.file_id: _partner(raw, by_shot.get(raw.shot, ())) for raw in raws}
        changed = [
            (primary_id[raw.file_id], raw.file_id)
            for raw in raws
            if primary_id[raw.file_id] != raw.primary_id
        ]
        if changed:
            with self._store.transaction() as db:
                db.conn.executemany("UPDATE files SET primary_id = ? WHERE id = ?", changed)
        return primary_id


def _partner(raw: _File, candidates: Sequence[_File]) -> int | None:
    fitting = [
        (_STANDING.index(file.format), file.path, file.file_id)
        for file in candidates
        if _agree(raw.taken_at, file.taken_at) and not (file.missing and not raw.missing)
    ]
    return min(fitting)[2] if fitting else None


def _agree(one: str | None, other: str | None) -> bool:
    if one is None or other is None or one == other:
        return True
    apart = datetime.fromisoformat(one) - datetime.fromisoformat(other)
    return abs(apart.total_seconds()) <= _SAME_SHOT_S
