-- The file thumbnails.db as PhotoSim 0.1 makes it. Never change it: libraries like it lie on people's disks.
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'thumbnails','t001_thumbnails','2026-01-01 00:00:00+00:00');
CREATE TABLE thumbnails (digest BLOB PRIMARY KEY, jpeg BLOB NOT NULL);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
COMMIT;
PRAGMA application_id = 1346917193;
