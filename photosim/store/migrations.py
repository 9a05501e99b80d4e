"""Schema of the library's three SQLite files, as migrations that each run in a transaction of their own.

To change the schema, append a function to the end: libraries in use have applied those above it already.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

library = Migrations("library")
thumbnails = Migrations("thumbnails")
comparisons = Migrations("comparisons")

LABELS_TRIGGER = (
    "CREATE TRIGGER delete_labels_with_embedding AFTER DELETE ON embeddings BEGIN "
    "DELETE FROM labelled_photos WHERE model = OLD.model AND photo_id = OLD.photo_id; "
    "DELETE FROM photo_labels WHERE photo_id = OLD.photo_id "
    "AND label_id IN (SELECT id FROM labels WHERE model = OLD.model); END"
)
"""Deletes a model's labels of a photo with its embedding."""

OBJECTS_TRIGGER = (
    "CREATE TRIGGER delete_objects_with_embedding AFTER DELETE ON embeddings BEGIN "
    "DELETE FROM detected_photos WHERE model = OLD.model AND photo_id = OLD.photo_id; "
    "DELETE FROM objects WHERE photo_id = OLD.photo_id "
    "AND label_id IN (SELECT id FROM labels WHERE model = OLD.model); END"
)
"""Deletes a model's objects in a photo with its embedding."""

TRIGGERS = frozenset({LABELS_TRIGGER, OBJECTS_TRIGGER})
"""The only triggers that a library may have; white space does not count."""


@library()
def m001_initial_schema(db: Database) -> None:
    """Create all tables of the first release."""
    _create_sources(db)
    _create_photos_and_files(db)
    _create_embeddings(db)
    _create_clusters(db)
    _create_labels(db)


@library()
def m002_date_sources(db: Database) -> None:
    """Store where the date of a photo was found; all dates of earlier releases are from its metadata."""
    db.execute("ALTER TABLE photos ADD COLUMN taken_from TEXT")
    db.execute("UPDATE photos SET taken_from = 'exif' WHERE taken_at IS NOT NULL")


@library()
def m003_duplicates(db: Database) -> None:
    """Create the tables of duplicates: the first three are caches, verdicts and reviews are the user's.

    `duplicate_checks.version`: of the method that compared the photo with others; `signature`: see `duplicates.signatures`.
    `duplicate_pairs`: `first_id` is below `second_id`; `relation` is packed by `store.duplicates`.
    `burst_links`: the shot before a shot of the same burst, NULL if it left the library since the bursts were found.
    `verdicts`: digests of two photos, `first` not above `second`, and equal for files with the same bytes, of which
    `copies` were kept. They refer to no photo, so that they survive that the photo leaves the library.
    `duplicate_reviews`: whether a file of a group stays, and the stamp that the file had then.
    """
    db.execute(
        """
        CREATE TABLE duplicate_checks (
            photo_id INTEGER PRIMARY KEY REFERENCES photos(id) ON DELETE CASCADE,
            version INTEGER NOT NULL,
            sharpness REAL,
            signature BLOB
        )
        """
    )
    db.execute(
        """
        CREATE TABLE duplicate_pairs (
            first_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
            second_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
            confidence REAL NOT NULL,
            relation BLOB,
            version INTEGER NOT NULL,
            UNIQUE (first_id, second_id),
            CHECK (first_id < second_id)
        )
        """
    )
    db.execute("CREATE INDEX duplicate_pairs_by_second ON duplicate_pairs(second_id)")
    db.execute(
        """
        CREATE TABLE burst_links (
            photo_id INTEGER PRIMARY KEY REFERENCES photos(id) ON DELETE CASCADE,
            previous_id INTEGER REFERENCES photos(id) ON DELETE SET NULL
        )
        """
    )
    db.execute("CREATE INDEX burst_links_by_previous ON burst_links(previous_id)")
    db.execute(
        """
        CREATE TABLE verdicts (
            first BLOB NOT NULL CHECK (LENGTH(first) = 16),
            second BLOB NOT NULL CHECK (LENGTH(second) = 16),
            verdict TEXT NOT NULL CHECK (verdict IN ('same', 'kept', 'different')),
            confidence REAL CHECK (confidence BETWEEN 0 AND 1),
            copies INTEGER CHECK (copies > 0),
            decided_at TEXT NOT NULL,
            UNIQUE (first, second),
            CHECK (first <= second)
        )
        """
    )
    db.execute(
        """
        CREATE TABLE duplicate_reviews (
            file_id INTEGER NOT NULL REFERENCES files(id) ON DELETE CASCADE,
            group_key TEXT NOT NULL,
            keep INTEGER NOT NULL CHECK (keep IN (0, 1)),
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            UNIQUE (file_id, group_key)
        )
        """
    )


