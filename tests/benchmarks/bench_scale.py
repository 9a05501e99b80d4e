"""A library of hundreds of thousands of photos: clustering, searching, and opening the window.

    python -m tests.benchmarks.bench_scale [--photos 300000] [--library FOLDER]

Entries and vectors are written to the database without photo files. Each stage runs in its own process, so that its
memory is measured separately.
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

from photosim.gui.services.cluster_cache import ClusterCache
from photosim.library import Library
from photosim.ml.models.catalog import DEFAULT
from photosim.records import DEFAULT_LEVEL, FileEntry, PhotoFacts
from photosim.runtime.control import JobControl
from photosim.runtime.gc_pause import gc_paused
from photosim.search.index_files import NEIGHBOURS_FILE, index_folder
from photosim.search.rerank import RERANKED
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.database import placeholders
from photosim.store.embeddings import pack_vector
from photosim.store.thumbnails import ThumbnailCache
from tests.benchmarks.processes import run
from tests.benchmarks.report import Row, machine, table
from tests.benchmarks.setting import Setting, say

PHOTOS, BATCH, QUERIES, K = 300_000, 10_000, 300, 60
TRANSACTION_SIZE = 8  # photos, as in indexing
ADDED = 200  # photos added in the stage "update"
GRAPH_S, CLUSTERS_S, OPEN_S, WINDOW_MB = 20, 15, 1.0, 1000
CLUSTERS_OPEN_S, MERGED_MS = 1.0, 100
"""Targets for 300,000 photos."""

SEARCH_MS, SEARCH_MILLION_MS = 10, 20
"""Targets for a search, up to 300,000 photos and above."""

CLUSTERS_MILLION_S = 90
"""Target for the clusters of more than 300,000 photos."""


def main() -> int:
    """Run all stages; return exit status 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_scale", description=__doc__)
    parser.add_argument("--photos", type=int, default=PHOTOS)
    parser.add_argument("--library", type=Path, help="where to create and keep the library")
    parser.add_argument("--stage", choices=tuple(_STAGES), help="one stage, in this process")
    arguments = parser.parse_args()
    if arguments.stage is not None:
        print(json.dumps(_STAGES[arguments.stage](arguments.library)))
        return 0
    with tempfile.TemporaryDirectory(prefix="photosim-bench-") as temporary:
        library = arguments.library or Path(temporary, "library")
        rows = [] if library.exists() else [write(library, arguments.photos, Setting(Path(temporary)))]
        rows += _measure(library, arguments.photos)
    print(machine())
    print(table(rows))
    return int(any(row.met is False for row in rows))


def _measure(library: Path, photos: int) -> list[Row]:
    say("grouping")
    grouping = run("tests.benchmarks.bench_scale", "--stage", "group", "--library", library)
    grouped = grouping.answer
    say("searching")
    searching = run("tests.benchmarks.bench_scale", "--stage", "search", "--library", library).answer
    loaded_clusters = run("tests.benchmarks.bench_scale", "--stage", "clusters", "--library", library).answer
    say("opening the window")
    opened = []
    for _ in range(3):
        started = time.time()
        window = run("tests.benchmarks.first_window", library)
        opened.append([window.answer[name] - started for name in ("painted_at", "photos_at", "all_at")])
    painted, shown, complete = (sorted(times)[1] for times in zip(*opened, strict=True))
    name = f"{photos:,} photos"
    p95 = searching["p95_ms"]
    return [
        _row(f"{name}: the search graph made", grouped["graph_s"], GRAPH_S, "s"),
        _row(
            f"{name}: clusters of five levels",
            grouped["clusters_s"],
            CLUSTERS_S if photos <= PHOTOS else CLUSTERS_MILLION_S,
            "s",
            f"CPU time {grouped['clusters_cpu_s']:.0f} s",
        ),
        Row(f"{name}: memory while grouping", f"{grouping.peak / 1e6:.0f} MB"),
        _row(
            f"{name}: a search by a photo, re-ranked, p95 of CPU time",
            p95,
            SEARCH_MS if photos <= PHOTOS else SEARCH_MILLION_MS,
            "ms",
            f"{searching['exact_ms']:.0f} ms exact",
        ),
        Row(f"{name}: recall@{K}", f"{searching['recall']:.4f}", "1 exact"),
        Row(f"{name}: the first search", f"{searching['first_ms']:.0f} ms"),
        _row(f"{name}: the clusters opened", loaded_clusters["clusters_s"], CLUSTERS_OPEN_S, "s"),
        _row(
            f"{name}: the clusters after two were merged", loaded_clusters["merged_s"] * 1000, MERGED_MS, "ms"
        ),
        Row(f"{name}: memory of a process that searched", f"{searching['peak_mb']:.0f} MB"),
        Row(f"{name}: first paint of the window", f"{painted:.2f} s"),
        _row(f"{name}: first paint with photos in it", shown, OPEN_S, "s"),
        Row(f"{name}: all photos can be scrolled to", f"{complete:.1f} s"),
        _row(f"{name}: memory of the window then", window.peak / 1e6, WINDOW_MB, "MB"),
    ]


