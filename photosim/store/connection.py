"""Opening the SQLite files of a library: checking, creating and migrating them; SQLite's errors as ours."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

from sqlite_utils import Database, Migrations

from photosim.errors import DamagedLibraryError, LibraryError, ReadOnlyLibraryError
from photosim.paths import create_private, make_private, real_path, require_regular
from photosim.store import migrations
from photosim.store.identity import APPLICATION_ID, is_beside_our_data, is_damaged_file_of_ours
from photosim.store.recovery.page_reader import PAGE_BYTES
from photosim.store.schema import UNREADABLE, is_newer, known_objects, migration_names, read_objects

SIDE_FILES = ("-journal", "-wal", "-shm")
"""Suffixes of the files that SQLite creates beside a database."""

BUSY_TIMEOUT_MS = 10_000
"""How long a reader waits for a writer, whose transactions are short."""

MMAP_BYTES = 2_147_418_112
"""Bytes that are read through a memory map. Where system calls are slow, reading 200 of 300,000 embeddings takes 1.4 ms
with the map and 38 ms without. Writes never use it."""

_MAX_VALUE_BYTES = 256 << 20
"""Bytes of a value, row or statement; the largest are the joined digests of millions of photos."""

READ_ONLY = "The library {folder} is read-only: you can view it but not change it."

_NOT_OURS = "{path} is not a PhotoSim library. Choose another folder with --library."
_DISK_FULL_ERRNOS = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_CANNOT_CREATE_FILES = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
_DAMAGE = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CONSTRAINT,  # rows that refer to none, and values that the schema forbids
    sqlite3.SQLITE_TOOBIG,
    sqlite3.SQLITE_ERROR,
}
"""Error codes of damaged files; SQLITE_ERROR, for a schema without some table or column, only while opening one."""

_MAX_VERSION = 0x7FFF_FFFF

_MIN_FREE_BYTES = 65_536  # SQLite grows the shared-memory file in steps of half of this

# File names need not be valid Unicode, so text is decoded as os.fsdecode does, which is slower than SQLite's own way.
decode_text = partial(str, encoding=sys.getfilesystemencoding(), errors=sys.getfilesystemencodeerrors())


def connect(path: Path) -> sqlite3.Connection:
    """Open a file for reading and writing, for use from any thread."""
    connection = sqlite3.connect(path, check_same_thread=False, timeout=BUSY_TIMEOUT_MS / 1000)
    try:
        _distrust(connection, path)
    except BaseException:
        connection.close()
        raise
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA mmap_size = {MMAP_BYTES}")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def is_up_to_date(path: Path, migrations: Migrations) -> bool:
    """Check, without changing it, whether the file is ours and has all migrations applied.

    Raises LibraryError for a file of a newer PhotoSim or of another program, DamagedLibraryError for a damaged one.
    """
    if not path.exists():
        return False
    if path.stat().st_size == 0:
        if is_beside_our_data(path):
            raise damaged_error(path, "it is empty")
        return False
    known = migration_names(migrations)
    try:
        with closing(_connect_by_uri(path)) as connection:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise _foreign_file(path, migrations, "its header is damaged")
            applied = {migration.name for migration in migrations.applied(Database(connection))}
            objects = read_objects(connection)
    except (*UNREADABLE, LookupError) as error:
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF not in _DAMAGE:
            raise library_error(path, error) from error
        raise _foreign_file(path, migrations, error) from error
    if is_newer(applied, known):
        raise LibraryError(
            f"The library {path} was created by a newer version of PhotoSim. Update PhotoSim to open it."
        )
    if not applied or applied != set(known[: len(applied)]):
        raise damaged_error(path, "its list of migrations is damaged")
    if len(applied) == len(known) and objects != known_objects(migrations):
        raise damaged_error(path, "its schema is damaged")
    return len(applied) == len(known)


def _foreign_file(path: Path, migrations: Migrations, reason: object) -> LibraryError:
    """Return the error for a file that is not marked as ours: a damaged one, or one of another program."""
    if is_damaged_file_of_ours(path, migrations):
        return damaged_error(path, reason)
    return LibraryError(_NOT_OURS.format(path=path))


def create_or_migrate(path: Path, migrations: Migrations) -> None:
    """Create the file, or apply the migrations that it lacks. Raises LibraryError for a file that is not ours."""
    if is_up_to_date(path, migrations):
        return
    if not path.exists() or path.stat().st_size == 0:
        _create(path, migrations)
        return
    with closing(connect(path)) as connection:
        migrations.apply(Database(connection))
        with connection:
            bump_content_version(connection)


def bump_content_version(connection: sqlite3.Connection) -> None:
    """Change the number that caches which are saved in the file are compared by, inside a transaction."""
    # In the header of the file, so that a rollback takes it back and no table is needed for it.
    [version] = connection.execute("PRAGMA user_version").fetchone()
    connection.execute(f"PRAGMA user_version = {(version + 1) & _MAX_VERSION}")


def _create(path: Path, migrations: Migrations) -> None:
    """Create the file under a temporary name and rename it when it is complete.

    Otherwise a process that is killed meanwhile would leave a file without our application id.
    """
    new = path.with_name(f"{path.name}.new")
    delete_database(new)
    try:
        create_private(new)  # SQLite gives its side files the same permissions
        with closing(connect(new)) as connection:
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # a repair relies on it
            connection.execute("PRAGMA journal_mode = MEMORY")
            connection.execute("PRAGMA synchronous = OFF")  # each migration would wait for the disk
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            migrations.apply(Database(connection))
            connection.execute("PRAGMA synchronous = NORMAL")  # what follows waits, for all that was written
            # WAL comes last: a failing checkpoint would lose the schema, and close() would not report it.
            connection.execute("PRAGMA journal_mode = WAL")
        delete_database(path)  # SQLite would apply a leftover log to the new file
        new.replace(path)
    except BaseException:
        delete_database(new)
        raise


def delete_database(path: Path) -> None:
    """Delete a database that nobody has open, and its side files."""
    for suffix in ("", *SIDE_FILES):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def converted_errors(path: Path) -> Iterator[None]:
    """Raise SQLite's errors as LibraryError."""
    try:
        yield
    except sqlite3.Error as error:
        raise library_error(path, error) from error


