"""Indexing: photos per second compared with decoding alone and with a plain loop, memory, and a rescan.

Also the processor time of each stage, which depends less on other load.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.processes import Run, run
from tests.benchmarks.report import Row, at_least
from tests.benchmarks.setting import FEW_COUNT, SMALL_COUNT, Setting, say

ROUNDS = 3
LOOPED_LARGE, LOOPED_SMALL = 24, 200  # photos per round of the plain loop, which is slow
OF_DECODING = {120: 0.75, 480: 0.9, 2400: 0.95}  # targets for 12-megapixel photos, from so many on
OF_LOOP = 6.0
OF_DECODING_SMALL, OF_LOOP_SMALL = 0.3, 4.0  # targets for small photos
OF_DEFAULT = 1.35  # target for the processor time of the model "Fine", with 12-megapixel photos
MEMORY_MB = 600.0


def measure(setting: Setting) -> Iterator[Row]:
    """Yield rows for the large photos and, without a user's folder, for the small ones."""
    if setting.own_photos is not None:
        yield from _folder(setting.own_photos, "own photos", LOOPED_LARGE, None, None)
        return
    if setting.large_count > FEW_COUNT:
        few = f"{FEW_COUNT} of 12 MP"
        yield from _folder(setting.few_large, few, LOOPED_LARGE, OF_DECODING[FEW_COUNT], None)
    count = setting.large_count
    bar = max((least for photos, least in OF_DECODING.items() if photos <= count), default=None)
    yield from _folder(setting.large, f"{count} of 12 MP", LOOPED_LARGE, bar, OF_LOOP)
    yield from _fine_rows(setting.large, f"{count} of 12 MP")
    small = f"{SMALL_COUNT} small"
    yield from _folder(setting.small, small, LOOPED_SMALL, OF_DECODING_SMALL, OF_LOOP_SMALL)


def _folder(
    photos: Path, name: str, looped: int, of_decoding: float | None, of_loop: float | None
) -> Iterator[Row]:
    ours: list[Run] = []
    rescans: list[Run] = []
    decoding: list[Run] = []
    loop: list[float] = []
    for number in range(ROUNDS):
        say(f"indexing {name}: round {number + 1} of {ROUNDS}")
        with tempfile.TemporaryDirectory(prefix="photosim-bench-") as library:
            ours.append(run("photosim", "index", photos, "--library", library))
            rescans.append(run("photosim", "index", photos, "--library", library))
        decoding.append(run("tests.benchmarks.decode_alone", photos))
        loop.append(run("tests.benchmarks.ultralytics_loop", photos, str(looped)).answer["rate"])
    count = decoding[0].answer
    rate, alone, plain = count / _median(ours), count / _median(decoding), statistics.median(loop)
    for baseline, unit, bar in (
        (alone, "photos/s decoding alone", of_decoding),
        (plain, "photos/s in a plain loop", of_loop),
    ):
        row = at_least(f"indexing, {name}", rate, baseline, bar or 0, unit="photos/s", against=unit)
        yield row if bar else Row(row.what, row.ours, row.baseline, row.ratio)
    peak = max(each.peak for each in ours) / 1e6
    yield Row(f"peak memory, {name}", f"{peak:.0f} MB", bar=f"≤ {MEMORY_MB:.0f} MB", met=peak <= MEMORY_MB)
    rescan = count / _median(rescans)
    yield Row(
        f"rescan of an unchanged folder, {name}",
        f"{rescan:.0f} photos/s",
        f"{rate:.1f} photos/s at first",
        f"{rescan / rate:.1f}",
    )
    yield from _stage_rows(photos, name, count, ours, decoding)


def _fine_rows(photos: Path, name: str) -> Iterator[Row]:
    """Yield rows of an indexing with the finer included model, compared with the default."""
    default: list[Run] = []
    fine: list[Run] = []
    for number in range(ROUNDS):
        say(f"indexing {name} with Fine: round {number + 1} of {ROUNDS}")
        for model, runs in (("default", default), ("fine", fine)):
            with tempfile.TemporaryDirectory(prefix="photosim-bench-") as library:
                if model != "default":
                    run("photosim", "models", "use", model, "--library", library)
                runs.append(run("photosim", "index", photos, "--library", library))
    count = len(list(photos.iterdir()))
    spent, plain = (
        statistics.median(each.processor for each in runs) * 1000 / count for runs in (fine, default)
    )
    yield Row(
        f"a photo, {name}: processor time with Fine",
        f"{spent:.1f} ms",
        f"{plain:.1f} ms with the default",
        f"{spent / plain:.2f}",
        bar=f"≤ {OF_DEFAULT}",
        met=spent / plain <= OF_DEFAULT,
    )
    yield Row(f"peak memory with Fine, {name}", f"{max(each.peak for each in fine) / 1e6:.0f} MB")


def _median(runs: list[Run]) -> float:
    return statistics.median(each.seconds for each in runs)


def _stage_rows(photos: Path, name: str, count: int, ours: list[Run], alone: list[Run]) -> Iterator[Row]:
    """Yield rows of each stage of one photo, of the rest, and of the whole command compared with decoding alone."""
    whole, decoding = (
        statistics.median(each.processor for each in runs) * 1000 / count for runs in (ours, alone)
    )
    stages = run("tests.benchmarks.stages", photos).answer
    stages["start, scan, grouping and all else"] = whole - sum(stages.values())
    for stage, spent in stages.items():
        yield Row(f"a photo, {name}: {stage}", f"{spent:.2f} ms", ratio=f"{spent / whole:.0%}")
    yield Row(
        f"a photo, {name}: processor time",
        f"{whole:.1f} ms",
        f"{decoding:.1f} ms decoding alone",
        f"{decoding / whole:.2f}",
    )
