"""Values that no PhotoSim wrote, in every column of the library: an answer or a sentence, and a repair that helps."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from photosim.duplicates.results import JudgedPair, ReviewRow, Verdict, VerdictRow
from photosim.errors import DamagedLibraryError, PhotoSimError
from photosim.library import Library
from photosim.library.map import MapColoring
from photosim.library.repair import repair
from photosim.library.search.filters import FilterScope
from photosim.records import EmbeddedObject, Label, PhotoObject
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.kept_search import KeptSearch
from photosim.search.query import Example, Region, SimilarityQuery
from photosim.store import migrations
from photosim.store.duplicates import DuplicateTable
from photosim.store.schema import known_schema
from photosim.store.verdicts import VerdictTable
from tests.support.indexing import index, make_library, use_fake_embedder
from tests.support.matches import similar_to_file
from tests.support.photo_folders import make_photos

TABLES = {table.name: table for table in known_schema(migrations.library).tables}

ODD: dict[str, object] = {
    "null": None,
    "text": "text",
    "a null character": "a\0b",
    "no text": "",
    "bytes": b"\xff\0\x80",
    "no bytes": b"",
    "zero": 0,
    "negative": -1,
    "least": -(2**63),
    "large": 10**9,
    "largest": 2**63 - 1,
    "real": 0.5,
    "infinite": float("inf"),
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A library with rows in every table, and its photos beside it."""
    folder = tmp_path_factory.mktemp("odd")
    make_photos(folder / "photos", 6)
    shutil.copy(folder / "photos" / "photo-000.jpg", folder / "photos" / "copy.jpg")
    (folder / "photos" / "broken.jpg").write_bytes(b"no photo")
    with pytest.MonkeyPatch.context() as patch:
        use_fake_embedder(patch)
        library = make_library(folder / "library", folder / "photos")
        photos = library.photos()
        library.labels._table.save({photo.photo_id: [Label("cat", 0.5)] for photo in photos})
        cluster = library.cluster_edits._table.assign([photos[0].photo_id, photos[1].photo_id])
        library.cluster_edits._table.rename(cluster, "Holiday")
        library._catalog.file_moves.park([photos[2].path])
        library.clusters()
        first, second, *_ = sorted({photo.photo_id for photo in photos})
        found = DuplicateTable(library._catalog.database)
        found.save({first: 1.5, second: None}, 1, [JudgedPair(first, second, 0.75)])
        found.replace_burst_links([(first, second)], {first: 1.5})
        verdict = VerdictRow(b"1" * 16, b"2" * 16, Verdict.SAME, "2026-11-30T08:00:00+00:00", 0.75, 2)
        review = ReviewRow(photos[0].file_id, "group", True, 1, 1)
        VerdictTable(library._catalog.database).replace([], [verdict], [], [review])
        library.collections.create("Prints", [first, second])
        library.collections.keep("Cats", KeptSearch(words="cat"))
        box, vector = (0.1, 0.2, 0.3, 0.4), np.eye(library.model.object_dimensions, dtype=np.float16)[0]
        library.objects.table.save(
            {first: [EmbeddedObject(PhotoObject("cat", 0.5, box), vector)], second: []}
        )
        with library._catalog.database.transaction() as db:
            db.execute("UPDATE files SET primary_id = ? WHERE id = ?", (photos[3].file_id, photos[4].file_id))
        library.close()
    (folder / "library" / "settings.json").write_text('{"labels": true}', encoding="utf-8")
    yield folder


