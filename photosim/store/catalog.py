"""The catalog of a library: added folders, their files, and the photos that the files hold."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlite_utils import Database

from photosim.files.fspaths import is_inside
from photosim.paths import is_folder
from photosim.records import (
    EmbeddedObject,
    FileEntry,
    FileStamp,
    Label,
    Photo,
    PhotoFacts,
    Source,
    UnreadableFile,
)
from photosim.store import labels, migrations, objects
from photosim.store.database import JSON_IDS, LibraryDatabase, json_ids
from photosim.store.embeddings import checksum
from photosim.store.files.file_moves import FileMoves
from photosim.store.files.known_files import KnownFiles, file_ids_of, load_known_files, path_range
from photosim.store.files.missing import MissingFiles
from photosim.store.files.raw_pairs import IS_SHOWN, RawPairs
from photosim.store.files.sources import SourceTable
from photosim.store.files.unlisted import UnlistedFolders
from photosim.store.rows import PHOTO_COLUMNS, READ_ROWS, SELECT_PHOTOS, rows_to_photos, rows_where

FILE_NAME = "library.db"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What to save of one file: a photo, with its embedding if that is new, or the `reason` why it is unreadable.

    `facts` is None for a photo already known by its `digest`. `vector` is made by `pack_vector`. `labels` is None if
    the model did not label the photo, `objects` if it did not look for them.
    """

    entry: FileEntry
    digest: bytes | None = None
    facts: PhotoFacts | None = None
    vector: bytes | None = None
    labels: tuple[Label, ...] | None = None
    objects: tuple[EmbeddedObject, ...] | None = None
    reason: str | None = None


