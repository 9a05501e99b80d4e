"""Copies the rows that can be read of a damaged library into a new one, and restores what others refer to."""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from photosim.errors import LibraryError
from photosim.files.fspaths import is_inside
from photosim.store import migrations
from photosim.store.embeddings import checksum
from photosim.store.objects import is_sound_object
from photosim.store.recovery.page_reader import PageReader, Row, Value
from photosim.store.schema import MAX_ID, TableShape, is_newer, known_schema, migration_names

DIGEST_BYTES = 16
UNKNOWN_FORMAT = ""
"""Format of a photo whose facts are lost: they are read again by the next indexing."""

RECOVERED_COLLECTION = "Recovered {number}"
"""Name of a collection whose own name is lost."""

_CACHES = {
    "clusterings",
    "cluster_levels",
    "cluster_facts",
    "duplicate_checks",
    "duplicate_pairs",
    "burst_links",
    "burst_subjects",
    "maps",
}
_PATHS = {"path", "volume_path"}
"""Columns whose text need not be UTF-8."""

_MIGRATION_TYPES = "NTTT"


class RowRecovery:
    """Copies rows from the pages of a damaged library into an empty library, which has foreign keys off."""

    def __init__(self, pages: PageReader, connection: sqlite3.Connection) -> None:
        self._pages, self._connection = pages, connection
        self._schema = known_schema(migrations.library)
        self._tables = {table.name: table for table in self._schema.tables if table.name not in _CACHES}
        self._table_of: dict[tuple[str, bool], TableShape | None] = {}
        self._sequences: dict[str, int] = {}
        self._applied: set[str] = set()
        """Names of the migrations that were applied to the damaged library."""
        self._source_paths: defaultdict[int, set[str]] = defaultdict(set)
        """Paths that the lost sources may have had, by id."""

    def run(self) -> dict[str, int]:
        """Copy everything; returns the number of rows by table. Raises LibraryError for a library of a newer version."""
        roots = [row.values[3] for row in self._pages.schema_rows() if row.types == "TTTIT"]
        numbers = self._pages.numbers(
            [*(root for root in roots if isinstance(root, int)), *self._schema.roots]
        )
        self._copy_tables(numbers)
        if is_newer(self._applied, migration_names(migrations.library)):
            raise LibraryError(
                f"The library {self._pages.path} was created by a newer version of PhotoSim. "
                "Update PhotoSim to repair it."
            )
        self._copy_indexed(numbers)
        self._restore_user_clusters()
        self._restore_collections()
        self._restore_sources()
        for table in self._tables:
            self._sequences[table] = max(self._lost_ids(table) | {self._sequences.get(table, 0)})
        self._delete_dangling()
        self._delete_incomplete_detections()
        self._continue_ids()
        return {name: self._value(f'SELECT COUNT(*) FROM "{name}"') for name in self._tables}  # noqa: S608

    def _copy_tables(self, numbers: list[int]) -> None:
        """Copy the rows of all tables with row ids."""
        for rows in self._pages.table_rows(numbers):
            found: defaultdict[str, list[tuple[Value, ...]]] = defaultdict(list)
            for row in rows:
                table = self._table(row, has_rowid=True)
                if table is not None:
                    values = clean_row(table, row)
                    if values is not None:
                        found[table.name].append(values)
                elif row.types == "TI":
                    self._add_sequence(row)
                elif row.types == _MIGRATION_TYPES:
                    self._add_migration(row)
            for name, values_of_rows in found.items():
                self._insert(self._tables[name], values_of_rows)

    def _copy_indexed(self, numbers: list[int]) -> None:
        """Copy tables without row ids, and what indexes know of lost rows: digests, label names and source paths."""
        models = {
            os.fsencode(model)
            for (model,) in self._connection.execute("SELECT DISTINCT model FROM embeddings")
        }
        lost_photos, lost_sources = self._lost_ids("photos"), self._lost_ids("sources")
        for rows in self._pages.index_rows(numbers):
            # The score of a label is stored as an integer if it is one, as the values of some indexes are.
            has_scores = any(row.types == "IIR" for row in rows)
            scores = [row.values for row in rows if has_scores and row.types in {"IIR", "III"}]
            labelled = [row.values for row in rows if row.types == "TI" and row.values[0] in models]
            names = [row.values for row in rows if row.types == "TTI" and row.values[0] in models]
            digests = [row.values for row in rows if row.types == "BI" and row.values[1] in lost_photos]
            for row in rows:
                path, source = row.values[0], row.values[-1]
                if row.types == "TI" and source in lost_sources and isinstance(path, bytes):
                    self._source_paths[int(source)].add(os.fsdecode(path))
            self._insert(self._tables["photo_labels"], scores)
            self._insert(self._tables["labelled_photos"], labelled)
            self._insert(self._tables["labels"], [(label_id, model, name) for model, name, label_id in names])
            self._connection.executemany(
                "INSERT OR IGNORE INTO photos (id, digest, width, height, format) VALUES (?, ?, 1, 1, ?)",
                [
                    (photo_id, digest, UNKNOWN_FORMAT)
                    for digest, photo_id in digests
                    if isinstance(digest, bytes) and len(digest) == DIGEST_BYTES
                ],
            )

    def _restore_user_clusters(self) -> None:
        """Restore lost user clusters that have photos, without their names."""
        ids = self._lost_ids("user_clusters")
        self._connection.executemany("INSERT INTO user_clusters (id) VALUES (?)", [(i,) for i in ids])

    def _restore_collections(self) -> None:
        """Restore lost collections that have photos, under names that tell them apart."""
        for collection_id in self._lost_ids("collections"):
            name = RECOVERED_COLLECTION.format(number=collection_id)
            self._connection.execute(
                "INSERT OR IGNORE INTO collections (id, name, created_at) VALUES (?, ?, 0)",
                (collection_id, name),
            )

    def _restore_sources(self) -> None:
        """Restore lost sources that have files: with the path that an index has, or the one that their files share."""
        for source in self._lost_ids("sources"):
            sql = "SELECT path FROM files WHERE source_id = ? UNION SELECT path FROM parked_files WHERE source_id = ?"
            paths = [path for (path,) in self._connection.execute(sql, (source, source))]
            try:
                folder = os.path.commonpath([os.path.dirname(path) for path in paths])  # noqa: PTH120 - any bytes
            except ValueError:
                continue  # on several drives, so one of the paths is damaged: the next indexing finds the files
            indexed = [path for path in self._source_paths[source] if is_inside(folder, path)]
            folder = max(indexed, key=len, default=folder)
            known = self._connection.execute("SELECT id, path FROM sources").fetchall()
            target = next((known_id for known_id, path in known if is_inside(folder, path)), None)
            if target is None:
                added_at = datetime.now(UTC).isoformat(timespec="seconds")
                sql = "INSERT INTO sources (id, path, added_at) VALUES (?, CAST(? AS TEXT), ?)"
                self._connection.execute(sql, (source, os.fsencode(folder), added_at))
            else:
                for table in ("files", "parked_files"):
                    sql = f"UPDATE {table} SET source_id = ? WHERE source_id = ?"  # noqa: S608
                    self._connection.execute(sql, (target, source))

    def _lost_ids(self, parent: str) -> set[int]:
        """Return the ids of lost rows of a table that rows of other tables refer to."""
        lost: set[int] = set()
        for table, column, referenced, _ in self._foreign_keys():
            if referenced == parent and table != parent:
                sql = (
                    f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL EXCEPT SELECT id FROM {parent}"  # noqa: S608
                )
                lost.update(row_id for (row_id,) in self._connection.execute(sql))
        return {row_id for row_id in lost if isinstance(row_id, int) and 0 < row_id <= MAX_ID}

    def _delete_dangling(self) -> None:
        """Delete what refers to rows that are lost for good: such files are read again by the next indexing."""
        changed = True
        while changed:
            before = self._connection.total_changes
            for table, column, parent, is_optional in self._foreign_keys():
                action = f"UPDATE {table} SET {column} = NULL" if is_optional else f"DELETE FROM {table}"  # noqa: S608
                self._connection.execute(
                    f"{action} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {parent})"  # noqa: S608
                )
            changed = self._connection.total_changes != before

    def _delete_incomplete_detections(self) -> None:
        """Forget that photos were searched for objects of which some are lost, so that they are searched again."""
        self._connection.execute(
            "DELETE FROM detected_photos WHERE objects <> (SELECT COUNT(*) FROM objects JOIN labels ON labels.id = label_id "
            "WHERE objects.photo_id = detected_photos.photo_id AND labels.model = detected_photos.model)"
        )

    def _foreign_keys(self) -> Iterator[tuple[str, str, str, bool]]:
        """Yield table, column, the table whose ids it holds, and whether it may lose them."""
        for table in self._tables:
            sql = f'PRAGMA foreign_key_list("{table}")'
            for _, _, parent, column, _, _, on_delete, _ in self._connection.execute(sql).fetchall():
                yield table, column, parent, on_delete == "SET NULL"

    def _continue_ids(self) -> None:
        """Ensure that ids are not reused, as far as they are known: files outside the database may refer to them."""
        for table, value in self._sequences.items():
            if not value:
                continue
            sql = "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?"
            if not self._connection.execute(sql, (value, table)).rowcount:
                self._connection.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (table, value))

    def _insert(self, table: TableShape, rows: Iterable[tuple[Value, ...]]) -> None:
        by_length: defaultdict[int, list[tuple[Value, ...]]] = defaultdict(list)
        for row in rows:
            by_length[len(row)].append(row)
        for length, same in by_length.items():
            names = ", ".join(table.columns[:length])
            values = ", ".join(
                "CAST(? AS TEXT)" if "T" in letters else "?" for letters in table.letters[:length]
            )
            # The schema's constraints refuse impossible values; of two rows with the same key the first is kept.
            sql = f"INSERT OR IGNORE INTO {table.name} ({names}) VALUES ({values})"  # noqa: S608
            self._connection.executemany(sql, same)

    def _table(self, row: Row, *, has_rowid: bool) -> TableShape | None:
        key = (row.types, has_rowid)
        if key not in self._table_of:
            table = self._schema.table_of(row.types, has_rowid=has_rowid)
            self._table_of[key] = table if table is not None and table.name in self._tables else None
        return self._table_of[key]

    def _add_sequence(self, row: Row) -> None:
        name, value = row.values
        if isinstance(name, bytes) and isinstance(value, int) and 0 < value <= MAX_ID:
            table = name.decode(errors="replace")
            if table in self._tables:
                self._sequences[table] = max(value, self._sequences.get(table, 0))

    def _add_migration(self, row: Row) -> None:
        _, group, name, _ = row.values
        if group == migrations.library.name.encode() and isinstance(name, bytes):
            self._applied.add(name.decode(errors="replace"))

    def _value(self, sql: str) -> int:
        return int(self._connection.execute(sql).fetchone()[0])


