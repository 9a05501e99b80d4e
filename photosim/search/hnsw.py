"""The HNSW graph of one model's embeddings; the only user of hnswlib."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from photosim.search.exact import (
    Ids,
    Neighbours,
    Vectors,
    empty_result,
    merge,
    one_thread_product,
    round_similarities,
    top_k,
)
from photosim.search.graph_check import check_graph
from photosim.search.graph_reader import GraphReader
from photosim.search.id_sets import difference, intersection, sorted_unique
from photosim.search.index_files import fingerprint, read_index

Fetch = Callable[[Ids], Vectors]
"""Return the vectors (n, D) of ids (n,). Raises KeyError if one is gone."""

M = 16
EF_CONSTRUCTION = 100
EF_SEARCH = 150
"""HNSW's parameters (Malkov and Yashunin, 2018), chosen by recall@20 on photo embeddings."""

EF_APPROXIMATE_FACTOR = 2
"""Usual ef of `search_approximate`, as a multiple of k: the last of ef results are the least certain."""

CAPACITY_FACTOR = 1.25
"""Capacity of the graph relative to the number of vectors it must hold."""

_MIN_CAPACITY = 1024

REDUCED_DIMENSIONS = 128
"""Dimensions of the vectors in a graph whose full vectors can be fetched.

With 66,000 embeddings of 640 dimensions, 128 dimensions and a comparison of the CANDIDATES give recall@20 of 0.997 in
half the time, a fifth of the memory and a third of the build time; the full vectors give 0.995.
"""

CANDIDATES = 200
"""Photos that a reduced graph proposes at least for a search; they are then compared by their full vectors."""

PCA_SAMPLE = 20_000
"""Vectors from which the reduction is computed."""

FORMAT_VERSION = 3
"""Version of the saved index; increase it when the HNSW parameters change, so that older files are rebuilt."""

READ_ROWS = 4096
"""Vectors read from the graph at once."""

_log = logging.getLogger(__name__)


@cache
def is_available() -> bool:
    """Return whether hnswlib can be imported. It has no wheels, so a build may be missing or broken."""
    try:
        from hnswlib import Index  # noqa: F401
    except ImportError as error:
        _log.warning("hnswlib cannot be imported, so every search compares all photos: %s", error)
        return False
    return True


