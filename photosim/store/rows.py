"""Rows of the catalog as records: photos, and what filters look at."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from photosim.records import Photo, PhotoFacts
from photosim.runtime.bulk_records import bulk_constructor
from photosim.search.filters.criteria import FilterRow, split_path
from photosim.search.id_sets import rows_of
from photosim.store.database import JSON_IDS, LibraryDatabase, json_ids
from photosim.store.files.file_moves import FileMoves
from photosim.store.files.raw_pairs import IS_SHOWN

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FileOrigins:
    """The ids of files (N,), the index of the folder of each in `folders`, and that in `months` ("2024-04").

    The index of the month is -1 if only the time of the file is known.
    """

    files: Ids
    folder_of: Ids
    folders: tuple[str, ...]
    month_of: Ids
    months: tuple[str, ...]
    dates: Ids
    """Numbers (N,) that sort as the dates do, also those of files; -1 without a date."""


@dataclass(frozen=True, slots=True)
class DatedFiles:
    """The ids (N,) and paths of files whose photos have a date of their own, the photos' ids (N,), and these dates."""

    files: Ids
    photos: Ids
    paths: Sequence[str]
    taken_at: Sequence[str]


PHOTO_COLUMNS = """
    files.id, files.photo_id, files.path, files.size, files.mtime_ns, files.missing, files.primary_id,
    (SELECT GROUP_CONCAT(raw.path, CHAR(0)) FROM files AS raw WHERE raw.primary_id = files.id),
    width, height, format, taken_at, camera, lens, latitude, longitude, iso, aperture, exposure, focal_length,
    taken_from
"""
"""Columns of `files` joined with `photos`, in the order that `rows_to_photos` expects."""

_TAKEN_AT = 11
"""The place of `taken_at` among them."""

READ_ROWS = 8192
"""Photos read at once, in 50 ms, during which no other thread can read."""

_FEW_SHARE = 10
"""For less than this share of the files, copies are counted for them alone."""

SELECT_PHOTOS = f"SELECT {PHOTO_COLUMNS} FROM files JOIN photos ON photos.id = files.photo_id"  # noqa: S608


_make_photo, _make_facts = bulk_constructor(Photo), bulk_constructor(PhotoFacts)


class LazyPhoto:
    """A photo whose row of PHOTO_COLUMNS is read, and the record made from it, when it is first asked for.

    Of tens of thousands of covers few are looked at. `read_rows` reads many at once.
    """

    __slots__ = ("_copies", "_database", "_photo", "_row", "file_id", "photo_id")

    def __init__(self, database: LibraryDatabase | None, file_id: int, photo_id: int) -> None:
        self._database, self.file_id, self.photo_id = database, file_id, photo_id
        self._row: tuple[Any, ...] | None = None
        self._copies = 1
        self._photo: Photo | None = None

    @classmethod
    def from_row(cls, row: tuple[Any, ...], copies: int) -> LazyPhoto:
        """Make one whose row is known."""
        photo = cls(None, row[0], row[1])
        photo.set_row(row, copies)
        return photo

    def __eq__(self, other: object) -> bool:
        """Compare the rows, or the ids alone while one of the rows is not read: then nobody has seen what may differ."""
        if not isinstance(other, LazyPhoto):
            return NotImplemented
        if self._row is None or other._row is None:
            return self.file_id == other.file_id and self.photo_id == other.photo_id
        return self._row == other._row and self._copies == other._copies

    def __hash__(self) -> int:
        return hash(self.file_id)

    @property
    def is_read(self) -> bool:
        """Whether the row is read."""
        return self._row is not None

    def set_row(self, row: tuple[Any, ...], copies: int) -> None:
        """Set the row, which was read."""
        self._copies = copies
        self._row = row  # last: another thread may be looking

    @property
    def photo(self) -> Photo:
        """The record; of a file that is gone by then, one without a path."""
        if self._photo is None:
            if self._row is None and self._database is not None:
                read_rows(self._database, [self])
            if self._row is None:
                return Photo(self.file_id, self.photo_id, "", 0, 0, PhotoFacts(0, 0, ""), missing=True)
            self._photo = _photo_of(self._row, self._copies, dict[Any, Any]().setdefault)
        return self._photo

    @property
    def taken_at(self) -> str | None:
        """When it was taken, as in PhotoFacts."""
        return self.photo.facts.taken_at if self._row is None else self._row[_TAKEN_AT]


