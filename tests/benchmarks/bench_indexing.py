"""Indexing: photos per second of the whole command beside decoding alone and a plain loop, its memory, and a rescan."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.processes import Run, run
from tests.benchmarks.report import Row, at_least
from tests.benchmarks.setting import LARGE_COUNT, SMALL_COUNT, Setting, say

ROUNDS = 3
LOOPED_LARGE, LOOPED_SMALL = 24, 200  # photos in each round of the plain loop: it is slow and steady
OF_DECODING, OF_LOOP = 0.6, 6.0  # the bars, on 12-megapixel photos
MEMORY_MB = 900.0


def measure(setting: Setting) -> Iterator[Row]:
    """Rows for the large photos and, unless the person gave a folder, for the small ones."""
    large = "own photos" if setting.own_photos else f"{LARGE_COUNT} of 12 MP"
    yield from _folder(setting.large, large, LOOPED_LARGE, bars=setting.own_photos is None)
    if setting.own_photos is None:
        yield from _folder(setting.small, f"{SMALL_COUNT} small", LOOPED_SMALL, bars=False)


def _folder(photos: Path, name: str, looped: int, *, bars: bool) -> Iterator[Row]:
    ours: list[Run] = []
    again: list[Run] = []
    decoding: list[Run] = []
    loop: list[float] = []
    for number in range(ROUNDS):
        say(f"indexing {name}: round {number + 1} of {ROUNDS}")
        with tempfile.TemporaryDirectory(prefix="photosim-bench-") as library:
            ours.append(run("photosim", "index", photos, "--library", library))
            again.append(run("photosim", "index", photos, "--library", library))
        decoding.append(run("tests.benchmarks.decode_alone", photos))
        loop.append(run("tests.benchmarks.ultralytics_loop", photos, str(looped)).answer["rate"])
    count = decoding[0].answer
    rate, alone, plain = count / _median(ours), count / _median(decoding), statistics.median(loop)
    against_decoding = at_least(
        f"indexing, {name}", rate, alone, OF_DECODING, unit="photos/s", against="photos/s decoding alone"
    )
    against_loop = at_least(
        f"indexing, {name}", rate, plain, OF_LOOP, unit="photos/s", against="photos/s in a plain loop"
    )
    yield from (against_decoding, against_loop) if bars else map(_barless, (against_decoding, against_loop))
    peak = max(one.peak for one in ours) / 1e6
    yield Row(f"peak memory, {name}", f"{peak:.0f} MB", bar=f"≤ {MEMORY_MB:.0f} MB", met=peak <= MEMORY_MB)
    rescan = count / _median(again)
    yield Row(
        f"unchanged folder again, {name}",
        f"{rescan:.0f} photos/s",
        f"{rate:.1f} photos/s at first",
        f"{rescan / rate:.1f}",
    )


def _median(runs: list[Run]) -> float:
    return statistics.median(one.seconds for one in runs)


def _barless(row: Row) -> Row:
    return Row(row.what, row.ours, row.baseline, row.ratio)
