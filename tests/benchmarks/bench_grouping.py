"""Clustering time of a hundred thousand photos, compared with one exact comparison of all pairs."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from photosim.clustering.leiden import cluster
from photosim.ml.models.catalog import DEFAULT
from tests.benchmarks.report import Row
from tests.benchmarks.setting import MANY, Setting, say

BLOCK = 1000  # vectors compared with all the others at once
BLOCKS = 5  # blocks timed; the total is extrapolated


def measure(setting: Setting) -> Iterator[Row]:
    """Yield one row."""
    vectors, search = setting.many, setting.search_index.search_approximate
    say(f"clustering {MANY} vectors")
    started = time.perf_counter()
    groups = cluster(np.arange(MANY), vectors, search, same_cosine=DEFAULT.thresholds[0])
    ours = time.perf_counter() - started
    started = time.perf_counter()
    for number in range(BLOCKS):
        block = vectors[number * BLOCK : (number + 1) * BLOCK]
        np.argpartition(block @ vectors.T, -16, axis=1)
    exact = (time.perf_counter() - started) / BLOCKS * (MANY / BLOCK)
    grouped = sum(len(group) for group in groups)
    what = f"clusters, {MANY:,} vectors: {len(groups):,} with {grouped:,} photos"
    yield Row(what, f"{ours:.0f} s", f"{exact:.0f} s all pairs alone", f"{exact / ours:.2f}")
