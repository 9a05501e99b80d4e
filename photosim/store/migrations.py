"""Schema of the library and of its thumbnails, as migrations that each run in a transaction of their own.

To change the schema, append a function to the end: libraries in use have applied those above it already.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from photosim.store.initial_schema import LABELS_TRIGGER, create_tables

library = Migrations("library")
thumbnails = Migrations("thumbnails")

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
    create_tables(db)


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


@library()
def m010_cluster_facts(db: Database) -> None:
    """Create the table of what the names of clusters follow from, a cache, one row for each model.

    `version`: `LibraryDatabase.content_version` of what the facts are of; `fingerprint`: that of the clusters then.
    `facts`: see `store.cluster_facts`.
    """
    db.execute(
        """
        CREATE TABLE cluster_facts (
            model TEXT NOT NULL UNIQUE,
            version INTEGER NOT NULL,
            fingerprint TEXT NOT NULL,
            facts BLOB NOT NULL,
            checksum INTEGER NOT NULL
        )
        """
    )


def _forget_objects(db: Database) -> None:
    """Delete all objects, so that photos are searched for them again, from thumbnails."""
    db.execute("DELETE FROM objects")
    db.execute("DELETE FROM detected_photos")


@thumbnails()
def m001_thumbnails(db: Database) -> None:
    """Create the table of JPEG thumbnails by the digest of the photo's bytes."""
    db.execute("CREATE TABLE thumbnails (digest BLOB PRIMARY KEY, jpeg BLOB NOT NULL)")