class Catalog:
    """The tables `sources`, `files` and `photos`, and access to the tables about files."""

    def __init__(self, folder: Path) -> None:
        self.database = LibraryDatabase(folder / FILE_NAME, migrations.library)
        self.missing_files = MissingFiles(self.database)
        self.source_table = SourceTable(self.database)
        self.raw_pairs = RawPairs(self.database)
        self.file_moves = FileMoves(self.database)
        self.unlisted = UnlistedFolders(self.database)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def sources(self) -> list[Source]:
        """Return the added folders by path, with their numbers of readable and missing photos."""
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
            Source(path, photos, is_folder(path), missing, kept, bool(watched))
            for path, watched, photos, missing, kept in rows
        ]

    def source_of(self, folder: str) -> str | None:
        """Return the source that is or contains `folder`, or None."""
        for (path,) in self.database.rows("SELECT path FROM sources"):
            if is_inside(folder, path):
                return str(path)
        return None

    def add_source(self, folder: str) -> None:
        """Add a folder; added folders inside it are merged into it with their files."""
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
        """Save the number of videos in a source."""
        with self.database.transaction(bump_revision=False) as db:
            db.execute(
                "UPDATE sources SET video_count = ? WHERE path = CAST(? AS TEXT)",
                (videos, os.fsencode(source)),
            )

    def video_count(self) -> int:
        """Return the number of videos in all sources."""
        return sum(count for (count,) in self.database.rows("SELECT video_count FROM sources"))

    def remove_source(self, folder: str) -> None:
        """Remove a source and its files; photos that no other file holds become orphans."""
        with self.database.transaction() as db:
            db.execute("DELETE FROM sources WHERE path = CAST(? AS TEXT)", (os.fsencode(folder),))

    def known_files(self, folder: str, incomplete: Collection[int] = ()) -> KnownFiles:
        """Return the known files in a folder, to compare with a scan; those of `incomplete` photos count as changed."""
        return load_known_files(self.database, folder, incomplete)

    def file_ids_of(self, folder: str, files: Collection[FileStamp]) -> dict[str, int]:
        """Return the ids, by path, of those of these files in a folder whose stamps are unchanged in the database."""
        return file_ids_of(self.database, folder, files)

    def photo_counts(self, model: str) -> tuple[int, int]:
        """Return the number of shown photos, and how many of them are embedded."""
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
        """Check whether the photo with this digest is embedded already, and its facts were not lost."""
        sql = """
            SELECT 1 FROM photos JOIN embeddings ON embeddings.photo_id = photos.id
            WHERE digest = ? AND model = ? AND format <> ''
        """
        return self.database.value(sql, (digest, model)) is not None

    def save(self, source: str, records: Sequence[FileRecord], model: str) -> list[int]:
        """Save these files, in one transaction; returns the file ids of the readable ones, in order."""
        added = []
        with self.database.transaction() as db:
            sql = "SELECT id FROM sources WHERE path = CAST(? AS TEXT)"
            source_id = db.execute(sql, (os.fsencode(source),)).fetchone()[0]
            for record in records:
                photo_id = _save_photo(db, record, model) if record.digest is not None else None
                file_id = _save_file(db, source_id, record, photo_id)
                if photo_id is not None:
                    added.append(file_id)
        return added

    def delete_orphans(self) -> list[bytes]:
        """Delete the photos that neither a file nor a parked file holds; returns their digests."""
        orphan = """
            NOT EXISTS (SELECT 1 FROM files WHERE files.photo_id = photos.id)
            AND NOT EXISTS (SELECT 1 FROM parked_files WHERE parked_files.photo_id = photos.id)
        """
        with self.database.transaction() as db:
            digests = [row[0] for row in self.database.rows(f"SELECT digest FROM photos WHERE {orphan}")]  # noqa: S608
            db.execute(f"DELETE FROM photos WHERE {orphan}")  # noqa: S608
        return digests

    def photos(self, folder: str | None = None) -> list[Photo]:
        """Return the shown photos, of a folder with those below it or of all, by path."""
        copies = self.file_moves.copy_counts()
        if folder is None:
            everything = self.database.scan_rows(f"{SELECT_PHOTOS} WHERE {IS_SHOWN} ORDER BY path")
            return rows_to_photos(everything, copies)
        inside = "files.path >= CAST(? AS TEXT) AND files.path < CAST(? AS TEXT)"
        sql = f"{SELECT_PHOTOS} WHERE {inside} AND {IS_SHOWN} ORDER BY files.path"
        return rows_to_photos(self.database.scan_rows(sql, path_range(folder)), copies)

    def folder_counts(self) -> dict[str, int]:
        """Return the number of shown photos directly in each folder, by path; folders without any are left out."""
        sql = f"SELECT path FROM files WHERE photo_id IS NOT NULL AND {IS_SHOWN}"  # noqa: S608
        folders = [path[: path.rfind(os.sep)] or os.sep for (path,) in self.database.scan_rows(sql)]
        return dict(Counter(folders))

    def newest_photos(self, count: int) -> list[Photo]:
        """Return the photos taken last, newest first and then by path, leaving out those without a date."""
        # CROSS JOIN makes SQLite use the index of dates.
        sql = (
            f"SELECT {PHOTO_COLUMNS} FROM photos CROSS JOIN files ON files.photo_id = photos.id"  # noqa: S608
            f" WHERE {IS_SHOWN} AND taken_at IS NOT NULL ORDER BY taken_at DESC, path LIMIT ?"
        )
        rows = self.database.rows(sql, (count,))
        return rows_to_photos(rows, self.file_moves.copy_counts([row[1] for row in rows]))

    def photo_and_file_ids(self) -> npt.NDArray[np.int64]:
        """Return photo id and file id (N, 2) of all shown photos, in the order of `photos`."""
        sql = f"SELECT photo_id, id FROM files WHERE photo_id IS NOT NULL AND {IS_SHOWN} ORDER BY path"  # noqa: S608
        return np.stack(self.database.scan_ids(("photo_id", "id"), sql), axis=1)

    def paths_of(self, file_ids: Sequence[int]) -> dict[int, str]:
        """Return the paths of these files by file id, leaving out those that are gone."""
        return dict(self._of_files("id, path", file_ids))

    def photo_ids_of(self, file_ids: Sequence[int]) -> list[int]:
        """Return the ids of the photos that these files hold, in their order, each once."""
        photos = dict(self._of_files("id, photo_id", file_ids))
        found = (photos.get(file_id) for file_id in file_ids)
        return list(dict.fromkeys(photo_id for photo_id in found if photo_id is not None))

    def photos_by_id(self, file_ids: Sequence[int]) -> list[Photo]:
        """Return these photo files in this order, leaving out those that are gone."""
        found = {photo.file_id: photo for photo in self._photos_where("files.id", sorted(file_ids))}
        return [found[file_id] for file_id in file_ids if file_id in found]

    def files_by_photo(
        self, photo_ids: Sequence[int], copies: Mapping[int, int] | None = None
    ) -> dict[int, list[Photo]]:
        """Return the shown files of these photos by photo id, each list by path.

        `copies` is what `FileMoves.copy_counts` returned, if it was asked already.
        """
        found: dict[int, list[Photo]] = {}
        which = f"{IS_SHOWN} AND files.photo_id"
        for photo in self._photos_where(which, photo_ids, "ORDER BY path", copies):
            found.setdefault(photo.photo_id, []).append(photo)
        return found

    def find(self, path: str) -> Photo | None:
        """Return the photo file at `path`, or None."""
        rows = self.database.rows(f"{SELECT_PHOTOS} WHERE files.path = CAST(? AS TEXT)", (os.fsencode(path),))
        return rows_to_photos(rows, self.file_moves.copy_counts([rows[0][1]]))[0] if rows else None

    def digest(self, photo_id: int) -> bytes | None:
        """Return the digest of a photo, or None when it is gone."""
        digest = self.database.value("SELECT digest FROM photos WHERE id = ?", (photo_id,))
        return None if digest is None else bytes(digest)

    def photo_id(self, digest: bytes) -> int | None:
        """Return the id of the photo with a digest, or None when it is gone."""
        photo_id = self.database.value("SELECT id FROM photos WHERE digest = ?", (digest,))
        return None if photo_id is None else int(photo_id)

    def digests(self, photo_ids: Sequence[int]) -> dict[int, bytes]:
        """Return the digests of these photos by photo id, leaving out those that are gone."""
        digests = {}
        for start in range(0, len(photo_ids), READ_ROWS):
            chunk = json_ids(photo_ids[start : start + READ_ROWS])
            rows = self.database.rows(f"SELECT id, digest FROM photos WHERE id IN {JSON_IDS}", (chunk,))  # noqa: S608
            digests.update({photo_id: bytes(digest) for photo_id, digest in rows})
        return digests

    def unreadable(self) -> list[UnreadableFile]:
        """Return the files that could not be read, by path."""
        rows = self.database.rows("SELECT path, reason FROM files WHERE reason IS NOT NULL ORDER BY path")
        return [UnreadableFile(path, reason) for path, reason in rows]

    def _of_files(self, columns: str, file_ids: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(file_ids), READ_ROWS):
            chunk = json_ids(file_ids[start : start + READ_ROWS])
            yield from self.database.rows(f"SELECT {columns} FROM files WHERE id IN {JSON_IDS}", (chunk,))  # noqa: S608

    def _photos_where(
        self, column: str, ids: Sequence[int], order: str = "", copies: Mapping[int, int] | None = None
    ) -> list[Photo]:
        chunks = rows_where(self.database, column, ids, order, copies)
        return [photo for rows, counts in chunks for photo in rows_to_photos(rows, counts)]