def require_files(path: Path) -> None:
    """Raise OSError where a database, or a file that SQLite has beside it, is no file: it would wait for a pipe.

    A link may stand for the database itself.
    """
    require_regular(path)
    for name in (path.name, f"{path.name}.new"):
        for suffix in SIDE_FILES if name == path.name else ("", *SIDE_FILES):
            require_regular(path.with_name(name + suffix), follow_links=False)


def make_database_private(path: Path) -> None:
    """Take a database of this user, and its side files, from everyone else."""
    for suffix in ("", *SIDE_FILES):
        make_private(path.with_name(path.name + suffix))


def is_writable(path: Path) -> bool:
    """Check whether a database can be written, or created, at this path."""
    return os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def connect_read_only(path: Path, migrations: Migrations) -> sqlite3.Connection:
    """Open a file that cannot be written. Raises ReadOnlyLibraryError when it would have to be."""
    if not path.exists():
        raise ReadOnlyLibraryError(
            f"There is no library in {path.parent}, and the folder is read-only. Choose another folder with --library."
        )
    if not is_up_to_date(path, migrations):
        raise ReadOnlyLibraryError(
            f"The library {path.parent} must be updated for this version of PhotoSim, but it is read-only."
        )
    connection = _connect_by_uri(path)
    connection.text_factory = decode_text
    connection.execute(f"PRAGMA mmap_size = {MMAP_BYTES}")
    return connection


def _connect_by_uri(path: Path) -> sqlite3.Connection:
    """Connect for reading only, also where SQLite cannot create its shared-memory file."""
    for options in ("mode=ro", "immutable=1"):
        connection = sqlite3.connect(
            f"{real_path(path).as_uri()}?{options}",
            uri=True,
            check_same_thread=False,
            timeout=BUSY_TIMEOUT_MS / 1000,
        )
        try:
            _distrust(connection, path)
        except sqlite3.OperationalError as error:
            connection.close()
            if (
                options != "mode=ro"
                or is_writable(path)
                or error.sqlite_errorcode & 0xFF not in _CANNOT_CREATE_FILES
            ):
                raise
        except (sqlite3.Error, LibraryError, UnicodeDecodeError):
            connection.close()
            raise
        else:
            return connection
    raise AssertionError("unreachable")


def _distrust(connection: sqlite3.Connection, path: Path) -> None:
    """Prepare a connection for a file that somebody else may have written.

    Raises DamagedLibraryError if its schema has anything that SQLite would execute or compute and that is not ours.
    """
    connection.text_factory = decode_text
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_BYTES)
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    schema = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    if application_id != APPLICATION_ID:
        return  # refused later, or not created yet
    for kind, name, sql in schema:
        text = " ".join(str(sql or "").split())
        is_virtual = text.upper().startswith("CREATE VIRTUAL")
        is_foreign = kind == "view" or (kind == "trigger" and text not in migrations.TRIGGERS)
        if is_foreign or is_virtual or (kind == "table" and _has_computed_columns(connection, name)):
            raise DamagedLibraryError(
                f"The library file {path} contains the {kind} “{str(name)[:100]}”, which PhotoSim didn't create. "
                "Run “photosim repair” to recover the rest; the file is kept."
            )


def _has_computed_columns(connection: sqlite3.Connection, table: str) -> bool:
    columns = connection.execute("SELECT hidden FROM pragma_table_xinfo(?)", (table,))
    return any(hidden for (hidden,) in columns)


def _is_damage(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGE - {sqlite3.SQLITE_ERROR}


def _is_disk_full(folder: Path) -> bool:
    """Check for a full disk, which SQLite reports as a plain I/O error for some of its files."""
    with suppress(OSError):
        return shutil.disk_usage(folder).free < _MIN_FREE_BYTES
    return False


def library_error(path: Path, error: Exception) -> LibraryError:
    """Return our error for one of SQLite's or of the system's."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    full = code == sqlite3.SQLITE_IOERR and _is_disk_full(path.parent)
    if full or code == sqlite3.SQLITE_FULL or getattr(error, "errno", None) in _DISK_FULL_ERRNOS:
        return LibraryError(
            f"The disk with the library {path.parent} is full. Photos indexed so far are saved. "
            "Free some space, then try again."
        )
    if _is_damage(error):
        return damaged_error(path, error)
    if code == sqlite3.SQLITE_READONLY:
        return ReadOnlyLibraryError(READ_ONLY.format(folder=path.parent))
    if isinstance(error, OSError) and error.strerror:
        reason = error.strerror[:1].lower() + error.strerror[1:]
        return LibraryError(f"The library file {error.filename or path} can't be read or written: {reason}.")
    return LibraryError(f"The library file {path} can't be read or written: {error}.")


def damaged_error(path: Path, reason: object) -> DamagedLibraryError:
    """Return the error for a damaged file."""
    return DamagedLibraryError(
        f"The library file {path} is damaged ({reason}). Run “photosim repair” to recover what can be read; "
        "the damaged file is kept."
    )
