"""Latency of one query and recall@20 of the HNSW graph, compared with exact search."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from photosim.search.exact import Ids
from photosim.search.index import NeighbourIndex
from tests.benchmarks.report import Row
from tests.benchmarks.setting import MANY, Setting, Vectors, indexed, say

FEW = 10_000  # vectors
K = 20
EXACT_QUERIES = 100  # an exact query takes tens of milliseconds, so fewer are timed
P95_MS, RECALL = 5.0, 0.98


def measure(setting: Setting) -> Iterator[Row]:
    """Yield rows for ten thousand and a hundred thousand photos."""
    for count in (FEW, MANY):
        vectors = setting.many[:count]
        graph = setting.search_index if count == MANY else indexed(vectors)
        yield from _size(graph, vectors, setting.queries)


def _size(graph: NeighbourIndex, vectors: Vectors, queries: Vectors) -> Iterator[Row]:
    count = len(vectors)
    say(f"searching among {count}")
    exact = NeighbourIndex("exact", vectors.shape[1], exact_below=count + 1)
    exact.add(np.arange(count), vectors)
    ours, found = _one_by_one(graph, queries)
    theirs, _ = _one_by_one(exact, queries[:EXACT_QUERIES])
    truth = exact.search(queries, K)[0]
    for percent, bar in ((50, None), (95, P95_MS if count == MANY else None)):
        fast, slow = np.percentile(ours, percent), np.percentile(theirs, percent)
        yield Row(
            f"search p{percent}, {count:,} vectors",
            f"{fast:.2f} ms",
            f"{slow:.2f} ms exact",
            f"{slow / fast:.1f}",
            f"≤ {bar:g} ms" if bar else "",
            bool(fast <= bar) if bar else None,
        )
    recall = float(np.mean([len(np.intersect1d(a, b)) / K for a, b in zip(found, truth, strict=True)]))
    yield Row(
        f"recall@{K}, {count:,} vectors", f"{recall:.4f}", "1 exact", "", f"≥ {RECALL}", recall >= RECALL
    )


def _one_by_one(index: NeighbourIndex, queries: Vectors) -> tuple[list[float], Ids]:
    """Return the milliseconds of each query, and the ids (Q, K)."""
    index.search(queries[:1], K)
    times, found = [], []
    for query in queries:
        started = time.perf_counter()
        ids, _ = index.search(query[None], K)
        times.append((time.perf_counter() - started) * 1000)
        found.append(ids[0])
    return times, np.stack(found)
