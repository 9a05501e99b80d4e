"""Damage libraries, caches and index files at random, and check that everything that can be read comes back.

    python -m tests.damage_tests --times 200 --seed 1

Every trial damages a copy of one generated library. Whatever was damaged, the program answers or ends with an error
message; a damaged library can be repaired, and then has every row of every page that is still whole; no damaged
embedding, thumbnail or cluster is ever returned. With `--recover` the result is also compared with what the command
line of SQLite recovers. The exit status is 1 otherwise.
"""

from __future__ import annotations

import argparse
import logging
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from photosim.duplicates.results import JudgedPair, ReviewRow, Verdict, VerdictRow
from photosim.errors import LabelError, PhotoSimError
from photosim.library import Library
from photosim.library.repair import repair
from photosim.ml.models.catalog import DEFAULT
from photosim.records import EmbeddedObject, FileEntry, Label, Photo, PhotoFacts, PhotoObject
from photosim.search.index import NeighbourIndex
from photosim.search.query import Example, Region, SimilarityQuery
from photosim.store import migrations
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.duplicates import DuplicateTable
from photosim.store.embeddings import pack_vector
from photosim.store.recovery.page_reader import PageReader
from photosim.store.schema import known_schema
from photosim.store.thumbnails import ThumbnailCache
from photosim.store.user_clusters import UserClusterTable
from photosim.store.verdicts import VerdictTable

PAGE = 4096
SECTOR = 512
TIMEOUT_S = 300.0
CLUSTERS, CLUSTER_SIZE = 20, 20
SOURCES = ("/photos/first", "/photos/second")
INDEXED = 400
"""Vectors in the saved search index."""

TABLES = (
    "sources",
    "photos",
    "files",
    "embeddings",
    "user_clusters",
    "user_cluster_photos",
    "labels",
    "photo_labels",
    "objects",
    "detected_photos",
    "verdicts",
    "duplicate_reviews",
)
_PHOTO_COLUMN = {
    "files": 5,
    "embeddings": 0,
    "user_cluster_photos": 1,
    "photo_labels": 1,
    "objects": 1,
    "detected_photos": 0,
}
"""Position of the photo's id in the rows of tables that refer to photos."""

TARGETS = ("library.db", "library.db", "library.db", "thumbnails.db", "index", "settings.json")

Rows = dict[str, set[tuple[Any, ...]]]


class Failure(Exception):  # noqa: N818 - a test result
    """A finding."""


@dataclass(frozen=True)
class Answers:
    """What a library answers: numbers of photos and embeddings, thumbnails by digest, names of user clusters."""

    photos: int
    embedded: int
    thumbnails: dict[bytes, bytes]
    names: frozenset[str | None]
    error: str = ""


