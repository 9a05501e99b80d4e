"""Reading rows from the pages of a file without SQLite."""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosim.store.recovery.page_reader import PAGE_BYTES, PageReader

VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=50),
    st.binary(max_size=50),
    st.integers(3000, 20_000).map(bytes),
)
Rows = set[tuple[Any, ...]]


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.text_factory = bytes
    return connection


def rows_in(path: Path, roots: list[int] | None = None) -> Rows:
    """All rows of the leaves of tables, without those of the schema."""
    with PageReader(path) as pages:
        numbers = pages.numbers([2] if roots is None else roots)
        return {row.values for rows in pages.table_rows(numbers) for row in rows}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=200))
def test_the_reader_finds_the_rows_that_sqlite_wrote(rows: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.db")
        with closing(connect(path)) as connection:
            connection.execute("CREATE TABLE things (a, b, c)")
            connection.execute(
                "CREATE TABLE keyed (a, b, c, id INTEGER, PRIMARY KEY (a, b, c, id)) WITHOUT ROWID"
            )
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO things VALUES (?, ?, ?)", rows)
            keyed = [row for row in rows if None not in row]
            connection.executemany(
                "INSERT INTO keyed VALUES (?, ?, ?, ?)", [(*row, number) for number, row in enumerate(keyed)]
            )
            connection.execute("COMMIT")
            expected = connection.execute("SELECT rowid, * FROM things").fetchall()
            expected_keyed = set(connection.execute("SELECT * FROM keyed"))
        with PageReader(path) as pages:
            numbers = pages.numbers([2])
            found = [(row.rowid, *row.values) for rows in pages.table_rows(numbers) for row in rows]
            assert sorted(found, key=lambda row: row[0] or 0) == expected
            assert {row.values for rows in pages.index_rows(numbers) for row in rows} == expected_keyed


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([2, 5, 10, 13]), st.binary(max_size=64), st.integers(0, 2**32))
def test_nonsense_is_skipped(kind: int, start: bytes, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.db")
        page = bytes([kind]) + start + random.Random(seed).randbytes(PAGE_BYTES)
        path.write_bytes(page[:PAGE_BYTES] * 3 + page[:100])
        with PageReader(path) as pages:
            numbers = pages.numbers([1, 2, 3, 99])
            list(pages.table_rows(numbers))
            list(pages.index_rows(numbers))
            pages.schema_rows()


@pytest.fixture
def logged(tmp_path: Path) -> Path:
    """A file whose newest rows are in its write-ahead log, as a killed program leaves it."""
    path = tmp_path / "running.db"
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA cache_size = 5")
        connection.execute("CREATE TABLE things (a)")
        connection.execute("INSERT INTO things VALUES (1)")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("INSERT INTO things VALUES (2)")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO things VALUES (?)", [(bytes(3000),) for _ in range(100)])
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", tmp_path / f"killed.db{suffix}")
        connection.execute("ROLLBACK")
    return tmp_path / "killed.db"


def test_committed_changes_in_the_log_are_seen_and_others_are_not(logged: Path) -> None:
    assert logged.with_name("killed.db-wal").stat().st_size > 50 * PAGE_BYTES
    assert rows_in(logged) == {(1,), (2,)}


def test_a_damaged_log_is_ignored(logged: Path) -> None:
    log = logged.with_name("killed.db-wal")
    content = bytearray(log.read_bytes())
    content[100] ^= 1
    log.write_bytes(content)
    assert rows_in(logged) == {(1,)}
    log.write_bytes(b"nonsense")
    assert rows_in(logged) == {(1,)}


def test_free_pages_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    with closing(connect(path)) as connection:
        connection.execute("CREATE TABLE things (a INTEGER PRIMARY KEY, b)")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO things VALUES (?, ?)", [(n, bytes(1000)) for n in range(1, 301)])
        connection.execute("COMMIT")
        connection.execute("DELETE FROM things WHERE a > 100")
    with PageReader(path) as pages:
        numbers = pages.numbers([2])
        assert {row.rowid for rows in pages.table_rows(numbers) for row in rows} == set(range(1, 101))


def test_rows_of_a_lost_tree_are_found(tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    with closing(connect(path)) as connection:
        connection.execute("CREATE TABLE things (a)")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO things VALUES (?)", [(n,) for n in range(5000)])
        connection.execute("COMMIT")
        [(root,)] = connection.execute("SELECT rootpage FROM sqlite_master")
    content = bytearray(path.read_bytes())
    content[:PAGE_BYTES] = bytes(PAGE_BYTES)
    content[(root - 1) * PAGE_BYTES : root * PAGE_BYTES] = bytes(PAGE_BYTES)
    path.write_bytes(content)
    assert rows_in(path, []) == {(n,) for n in range(5000)}


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    path.write_bytes(b"")
    assert rows_in(path) == set()