def rows_to_photos(rows: list[Any], copies: Mapping[int, int]) -> list[Photo]:
    """Replace each row of PHOTO_COLUMNS by its photo, in place: with a million photos, two lists need twice the memory.

    `copies` are the numbers of files by photo id, as `FileMoves.copy_counts` returns them.
    """
    values: dict[Any, Any] = {}
    for index, row in enumerate(rows):
        rows[index] = _photo_of(row, copies.get(row[1], 1), values.setdefault)
    return rows


def _photo_of(row: tuple[Any, ...], copies: int, shared: Callable[[Any, Any], Any]) -> Photo:
    """Return the photo of a row; `shared` returns one object for equal values, which many photos have."""
    file_id, photo_id, path, size, mtime_ns, missing, primary_id, raw_paths, *facts = row
    width, height, file_format, taken_at, camera, lens, *rest = facts
    rest[-1] = shared(rest[-1], rest[-1])  # `taken_from`
    return _make_photo(
        file_id,
        photo_id,
        path,
        size,
        mtime_ns,
        _make_facts(
            shared(width, width),
            shared(height, height),
            shared(file_format, file_format),
            taken_at,
            shared(camera, camera),
            shared(lens, lens),
            *rest,
        ),
        bool(missing),
        () if raw_paths is None else tuple(sorted(raw_paths.split("\0"))),
        primary_id,
        copies,
    )


def rows_where(
    database: LibraryDatabase,
    column: str,
    ids: Sequence[int],
    order: str = "",
    copies: Mapping[int, int] | None = None,
) -> Iterator[tuple[list[Any], Mapping[int, int]]]:
    """Return the rows of PHOTO_COLUMNS with these ids, in chunks, each with the `copies` of `rows_to_photos`."""
    moves = FileMoves(database)
    if copies is None and len(ids) > READ_ROWS and len(ids) * _FEW_SHARE > _max_id(database):
        copies = moves.copy_counts()  # faster than chunk by chunk
    for start in range(0, len(ids), READ_ROWS):
        chunk = json_ids(ids[start : start + READ_ROWS])
        rows = database.rows(f"{SELECT_PHOTOS} WHERE {column} IN {JSON_IDS} {order}", (chunk,))
        yield rows, moves.copy_counts([row[1] for row in rows]) if copies is None else copies


def _max_id(database: LibraryDatabase) -> int:
    return database.value("SELECT MAX(id) FROM files") or 0


def lazy_photos(database: LibraryDatabase, file_ids: Sequence[int]) -> dict[int, LazyPhoto]:
    """Return these photo files by file id, leaving out those that are gone."""
    return {
        row[0]: LazyPhoto.from_row(row, copies.get(row[1], 1))
        for rows, copies in rows_where(database, "files.id", sorted(file_ids))
        for row in rows
    }


def read_rows(database: LibraryDatabase, photos: Iterable[LazyPhoto]) -> None:
    """Read the rows of photos that are not read yet, leaving out those that are gone."""
    unread = {photo.file_id: photo for photo in photos if not photo.is_read}
    for rows, copies in rows_where(database, "files.id", sorted(unread)):
        for row in rows:
            unread[row[0]].set_row(row, copies.get(row[1], 1))


