"""The library's catalogue: the folders that were added, their files, and the photos that the files hold."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlite_utils import Database

from photosim.files.fspaths import is_inside
from photosim.records import FileEntry, FileStamp, Label, Photo, PhotoFacts, Source, UnreadableFile
from photosim.store import labels, migrations
from photosim.store import rows as photo_rows
from photosim.store.database import LibraryDatabase
from photosim.store.file_moves import FileMoves
from photosim.store.known_files import KnownFiles, file_ids_of, load_known_files, path_range
from photosim.store.missing import MissingFiles
from photosim.store.raw_pairs import IS_SHOWN, RawPairs
from photosim.store.sources import SourceTable

FILE_NAME = "library.db"
_PHOTOS = f"SELECT {photo_rows.PHOTO_COLUMNS} FROM files JOIN photos ON photos.id = files.photo_id"  # noqa: S608
_CHUNK = 500  # ids in one statement: SQLite allows 999 in its oldest builds


@dataclass(frozen=True, slots=True)
class FileRecord:
    """The outcome of reading one file: a photo, with its embedding when that is new, or a reason.

    `vector` is little-endian float16 bytes of a unit vector. `facts` is None for a photo already known by its
    `digest`. `labels` is what the model names in it, None when it was not asked.
    """

    entry: FileEntry
    digest: bytes | None = None
    facts: PhotoFacts | None = None
    vector: bytes | None = None
    labels: tuple[Label, ...] | None = None
    reason: str | None = None


class Catalog:
    """The tables `sources`, `files` and `photos`, and the embeddings that belong to the photos."""

    def __init__(self, folder: Path) -> None:
        self.database = LibraryDatabase(folder / FILE_NAME, migrations.library)
        self.missing_files = MissingFiles(self.database)
        self.source_table = SourceTable(self.database)
        self.raw_pairs = RawPairs(self.database)
        self.file_moves = FileMoves(self.database)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    # --- sources -----------------------------------------------------------------------------------------

    def sources(self) -> list[Source]:
        """The folders that were added, by path, with how many readable photos each holds."""
        rows = self.database.rows(
            f"""
            SELECT path, watched,
                (SELECT COUNT(photo_id) FROM files WHERE source_id = sources.id AND {IS_SHOWN}),
                (SELECT COUNT(*) FROM files WHERE source_id = sources.id AND missing = 1 AND missing > 0),
                (SELECT COUNT(*) FROM files WHERE source_id = sources.id AND missing = 2 AND missing > 0)
            FROM sources ORDER BY path
            """  # noqa: S608
        )
        return [
            Source(path, photos, Path(path).is_dir(), missing, kept, bool(watched))
            for path, watched, photos, missing, kept in rows
        ]

    def source_of(self, folder: str) -> str | None:
        """The source that is or contains `folder`, or None."""
        for (path,) in self.database.rows("SELECT path FROM sources"):
            if is_inside(folder, path):
                return str(path)
        return None

    def add_source(self, folder: str) -> None:
        """Add a folder; it takes over the files of added folders that lie inside it."""
        with self.database.transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO sources (path, added_at) VALUES (CAST(? AS TEXT), ?)",
                (os.fsencode(folder), datetime.now(UTC).isoformat(timespec="seconds")),
            )
            below = "path >= CAST(? AS TEXT) AND path < CAST(? AS TEXT)"
            db.execute(
                f"UPDATE files SET source_id = (SELECT id FROM sources WHERE path = CAST(? AS TEXT)) WHERE {below}",  # noqa: S608
                (os.fsencode(folder), *path_range(folder)),
            )
            db.execute(f"DELETE FROM sources WHERE {below}", path_range(folder))  # noqa: S608

    def set_video_count(self, source: str, videos: int) -> None:
        """Keep how many videos lie in a source."""
        with self.database.transaction() as db:
            db.execute(
                "UPDATE sources SET video_count = ? WHERE path = CAST(? AS TEXT)",
                (videos, os.fsencode(source)),
            )

    def video_count(self) -> int:
        """How many videos lie in the sources, left alone."""
        return int(self.database.value("SELECT COALESCE(SUM(video_count), 0) FROM sources"))

    def remove_source(self, folder: str) -> None:
        """Forget a folder, its files, and the photos that no other file holds."""
        with self.database.transaction() as db:
            db.execute("DELETE FROM sources WHERE path = CAST(? AS TEXT)", (os.fsencode(folder),))

    # --- files -------------------------------------------------------------------------------------------

    def known_files(self, folder: str, unfinished: Collection[int] = ()) -> KnownFiles:
        """The files at or below a folder, to be compared with what a scan finds; see `unfinished_photos`."""
        return load_known_files(self.database, folder, unfinished)

    def file_ids_of(self, folder: str, files: Collection[FileStamp]) -> dict[str, int]:
        """The ids by path of files below a folder that are still remembered as they are given, and not missing."""
        return file_ids_of(self.database, folder, files)

    def photo_counts(self, model: str) -> tuple[int, int]:
        """How many photos are shown, and how many of these have an embedding."""
        [counts] = self.database.rows(
            f"""
            SELECT COUNT(*), COUNT(embeddings.photo_id) FROM files
            LEFT JOIN embeddings ON embeddings.model = ? AND embeddings.photo_id = files.photo_id
            WHERE files.photo_id IS NOT NULL AND {IS_SHOWN}
            """,  # noqa: S608
            (model,),
        )
        return counts[0], counts[1]

    def has_embedding(self, digest: bytes, model: str) -> bool:
        """Whether the photo with these bytes is known and embedded, so that it need not be decoded."""
        sql = """
            SELECT 1 FROM photos JOIN embeddings ON embeddings.photo_id = photos.id
            WHERE digest = ? AND model = ?
        """
        return self.database.value(sql, (digest, model)) is not None

    def save(self, source: str, records: Sequence[FileRecord], model: str) -> list[int]:
        """Keep what was read, in one transaction; returns the file ids of the readable ones, in order."""
        added = []
        with self.database.transaction() as db:
            sql = "SELECT id FROM sources WHERE path = CAST(? AS TEXT)"
            source_id = db.execute(sql, (os.fsencode(source),)).fetchone()[0]
            for reading in records:
                photo_id = _record_photo(db, reading, model) if reading.digest is not None else None
                file_id = _record_file(db, source_id, reading, photo_id)
                if photo_id is not None:
                    added.append(file_id)
        return added

    def delete_orphans(self) -> list[bytes]:
        """Forget the photos that no file holds any more, nor one set aside; returns their digests."""
        orphan = """
            NOT EXISTS (SELECT 1 FROM files WHERE files.photo_id = photos.id)
            AND NOT EXISTS (SELECT 1 FROM parked_files WHERE parked_files.photo_id = photos.id)
        """
        with self.database.transaction() as db:
            digests = [row[0] for row in db.execute(f"SELECT digest FROM photos WHERE {orphan}")]  # noqa: S608
            db.execute(f"DELETE FROM photos WHERE {orphan}")  # noqa: S608
        return digests

    # --- photos ------------------------------------------------------------------------------------------

    def photos(self, source: str | None = None) -> list[Photo]:
        """The photos, of one source or of all, by path; of the files of one shot the one that stands for it."""
        copies = self.file_moves.copy_counts()
        if source is None:
            everything = self.database.scan_rows(f"{_PHOTOS} WHERE {IS_SHOWN} ORDER BY path")
            return photo_rows.rows_to_photos(everything, copies)
        sql = f"{_PHOTOS} JOIN sources ON sources.id = source_id WHERE sources.path = CAST(? AS TEXT) AND {IS_SHOWN}"
        rows = self.database.scan_rows(f"{sql} ORDER BY files.path", (os.fsencode(source),))
        return photo_rows.rows_to_photos(rows, copies)

    def newest_photos(self, count: int) -> list[Photo]:
        """The photos that were taken last, newest first; those without a date are left out."""
        # "CROSS" has SQLite go along the index of dates.
        sql = (
            f"SELECT {photo_rows.PHOTO_COLUMNS} FROM photos CROSS JOIN files ON files.photo_id = photos.id"  # noqa: S608
            f" WHERE {IS_SHOWN} AND taken_at IS NOT NULL ORDER BY taken_at DESC LIMIT ?"
        )
        rows = self.database.rows(sql, (count,))
        return photo_rows.rows_to_photos(rows, self.file_moves.copy_counts([row[1] for row in rows]))

    def photo_and_file_ids(self) -> npt.NDArray[np.int64]:
        """Photo id and file id (N, 2) of what `photos` gives, in its order."""
        sql = f"SELECT photo_id, id FROM files WHERE photo_id IS NOT NULL AND {IS_SHOWN} ORDER BY path"  # noqa: S608
        return np.array(self.database.scan_rows(sql), np.int64).reshape(-1, 2)

    def paths_of(self, file_ids: Sequence[int]) -> dict[int, str]:
        """The paths of these files, by file id; those that are gone are left out."""
        return dict(self._of_files("id, path", file_ids))

    def photo_ids_of(self, file_ids: Sequence[int]) -> list[int]:
        """The photos that these files hold, in their order, each once."""
        photos = dict(self._of_files("id, photo_id", file_ids))
        found = (photos.get(file_id) for file_id in file_ids)
        return list(dict.fromkeys(photo_id for photo_id in found if photo_id is not None))

    def photos_by_id(self, file_ids: Sequence[int]) -> list[Photo]:
        """These photo files in this order; those that are gone are left out."""
        found = {photo.file_id: photo for photo in self._photos_where("files.id", file_ids)}
        return [found[file_id] for file_id in file_ids if file_id in found]

    def files_by_photo(self, photo_ids: Sequence[int]) -> dict[int, list[Photo]]:
        """The files that hold these photos and are shown, by photo id, each list by path."""
        found: dict[int, list[Photo]] = {}
        for photo in self._photos_where("files.photo_id", photo_ids):
            if photo.primary_id is not None:
                continue
            found.setdefault(photo.photo_id, []).append(photo)
        return found

    def find(self, path: str) -> Photo | None:
        """The photo file at `path`, or None."""
        rows = self.database.rows(f"{_PHOTOS} WHERE files.path = CAST(? AS TEXT)", (os.fsencode(path),))
        return photo_rows.rows_to_photos(rows, self.file_moves.copy_counts([rows[0][1]]))[0] if rows else None

    def digest(self, photo_id: int) -> bytes | None:
        """The digest of a photo, or None when it is gone."""
        digest = self.database.value("SELECT digest FROM photos WHERE id = ?", (photo_id,))
        return None if digest is None else bytes(digest)

    def digests(self, photo_ids: Sequence[int]) -> dict[int, bytes]:
        """The digests of these photos, by photo id; those that are gone are left out."""
        marks = ",".join("?" * len(photo_ids))
        rows = self.database.rows(f"SELECT id, digest FROM photos WHERE id IN ({marks})", map(int, photo_ids))  # noqa: S608
        return {photo_id: bytes(digest) for photo_id, digest in rows}

    def unreadable(self) -> list[UnreadableFile]:
        """The files that could not be read, by path."""
        rows = self.database.rows("SELECT path, reason FROM files WHERE reason IS NOT NULL ORDER BY path")
        return [UnreadableFile(path, reason) for path, reason in rows]

    def _of_files(self, columns: str, file_ids: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(file_ids), _CHUNK):
            chunk = file_ids[start : start + _CHUNK]
            sql = f"SELECT {columns} FROM files WHERE id IN ({','.join('?' * len(chunk))})"  # noqa: S608
            yield from self.database.rows(sql, map(int, chunk))

    def _photos_where(self, column: str, ids: Sequence[int]) -> list[Photo]:
        photos: list[Photo] = []
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            sql = f"{_PHOTOS} WHERE {column} IN ({','.join('?' * len(chunk))}) ORDER BY path"
            rows = self.database.rows(sql, map(int, chunk))
            copies = self.file_moves.copy_counts([row[1] for row in rows])
            photos += photo_rows.rows_to_photos(rows, copies)
        return photos


def _record_photo(db: Database, reading: FileRecord, model: str) -> int:
    facts = reading.facts
    if facts is not None:
        db.execute(
            """
            INSERT INTO photos (digest, width, height, format, taken_at, camera, lens, latitude, longitude,
                iso, aperture, exposure, focal_length)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING
            """,
            (
                *(reading.digest, facts.width, facts.height, facts.format, facts.taken_at),
                *(facts.camera, facts.lens, facts.latitude, facts.longitude),
                *(facts.iso, facts.aperture, facts.exposure, facts.focal_length),
            ),
        )
    photo_id = int(db.execute("SELECT id FROM photos WHERE digest = ?", (reading.digest,)).fetchone()[0])
    if reading.vector is not None:
        sql = "INSERT INTO embeddings (photo_id, model, vector) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        db.execute(sql, (photo_id, model, reading.vector))
    if reading.labels is not None:
        labels.save_labels(db, model, photo_id, reading.labels)
    return photo_id


def _record_file(db: Database, source_id: int, reading: FileRecord, photo_id: int | None) -> int:
    entry = reading.entry
    row = db.execute(
        """
        INSERT INTO files (source_id, path, size, mtime_ns, photo_id, reason)
        VALUES (?, CAST(? AS TEXT), ?, ?, ?, ?)
        ON CONFLICT (path) DO UPDATE SET source_id = excluded.source_id, size = excluded.size,
            mtime_ns = excluded.mtime_ns, photo_id = excluded.photo_id, reason = excluded.reason, missing = 0,
            primary_id = NULL
        RETURNING id
        """,
        (source_id, os.fsencode(entry.path), entry.size, entry.mtime_ns, photo_id, reading.reason),
    ).fetchone()
    return int(row[0])
