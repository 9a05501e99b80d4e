"""Comparing a folder with a library: processor time for each photo, against indexing the same photos."""

from __future__ import annotations

import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.benchmarks.processes import ROOT, Run, run
from tests.benchmarks.report import Row
from tests.benchmarks.setting import SMALL_COUNT, Setting, say

ROUNDS = 3
KILLED_AT = 0.5
"""Share of the photos that were read when a comparison is killed."""

OF_INDEXING = 1.15  # target for the processor time of a first comparison


def measure(setting: Setting) -> Iterator[Row]:
    """Yield rows for the large photos, none of which is in a library of the small ones, and for those in it."""
    card = setting.large
    name = "own photos" if setting.own_photos else f"{setting.large_count} of 12 MP"
    runs: dict[str, list[Run]] = {}
    for number in range(ROUNDS):
        say(f"comparing {name} with a library of {SMALL_COUNT} small photos: round {number + 1} of {ROUNDS}")
        with tempfile.TemporaryDirectory(prefix="photosim-bench-") as folder:
            for what, spent in _round(card, setting.small, Path(folder)):
                runs.setdefault(what, []).append(spent)
    count = sum(1 for path in card.rglob("*") if path.is_file())
    indexing = statistics.median(each.processor for each in runs.pop("indexing")) * 1000 / count
    for what, measured in runs.items():
        spent = statistics.median(each.processor for each in measured) * 1000 / count
        is_first = what == "all new"
        yield Row(
            f"comparing a photo, {name}: {what}",
            f"{spent:.1f} ms",
            f"{indexing:.1f} ms indexing",
            f"{spent / indexing:.2f}",
            bar=f"≤ {OF_INDEXING}" if is_first else "",
            met=spent / indexing <= OF_INDEXING if is_first else None,
        )
    peak = max(each.peak for measured in runs.values() for each in measured) / 1e6
    yield Row(f"peak memory of comparing, {name}", f"{peak:.0f} MB")


def _round(card: Path, small: Path, folder: Path) -> Iterator[tuple[str, Run]]:
    """Yield what was done and what it took."""
    library = ("--library", folder / "library")
    run("photosim", "index", small, *library)
    yield "all new", run("photosim", "compare", card, "--json", *library)
    (folder / "library" / "comparisons.db").unlink()
    yield f"the rest, killed at {KILLED_AT:.0%}", _resumed(card, folder / "library")
    yield "again, unchanged", run("photosim", "compare", card, "--json", *library)
    yield "indexing", run("photosim", "index", card, *library)
    yield "again, all in the library now", run("photosim", "compare", card, "--json", *library)
    (folder / "library" / "comparisons.db").unlink()
    yield "first time, all in the library", run("photosim", "compare", card, "--json", *library)


def _resumed(card: Path, library: Path) -> Run:
    """Kill a comparison once KILLED_AT of the photos were read, and return what the next one takes."""
    command = [sys.executable, "-m", "photosim", "compare", card, "--library", library]
    process = subprocess.Popen(
        list(map(str, command)),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    count = sum(1 for path in card.rglob("*") if path.is_file())
    while process.poll() is None and _read_count(library / "comparisons.db") < KILLED_AT * count:
        time.sleep(0.2)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return run("photosim", "compare", card, "--json", "--library", library)


def _read_count(database: Path) -> int:
    """Return how many photos are known to a store of comparisons."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT COUNT(*) FROM compared_files").fetchone()[0])
    except sqlite3.Error:
        return 0