def _save_photo(db: Database, record: FileRecord, model: str) -> int:
    facts = record.facts
    if facts is not None:
        db.execute(
            """
            INSERT INTO photos (digest, width, height, format, taken_at, camera, lens, latitude, longitude,
                iso, aperture, exposure, focal_length, taken_from)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (digest) DO UPDATE SET width = excluded.width, height = excluded.height,
                format = excluded.format, taken_at = excluded.taken_at, camera = excluded.camera,
                lens = excluded.lens, latitude = excluded.latitude, longitude = excluded.longitude,
                iso = excluded.iso, aperture = excluded.aperture, exposure = excluded.exposure,
                focal_length = excluded.focal_length, taken_from = excluded.taken_from WHERE format = ''
            """,
            (
                record.digest,
                facts.width,
                facts.height,
                facts.format,
                facts.taken_at,
                facts.camera,
                facts.lens,
                facts.latitude,
                facts.longitude,
                facts.iso,
                facts.aperture,
                facts.exposure,
                facts.focal_length,
                facts.taken_from,
            ),
        )
    photo_id = int(db.execute("SELECT id FROM photos WHERE digest = ?", (record.digest,)).fetchone()[0])
    if record.vector is not None:
        sql = "INSERT INTO embeddings VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        db.execute(sql, (photo_id, model, record.vector, checksum(photo_id, model, record.vector)))
    if record.labels is not None:
        labels.save_labels(db, model, photo_id, record.labels)
    if record.objects is not None:
        objects.save_objects(db, model, photo_id, record.objects)
    return photo_id


def _save_file(db: Database, source_id: int, record: FileRecord, photo_id: int | None) -> int:
    entry = record.entry
    row = db.execute(
        """
        INSERT INTO files (source_id, path, size, mtime_ns, photo_id, reason)
        VALUES (?, CAST(? AS TEXT), ?, ?, ?, ?)
        ON CONFLICT (path) DO UPDATE SET source_id = excluded.source_id, size = excluded.size,
            mtime_ns = excluded.mtime_ns, photo_id = excluded.photo_id, reason = excluded.reason, missing = 0,
            primary_id = NULL
        RETURNING id
        """,
        (source_id, os.fsencode(entry.path), entry.size, entry.mtime_ns, photo_id, record.reason),
    ).fetchone()
    return int(row[0])