def build_library(folder: Path, photos: int) -> None:
    """Create a library with embeddings, labels, thumbnails, clusters and named user clusters."""
    rng = np.random.default_rng(0)
    catalog = Catalog(folder)
    thumbnails = ThumbnailCache(folder)
    for number, source in enumerate(SOURCES):
        catalog.add_source(source)
        records = []
        for photo in range(number, photos, len(SOURCES)):
            centre = np.random.default_rng(photo // CLUSTER_SIZE).normal(size=DEFAULT.dimensions)
            vector = (centre + 0.3 * rng.normal(size=DEFAULT.dimensions)).astype(np.float32)
            vector /= np.linalg.norm(vector)
            entry = FileEntry(
                f"{source}/{photo % 7}/IMG_{photo:05}.jpg", 1_000_000 + photo, 1_700_000_000 + photo
            )
            facts = PhotoFacts(
                4000, 3000, "JPEG", f"2024-05-{photo % 28 + 1:02}T12:00:00", "Camera", "Lens", 48.1, 11.5
            )
            labels = (Label(f"label {photo % 9}", 0.25 + photo / 1000), Label("all", 1.0))
            packed = pack_vector(vector)
            records.append(
                FileRecord(entry, digest_of(photo), facts, packed, labels, make_objects(photo % 3, rng))
            )
        records.append(FileRecord(FileEntry(f"{source}/broken.jpg", 3, 4), reason="The file is empty."))
        catalog.save(source, records, DEFAULT.id)
    thumbnails.add({digest_of(photo): random.Random(photo).randbytes(3000) for photo in range(photos)})
    ids = [photo.photo_id for photo in catalog.photos()]
    table = UserClusterTable(catalog.database)
    for number in range(CLUSTERS):
        cluster = table.assign(ids[number * CLUSTER_SIZE : (number + 1) * CLUSTER_SIZE])
        table.rename(cluster, f"Holiday {number}")
    _review_duplicates(catalog, ids)
    catalog.close()
    thumbnails.close()
    library = Library.open(folder)
    library.clusters()
    library.close()
    for name in ("library.db", "thumbnails.db"):
        with closing(sqlite3.connect(folder / name)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (folder / "settings.json").write_text('{"labels": true, "device": "cpu"}', encoding="utf-8")
    _build_index(folder)


def make_objects(count: int, rng: np.random.Generator) -> tuple[EmbeddedObject, ...]:
    vectors = rng.normal(size=(count, DEFAULT.object_dimensions)).astype(np.float16)
    found = PhotoObject("all", 0.5, (0.1, 0.2, 0.3, 0.4))
    return tuple(EmbeddedObject(found, vector / np.linalg.norm(vector)) for vector in vectors)


def _review_duplicates(catalog: Catalog, ids: list[int]) -> None:
    """Add pairs of photos and bursts, and what the user said of each pair."""
    found, pairs = (
        DuplicateTable(catalog.database),
        list(zip(sorted(ids)[::2], sorted(ids)[1::2], strict=False)),
    )
    found.save({photo_id: photo_id / 4 for photo_id in ids}, 1, [JudgedPair(*pair, 0.75) for pair in pairs])
    found.replace_burst_links(pairs, {photo_id: photo_id / 4 for photo_id in ids})
    digests = catalog.digests(ids)
    verdicts = [
        VerdictRow(*sorted((digests[one], digests[other])), Verdict.SAME, "2026-05-04T12:00:00+00:00", 0.75)
        for one, other in pairs
    ]
    reviews = [
        ReviewRow(
            photo.file_id, f"same-{photo.photo_id // 2}", photo.photo_id % 2 == 0, photo.size, photo.mtime_ns
        )
        for photo in catalog.photos()
    ]
    VerdictTable(catalog.database).replace([], verdicts, [], reviews)


def _build_index(folder: Path) -> None:
    index = NeighbourIndex("model", 32, exact_below=INDEXED // 4)
    index.add(np.arange(INDEXED), index_vectors())
    index.merge_pending()
    index.save(folder / "index")


def index_vectors() -> np.ndarray[Any, np.dtype[np.float32]]:
    vectors = np.random.default_rng(1).normal(size=(INDEXED, 32)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def digest_of(photo: int) -> bytes:
    return random.Random(photo).randbytes(16)


def flip_bytes(content: bytearray, rng: random.Random, count: int) -> None:
    for _ in range(count):
        content[rng.randrange(len(content))] ^= rng.randrange(1, 256)


def flip_header(content: bytearray, rng: random.Random) -> None:
    for _ in range(3):
        content[rng.randrange(min(100, len(content)))] ^= rng.randrange(1, 256)


def zero_pages(content: bytearray, rng: random.Random, count: int) -> None:
    for _ in range(count):
        start = PAGE * rng.randrange(max(len(content) // PAGE, 1))
        content[start : start + PAGE] = bytes(len(content[start : start + PAGE]))


def overwrite_sector(content: bytearray, rng: random.Random) -> None:
    start = SECTOR * rng.randrange(max(len(content) // SECTOR, 1))
    content[start : start + SECTOR] = rng.randbytes(len(content[start : start + SECTOR]))


def overwrite_start(content: bytearray, rng: random.Random, count: int) -> None:
    content[:count] = rng.randbytes(min(count, len(content)))


def zero_start(content: bytearray, _: random.Random) -> None:
    content[:PAGE] = bytes(min(PAGE, len(content)))


def truncate(content: bytearray, rng: random.Random) -> None:
    del content[rng.randrange(1, len(content)) :]


def swap_pages(content: bytearray, rng: random.Random) -> None:
    pages = max(len(content) // PAGE, 1)
    first, second = (
        slice(PAGE * page, PAGE * page + PAGE) for page in (rng.randrange(pages), rng.randrange(pages))
    )
    content[first], content[second] = content[second], content[first]


DAMAGES: dict[str, Callable[[bytearray, random.Random], None]] = {
    "a byte": lambda content, rng: flip_bytes(content, rng, 1),
    "10 bytes": lambda content, rng: flip_bytes(content, rng, 10),
    "100 bytes": lambda content, rng: flip_bytes(content, rng, 100),
    "3 bytes of the header": flip_header,
    "a page": lambda content, rng: zero_pages(content, rng, 1),
    "5 pages": lambda content, rng: zero_pages(content, rng, 5),
    "a sector": overwrite_sector,
    "the header": lambda content, rng: overwrite_start(content, rng, 100),
    "the first page": zero_start,
    "the end": truncate,
    "two pages swapped": swap_pages,
    "a log of nonsense": lambda _content, _rng: None,
}


def damage(path: Path, kind: str, rng: random.Random) -> None:
    content = bytearray(path.read_bytes())
    DAMAGES[kind](content, rng)
    path.write_bytes(content)
    if kind == "a log of nonsense":
        path.with_name(f"{path.name}-wal").write_bytes(rng.randbytes(50_000))


def ask(folder: Path) -> Answers:
    """Open a library and ask it everything; an error message of ours is an answer too."""
    logging.disable(logging.CRITICAL)
    try:
        library = Library.open(folder)
        try:
            status, photos = library.status(), library.photos()
            for level in range(3):
                library.clusters(level)
            view = library.models.active
            example = next((photo for photo in photos if view.vector_of(photo.photo_id) is not None), None)
            if example is not None:
                library.similar(example.file_id, 5)
                _search_objects(library, example)
            library.sources()
            library.labels.counts()
            library.exports.embeddings(folder / "all.npz")
            ids = [photo.photo_id for photo in photos]
            digests, thumbnails = library._catalog.digests(ids), library.cached_thumbnails(ids)
            return Answers(
                status.photos,
                status.embedded,
                {digests[photo_id]: jpeg for photo_id, jpeg in thumbnails.items()},
                frozenset(cluster.name for cluster in library.cluster_edits.snapshot()),
            )
        finally:
            library.close()
    except PhotoSimError as error:
        return Answers(0, 0, {}, frozenset(), str(error))
    except Exception as error:
        raise Failure(f"{type(error).__name__}: {error}\n{traceback.format_exc()[-1500:]}") from None


def _search_objects(library: Library, photo: Photo) -> None:
    found = library.objects.of_photos([photo.photo_id for photo in library.photos()])
    assert all(len(objects) < 3 for objects in found.values())
    vector = np.ones(DEFAULT.object_dimensions, np.float32) / np.sqrt(np.float32(DEFAULT.object_dimensions))
    library.objects.search(
        SimilarityQuery((Example(photo.path, Region(0, 0, 0.5, 0.5)),)), 5, lambda _: vector
    )
    with suppress(LabelError):
        library.search.find("two all")


def repair_library(folder: Path) -> str:
    logging.disable(logging.CRITICAL)
    try:
        return "intact" if repair(folder) is None else "repaired"
    except Exception as error:
        raise Failure(f"repair: {type(error).__name__}: {error}\n{traceback.format_exc()[-1500:]}") from None


def search_index(folder: Path) -> None:
    """Load a damaged index and compare its answers with exact ones."""
    logging.disable(logging.CRITICAL)
    vectors = index_vectors()
    index = NeighbourIndex.load(folder, "model", 32, exact_below=INDEXED // 4)
    index.sync(np.arange(INDEXED), lambda ids: vectors[ids])
    ids, similarities = index.search(vectors, 1)
    if not np.array_equal(ids[:, 0], np.arange(INDEXED)) or not np.allclose(similarities, 1, atol=1e-3):
        raise Failure("the search index answers wrongly")


class DamageTrials:
    """A library, its rows by page, and a process in which copies of it are opened."""

    def __init__(self, folder: Path, photos: int, *, recover: bool = False) -> None:
        self.folder, self.recover = folder, recover
        self.base = folder / "undamaged"
        self.base.mkdir()
        build_library(self.base, photos)
        self.rows = read_rows(self.base / "library.db")
        self.pages = rows_by_page(self.base / "library.db")
        for table in TABLES:
            found = {row for rows in self.pages.values() for name, row in rows if name == table}
            if found != self.rows[table]:
                raise Failure(f"the reader of pages does not find the rows of {table}")
        self.lost: Counter[str] = Counter()
        self._pool = self._new_pool()
        self.expected = self._call(ask, self.base)

    def close(self) -> None:
        self._pool.shutdown()

    def trial(self, number: int, target: str, kind: str, rng: random.Random) -> str:
        """Damage a copy; returns what happened. Raises Failure."""
        copy = self.folder / f"copy {number}"
        shutil.copytree(self.base, copy)
        outcome = {"library.db": self._library, "index": self._index}.get(target, self._cache)(
            copy, target, kind, rng
        )
        shutil.rmtree(copy)
        return outcome

    def _library(self, copy: Path, target: str, kind: str, rng: random.Random) -> str:
        damage(copy / target, kind, rng)
        intact = self._rows_of_whole_pages(copy / target)
        recovered = recovered_rows(copy / target) if self.recover else {}
        before: Answers = self._call(ask, copy)
        result = self._call(repair_library, copy)
        after: Answers = self._call(ask, copy)
        if after.error:
            raise Failure(f"after the repair: {after.error}")
        if self._call(repair_library, copy) != "intact":
            raise Failure("the repaired library is damaged")
        rows = read_rows(copy / target)
        for table in TABLES:
            self._check_rows(table, intact[table] - rows[table], rows, "a whole page")
            self._check_rows(
                table, recovered.get(table, set()) & self.rows[table] - rows[table], rows, "SQLite"
            )
            self.lost[table] += len(self.rows[table] - rows[table])
        if wrong := rows["embeddings"] - self.rows["embeddings"]:
            raise Failure(f"{len(wrong)} embeddings have changed")
        if wrong := rows["objects"] - self.rows["objects"]:
            raise Failure(f"{len(wrong)} objects have changed")
        self._check_thumbnails(after)
        return f"{before.error[:90] or 'opened'}; {result}, {len(rows['photos'])} photos"

    def _check_rows(self, table: str, lost: set[tuple[Any, ...]], rows: Rows, origin: str) -> None:
        """Raise Failure for lost rows, unless what they refer to is lost, or they were damaged before the repair."""
        photos = {row[0] for row in rows["photos"]}
        keys, labels = {row[0] for row in rows[table]}, {row[0] for row in rows["labels"]}
        embedded = {row[0] for row in rows["embeddings"]}
        files = {row[0] for row in rows["files"]}
        column = _PHOTO_COLUMN.get(table)
        for row in lost:
            if column is not None and row[column] is not None and row[column] not in photos:
                continue
            if table == "duplicate_reviews" and row[0] not in files:
                continue  # the review of a lost file
            if table == "files" and row[0] in keys:
                continue  # another source or primary file, whose row was lost
            if table == "objects" and (row[2] not in labels or row[1] not in embedded):
                continue  # as labels
            if table == "detected_photos" and row[0] not in embedded:
                continue
            if table == "detected_photos" and row[3] != sum(one[1] == row[0] for one in rows["objects"]):
                continue  # an object of it is lost, so it is searched again
            if table == "photo_labels" and (row[0] not in labels or row[1] not in embedded):
                continue  # labels are deleted with a damaged embedding, and found again with it
            raise Failure(f"{len(lost)} rows of {table} are lost, which {origin} has, as {row!r:.200}")

    def _cache(self, copy: Path, target: str, kind: str, rng: random.Random) -> str:
        damage(copy / target, kind, rng)
        answers: Answers = self._call(ask, copy)
        if answers.error:
            raise Failure(answers.error)
        if (answers.photos, answers.names) != (self.expected.photos, self.expected.names):
            raise Failure("a damaged cache costs photos or clusters")
        self._check_thumbnails(answers)
        thumbnails = ThumbnailCache(copy)
        thumbnails.get_many(self.expected.thumbnails)
        thumbnails.digests()
        thumbnails.add(self.expected.thumbnails)
        if thumbnails.get_many(self.expected.thumbnails) != self.expected.thumbnails:
            raise Failure("the thumbnails do not come back")
        thumbnails.close()
        return f"{len(answers.thumbnails)} thumbnails left"

    def _index(self, copy: Path, target: str, kind: str, rng: random.Random) -> str:
        path = rng.choice(sorted((copy / target).iterdir()))
        damage(path, kind, rng)
        self._call(search_index, copy / target)
        return f"{path.name}: right answers"

    def _check_thumbnails(self, answers: Answers) -> None:
        if wrong := answers.thumbnails.items() - self.expected.thumbnails.items():
            raise Failure(f"{len(wrong)} damaged thumbnails are shown")

    def _rows_of_whole_pages(self, path: Path) -> Rows:
        """Return the rows of all pages that are, perhaps elsewhere, in a damaged file."""
        content = path.read_bytes()
        whole = {content[start : start + PAGE] for start in range(0, len(content), PAGE)}
        found: Rows = {table: set() for table in TABLES}
        for page, rows in self.pages.items():
            if page in whole:
                for table, row in rows:
                    found[table].add(row)
        return found

    def _call(self, function: Callable[[Path], Any], folder: Path) -> Any:
        try:
            return self._pool.submit(function, folder).result(TIMEOUT_S)
        except BrokenProcessPool:
            self._pool = self._new_pool()
            raise Failure(f"{function.__name__} ended the process") from None
        except TimeoutError:
            raise Failure(f"{function.__name__} does not end") from None

    @staticmethod
    def _new_pool() -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def read_rows(path: Path) -> Rows:
    """Return the rows of all tables of an intact library."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        return {table: set(connection.execute(f"SELECT * FROM {table}")) for table in TABLES}  # noqa: S608


def rows_by_page(path: Path) -> dict[bytes, list[tuple[str, tuple[Any, ...]]]]:
    """Return the rows of each page by its content, as (table, row) pairs."""
    schema = known_schema(migrations.library)
    found: dict[bytes, list[tuple[str, tuple[Any, ...]]]] = {}
    with PageReader(path) as pages:
        for number in range(1, pages.page_count + 1):
            rows = [(row, True) for row in pages.rows(number, 13)]
            rows += [(row, False) for row in pages.rows(number, 2, 10)]
            has_scores = any(row.types == "IIR" for row, _ in rows)
            for row, has_rowid in rows:
                table = schema.table_of(row.types, has_rowid=has_rowid)
                if table is None or table.name not in TABLES or (not has_rowid and not has_scores):
                    continue
                values = list(row.values)
                if table.id_column is not None:
                    values[table.id_column] = row.rowid
                found.setdefault(pages.page(number), []).append((table.name, tuple(values)))
    return found


def recovered_rows(path: Path) -> Rows:
    """Return what SQLite's command line recovers of a damaged file."""
    with tempfile.TemporaryDirectory() as folder:
        copy, target = Path(folder, "damaged.db"), Path(folder, "recovered.db")
        shutil.copy(path, copy)
        script = subprocess.run(["sqlite3", copy, ".recover"], capture_output=True, check=False).stdout
        subprocess.run(["sqlite3", target], input=script, capture_output=True, check=False)
        found: Rows = {}
        with closing(sqlite3.connect(target)) as connection:
            connection.text_factory = bytes
            for table in TABLES:
                try:
                    found[table] = set(connection.execute(f"SELECT * FROM {table}"))  # noqa: S608
                except sqlite3.DatabaseError:
                    found[table] = set()
        return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="skip the damages before this one")
    parser.add_argument("--photos", type=int, default=400)
    parser.add_argument("--recover", action="store_true", help="compare with the command line of SQLite")
    parser.add_argument("--target", choices=sorted(set(TARGETS)), help="damage only this")
    arguments = parser.parse_args()
    failures = 0
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        trials = DamageTrials(Path(folder), arguments.photos, recover=arguments.recover)
        for number in range(arguments.first, arguments.times):
            rng = random.Random(f"{arguments.seed} {number}")
            target = arguments.target or rng.choice(TARGETS)
            kind = rng.choice(list(DAMAGES))
            started = time.monotonic()
            try:
                outcome = trials.trial(number, target, kind, rng)
            except Failure as failure:
                failures += 1
                outcome = f"FAILED: {failure}"
            outcomes[outcome.partition(",")[0].rpartition("; ")[2] if target == "library.db" else target] += 1
            print(f"{number}: {target}, {kind}: {outcome} ({time.monotonic() - started:.1f} s)", flush=True)
        trials.close()
        print(f"Lost rows, of pages that were damaged: {dict(trials.lost)}")
    tried = arguments.times - arguments.first
    print(f"{tried - failures} of {tried} passed.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