def filter_rows(database: LibraryDatabase) -> Iterator[FilterRow]:
    """Yield what filters look at in all shown photo files, by ascending file id, reading READ_ROWS at once."""
    with_raw = {row[0] for row in database.rows("SELECT primary_id FROM files WHERE primary_id IS NOT NULL")}
    copied = FileMoves(database).copy_counts()
    sql = f"""
        SELECT files.id, files.path, sources.path, width, height, format, taken_at, camera, missing, photo_id
        FROM files CROSS JOIN photos ON photos.id = files.photo_id CROSS JOIN sources ON sources.id = files.source_id
        WHERE {IS_SHOWN} AND files.id > ? ORDER BY files.id LIMIT {READ_ROWS}
    """  # noqa: S608
    last = -1
    while rows := database.scan_rows(sql, (last,)):
        last = rows[-1][0]
        for *columns, missing, photo_id in rows:
            yield FilterRow._make([*columns, bool(missing), columns[0] in with_raw, photo_id in copied])


def file_origins(database: LibraryDatabase) -> FileOrigins:
    """Return where all shown photo files are from."""
    files, photos, paths = _shown_files(database)
    by_month = database.scan_rows(
        """
        SELECT SUBSTR(taken_at, 1, 7) AS month, GROUP_CONCAT(id) FROM photos
        WHERE taken_at IS NOT NULL AND taken_from IS NOT 'file' GROUP BY month
        """
    )
    dated = [np.fromstring(ids, np.int64, sep=",") for _, ids in by_month]
    photo_ids = np.concatenate([np.empty(0, np.int64), *dated])
    months = np.append(np.repeat(np.arange(len(dated)), [len(ids) for ids in dated]), -1)
    rows = rows_of(photo_ids, photos)  # -1, the last one, for those without a date
    month_names = tuple(month for month, _ in by_month)
    return FileOrigins(files, *_folders(paths), months[rows], month_names, _date_ranks(database, photos))


def _date_ranks(database: LibraryDatabase, photos: Ids) -> Ids:
    """Return numbers (N,) that sort as the dates of photos do, -1 for those without."""
    query = "SELECT id, taken_at FROM photos WHERE taken_at IS NOT NULL AND taken_at <> '' ORDER BY taken_at"
    (dated,), dates = database.scan_ids_and_text(("id",), "taken_at", query)
    differs = (one != other for one, other in itertools.pairwise(itertools.chain(("",), dates)))
    ranks = np.append(np.fromiter(differs, bool, len(dated)).cumsum(), -1)
    return ranks[rows_of(dated, photos)]


def _folders(paths: Iterable[str]) -> tuple[Ids, tuple[str, ...]]:
    """Return the index (N,) of each path's folder among the distinct ones, and these."""
    code_of: dict[str, int] = {}
    code = code_of.setdefault
    if os.sep == "/":  # as `split_path` does, inline: a third of the time
        codes = [code(path[: max(path.rfind("/"), 0)], len(code_of)) for path in paths]
    else:
        codes = [code(split_path(path)[0], len(code_of)) for path in paths]
    return np.array(codes, np.int64), tuple(code_of)


def dated_files(database: LibraryDatabase) -> DatedFiles:
    """Return the shown photo files that have a date; the time of the file is none."""
    files, photos, paths = _shown_files(database)
    query = "SELECT id, taken_at FROM photos WHERE taken_at IS NOT NULL AND taken_from IS NOT 'file'"
    (dated,), dates = database.scan_ids_and_text(("id",), "taken_at", query)
    date_of = rows_of(dated, photos)
    rows = np.flatnonzero(date_of >= 0)
    all_paths, all_dates = list(paths), list(dates)
    return DatedFiles(
        files[rows],
        photos[rows],
        [all_paths[row] for row in rows.tolist()],
        [all_dates[row] for row in date_of[rows].tolist()],
    )


def _shown_files(database: LibraryDatabase) -> tuple[Ids, Ids, Iterator[str]]:
    """Return the ids of all shown photo files, those of their photos, and their paths."""
    query = f"SELECT id, photo_id, path FROM files WHERE photo_id IS NOT NULL AND {IS_SHOWN}"  # noqa: S608
    (files, photos), paths = database.scan_ids_and_text(("id", "photo_id"), "path", query)
    return files, photos, paths
