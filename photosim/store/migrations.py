"""The library's schema, as small named steps that each run in a transaction of their own."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

library = Migrations("library")
thumbnails = Migrations("thumbnails")


@library()
def m001_sources_files_photos(db: Database) -> None:
    """Folders that were added, files found in them, and the photos (contents) that the files hold."""
    db.execute(
        """
        CREATE TABLE sources (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            path TEXT NOT NULL UNIQUE,
            added_at TEXT NOT NULL
        )
        """
    )
    # AUTOINCREMENT: an id that the neighbour index once knew must never name another photo.
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
            longitude REAL
        )
        """
    )
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
            CHECK ((photo_id IS NULL) <> (reason IS NULL))
        )
        """
    )
    db.execute("CREATE INDEX files_by_source ON files(source_id)")
    db.execute("CREATE INDEX files_by_photo ON files(photo_id)")


@library()
def m002_embeddings(db: Database) -> None:
    """One embedding for each photo and model: a unit vector as little-endian float16."""
    db.execute(
        """
        CREATE TABLE embeddings (
            photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
            model TEXT NOT NULL,
            vector BLOB NOT NULL
        )
        """
    )
    db.execute("CREATE UNIQUE INDEX embeddings_by_model ON embeddings(model, photo_id)")
    # Without it, forgetting a photo would read the whole table to find its embeddings.
    db.execute("CREATE INDEX embeddings_by_photo ON embeddings(photo_id)")


@library()
def m003_clusters(db: Database) -> None:
    """The last clustering of each model, with the fingerprint of the photos that it was made from."""
    db.execute("CREATE TABLE clusterings (model TEXT PRIMARY KEY, fingerprint TEXT NOT NULL)")
    db.execute(
        """
        CREATE TABLE cluster_members (
            model TEXT NOT NULL REFERENCES clusterings(model) ON DELETE CASCADE,
            cluster INTEGER NOT NULL,
            place INTEGER NOT NULL,
            photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
            PRIMARY KEY (model, cluster, place)
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX cluster_members_by_photo ON cluster_members(photo_id)")


@library()
def m004_folders_that_come_and_go(db: Database) -> None:
    """Files that are missing (1: to be asked about, 2: kept on purpose); where a folder lies, and if it is watched."""
    db.execute("ALTER TABLE files ADD COLUMN missing INTEGER NOT NULL DEFAULT 0")
    db.execute("CREATE INDEX files_missing ON files(source_id, missing) WHERE missing > 0")
    db.execute("ALTER TABLE sources ADD COLUMN volume TEXT")
    db.execute("ALTER TABLE sources ADD COLUMN place TEXT")
    db.execute("ALTER TABLE sources ADD COLUMN watched INTEGER NOT NULL DEFAULT 1")


@library()
def m005_how_photos_were_exposed(db: Database) -> None:
    """Sensitivity, f-number, seconds and millimetres."""
    db.execute("ALTER TABLE photos ADD COLUMN iso INTEGER")
    for column in ("aperture", "exposure", "focal_length"):
        db.execute(f"ALTER TABLE photos ADD COLUMN {column} REAL")


@library()
def m006_shots_of_two_files(db: Database) -> None:
    """The file that stands for a RAW file of the same shot; how many videos lie in a folder, left alone."""
    db.execute("ALTER TABLE files ADD COLUMN shown_by INTEGER REFERENCES files(id) ON DELETE SET NULL")
    db.execute("CREATE INDEX files_shown_by ON files(shown_by) WHERE shown_by IS NOT NULL")
    db.execute("ALTER TABLE sources ADD COLUMN videos INTEGER NOT NULL DEFAULT 0")


@library()
def m007_cluster_levels(db: Database) -> None:
    """Clusterings of several levels, from few large to many small; the kept one is only a cache and made anew."""
    db.execute("DROP TABLE cluster_members")
    db.execute("DELETE FROM clusterings")
    db.execute(
        """
        CREATE TABLE cluster_members (
            model TEXT NOT NULL REFERENCES clusterings(model) ON DELETE CASCADE,
            level INTEGER NOT NULL,
            cluster INTEGER NOT NULL,
            place INTEGER NOT NULL,
            photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
            PRIMARY KEY (model, level, cluster, place)
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX cluster_members_by_photo ON cluster_members(photo_id)")


@library()
def m008_kept_clusters(db: Database) -> None:
    """Clusters that the person made their own, their photos, and those that were pulled out of them."""
    db.execute(
        """
        CREATE TABLE kept_clusters (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT,
            hidden INTEGER NOT NULL DEFAULT 0
        )
        """
    )
    db.execute(
        """
        CREATE TABLE kept_members (
            cluster_id INTEGER NOT NULL REFERENCES kept_clusters(id) ON DELETE CASCADE,
            photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
            pulled_out INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (cluster_id, photo_id)
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX kept_members_by_photo ON kept_members(photo_id)")


@library()
def m009_labels(db: Database) -> None:
    """What each model names in the photos, and which photos it was asked about: it may have named nothing."""
    db.execute(
        "CREATE TABLE label_names (id INTEGER PRIMARY KEY, model TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (model, name))"
    )
    db.execute(
        """
        CREATE TABLE labels (
            label_id INTEGER NOT NULL REFERENCES label_names(id) ON DELETE CASCADE,
            photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
            score REAL NOT NULL,
            PRIMARY KEY (label_id, photo_id)
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX labels_by_photo ON labels(photo_id)")
    db.execute(
        """
        CREATE TABLE labelled (
            model TEXT NOT NULL,
            photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
            PRIMARY KEY (model, photo_id)
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX labelled_by_photo ON labelled(photo_id)")
    # Labels come and go with the embedding: both are what one model once saw.
    db.execute(
        """
        CREATE TRIGGER labels_go_with_embeddings AFTER DELETE ON embeddings BEGIN
            DELETE FROM labelled WHERE model = OLD.model AND photo_id = OLD.photo_id;
            DELETE FROM labels WHERE photo_id = OLD.photo_id
                AND label_id IN (SELECT id FROM label_names WHERE model = OLD.model);
        END
        """
    )


@library()
def m010_parked_files(db: Database) -> None:
    """Files that the person moved out of the library or to the trash, until that can no longer be undone."""
    db.execute(
        """
        CREATE TABLE parked (
            id INTEGER PRIMARY KEY,
            source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
            path TEXT NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE
        )
        """
    )
    db.execute("CREATE INDEX parked_by_photo ON parked(photo_id)")
    db.execute("CREATE INDEX parked_by_source ON parked(source_id)")


@library()
def m011_a_quick_start(db: Database) -> None:
    """What a window asks first: the newest photos, how many each folder has, and what is unreadable."""
    db.execute("CREATE INDEX photos_by_date ON photos(taken_at)")
    db.execute("DROP INDEX files_by_source")
    db.execute("CREATE INDEX files_by_source ON files(source_id, shown_by, photo_id)")
    db.execute("CREATE INDEX files_unreadable ON files(path) WHERE reason IS NOT NULL")


@thumbnails()
def t001_thumbnails(db: Database) -> None:
    """JPEG thumbnails by the digest of the photo's bytes, so that they fit whatever library finds them."""
    db.execute("CREATE TABLE thumbnails (digest BLOB PRIMARY KEY, jpeg BLOB NOT NULL)")
