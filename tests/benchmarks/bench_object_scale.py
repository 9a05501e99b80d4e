"""A library with a million objects: their index, searches among them, and the memory of the window.

    python -m tests.benchmarks.bench_object_scale [--photos 300000] [--objects 1000000] [--library FOLDER]

`--library` is one that `bench_scale` wrote, or where to create it. Objects are written without photo files, with vectors
distributed like those of the photos' embeddings. Each stage runs in its own process.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from photosim.library import Library
from photosim.records import EmbeddedObject, PhotoObject
from photosim.runtime.control import JobControl
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.query import Example, Region, SimilarityQuery
from tests.benchmarks.bench_scale import PHOTOS, write
from tests.benchmarks.processes import run
from tests.benchmarks.report import Row, machine, table
from tests.benchmarks.setting import Setting, say

OBJECTS, BATCH, QUERIES, K = 1_000_000, 5_000, 100, 50
KINDS = 80
WINDOW_MB = 1200
"""Target for the window after a search among OBJECTS in PHOTOS."""

_BOX = (0.25, 0.25, 0.5, 0.5)
_EXAMPLE_REGION = Region(*_BOX)


def main() -> int:
    """Run all stages; return exit status 1 if a target is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.bench_object_scale", description=__doc__
    )
    parser.add_argument("--photos", type=int, default=PHOTOS)
    parser.add_argument("--objects", type=int, default=OBJECTS)
    parser.add_argument("--library", type=Path, help="where to create and keep the library")
    parser.add_argument("--stage", choices=tuple(_STAGES), help="one stage, in this process")
    arguments = parser.parse_args()
    if arguments.stage is not None:
        print(json.dumps(_STAGES[arguments.stage](arguments.library)))
        return 0
    with tempfile.TemporaryDirectory(prefix="photosim-bench-") as temporary:
        library = arguments.library or Path(temporary, "library")
        setting = Setting(Path(temporary))
        if not library.exists():
            write(library, arguments.photos, setting)
        _write_objects(library, arguments.objects)
        rows = _measure(library, arguments.objects)
    print(machine())
    print(table(rows))
    return int(any(row.met is False for row in rows))


def _measure(library: Path, objects: int) -> list[Row]:
    module = "tests.benchmarks.bench_object_scale"
    say("building the index")
    built = run(module, "--stage", "index", "--library", library)
    say("searching")
    searched = run(module, "--stage", "search", "--library", library).answer
    say("opening the window")
    window = run("tests.benchmarks.first_window", library, "--objects")
    own = window.answer["own_mb"]
    name = f"{objects:,} objects"
    return [
        Row(f"{name}: their index made, CPU time", f"{built.answer['index_s']:.0f} s"),
        Row(f"{name}: memory meanwhile", f"{built.peak / 1e6:.0f} MB"),
        Row(f"{name}: size of the library's files", f"{_size(library) / 1e6:.0f} MB"),
        Row(f"{name}: a search by an object, p95 of CPU time", f"{searched['p95_ms']:.1f} ms"),
        Row(f"{name}: recall@{K}", f"{searched['recall']:.4f}", "1 exact"),
        Row(f"{name}: the first search", f"{searched['first_ms']:.0f} ms"),
        Row(f"{name}: the first search by a count", f"{searched['count_ms']:.0f} ms"),
        Row(
            f"{name}: memory of the window that searched by one",
            f"{own:.0f} MB",
            f"{window.answer['before_mb']:.0f} MB before",
            bar=f"≤ {WINDOW_MB} MB",
            met=own <= WINDOW_MB,
        ),
    ]


def _size(library: Path) -> int:
    return sum(file.stat().st_size for file in library.rglob("*") if file.is_file())


