"""The file of compared folders, a cache that is made again where it is damaged."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from photosim.errors import DamagedLibraryError, LibraryError, ReadOnlyLibraryError
from photosim.store.comparisons.migrations import comparisons
from photosim.store.connection import delete_database
from photosim.store.database import LibraryDatabase
from photosim.store.identity import is_other_program

FILE_NAME = "comparisons.db"

_log = logging.getLogger(__name__)


class ComparisonFile:
    """The database; it is created when it is first written, and again if it is damaged.

    Any thread may use it. `write` raises LibraryError where the library cannot be changed.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._lock = threading.RLock()
        self._database: LibraryDatabase | None = None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query: none where there is no file, or a damaged one, which is removed."""
        with self._lock:
            try:
                database = self._open(create=False)
                return [] if database is None else database.rows(sql, parameters)
            except DamagedLibraryError as error:
                self._remove(error)
                return []

    def write(self, statements: Sequence[tuple[str, Sequence[tuple[Any, ...]]]]) -> None:
        """Run statements, each for several rows, in one transaction; in a new file if this one is damaged."""
        with self._lock:
            try:
                self._execute(statements)
            except DamagedLibraryError as error:
                self._remove(error)
                self._execute(statements)

    def _execute(self, statements: Sequence[tuple[str, Sequence[tuple[Any, ...]]]]) -> None:
        database = self._open(create=True)
        assert database is not None
        with database.transaction() as db:
            for sql, rows in statements:
                db.conn.executemany(sql, rows)

    def _open(self, *, create: bool) -> LibraryDatabase | None:
        if self._database is None and (create or self._path.exists()):
            try:
                self._database = LibraryDatabase(self._path, comparisons, memory_mapped=False)
            except ReadOnlyLibraryError:
                if create:
                    raise
        return self._database

    def _remove(self, error: LibraryError) -> None:
        """Remove a damaged file. Raises LibraryError if it is another program's or can't be removed."""
        _log.warning("%s is damaged and is recreated: %s", self._path, error)
        self.close()
        try:
            if is_other_program(self._path, comparisons):
                raise error
            delete_database(self._path)
        except OSError as failure:
            raise error from failure