def clean_row(table: TableShape, row: Row) -> tuple[Value, ...] | None:
    """Return the values to save of a row, without those that can only be damage; None if nothing of it can be used."""
    values = list(row.values)
    if table.id_column is not None:
        if row.rowid is None or not 0 < row.rowid <= MAX_ID:
            return None
        values[table.id_column] = row.rowid
    for index, (letter, name) in enumerate(zip(row.types, table.columns, strict=False)):
        value = values[index]
        if letter != "T" or not isinstance(value, bytes):
            continue
        if name in _PATHS:
            if b"\0" in value or not value:
                return None
        else:
            values[index] = value.replace(b"\0", b"").decode(errors="replace").encode()
    if table.name == "embeddings":
        return tuple(values) if _is_sound_embedding(values) else None
    if table.name == "objects":
        return tuple(values) if is_sound_object(*values[1:]) else None
    if table.name == "photos":
        return _clean_photo(table, values)
    if table.name == "collections" and not _has_name(values):
        return None
    return tuple(values)


def _is_sound_embedding(values: list[Value]) -> bool:
    photo_id, model, vector, expected = values
    if not isinstance(photo_id, int) or not isinstance(model, bytes) or not isinstance(vector, bytes):
        return False  # the types are right, but mypy cannot know it
    return checksum(photo_id, os.fsdecode(model), vector) == expected


def _has_name(values: list[Value]) -> bool:
    name = values[1]
    return isinstance(name, bytes) and bool(name.strip())


def _clean_photo(table: TableShape, values: list[Value]) -> tuple[Value, ...] | None:
    facts = dict(zip(table.columns, values, strict=False))
    digest, taken_at = facts["digest"], facts["taken_at"]
    if not isinstance(digest, bytes) or len(digest) != DIGEST_BYTES:
        return None
    if isinstance(taken_at, bytes):
        try:
            datetime.fromisoformat(taken_at.decode())
        except ValueError:
            facts["taken_at"] = None
    for name, limit in (("latitude", 90), ("longitude", 180)):
        value = facts[name]
        if not isinstance(value, int | float) or not -limit <= value <= limit:
            facts["latitude"] = facts["longitude"] = None
            break
    for name in ("width", "height"):
        size = facts[name]
        if not isinstance(size, int) or not 0 < size <= MAX_ID:
            facts.update(width=1, height=1, format=UNKNOWN_FORMAT.encode())
    return tuple(facts.values())