@library()
def m004_objects(db: Database) -> None:
    """Create the tables of the objects that a model found in photos, and of the photos searched for objects so far.

    `objects.label_id` tells the model too. `box`: x, y, width and height, packed by `store.objects`; `vector`: a unit
    vector as little-endian float16; `checksum` covers the whole row. AUTOINCREMENT: as of photos.
    `detected_photos.closer`: whether the photo was read at the larger input; `objects`: how many were found.
    """
    db.execute(
        """
        CREATE TABLE objects (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
            label_id INTEGER NOT NULL REFERENCES labels(id) ON DELETE CASCADE,
            score REAL NOT NULL,
            box BLOB NOT NULL,
            vector BLOB NOT NULL,
            checksum INTEGER NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX objects_by_photo ON objects(photo_id)")
    # With the boxes, so that what stands where in all photos is read without the vectors.
    db.execute("CREATE INDEX objects_by_label ON objects(label_id, photo_id, box)")
    db.execute(
        """
        CREATE TABLE detected_photos (
            photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
            model TEXT NOT NULL,
            closer INTEGER NOT NULL CHECK (closer IN (0, 1)),
            objects INTEGER NOT NULL,
            UNIQUE (model, photo_id)
        )
        """
    )
    db.execute("CREATE INDEX detected_photos_by_photo ON detected_photos(photo_id)")
    db.execute(OBJECTS_TRIGGER)


@library()
def m005_collections(db: Database) -> None:
    """Create the tables of collections, which are the user's.

    `collections.search`: a kept search as JSON, NULL for a collection of photos that the user chose; `created_at` in
    seconds since 1970. `collection_photos` refers to no photo, so that a photo that leaves the library and comes back is
    in its collections again.
    """
    db.execute(
        """
        CREATE TABLE collections (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            search TEXT,
            created_at INTEGER NOT NULL
        )
        """
    )
    db.execute(
        """
        CREATE TABLE collection_photos (
            collection_id INTEGER NOT NULL REFERENCES collections(id) ON DELETE CASCADE,
            digest BLOB NOT NULL CHECK (LENGTH(digest) = 16),
            UNIQUE (collection_id, digest)
        )
        """
    )


@library()
def m006_maps(db: Database) -> None:
    """Create the table of maps, a cache; `fingerprint` identifies the photos that a map was laid out for.

    `unit`: length of the unit of the layout on the map. `positions`: little-endian uint32 ids of the photos, then x and y
    of each as uint16, 65535 for 1.
    """
    db.execute(
        """
        CREATE TABLE maps (
            model TEXT NOT NULL UNIQUE,
            fingerprint TEXT NOT NULL,
            unit REAL NOT NULL,
            positions BLOB NOT NULL,
            checksum INTEGER NOT NULL
        )
        """
    )


@library()
def m007_burst_subjects(db: Database) -> None:
    """Create the table of the sharpness of the subject in shots of a burst, a cache.

    Without rowid, so that a repair does not take its rows for those of `burst_links`.
    """
    db.execute(
        """
        CREATE TABLE burst_subjects (
            photo_id INTEGER PRIMARY KEY REFERENCES photos(id) ON DELETE CASCADE,
            sharpness REAL NOT NULL
        ) WITHOUT ROWID
        """
    )


@library()
def m008_unnamed_objects(db: Database) -> None:
    """Forget the objects of development versions, so that photos are searched for less certain ones too."""
    _forget_objects(db)


@library()
def m009_object_projection(db: Database) -> None:
    """Forget the objects of development versions: vectors of two projections are not comparable."""
    _forget_objects(db)


def _forget_objects(db: Database) -> None:
    """Delete all objects, so that photos are searched for them again, from thumbnails."""
    db.execute("DELETE FROM objects")
    db.execute("DELETE FROM detected_photos")


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


@thumbnails()
def m001_thumbnails(db: Database) -> None:
    """Create the table of JPEG thumbnails by the digest of the photo's bytes."""
    db.execute("CREATE TABLE thumbnails (digest BLOB PRIMARY KEY, jpeg BLOB NOT NULL)")


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
