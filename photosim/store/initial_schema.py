"""Tables of the library's first release. Libraries in use have them: change them by a migration alone."""

from __future__ import annotations

from sqlite_utils import Database

LABELS_TRIGGER = (
    "CREATE TRIGGER delete_labels_with_embedding AFTER DELETE ON embeddings BEGIN "
    "DELETE FROM labelled_photos WHERE model = OLD.model AND photo_id = OLD.photo_id; "
    "DELETE FROM photo_labels WHERE photo_id = OLD.photo_id "
    "AND label_id IN (SELECT id FROM labels WHERE model = OLD.model); END"
)
"""Deletes a model's labels of a photo with its embedding."""


def create_tables(db: Database) -> None:
    """Create all tables of the first release."""
    _create_sources(db)
    _create_photos_and_files(db)
    _create_embeddings(db)
    _create_clusters(db)
    _create_labels(db)


def _create_sources(db: Database) -> None:
    """Create the table of added folders.

    `volume` identifies the drive, `volume_path` is the folder's path on it; both are NULL while unknown.
    """
    db.execute(
        """
        CREATE TABLE sources (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            path TEXT NOT NULL UNIQUE,
            added_at TEXT NOT NULL,
            volume TEXT,
            volume_path TEXT,
            watched INTEGER NOT NULL DEFAULT 1 CHECK (watched IN (0, 1)),
            video_count INTEGER NOT NULL DEFAULT 0
        )
        """
    )


def _create_photos_and_files(db: Database) -> None:
    """Create the tables of photos (contents, by digest) and of the files that hold them.

    `photos.format`: empty if a repair could not recover the photo's facts; the next indexing reads them again.
    `files.missing`: 0 present, 1 not found and the user has not decided yet, 2 not found and kept by the user.
    `files.primary_id`: of a RAW file, the JPEG or HEIC file of the same shot that is shown in its place.
    `parked_files`: files that the user trashed or moved out of the library, until that cannot be undone any more.
    """
    # AUTOINCREMENT: the neighbour index may still know the id of a deleted photo, so ids are never reused.
    db.execute(
        """
        CREATE TABLE photos (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
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
            focal_length REAL
        )
        """
    )
    db.execute("CREATE INDEX photos_by_date ON photos(taken_at)")
    db.execute("CREATE INDEX photos_without_facts ON photos(id) WHERE format = ''")
    db.execute(
        """
        CREATE TABLE files (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
            path TEXT NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            photo_id INTEGER REFERENCES photos(id),
            reason TEXT,
            missing INTEGER NOT NULL DEFAULT 0 CHECK (missing IN (0, 1, 2)),
            primary_id INTEGER REFERENCES files(id) ON DELETE SET NULL,
            CHECK ((photo_id IS NULL) <> (reason IS NULL))
        )
        """
    )
    # Covers the photo counts of all sources, which a window shows first.
    db.execute("CREATE INDEX files_by_source ON files(source_id, primary_id, photo_id)")
    db.execute("CREATE INDEX files_by_photo ON files(photo_id)")
    db.execute("CREATE INDEX files_by_primary ON files(primary_id) WHERE primary_id IS NOT NULL")
    db.execute("CREATE INDEX files_missing ON files(source_id, missing) WHERE missing > 0")
    db.execute("CREATE INDEX files_unreadable ON files(path) WHERE reason IS NOT NULL")
    db.execute(
        """
        CREATE TABLE parked_files (
            id INTEGER PRIMARY KEY,
            source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
            path TEXT NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE
        )
        """
    )
    db.execute("CREATE INDEX parked_files_by_photo ON parked_files(photo_id)")
    db.execute("CREATE INDEX parked_files_by_source ON parked_files(source_id)")


def _create_embeddings(db: Database) -> None:
    """Create the table of embeddings: for each photo and model a unit vector as little-endian float16.

    `checksum` covers the whole row: SQLite would not notice a damaged byte.
    """
    db.execute(
        """
        CREATE TABLE embeddings (
            photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
            model TEXT NOT NULL,
            vector BLOB NOT NULL,
            checksum INTEGER NOT NULL
        )
        """
    )
    db.execute("CREATE UNIQUE INDEX embeddings_by_model ON embeddings(model, photo_id)")
    # Without this index, deleting a photo would scan the whole table for its embeddings.
    db.execute("CREATE INDEX embeddings_by_photo ON embeddings(photo_id)")


def _create_clusters(db: Database) -> None:
    """Create the tables of computed clusters, which are a cache, and of the user's edits to clusters, which are not.

    `clusterings.fingerprint` identifies the set of photos that a model's clusters were computed from.
    `cluster_levels.clusters`: little-endian int64, the number of clusters, their sizes, then the photo ids of all.
    `user_cluster_photos.excluded`: 1 for a photo that the user removed from the cluster. The table has row ids, since
    otherwise a repair could not tell its rows from those of an index.
    """
    db.execute(
        "CREATE TABLE clusterings (model TEXT NOT NULL PRIMARY KEY, fingerprint TEXT NOT NULL) WITHOUT ROWID"
    )
    db.execute(
        """
        CREATE TABLE cluster_levels (
            model TEXT NOT NULL REFERENCES clusterings(model) ON DELETE CASCADE,
            level INTEGER NOT NULL,
            clusters BLOB NOT NULL,
            checksum INTEGER NOT NULL,
            UNIQUE (model, level)
        )
        """
    )
    db.execute(
        """
        CREATE TABLE user_clusters (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT,
            hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1))
        )
        """
    )
    db.execute(
        """
        CREATE TABLE user_cluster_photos (
            cluster_id INTEGER NOT NULL REFERENCES user_clusters(id) ON DELETE CASCADE,
            photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
            excluded INTEGER NOT NULL DEFAULT 0 CHECK (excluded IN (0, 1)),
            UNIQUE (cluster_id, photo_id)
        )
        """
    )
    db.execute("CREATE INDEX user_cluster_photos_by_photo ON user_cluster_photos(photo_id)")


def _create_labels(db: Database) -> None:
    """Create the tables of each model's labels, their photos, and the photos labelled so far, perhaps without a label."""
    db.execute(
        "CREATE TABLE labels (id INTEGER PRIMARY KEY, model TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (model, name))"
    )
    db.execute(
        """
        CREATE TABLE photo_labels (
            label_id INTEGER NOT NULL REFERENCES labels(id) ON DELETE CASCADE,
            photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
            score REAL NOT NULL,
            PRIMARY KEY (label_id, photo_id)
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX photo_labels_by_photo ON photo_labels(photo_id)")
    db.execute(
        """
        CREATE TABLE labelled_photos (
            model TEXT NOT NULL,
            photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
            PRIMARY KEY (model, photo_id)
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX labelled_photos_by_photo ON labelled_photos(photo_id)")
    # Embedding and labels are the results of one run of the model, and are deleted together.
    db.execute(LABELS_TRIGGER)
