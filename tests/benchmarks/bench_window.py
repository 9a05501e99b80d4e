"""Time from the start of the process to the first paint, compared with an empty Qt window."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from tests.benchmarks.processes import run
from tests.benchmarks.report import Row
from tests.benchmarks.setting import Setting, say

ROUNDS = 5
TARGET_S = 1.5


def measure(setting: Setting) -> Iterator[Row]:
    """Yield rows for the time, and for modules that must not be loaded."""
    library, ours, bare = setting.library, [], []
    loaded: list[str] = []
    for number in range(ROUNDS):
        say(f"window: round {number + 1} of {ROUNDS}")
        started = time.time()
        answer = run("tests.benchmarks.first_window", library).answer
        ours.append(answer["painted_at"] - started)
        loaded = answer["loaded"]
        started = time.time()
        bare.append(run("tests.benchmarks.first_window").answer["painted_at"] - started)
    shown, empty = statistics.median(ours), statistics.median(bare)
    yield Row(
        "first window",
        f"{shown:.2f} s",
        f"{empty:.2f} s an empty window",
        f"{shown / empty:.2f}",
        f"≤ {TARGET_S:g} s",
        shown <= TARGET_S,
    )
    yield Row(
        "loaded at the first window",
        ", ".join(loaded) or "no torch, no OpenCV",
        bar="no torch, no OpenCV",
        met=not loaded,
    )