def write_odd(path: Path, table: str, column: str, value: object) -> None:
    """Write a value into one row, whatever the schema says."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        [(sql,)] = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,))
        assert connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() > (0,)  # noqa: S608
        loose = sql.replace("NOT NULL", "")
        change = "UPDATE sqlite_master SET sql = ? WHERE name = ?"
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(change, (loose, table))
        [(version,)] = connection.execute("PRAGMA schema_version")
        connection.execute(f"PRAGMA schema_version = {version + 1}")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        key = "rowid" if TABLES[table].has_rowid else f"({', '.join(TABLES[table].columns[:2])})"
        first = f"{key} = (SELECT {key.strip('()')} FROM {table} ORDER BY 1 LIMIT 1)"  # noqa: S608
        connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {first}", (value,))  # noqa: S608
        connection.execute(change, (sql, table))
        connection.execute(f"PRAGMA schema_version = {version + 2}")


OBJECT = Example("/elsewhere/a.jpg", Region(0.1, 0.2, 0.3, 0.4), is_object=True)


def questions(library: Library, photos: Path, target: Path) -> Iterator[Callable[[], object]]:
    """Yield everything that the window and the command line ask."""
    some = photos / "photo-000.jpg"
    yield library.status
    yield library.sources
    yield library.folders.statuses
    yield library.photos
    yield lambda: library.photos(str(photos))
    yield lambda: library.newest_photos(9)
    yield lambda: library.photos_by_id(range(1, 10))
    yield library.unreadable
    yield library.unlisted
    for photo_id in range(1, 8):
        for ask in (library.copies, library.thumbnail, library.labels.labels_of):
            yield partial(ask, photo_id)
    yield lambda: similar_to_file(library, some)
    yield lambda: [library.similar(photo.file_id) for photo in library.photos()]
    yield lambda: library.inspector.info(some)
    yield lambda: [list(cluster.paths) for cluster in library.clusters().clusters]
    yield library.cluster_edits.snapshot
    yield library.labels.counts
    yield lambda: library.finder.apply(PhotoFilter())
    yield lambda: library.finder.facets(PhotoFilter(), FilterScope())
    yield lambda: library.search.find("cat")
    yield library.external_changes.poll
    yield lambda: library.exports.embeddings(target / "all.npz", force=True)
    yield library.models.switch_progress
    yield lambda: [library.collections.file_ids(collection) for collection in library.collections.all()]
    yield library.exports.collections
    yield lambda: library.objects.of_photos(range(1, 8))
    yield lambda: library.objects.search(
        SimilarityQuery((OBJECT,)), 5, lambda _: np.eye(128, dtype=np.float32)[0]
    )
    yield lambda: library.search.find("two cats")
    yield library.map.positions
    ids = np.arange(1, 8)
    yield lambda: library.map.dates(ids)
    for coloring in (MapColoring.YEAR, MapColoring.FOLDER, MapColoring.CAMERA):
        yield partial(library.map.groups, coloring, ids)
    yield library.events.all
    yield lambda: library.duplicates.groups(include_settled=True, min_confidence=0.0)
    yield from (
        library.duplicates.basket,
        library.duplicates.totals,
        library.duplicates.stacks,
        library.duplicates.reviews,
        library.duplicates.calibration,
        library.duplicates.export_verdicts,
    )
    yield lambda: library.duplicates.decide(group := library.duplicates.groups()[0], [group.keep])
    yield lambda: library.remove_source(str(photos))


def ask_all(folder: Path, photos: Path, target: Path) -> None:
    """Ask everything; each question may end with a sentence."""
    with suppress(DamagedLibraryError), closing(Library.open(folder)) as library:
        for question in questions(library, photos, target):
            with suppress(PhotoSimError):
                question()


@pytest.mark.parametrize("table", TABLES)
def test_a_value_that_no_program_of_ours_wrote_is_an_answer_or_a_sentence(
    table: str, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_fake_embedder(monkeypatch)
    kinds = list(ODD.values())
    for number, column in enumerate(TABLES[table].columns):
        if number == TABLES[table].id_column:
            continue  # SQLite stores integers only there
        shutil.copytree(template / "library", tmp_path / "library")
        write_odd(tmp_path / "library" / "library.db", table, column, kinds[number % len(kinds)])
        ask_all(tmp_path / "library", template / "photos", tmp_path)
        if number % 5 == 1:
            repair(tmp_path / "library")
            with closing(Library.open(tmp_path / "library")) as library:
                library.status()
                library.photos()
        shutil.rmtree(tmp_path / "library")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("user_cluster_photos", "photo_id"),
        ("parked_files", "photo_id"),
        ("labels", "name"),
        ("embeddings", "photo_id"),
    ],
)
def test_a_value_that_is_lost_in_a_column_that_has_none_is_an_answer_or_a_sentence(
    table: str, column: str, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_fake_embedder(monkeypatch)
    shutil.copytree(template / "library", tmp_path / "library")
    write_odd(tmp_path / "library" / "library.db", table, column, None)
    ask_all(tmp_path / "library", template / "photos", tmp_path)


@pytest.mark.parametrize("column", ["photo_id", "missing", "size"])
def test_indexing_a_damaged_library_is_a_sentence(
    column: str, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_fake_embedder(monkeypatch)
    shutil.copytree(template / "library", tmp_path / "library")
    write_odd(tmp_path / "library" / "library.db", "files", column, "text")
    with closing(Library.open(tmp_path / "library")) as library, suppress(DamagedLibraryError):
        index(library, template / "photos")
        library.photos()