def _write_objects(folder: Path, objects: int) -> None:
    """Add objects to the photos of a library, unless it has some."""
    library = Library.open(folder)
    objects_table = library.objects.table
    ids = library.models.active.embeddings.photo_ids_unordered()
    dimensions = library.model.object_dimensions
    if objects_table.counts()[0] == 0:
        say(f"writing {objects:,} objects")
        rng = np.random.default_rng(5)
        photo_vectors = library.models.active.embeddings.vectors_of
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            # The first values of the photos' embeddings, with noise: objects have neighbours as photos do.
            bases = photo_vectors(part)[:, :dimensions]
            counts = rng.multinomial(objects * len(part) // len(ids), np.full(len(part), 1 / len(part)))
            found = {
                photo_id: [_make_object(base, rng) for _ in range(min(count, 10))]
                for photo_id, base, count in zip(part.tolist(), bases, counts.tolist(), strict=True)
            }
            objects_table.save(found)
    library.close()


def _make_object(base: np.ndarray, rng: np.random.Generator) -> EmbeddedObject:  # type: ignore[type-arg]
    vector = base / np.linalg.norm(base) + rng.normal(0, 0.5 / np.sqrt(len(base)), len(base))
    label = f"kind {min(int(rng.exponential(12)), KINDS - 1)}"
    return EmbeddedObject(PhotoObject(label, 0.5, _BOX), (vector / np.linalg.norm(vector)).astype(np.float16))


def _build(folder: Path) -> dict[str, float]:
    library = Library.open(folder)
    started = time.process_time()
    for _ in library.objects.index_builder.update(JobControl()):
        pass
    library.close()
    return {"index_s": time.process_time() - started}


def _search(folder: Path) -> dict[str, float]:
    """Search by objects as a click does, and compare with exact results."""
    library = Library.open(folder)
    table_ = library.objects.table
    ids = table_.object_ids()
    queries = np.random.default_rng(0).choice(ids, QUERIES, replace=False)
    vectors = table_.vectors_of(queries)

    def search(row: int) -> set[int]:
        query = SimilarityQuery((Example("/not in the library.jpg", _EXAMPLE_REGION, is_object=True),))
        return {match.photo_id for match in library.objects.search(query, K, lambda _: vectors[row])}

    started = time.process_time()
    search(0)
    first = time.process_time() - started
    times, results = [], []
    for row in range(QUERIES):
        started = time.process_time()
        results.append(search(row))
        times.append((time.process_time() - started) * 1000)
    started = time.process_time()
    library.finder.files(PhotoFilter())
    rest = time.process_time() - started
    started = time.process_time()
    library.finder.files(PhotoFilter(object_words=frozenset({"2 kind 0"})))
    counted = time.process_time() - started
    recall = _recall(library, vectors, results)
    library.close()
    return {
        "first_ms": first * 1000,
        "p95_ms": float(np.percentile(times, 95)),
        "count_ms": counted * 1000,
        "table_ms": rest * 1000,
        "recall": recall,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        / (1e6 if sys.platform == "darwin" else 1e3),
    }


def _recall(library: Library, vectors: np.ndarray, results: list[set[int]]) -> float:  # type: ignore[type-arg]
    """Return the share of the K photos with the nearest objects that were found."""
    ids, photo_ids = library.objects.table.object_and_photo_ids()
    best = np.empty((len(vectors), 0), np.float32)
    photos = np.empty((len(vectors), 0), np.int64)
    for start in range(0, len(ids), 100 * BATCH):
        part = slice(start, start + 100 * BATCH)
        cosines = vectors @ library.objects.table.vectors_of(ids[part]).T
        columns = np.argpartition(-cosines, 4 * K, axis=1)[:, : 4 * K]
        best = np.concatenate([best, np.take_along_axis(cosines, columns, axis=1)], axis=1)
        photos = np.concatenate([photos, photo_ids[part][columns]], axis=1)
    shares = []
    for row, found in enumerate(results):
        ordered = dict.fromkeys(photos[row, np.argsort(-best[row])].tolist())
        expected = set(list(ordered)[:K])
        shares.append(len(expected & found) / K)
    return float(np.mean(shares))


_STAGES: dict[str, Callable[[Path], dict[str, float]]] = {"index": _build, "search": _search}


if __name__ == "__main__":
    sys.exit(main())
