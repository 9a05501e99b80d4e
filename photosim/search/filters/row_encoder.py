"""Encode what filters look at in many photos, some photos at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np

from photosim.records import RAW_FORMATS
from photosim.search.filters.columns import CategoryColumn, CategoryEncoder, Integers
from photosim.search.filters.criteria import Facet, FilterRow, fold_text, searchable_folder, split_path
from photosim.search.words.text_index import NAME_END

CHUNK_ROWS = 8192
"""Rows encoded at once. All rows of a library would take several times the memory of the columns, and the system would
not get it back: Python frees memory in blocks, nearly each of which would hold some value that is kept."""

CATEGORIES = (Facet.CAMERAS, Facet.FORMATS, Facet.ORIENTATIONS, Facet.SIZES)
"""Facets of which each photo has exactly one value."""

SOURCES, FOLDERS, FOLDER_PATHS = "sources", "folders", "folder paths"
"""Columns beside those of facets."""

_NUMBERS = 6


class RowEncoder:
    """Encodes rows as columns: categories, the names of files, and numbers."""

    def __init__(self, rows: Iterable[FilterRow]) -> None:
        """Encode all rows."""
        self.names: list[str] = []
        """Normalized names of files, those of many joined by NAME_END."""

        self._categories = {name: CategoryEncoder() for name in (*CATEGORIES, SOURCES, FOLDERS, FOLDER_PATHS)}
        self._numbers = [np.empty((0, _NUMBERS), np.int64)]
        self._folder_texts: dict[tuple[str, str], str] = {}
        remaining = iter(rows)
        while chunk := list(islice(remaining, CHUNK_ROWS)):
            self._add(chunk)

    def category(self, name: str) -> CategoryColumn:
        """Return the column of a facet, or of another of the constants."""
        return self._categories[name].column()

    def numbers(self) -> Sequence[Integers]:
        """Return columns (N,): file ids, months, days, and whether photos have copies, are RAW files, are missing."""
        return [column.copy() for column in np.concatenate(self._numbers).T]

    def _add(self, rows: Sequence[FilterRow]) -> None:
        paths = [split_path(row.path) for row in rows]
        folders = [(folder, row.source) for row, (folder, _) in zip(rows, paths, strict=True)]
        for folder in set(folders) - self._folder_texts.keys():
            self._folder_texts[folder] = searchable_folder(*folder)
        values: dict[str, Iterable[str]] = {
            Facet.CAMERAS: (row.camera for row in rows),
            Facet.FORMATS: (row.format for row in rows),
            Facet.ORIENTATIONS: (row.orientation for row in rows),
            Facet.SIZES: (row.size for row in rows),
            SOURCES: (row.source for row in rows),
            FOLDERS: (self._folder_texts[folder] for folder in folders),
            FOLDER_PATHS: (folder for folder, _ in paths),
        }
        for name, column in values.items():
            self._categories[name].add(column)
        # A damaged row may hold the character that separates names.
        self.names.append(NAME_END.join(fold_text(name).replace(NAME_END, " ") for _, name in paths))
        numbers = [
            (
                row.file_id,
                row.month,
                row.day,
                row.has_copies,
                row.has_raw or row.format in RAW_FORMATS,
                row.missing,
            )
            for row in rows
        ]
        self._numbers.append(np.array(numbers, np.int64))
