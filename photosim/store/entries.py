"""What a filter looks at in the photo files of a library, read in one go."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from photosim.search.photo_filter import FilterRow
from photosim.store.database import LibraryDatabase
from photosim.store.file_moves import FileMoves
from photosim.store.raw_pairs import IS_SHOWN


def filter_rows(store: LibraryDatabase) -> list[FilterRow]:
    """The photo files that are shown."""
    with_raw = {row[0] for row in store.rows("SELECT primary_id FROM files WHERE primary_id IS NOT NULL")}
    copied = FileMoves(store).copy_counts()
    rows = store.scan_rows(
        f"""
        SELECT files.id, files.path, sources.path, width, height, format, taken_at, camera, missing, photo_id
        FROM files JOIN photos ON photos.id = files.photo_id JOIN sources ON sources.id = files.source_id
        WHERE {IS_SHOWN}
        """  # noqa: S608
    )
    return [_entry(row, with_raw, copied) for row in rows]


def _entry(row: tuple[Any, ...], with_raw: Collection[int], copied: Collection[int]) -> FilterRow:
    *known, missing, photo_id = row
    return FilterRow._make([*known, bool(missing), row[0] in with_raw, photo_id in copied])
