"""Indexing and decoding alone, with photos in the system's file cache and without."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.processes import Run, run
from tests.benchmarks.report import Row
from tests.benchmarks.setting import SMALL_COUNT, Setting, say

ROUNDS = 3


def measure(setting: Setting) -> Iterator[Row]:
    """Yield rows for the large photos and, without a user's folder, for the small ones."""
    if not hasattr(os, "posix_fadvise"):
        say("this system can't drop files from its cache, so nothing is measured")
        return
    yield from _folder(
        setting.large, "own photos" if setting.own_photos else f"{setting.large_count} of 12 MP"
    )
    if setting.own_photos is None:
        yield from _folder(setting.small, f"{SMALL_COUNT} small")


def _folder(photos: Path, name: str) -> Iterator[Row]:
    indexing: dict[str, list[Run]] = {"cold": [], "warm": []}
    decoding: dict[str, list[Run]] = {"cold": [], "warm": []}
    for number in range(ROUNDS):
        say(f"{name}, from a cold disk and a warm one: round {number + 1} of {ROUNDS}")
        for disk in ("cold", "warm"):
            with tempfile.TemporaryDirectory(prefix="photosim-bench-") as library:
                _prepare(photos, disk)
                indexing[disk].append(run("photosim", "index", photos, "--library", library))
            _prepare(photos, disk)
            decoding[disk].append(run("tests.benchmarks.decode_alone", photos))
    count = decoding["warm"][0].answer
    for disk in ("cold", "warm"):
        rate, alone = count / _median(indexing[disk]), count / _median(decoding[disk])
        yield Row(
            f"indexing, {name}, {disk} disk",
            f"{rate:.1f} photos/s",
            f"{alone:.1f} photos/s decoding alone",
            f"{rate / alone:.2f}",
        )


def _prepare(folder: Path, disk: str) -> None:
    """Load the files below a folder into the system's file cache, or drop them from it."""
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        with path.open("rb") as file:
            if disk == "warm":
                while file.read(1 << 20):
                    pass
            else:
                os.fsync(file.fileno())  # what is not written yet cannot be dropped
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _median(runs: list[Run]) -> float:
    return statistics.median(one.seconds for one in runs)