def _row(what: str, ours: float, bar: float, unit: str, beside: str = "") -> Row:
    figure = f"{ours:.2f} {unit}" if ours < 10 else f"{ours:.0f} {unit}"
    return Row(what, figure, beside, bar=f"≤ {bar:g} {unit}", met=ours <= bar)


def write(folder: Path, photos: int, setting: Setting) -> Row:
    """Create the library; return a row on the throughput as it grows."""
    say(f"writing {photos:,} entries")
    folder.mkdir(parents=True)
    catalog, thumbnails = Catalog(folder), ThumbnailCache(folder)
    catalog.add_source("/photos")
    rates: list[float] = []
    for start in range(0, photos, BATCH):
        vectors = setting.vectors(min(BATCH, photos - start), seed=start + 3)
        records = []
        for number, vector in enumerate(vectors, start):
            day = f"20{number % 25:02}-{number % 12 + 1:02}-{number % 28 + 1:02}T10:{number % 60:02}:00"
            facts = PhotoFacts(4000, 3000, "JPEG", taken_at=day, camera="Camera of these photos")
            entry = FileEntry(f"/photos/{number // 500:04}/IMG_{number:07}.jpg", 4_000_000, number)
            records.append(FileRecord(entry, number.to_bytes(16, "big"), facts, pack_vector(vector)))
        started = time.perf_counter()
        for batch in range(0, len(records), TRANSACTION_SIZE):
            catalog.save("/photos", records[batch : batch + TRANSACTION_SIZE], DEFAULT.id)
        rates.append(len(records) / (time.perf_counter() - started))
    catalog.close()
    thumbnails.close()
    curve = [f"{rate:,.0f}" for rate in rates[:: max(1, len(rates) // 6)]]
    return Row(
        f"{photos:,} photos stored per second, as the library grows",
        ", ".join(curve),
        f"{rates[0]:,.0f} the first {BATCH:,}",
        f"{rates[-1] / rates[0]:.2f}",
    )


def _group(folder: Path) -> dict[str, float]:
    """Cluster anew like indexing does; return the seconds, and CPU seconds, of the index and of the clustering."""
    library = Library.open(folder)
    grouping = library.models.active.index_builder
    grouping.embeddings.save_clusters("", [])
    (index_folder(folder, grouping.model) / NEIGHBOURS_FILE).unlink(missing_ok=True)
    found = {}
    for name, part in (("graph", grouping.update_index), ("clusters", grouping.build)):
        found[f"{name}_s"], found[f"{name}_cpu_s"] = _timed(lambda part=part: list(part(JobControl())))
    library.close()
    return {**found, "peak_mb": _peak_mb()}


def _update(folder: Path) -> dict[str, float]:
    """Cluster without some photos, then with them; return the seconds of that, and CPU seconds."""
    library = Library.open(folder)
    grouping = library.models.active.index_builder
    database, ids = grouping.embeddings._database, grouping.embeddings.photo_ids()
    new = np.random.default_rng(0).choice(ids, ADDED, replace=False).tolist()
    condition = f"photo_id IN ({placeholders(new)})"
    rows = database.rows(f"SELECT * FROM embeddings WHERE {condition}", new, checked=False)  # noqa: S608
    try:
        with database.transaction() as db:
            db.execute(f"DELETE FROM embeddings WHERE {condition}", new)  # noqa: S608
        _timed(lambda: list(grouping.build(JobControl())))
    finally:
        with database.transaction() as db:
            db.conn.executemany("INSERT INTO embeddings VALUES (?, ?, ?, ?)", rows)
    seconds, cpu_seconds = _timed(lambda: list(grouping.build(JobControl())))
    library.close()
    return {"update_s": seconds, "update_cpu_s": cpu_seconds}


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds and the CPU seconds of a call."""
    started, cpu_started = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - cpu_started


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _search(folder: Path) -> dict[str, float]:
    """Search by photos of the library like a click does, and compare with exact results."""
    library = Library.open(folder)
    photos = library.photos()
    selected = np.random.default_rng(0).choice(len(photos), QUERIES, replace=False)
    started = time.perf_counter()
    library.similar(photos[0].file_id, K)
    first = time.perf_counter() - started
    times, results = [], []
    for row in selected:
        started = time.process_time()
        library.similar(photos[row].file_id, K)
        times.append((time.process_time() - started) * 1000)
        vector = library.models.active.vector_of(photos[row].photo_id)
        assert vector is not None
        candidates, *_ = library.models.active.candidates(vector, RERANKED)
        results.append(set(candidates[: K + 1].tolist()))
    peak = _peak_mb()
    exact_ms, recall = _compare_with_exact(library, [photos[row].photo_id for row in selected], results)
    library.close()
    return {
        "first_ms": first * 1000,
        "p95_ms": float(np.percentile(times, 95)),
        "recall": recall,
        "exact_ms": exact_ms,
        "peak_mb": peak,
    }


def _clusters(folder: Path) -> dict[str, float]:
    """Return the seconds until the window has the clusters, and until it has them after a merge, which is then undone."""
    library = Library.open(folder)
    cluster_cache, before = ClusterCache(library), library.cluster_edits.snapshot()
    started = time.perf_counter()
    with gc_paused():  # as the window does
        clusters = [cluster for cluster, _ in cluster_cache.load(DEFAULT_LEVEL).clusters]
    opened = time.perf_counter() - started
    started = time.perf_counter()
    with gc_paused():
        library.cluster_edits.merge(clusters[:2])
        cluster_cache.load(DEFAULT_LEVEL)
    merged = time.perf_counter() - started
    library.cluster_edits.restore(before)
    library.close()
    return {"clusters_s": opened, "merged_s": merged}


def _compare_with_exact(
    library: Library, photo_ids: list[int], results: list[set[int]]
) -> tuple[float, float]:
    """Return the CPU milliseconds of one exact search, and the share of its K results that the index found."""
    vectors = library.models.active.embeddings
    ids = vectors.photo_ids()
    everything, queries = vectors.vectors_of(ids), vectors.vectors_of(photo_ids)
    times, shares = [], []
    for photo_id, query, result in zip(photo_ids, queries, results, strict=True):
        started = time.process_time()
        similarities = everything @ query
        best = ids[np.argpartition(-similarities, K + 1)[: K + 1]]
        times.append((time.process_time() - started) * 1000)
        expected = set(best.tolist()) - {photo_id}
        shares.append(len(expected & result) / len(expected))
    return float(np.median(times)), float(np.mean(shares))


_STAGES: dict[str, Callable[[Path], dict[str, float]]] = {
    "group": _group,
    "update": _update,
    "search": _search,
    "clusters": _clusters,
}


if __name__ == "__main__":
    sys.exit(main())
