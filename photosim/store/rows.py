"""Rows of the catalog as records: photos, and what filters look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from photosim.records import Photo, PhotoFacts
from photosim.search.photo_filter import FilterRow
from photosim.store.database import LibraryDatabase
from photosim.store.file_moves import FileMoves
from photosim.store.raw_pairs import IS_SHOWN

FileOrigin = tuple[int, str, str | None]
"""File id, path, and the month it was taken in ("2024-04"), None if only the time of the file is known."""

PHOTO_COLUMNS = """
    files.id, files.photo_id, files.path, files.size, files.mtime_ns, files.missing, files.primary_id,
    (SELECT GROUP_CONCAT(raw.path, CHAR(0)) FROM files AS raw WHERE raw.primary_id = files.id),
    width, height, format, taken_at, camera, lens, latitude, longitude, iso, aperture, exposure, focal_length,
    taken_from
"""
"""Columns of `files` joined with `photos`, in the order that `rows_to_photos` expects."""


def rows_to_photos(rows: list[Any], copies: Mapping[int, int]) -> list[Photo]:
    """Replace each row of PHOTO_COLUMNS by its photo, in place: with a million photos, two lists need twice the memory.

    `copies` are the numbers of files by photo id, as `FileMoves.copy_counts` returns them.
    """
    strings: dict[str, str] = {}
    shared = strings.setdefault  # equal strings of many photos are stored once
    for index, row in enumerate(rows):
        file_id, photo_id, path, size, mtime_ns, missing, primary_id, raw_paths, *facts = row
        width, height, file_format, taken_at, camera, lens, *rest = facts
        rest[-1] = shared(rest[-1], rest[-1])  # `taken_from`
        rows[index] = Photo(
            file_id=file_id,
            photo_id=photo_id,
            path=path,
            size=size,
            mtime_ns=mtime_ns,
            facts=PhotoFacts(
                width,
                height,
                shared(file_format, file_format),
                taken_at,
                shared(camera, camera),
                shared(lens, lens),
                *rest,
            ),
            missing=bool(missing),
            raw_files=() if raw_paths is None else tuple(sorted(raw_paths.split("\0"))),
            primary_id=primary_id,
            copies=copies.get(photo_id, 1),
        )
    return rows


def filter_rows(database: LibraryDatabase) -> list[FilterRow]:
    """Return what filters look at in all shown photo files."""
    with_raw = {row[0] for row in database.rows("SELECT primary_id FROM files WHERE primary_id IS NOT NULL")}
    copied = FileMoves(database).copy_counts()
    rows = database.scan_rows(
        f"""
        SELECT files.id, files.path, sources.path, width, height, format, taken_at, camera, missing, photo_id
        FROM files JOIN photos ON photos.id = files.photo_id JOIN sources ON sources.id = files.source_id
        WHERE {IS_SHOWN}
        """  # noqa: S608
    )
    return [
        FilterRow._make([*columns, bool(missing), columns[0] in with_raw, photo_id in copied])
        for *columns, missing, photo_id in rows
    ]


def file_origins(database: LibraryDatabase) -> list[FileOrigin]:
    """Return where all shown photo files are from."""
    return database.scan_rows(
        f"""
        SELECT files.id, path, CASE WHEN taken_from = 'file' THEN NULL ELSE SUBSTR(taken_at, 1, 7) END
        FROM files JOIN photos ON photos.id = files.photo_id WHERE {IS_SHOWN}
        """  # noqa: S608
    )
