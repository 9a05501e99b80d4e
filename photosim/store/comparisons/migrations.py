"""Schema of the file of comparisons, as migrations that each run in a transaction of their own."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

comparisons = Migrations("comparisons")


@comparisons()
def m001_comparisons(db: Database) -> None:
    """Create the tables of folders that were compared with the library or with each other; all of them are a cache.

    `compared_files`: the files read so far, which need not be read again while they are unchanged.
    `compared_photos`: their contents. `thumbnail` and `vector` are packed by `store.thumbnails`; `thumbnail` is NULL for a
    photo of the library, which has one there.
    `comparisons.other`: the folder compared with, empty for the library. `fingerprint` identifies what the result depends on.
    `comparison_results`: `raw_paths` are separated by null characters, `reasons` by commas.
    """
    db.execute(
        """
        CREATE TABLE compared_files (
            path TEXT NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            digest BLOB,
            reason TEXT,
            CHECK ((digest IS NULL) <> (reason IS NULL))
        )
        """
    )
    db.execute(
        """
        CREATE TABLE compared_photos (
            digest BLOB NOT NULL UNIQUE,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            format TEXT NOT NULL,
            taken_at TEXT,
            camera TEXT,
            lens TEXT,
            latitude REAL,
            longitude REAL,
            iso INTEGER,
            aperture REAL,
            exposure REAL,
            focal_length REAL,
            taken_from TEXT,
            thumbnail BLOB
        )
        """
    )
    db.execute(
        """
        CREATE TABLE compared_vectors (
            digest BLOB NOT NULL,
            model TEXT NOT NULL,
            vector BLOB NOT NULL,
            UNIQUE (digest, model)
        )
        """
    )
    db.execute(
        """
        CREATE TABLE comparisons (
            id INTEGER PRIMARY KEY,
            folder TEXT NOT NULL,
            other TEXT NOT NULL,
            compared_at TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            video_count INTEGER NOT NULL,
            unanalyzed INTEGER NOT NULL,
            UNIQUE (folder, other)
        )
        """
    )
    db.execute(
        """
        CREATE TABLE comparison_results (
            comparison_id INTEGER NOT NULL REFERENCES comparisons(id) ON DELETE CASCADE,
            path TEXT NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            digest BLOB NOT NULL,
            raw_paths TEXT,
            state TEXT NOT NULL,
            match_path TEXT,
            match_digest BLOB,
            similarity REAL NOT NULL,
            confidence REAL NOT NULL,
            is_identical INTEGER NOT NULL,
            reasons TEXT NOT NULL,
            relation BLOB,
            UNIQUE (comparison_id, path)
        )
        """
    )
    db.execute(
        """
        CREATE TABLE comparison_failures (
            comparison_id INTEGER NOT NULL REFERENCES comparisons(id) ON DELETE CASCADE,
            path TEXT NOT NULL,
            reason TEXT NOT NULL,
            UNIQUE (comparison_id, path)
        )
        """
    )