class HnswGraph:
    """An HNSW graph with the sorted ids of its live and of its removed vectors.

    With a `basis` (D, R) the graph holds vectors reduced to R dimensions, and `fetch` supplies the full vectors to
    compare the candidates. Nothing can be added to a graph, nor is it written, whose `hnsw` is a `GraphReader`.
    """

    def __init__(
        self, hnsw: Any, live: Ids, removed: Ids, basis: Vectors | None, fetch: Fetch | None
    ) -> None:
        self._hnsw = hnsw
        self._live: tuple[Ids, list[Ids]] = (live, [])  # sorted ids, and those added since
        self.count = len(live)
        self.removed = removed
        self.basis = basis
        self._fetch = fetch
        hnsw.set_ef(EF_SEARCH)

    @classmethod
    def empty(
        cls, dimensions: int, capacity: int, basis: Vectors | None = None, fetch: Fetch | None = None
    ) -> HnswGraph:
        """Return an empty graph with room for `capacity` vectors and some more."""
        hnsw = _new_hnswlib_index(dimensions if basis is None else basis.shape[1])
        hnsw.init_index(int(capacity * CAPACITY_FACTOR), M=M, ef_construction=EF_CONSTRUCTION, random_seed=0)
        return cls(hnsw, np.empty(0, np.int64), np.empty(0, np.int64), basis, fetch)

    @property
    def live(self) -> Ids:
        """The ids that a search can find, sorted."""
        ids, new = self._live
        if new:
            # Merged here and not in `add`, which would copy all ids for each chunk.
            ids = _insert_sorted(ids, np.concatenate(new))
            self._live = (ids, [])
        return ids

    @live.setter
    def live(self, ids: Ids) -> None:
        self._live = (ids, [])
        self.count = len(ids)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Insert new ids (n,) and their vectors (n, D), growing the graph if it is full."""
        needed = self.count + len(self.removed) + len(ids)
        if needed > self._hnsw.get_max_elements():
            self._hnsw.resize_index(int(needed * CAPACITY_FACTOR))
        # One thread: with several, the graph and thus the results would differ from run to run.
        self._hnsw.add_items(self._reduce(vectors), ids, num_threads=1)
        self._live[1].append(ids.copy())  # they may be a view of rows that are about to change
        self.count += len(ids)

    def remove(self, ids: Ids) -> bool:
        """Exclude these ids from searches; return whether anything changed."""
        ids = intersection(sorted_unique(ids), self.live)
        for label in ids.tolist():
            self._hnsw.mark_deleted(label)
        self.live, self.removed = difference(self.live, ids), _insert_sorted(self.removed, ids)
        return len(ids) > 0

    def restore(self, ids: Ids) -> bool:
        """Include removed ids in searches again; return whether anything changed."""
        ids = intersection(sorted_unique(ids), self.removed)
        for label in ids.tolist():
            self._hnsw.unmark_deleted(label)
        self.live, self.removed = _insert_sorted(self.live, ids), difference(self.removed, ids)
        return len(ids) > 0

    def vectors(self, ids: Ids) -> Vectors:
        """Return the vectors (n, D) of live ids. Raises KeyError if they are fetched and one is gone."""
        if self._fetch is not None:
            return self._fetch(ids)
        return np.asarray(self._hnsw.get_items(ids), np.float32)

    def search(self, queries: Vectors, k: int) -> Neighbours:
        """Return at least `k` neighbours of each query if there are as many, unordered, with exact similarities."""
        # The last of ef results are the least certain: for more than half of ef, twice as many are requested.
        reliable_k = k if 2 * k <= EF_SEARCH else 2 * k
        requested = min(reliable_k if self.basis is None else max(2 * k, CANDIDATES), self.count)
        if requested == 0:
            return empty_result(len(queries), 0)
        try:
            ids, distances = self._hnsw.knn_query(self._reduce(queries), k=requested)
        except RuntimeError:
            # hnswlib found fewer than requested: many equal vectors can split a graph into components.
            return self._search_exhaustively(queries, k)
        ids = ids.astype(np.int64)
        # A photo may be deleted from the library before it is removed here; then the rough similarities must do.
        with suppress(KeyError):
            if self.basis is not None:
                return ids, self._exact_similarities(queries, ids)
        return ids, round_similarities(1 - distances)

    def propose(self, query: Vectors, count: int) -> Ids:
        """Return `count` neighbours of one query (1, D), all if there are fewer, as the graph ranks them, unordered."""
        requested = min(count, self.count)
        if requested == 0:
            return np.empty(0, np.int64)
        try:
            ids, _ = self._hnsw.knn_query(self._reduce(query), k=requested)
        except RuntimeError:
            ids, _ = self._search_exhaustively(query, requested)  # as in `search`
        return np.asarray(ids[0], np.int64)

    def search_approximate(
        self, queries: Vectors, k: int, ef_factor: int = EF_APPROXIMATE_FACTOR
    ) -> Neighbours:
        """Like `search` in a third of the time, at most `k`, less certain and with rough similarities.

        Not thread-safe: it lowers ef, which hnswlib keeps in the graph.
        """
        requested = min(k, self.count)
        if requested == 0:
            return empty_result(len(queries), 0)
        self._hnsw.set_ef(ef_factor * requested)
        try:
            ids, distances = self._hnsw.knn_query(self._reduce(queries), k=requested)
        except RuntimeError:
            return self._search_exhaustively(queries, k)  # as in `search`
        finally:
            self._hnsw.set_ef(EF_SEARCH)
        return ids.astype(np.int64), 1 - distances

    def write(self, path: Path) -> None:
        """Write the graph to a file. Raises OSError if the disk is full, which hnswlib does not notice."""
        self._hnsw.save_index(_native_path(path))
        if path.stat().st_size != self._hnsw.index_file_size():
            raise OSError("the disk may be full")

    def _reduce(self, vectors: Vectors) -> Vectors:
        return vectors if self.basis is None else one_thread_product(vectors, self.basis)

    def _exact_similarities(self, queries: Vectors, ids: Ids) -> Vectors:
        """The similarities (Q, k) of the photos `ids` (Q, k) to each query, by their full vectors."""
        unique_ids, positions = np.unique(ids, return_inverse=True)
        vectors, positions = self.vectors(unique_ids), positions.reshape(ids.shape)
        return np.stack(
            [round_similarities(vectors[row] @ query) for row, query in zip(positions, queries, strict=True)]
        )

    def _search_exhaustively(self, queries: Vectors, k: int) -> Neighbours:
        best = empty_result(len(queries), k)
        for start in range(0, len(self.live), READ_ROWS):
            ids = self.live[start : start + READ_ROWS]
            best = merge(best, top_k(queries, ids, self.vectors(ids), k))
        return best


def load_graph(
    folder: Path,
    model: str,
    dimensions: int,
    fetch: Fetch | None,
    reduced_dimensions: int,
    *,
    for_searches: bool = False,
) -> HnswGraph | None:
    """Load the graph saved in `folder`; None if there is none.

    The graph is checked before hnswlib loads it; `for_searches`, a `GraphReader` has it, and not hnswlib. Raises OSError,
    ValueError or RuntimeError if the graph is damaged or belongs to another model or version.
    """
    saved = read_index(folder)
    if saved is None:
        return None
    header = saved.header
    if (header.format, header.model, header.dimensions) != (FORMAT_VERSION, model, dimensions):
        raise ValueError("it belongs to another model or version")
    if (saved.basis is not None) != uses_reduction(dimensions, reduced_dimensions, fetch):
        raise ValueError("it stores its vectors in another form")
    if saved.basis is not None and saved.basis.shape != (dimensions, reduced_dimensions):
        raise ValueError("its basis has another shape")
    stored_dimensions = dimensions if saved.basis is None else reduced_dimensions
    removed = np.sort(np.asarray(header.removed, np.int64))
    content = check_graph(saved.graph_path, stored_dimensions, M, EF_CONSTRUCTION, removed, read=for_searches)
    live = difference(np.sort(content.labels), removed)
    if (header.count, header.fingerprint) != (len(live), fingerprint(live)):
        raise ValueError("it does not hold the photos that its header names")
    if for_searches:
        return HnswGraph(GraphReader(content, removed), live, removed, saved.basis, fetch)
    hnsw = _new_hnswlib_index(stored_dimensions)
    # Not the capacity that the file states, for which hnswlib would allocate memory; `add` grows the graph.
    capacity = max(len(content.labels), _MIN_CAPACITY)
    hnsw.load_index(_native_path(saved.graph_path), max_elements=capacity)
    return HnswGraph(hnsw, live, removed, saved.basis, fetch)


def uses_reduction(dimensions: int, reduced_dimensions: int, fetch: Fetch | None) -> bool:
    """Return whether a graph of such vectors holds them reduced."""
    return fetch is not None and dimensions > reduced_dimensions


def principal_directions(vectors: Vectors, count: int) -> Vectors:
    """Return the first `count` principal directions (D, count) of vectors (N, D): a PCA without centring."""
    float64_vectors = vectors.astype(np.float64)
    _, directions = np.linalg.eigh(float64_vectors.T @ float64_vectors)
    return np.ascontiguousarray(directions[:, ::-1][:, :count], np.float32)


def _new_hnswlib_index(dimensions: int) -> Any:
    import hnswlib  # imported late: opening a window does not need it

    return hnswlib.Index(space="cosine", dim=dimensions)


def _native_path(path: Path) -> bytes:
    """The path as hnswlib's C++ streams take it. Raises ValueError if the Windows code page lacks a character."""
    return str(path).encode("mbcs", "strict") if os.name == "nt" else os.fsencode(path)


def _insert_sorted(ids: Ids, new: Ids) -> Ids:
    new = np.sort(new)
    return np.insert(ids, np.searchsorted(ids, new), new)
