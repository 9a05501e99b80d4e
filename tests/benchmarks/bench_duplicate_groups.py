"""Listing and reviewing 20,000 groups of duplicates: python -m tests.benchmarks.bench_duplicate_groups."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from photosim.duplicates.keep_rules import KeepRule, KeepRuleSet
from photosim.duplicates.results import CopyRelation, JudgedPair
from photosim.library import Library
from photosim.records import FileEntry, PhotoFacts
from photosim.store.catalog import FileRecord
from photosim.store.duplicates import DuplicateTable
from tests.benchmarks.report import Row, machine, table
from tests.benchmarks.setting import say

GROUPS, MEMBERS, FOLDERS = 20_000, 3, 200
DECISIONS = 200
RELATION = CopyRelation((0.9, 0.0, 0.05, 0.0, 0.9, 0.05), 0.81)

_Result = TypeVar("_Result")


def main() -> int:
    """Print the processor time of each step; return exit status 1 if a target is missed."""
    with tempfile.TemporaryDirectory() as folder:
        library = _make(Path(folder))
        rows = list(measure(library))
        library.close()
    print(f"\n{machine()}\n\n{table(rows)}")
    return int(any(row.met is False for row in rows))


def measure(library: Library) -> Iterator[Row]:
    """Yield a row for each step; times are of the processor, in milliseconds."""
    service = library.duplicates
    seconds, groups = _timed(service.groups)
    what = f"{len(groups):,} groups of {len(groups) * MEMBERS:,} files, listed for the first time"
    yield _row(what, seconds, 1500)
    yield _row("listed again", _timed(service.groups)[0], 100)
    rules = KeepRuleSet(copies=(KeepRule.SHORTER_PATH,))
    yield _row("preview of other rules", _timed(lambda: service.groups(rules=rules))[0], 1500)

    service.totals()  # as the side bar does

    def decide() -> None:
        for group in groups[:DECISIONS]:
            service.decide(group, [group.keep])

    yield _row("a decision", _timed(decide)[0] / DECISIONS, 10)
    yield _row("totals after a decision", _timed(service.totals)[0], 20)
    yield _row("basket after a decision", _timed(service.basket)[0], 200)
    all_others = [(group, [group.keep]) for group in groups[DECISIONS:]]
    seconds, change = _timed(lambda: service.decide_all(all_others))
    yield _row(f"{len(all_others):,} decisions at once", seconds)
    yield _row("taken back at once", _timed(lambda: service.take_back(change))[0])


def _make(folder: Path) -> Library:
    """Make a library with groups of all kinds; the files themselves do not exist."""
    say(f"making {GROUPS} groups")
    rng, photos = random.Random(1), folder / "photos"
    for number in range(FOLDERS):
        (photos / f"{number:03}").mkdir(parents=True)
    library = Library.open(folder / "library")
    library._catalog.add_source(str(photos))
    records: list[FileRecord] = []
    kinds: list[tuple[int, list[bytes]]] = []
    for group in range(GROUPS):
        kind = group % 4  # identical, the same photo twice as often, burst
        digests = [rng.randbytes(16)] * MEMBERS if kind == 0 else [rng.randbytes(16) for _ in range(MEMBERS)]
        kinds.append((kind, digests))
        for member, digest in enumerate(digests):
            scale = member + 1 if kind in (1, 2) else 1
            size = (3_000_000 + group) // scale
            path = photos / f"{(group + 7 * member) % FOLDERS:03}" / f"{group}-{member}.jpg"
            facts = PhotoFacts(
                4000 // scale, 3000 // scale, "JPEG", "2024-05-04T10:00:00", "Canon", taken_from="exif"
            )
            records.append(FileRecord(FileEntry(str(path), size, size), digest, facts))
    library._catalog.save(str(photos), records, "model")
    ids = {
        bytes(digest): row for row, digest in library._catalog.database.rows("SELECT id, digest FROM photos")
    }
    found = DuplicateTable(library._catalog.database)
    pairs, links = [], []
    for kind, digests in kinds:
        first, second, third = (ids[digest] for digest in digests)
        if kind == 3:
            links += [(first, second), (second, third)]
        elif kind:
            both = ((first, second), (first, third), (second, third))
            pairs += [JudgedPair(one, other, 0.9, RELATION) for one, other in both]
    found.save({photo_id: rng.random() for photo_id in ids.values()}, 1, pairs)
    found.replace_burst_links(links)
    return library


def _timed(work: Callable[[], _Result]) -> tuple[float, _Result]:
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def _row(what: str, seconds: float, bar_ms: float | None = None) -> Row:
    ms = seconds * 1000
    return Row(
        what,
        f"{ms:,.1f} ms",
        bar="" if bar_ms is None else f"≤ {bar_ms:,.0f} ms",
        met=None if bar_ms is None else ms <= bar_ms,
    )


if __name__ == "__main__":
    sys.exit(main())
