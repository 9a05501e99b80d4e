-- The file library.db as PhotoSim 0.1 makes it. Never change it: libraries like it lie on people's disks.
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'library','m001_sources_files_photos','2026-01-01 00:00:00+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'library','m002_embeddings','2026-01-01 00:00:00+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'library','m003_clusters','2026-01-01 00:00:00+00:00');
CREATE TABLE cluster_members (
    model TEXT NOT NULL REFERENCES clusterings(model) ON DELETE CASCADE,
    cluster INTEGER NOT NULL,
    place INTEGER NOT NULL,
    photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
    PRIMARY KEY (model, cluster, place)
) WITHOUT ROWID;
CREATE TABLE clusterings (model TEXT PRIMARY KEY, fingerprint TEXT NOT NULL);
CREATE TABLE embeddings (
    photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
    model TEXT NOT NULL,
    vector BLOB NOT NULL
);
CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
    path TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    photo_id INTEGER REFERENCES photos(id),
    reason TEXT,
    CHECK ((photo_id IS NULL) <> (reason IS NULL))
);
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
);
CREATE TABLE sources (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    added_at TEXT NOT NULL
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX files_by_source ON files(source_id);
CREATE INDEX files_by_photo ON files(photo_id);
CREATE UNIQUE INDEX embeddings_by_model ON embeddings(model, photo_id);
CREATE INDEX embeddings_by_photo ON embeddings(photo_id);
CREATE INDEX cluster_members_by_photo ON cluster_members(photo_id);
COMMIT;
PRAGMA application_id = 1346917193;
