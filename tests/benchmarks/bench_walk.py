"""CPU time of walks and loners: python -m tests.benchmarks.bench_walk [COUNT].

On COUNT random embeddings in clusters (100,000), whose neighbours are found by comparing all, which takes minutes and is
not measured: the program has them from the clusters.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TypeVar
from unittest import mock

import numpy as np

from photosim.clustering import neighbour_search
from photosim.clustering.leiden import NEIGHBOURS
from photosim.clustering.neighbour_graph import NeighbourGraph
from photosim.clustering.walk import Ways
from photosim.search.exact import Ids, Vectors
from tests.benchmarks.report import machine

DIMENSIONS, PER_CLUSTER, SPREAD = 48, 50, 0.7
WALKS = 20

_T = TypeVar("_T")


def main() -> None:
    """Print the CPU seconds of each step."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_walk", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=100_000)
    count = parser.parse_args().count
    print(machine())
    vectors = _vectors(count)
    with mock.patch.object(neighbour_search, "EXACT_UP_TO", count):
        ids = np.arange(count)
        found = neighbour_search.find_neighbours(ids, vectors, None, NEIGHBOURS).graph(ids)
    stored = b"".join(found.stored())
    graph, seconds = _timed(lambda: NeighbourGraph.from_bytes(stored))
    print(f"read the neighbours of {count:,} photos ({len(stored) / 1e6:.0f} MB): {seconds:.2f} s")
    _, seconds = _timed(lambda: (graph.mean_cosines(), graph.occurrences()))
    print(f"loners and hubs: {seconds:.2f} s")
    rows = graph.photo_of_nodes(np.arange(count))

    def find_outside(node: int, inside: Ids) -> tuple[int, float] | None:
        cosines = vectors[rows] @ vectors[rows[node]]
        cosines[inside] = -2
        return int(cosines.argmax()), float(cosines.max())

    times, steps = [], []
    for start, end in np.random.default_rng(1).integers(0, graph.node_count, (WALKS, 2)).tolist():
        way, seconds = _timed(lambda ends=(start, end): Ways(graph).shortest(*ends, find_outside))
        times.append(seconds)
        steps.append(len(way))
    print(f"walk: {np.median(times):.2f} s, at most {max(times):.2f} s; {np.median(steps):.0f} photos on it")


def _vectors(count: int) -> Vectors:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(max(count // PER_CLUSTER, 1), DIMENSIONS))
    vectors = centres[rng.integers(0, len(centres), count)] + SPREAD * rng.normal(size=(count, DIMENSIONS))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _timed(work: Callable[[], _T]) -> tuple[_T, float]:
    start = time.process_time()
    return work(), time.process_time() - start


if __name__ == "__main__":
    main()
