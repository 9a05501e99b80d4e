"""Photos indexed per second (read, decoded, embedded, stored) in libraries of increasing size.

    python -m tests.benchmarks.bench_growth [--step 100000] [--steps 3] [--photos 200]

What the library holds already is written through the store, without photos.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from photosim.library import Library
from photosim.ml.models.catalog import DEFAULT
from photosim.records import FileEntry, Phase, PhotoFacts
from photosim.runtime.control import JobControl
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import pack_vector
from photosim.store.thumbnails import ThumbnailCache
from tests.benchmarks.photos import SMALL, make_photos
from tests.benchmarks.processes import run
from tests.benchmarks.report import Row, machine, table
from tests.benchmarks.setting import say

ELSEWHERE = "/photos that are away"
BATCH = 10_000


def main() -> int:
    """Fill a library step by step, and index the same number of photos at each size."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_growth", description=__doc__)
    parser.add_argument("--step", type=int, default=100_000, help="entries between two measurements")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--photos", type=int, default=200, help="photos indexed at each")
    parser.add_argument("--index", nargs=2, type=Path, metavar=("LIBRARY", "PHOTOS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.index is not None:
        print(json.dumps(_index(*arguments.index)))
        return 0
    rows: list[Row] = []
    first = 0.0
    with tempfile.TemporaryDirectory(prefix="photosim-bench-") as temporary:
        library, photos = Path(temporary, "library"), Path(temporary, "photos")
        library.mkdir()
        say("making photos")
        make_photos(photos, arguments.photos * (arguments.steps + 1), SMALL)
        files = sorted(photos.iterdir())
        for step in range(arguments.steps + 1):
            if step:
                say(f"writing {arguments.step:,} entries")
                _fill(library, range((step - 1) * arguments.step, step * arguments.step))
            part = Path(temporary, f"part {step}")
            part.mkdir()
            for file in files[step * arguments.photos : (step + 1) * arguments.photos]:
                file.rename(part / file.name)
            say("indexing")
            result = run("tests.benchmarks.bench_growth", "--index", library, part).answer
            first = first or result["processor_ms"]
            rows.append(
                Row(
                    f"indexing {arguments.photos} small photos in a library of {step * arguments.step:,}",
                    f"{result['rate']:.0f} photos/s",
                    f"{result['processor_ms']:.1f} ms of processor time each",
                    f"{first / result['processor_ms']:.2f}",
                )
            )
    print(machine())
    print(table(rows))
    return 0


def _fill(folder: Path, numbers: range) -> None:
    catalog, thumbnails = Catalog(folder), ThumbnailCache(folder)
    catalog.add_source(ELSEWHERE)
    chance = np.random.default_rng(numbers.start)
    for start in range(numbers.start, numbers.stop, BATCH):
        vectors = chance.standard_normal((min(BATCH, numbers.stop - start), DEFAULT.dimensions), np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        readings = [
            FileRecord(
                FileEntry(f"{ELSEWHERE}/{number // 500:04}/IMG_{number:07}.jpg", 4_000_000, number),
                number.to_bytes(16, "big"),
                PhotoFacts(4000, 3000, "JPEG"),
                pack_vector(vector),
            )
            for number, vector in enumerate(vectors, start)
        ]
        catalog.save(ELSEWHERE, readings, DEFAULT.id)
        thumbnails.add({reading.digest: b"jpeg" for reading in readings if reading.digest})
    catalog.close()
    thumbnails.close()


def _index(folder: Path, photos: Path) -> dict[str, float]:
    """Index like the program does, without clustering; timed from the first photos stored, when the model is loaded."""
    library, control = Library.open(folder), JobControl()
    started: tuple[float, float, int] | None = None
    ended = (0.0, 0.0, 0)
    for progress in library.index([photos], control):
        if progress.phase is Phase.ANALYZING and progress.done:
            ended = time.perf_counter(), time.process_time(), progress.done
            started = started or ended
        if progress.phase is Phase.GROUPING:
            control.cancel()
    library.close()
    if started is None or ended[2] == started[2]:
        raise RuntimeError("too few photos to measure")
    count = ended[2] - started[2]
    return {
        "rate": count / (ended[0] - started[0]),
        "processor_ms": (ended[1] - started[1]) / count * 1000,
    }


if __name__ == "__main__":
    sys.exit(main())
