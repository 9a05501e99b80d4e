"""From dropping a folder on the window to a photo that can be clicked and has similar ones; what an idle window uses."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator

from tests.benchmarks.processes import Run, run
from tests.benchmarks.report import Row, at_least
from tests.benchmarks.setting import Setting, say

ROUNDS = 3
FIRST_S, SECOND_S = 1.5, 0.7
OF_DECODING = 0.75
IDLE_S = 60
IDLE_SHARE = 0.001  # of a core: what the benchmark's own clock may take


def measure(setting: Setting) -> Iterator[Row]:
    """Yield rows for a first folder, one that is dropped after it, and a window that nobody uses."""
    times: list[list[float]] = []
    indexed: list[float] = []
    decoding: list[Run] = []
    folders = [setting.few_large] if setting.own_photos else [setting.few_large, setting.small]
    for number in range(ROUNDS):
        say(f"first click: round {number + 1} of {ROUNDS}")
        with tempfile.TemporaryDirectory(prefix="photosim-bench-") as library:
            answer = run("tests.benchmarks.first_click", library, *folders).answer
        times.append(answer["clicked"])
        indexed.append(answer["indexed"][0])
        decoding.append(run("tests.benchmarks.decode_alone", setting.few_large))
    for number, (clicked, bar) in enumerate(zip(zip(*times, strict=True), (FIRST_S, SECOND_S), strict=False)):
        seconds, which = statistics.median(clicked), "a second folder" if number else "a folder"
        yield Row(
            f"first click after dropping {which}", f"{seconds:.2f} s", bar=f"≤ {bar:g} s", met=seconds <= bar
        )
    count = decoding[0].answer
    row = at_least(
        f"indexing from the window, {count} photos",
        count / statistics.median(indexed),
        count / statistics.median(each.seconds for each in decoding),
        OF_DECODING,
        unit="photos/s",
        against="photos/s decoding alone",
    )
    yield row if setting.own_photos is None else Row(row.what, row.ours, row.baseline, row.ratio)
    say(f"a window that idles for {IDLE_S} s")
    spent = run("tests.benchmarks.first_click", setting.library, "--idle", str(IDLE_S)).answer["processor_s"]
    yield Row(
        f"idle window, processor time in {IDLE_S} s",
        f"{spent * 1000:.0f} ms",
        bar=f"≤ {IDLE_SHARE:.1%}",
        met=spent <= IDLE_SHARE * IDLE_S,
    )
