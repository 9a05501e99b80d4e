"""Events: how well known ones are found, beside gaps in time alone, and what that costs.

    python -m tests.benchmarks.bench_events [--many 300000] [--library 100000]

The photos are generated: years of holidays, parties, walks and snapshots, see `tests/support/shooting.py`. CPU time, as
other programs may be running.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np

from photosim.clustering.events import find_events
from photosim.library import Library
from photosim.ml.models.catalog import DEFAULT
from photosim.records import FileEntry, PhotoFacts
from photosim.search.exact import Vectors
from photosim.store.catalog import FileRecord
from photosim.store.embeddings import pack_vector
from tests.benchmarks.report import Row, machine, table
from tests.support.shooting import DAY, HOUR, Integers, Shooting, boundary_scores, family_photos, shots

MANY, IN_LIBRARY = 300_000, 100_000
FIND_S = 2
"""Target: CPU seconds for MANY photos."""

SEEDS, YEARS = 5, 3
WHOLE_DAYS = 0.2
"""Share of photos of which only the day is known in a second library."""

_T = TypeVar("_T")

Method = Callable[[Shooting], Integers]


def main() -> int:
    """Print the results; return exit status 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_events", description=__doc__)
    parser.add_argument("--many", type=int, default=MANY, help="photos to find events in, in memory")
    parser.add_argument("--library", type=int, default=IN_LIBRARY, help="photos of a library")
    arguments = parser.parse_args()
    rows = [*compare(), measure_many(arguments.many)]
    with tempfile.TemporaryDirectory(prefix="photosim-bench-") as temporary:
        rows += measure_library(Path(temporary, "timed"), arguments.library)
        rows += measure_library(Path(temporary, "days"), arguments.library, WHOLE_DAYS)
    print(machine())
    print(table(rows))
    return int(any(row.met is False for row in rows))


def compare() -> Iterator[Row]:
    """Compare the F-score of the ends of events with that of other methods."""
    methods: dict[str, Method] = {
        "PhotoSim": lambda made: find_events(made.shots, made.vectors_of),
        "time alone": lambda made: find_events(
            made.shots, lambda ids: np.zeros((len(ids), made.vectors.shape[1]), np.float32)
        ),
        "8 hours": lambda made: gaps_of(made.shots.seconds, 8 * HOUR),
        "a day": lambda made: gaps_of(made.shots.seconds, DAY),
        "PhotoTOC": lambda made: photo_toc(made.shots.seconds),
    }
    for title, weight, in_folders in (
        ("photos of one event look alike", 0.65, 0.0),
        ("they look somewhat alike", 0.45, 0.0),
        ("they hardly do", 0.3, 0.0),
        ("they look somewhat alike, half of the holidays in folders", 0.45, 0.5),
    ):
        made = [family_photos(YEARS, seed, in_folders=in_folders, weight=weight) for seed in range(SEEDS)]
        scores = {name: f_score(made, method) for name, method in methods.items()}
        others = ", ".join(f"{name} {score:.2f}" for name, score in scores.items() if name != "PhotoSim")
        yield Row(f"ends of events found, F-score; {title}", f"{scores['PhotoSim']:.2f}", others)


def f_score(shootings: list[Shooting], method: Method) -> float:
    scores = [boundary_scores(made.shots.seconds, method(made), made.events) for made in shootings]
    precision, recall = np.mean(scores, axis=0)
    return float(2 * precision * recall / (precision + recall))


def gaps_of(seconds: Integers, longest: int) -> Integers:
    """Return the events that longer gaps alone make."""
    order = np.argsort(seconds, kind="stable")
    found = np.zeros(len(seconds), np.int64)
    found[order] = np.append(0, (np.diff(seconds[order]) > longest).cumsum())
    return found


def photo_toc(seconds: Integers, ratio: float = 17, window: int = 10) -> Integers:
    """Return the events by equation 1 of PhotoTOC, with its constants."""
    order = np.argsort(seconds, kind="stable")
    logs = np.log(np.maximum(np.diff(seconds[order]), 1))
    sums = np.append(0, logs.cumsum())
    positions = np.arange(len(logs))
    first, end = np.maximum(positions - window, 0), np.minimum(positions + window + 1, len(logs))
    is_cut = logs >= np.log(ratio) + (sums[end] - sums[first]) / (end - first)
    found = np.zeros(len(seconds), np.int64)
    found[order] = np.append(0, is_cut.cumsum())
    return found


def many_photos(count: int) -> tuple[Shooting, Vectors]:
    """Make photos of as many years as it takes, and embeddings of another number of dimensions that repeat."""
    made = family_photos(12, 1, dimensions=8)
    later = np.arange(count) // len(made.events) * 13 * 365 * DAY
    taken = shots(np.resize(made.shots.seconds, count) + later)
    pool = np.random.default_rng(0).standard_normal((4096, DEFAULT.dimensions), dtype=np.float32)
    pool /= np.linalg.norm(pool, axis=1, keepdims=True)
    return Shooting(taken, np.resize(made.events, count), np.zeros((0, 0), np.float32)), pool


def measure_many(count: int) -> Row:
    made, pool = many_photos(count)
    found, seconds = timed(lambda: find_events(made.shots, lambda ids: pool[ids % len(pool)]))
    what = f"events of {count:,} photos in memory, CPU; {found.max() + 1:,} events"
    return Row(what, f"{seconds:.2f} s", "", "", f"≤ {FIND_S} s", seconds <= FIND_S)


def measure_library(folder: Path, count: int, whole_days: float = 0) -> Iterator[Row]:
    """Measure the first answer of a library, and the one after photos have changed."""
    made, pool = many_photos(count)
    library = Library.open(folder)
    library._catalog.add_source("/photos")
    epoch = np.datetime64("1970-01-01T00:00:00")
    dates = (epoch + made.shots.seconds.astype("timedelta64[s]")).astype(str).tolist()
    for number in np.flatnonzero(np.random.default_rng(0).random(count) < whole_days).tolist():
        dates[number] = f"{dates[number][:10]}T00:00:00"
    packed = [pack_vector(vector) for vector in pool]
    for start in range(0, count, 5000):
        records = [
            FileRecord(
                FileEntry(f"/photos/{number // 500:04}/{number}.jpg", 1, number),
                number.to_bytes(16, "big"),
                PhotoFacts(4000, 3000, "JPEG", taken_at=dates[number], taken_from="exif"),
                packed[number % len(packed)],
            )
            for number in range(start, min(start + 5000, count))
        ]
        library._catalog.save("/photos", records, DEFAULT.id)
    found, seconds = timed(library.events.all)
    what = f"events of a library of {count:,} photos, {whole_days:.0%} without a time, CPU; {len(found):,} events"
    yield Row(what, f"{seconds:.1f} s")
    with library._catalog.database.transaction() as db:
        db.execute("DELETE FROM files WHERE id = ?", (found[0].medoid_id,))
    _, seconds = timed(library.events.all)
    yield Row("again after a photo has gone, CPU", f"{seconds:.1f} s")
    library.close()


def timed(work: Callable[[], _T]) -> tuple[_T, float]:
    started = time.process_time()
    return work(), time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
