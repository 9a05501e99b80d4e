"""The HNSW graph of one model's embeddings; the only user of hnswlib."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from photosim.search.exact import Ids, Neighbours, Vectors, empty_result, merge, round_similarities, top_k
from photosim.search.id_sets import difference, intersection, sorted_unique
from photosim.search.index_files import fingerprint, read_index

Fetch = Callable[[Ids], Vectors]
"""Ids (n,) to their vectors (n, D); KeyError when one is gone."""

M = 16
EF_CONSTRUCTION = 100
EF_SEARCH = 150
"""HNSW's M, ef_construction and ef (Malkov and Yashunin, 2018), chosen by recall@20 on photo embeddings."""

EF_APPROXIMATE_FACTOR = 2
"""ef for comparing all photos with each other, as many times what is asked for: the last of ef are the least sure."""

CAPACITY_FACTOR = 1.25
"""Capacity of the graph over what it must hold."""

REDUCED_DIMENSIONS = 128
"""Dimensions of what the graph keeps of a vector, when the vectors themselves can be fetched.

Of 66,000 embeddings of 640 dimensions, 128 and a comparison of the CANDIDATES give recall@20 of 0.997 in half the time,
a fifth of the memory and a third of the time to build; the whole vectors give 0.995.
"""

MATMUL_ROWS = 4
"""Vectors reduced in one product: a larger one OpenBLAS shares among threads, which then wait for more by turning round
and take a processor from whoever works meanwhile."""

CANDIDATES = 200
"""Photos that a reduced graph proposes for one search at least; the vectors themselves decide among them."""

PCA_SAMPLE = 20_000
"""Vectors that the directions to keep are learnt from."""

FORMAT_VERSION = 2
"""Version of the saved graph; raised when the HNSW parameters change, so that older files are made anew."""

READ_ROWS = 4096
"""Vectors read out of the graph at once."""


class HnswGraph:
    """An HNSW graph, with which of its vectors are alive and which are removed; both sorted.

    With a `basis` (D, R) it keeps the vectors reduced to R dimensions, and fetches them whole from where they are kept
    to compare those that come near.
    """

    def __init__(self, hnsw: Any, live: Ids, dead: Ids, basis: Vectors | None, fetch: Fetch | None) -> None:
        self._hnsw = hnsw
        self._live: tuple[Ids, tuple[Ids, ...]] = (live, ())  # sorted ones, and those that came since
        self.count = len(live)
        self.removed = dead
        self.basis = basis
        self._fetch = fetch
        hnsw.set_ef(EF_SEARCH)

    @classmethod
    def empty(
        cls, dimensions: int, capacity: int, basis: Vectors | None = None, fetch: Fetch | None = None
    ) -> HnswGraph:
        """A graph of nothing, with room for `capacity` vectors and some more."""
        hnsw = _new_hnswlib_index(dimensions if basis is None else basis.shape[1])
        hnsw.init_index(int(capacity * CAPACITY_FACTOR), M=M, ef_construction=EF_CONSTRUCTION, random_seed=0)
        return cls(hnsw, np.empty(0, np.int64), np.empty(0, np.int64), basis, fetch)

    @property
    def live(self) -> Ids:
        """The ids that can be found, sorted; there are `count`."""
        ids, new = self._live
        if new:
            # In one piece, not with each addition: that would copy all ids each time.
            ids = _insert_sorted(ids, np.concatenate(new))
            self._live = (ids, ())
        return ids

    @live.setter
    def live(self, ids: Ids) -> None:
        self._live = (ids, ())
        self.count = len(ids)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Put in new ids (n,) and their vectors (n, D), growing when there is no room."""
        needed = self.count + len(self.removed) + len(ids)
        if needed > self._hnsw.get_max_elements():
            self._hnsw.resize_index(int(needed * CAPACITY_FACTOR))
        # One thread: with more the graph, and with it the answers, would differ from run to run.
        self._hnsw.add_items(self._reduce(vectors), ids, num_threads=1)
        self._live = (self._live[0], (*self._live[1], ids))
        self.count += len(ids)

    def remove(self, ids: Ids) -> bool:
        """Make these unfindable; whether that changed anything."""
        ids = intersection(sorted_unique(ids), self.live)
        for label in ids.tolist():
            self._hnsw.mark_deleted(label)
        self.live, self.removed = difference(self.live, ids), _insert_sorted(self.removed, ids)
        return len(ids) > 0

    def restore(self, ids: Ids) -> bool:
        """Make removed ones findable again; whether that changed anything."""
        ids = intersection(sorted_unique(ids), self.removed)
        for label in ids.tolist():
            self._hnsw.unmark_deleted(label)
        self.live, self.removed = _insert_sorted(self.live, ids), difference(self.removed, ids)
        return len(ids) > 0

    def vectors(self, ids: Ids) -> Vectors:
        """The vectors (n, D) of live ids; KeyError when they are fetched and one is gone."""
        if self._fetch is not None:
            return self._fetch(ids)
        return np.asarray(self._hnsw.get_items(ids), np.float32)

    def search(self, queries: Vectors, k: int) -> Neighbours:
        """Up to `k` neighbours of each query and perhaps more, in no order; a reduced graph compares whole vectors."""
        # The last of ef answers are the least sure: more than half of ef are found by asking for twice as many.
        reliable_k = k if 2 * k <= EF_SEARCH else 2 * k
        requested = min(reliable_k if self.basis is None else max(2 * k, CANDIDATES), self.count)
        if requested == 0:
            return empty_result(len(queries), 0)
        try:
            ids, distances = self._hnsw.knn_query(self._reduce(queries), k=requested)
        except RuntimeError:
            # hnswlib reached fewer than it was asked for: many equal vectors can cut a graph into parts.
            return self._search_exhaustively(queries, k)
        ids = ids.astype(np.int64)
        # A photo may be gone from where vectors are kept before it is from here: rough similarities do for once.
        with suppress(KeyError):
            if self.basis is not None:
                return ids, self._exact_similarities(queries, ids)
        return ids, round_similarities(1 - distances)

    def search_approximate(self, queries: Vectors, k: int) -> Neighbours:
        """Like `search` at most `k`, in a third of the time, less sure and with rough similarities; only alone."""
        requested = min(k, self.count)
        if requested == 0:
            return empty_result(len(queries), 0)
        self._hnsw.set_ef(EF_APPROXIMATE_FACTOR * requested)
        try:
            ids, distances = self._hnsw.knn_query(self._reduce(queries), k=requested)
        except RuntimeError:
            return self._search_exhaustively(queries, k)  # as above
        finally:
            self._hnsw.set_ef(EF_SEARCH)
        return ids.astype(np.int64), 1 - distances

    def _reduce(self, vectors: Vectors) -> Vectors:
        if self.basis is None:
            return vectors
        parts = len(vectors) // MATMUL_ROWS
        whole = parts * MATMUL_ROWS
        products = vectors[:whole].reshape(parts, MATMUL_ROWS, vectors.shape[1]) @ self.basis
        return np.concatenate([products.reshape(whole, self.basis.shape[1]), vectors[whole:] @ self.basis])

    def _exact_similarities(self, queries: Vectors, ids: Ids) -> Vectors:
        """The similarities (Q, k) of the photos `ids` (Q, k) to each query, by their whole vectors."""
        different, place = np.unique(ids, return_inverse=True)
        vectors, place = self.vectors(different), place.reshape(ids.shape)
        return np.stack(
            [round_similarities(vectors[row] @ query) for row, query in zip(place, queries, strict=True)]
        )

    def _search_exhaustively(self, queries: Vectors, k: int) -> Neighbours:
        best = empty_result(len(queries), k)
        for start in range(0, len(self.live), READ_ROWS):
            ids = self.live[start : start + READ_ROWS]
            best = merge(best, top_k(queries, ids, self.vectors(ids), k))
        return best

    def write(self, path: Path) -> None:
        """Write the file; OSError when it did not fit on the disk, which hnswlib does not notice."""
        self._hnsw.save_index(_native_path(path))
        if path.stat().st_size != self._hnsw.index_file_size():
            raise OSError("the disk may be full")


def uses_reduction(dimensions: int, fetch: Fetch | None) -> bool:
    """Whether a graph of such vectors keeps them reduced."""
    return fetch is not None and dimensions > REDUCED_DIMENSIONS


def reduction_basis(sample: Vectors) -> Vectors:
    """The REDUCED directions (D, R) that hold most of vectors (N, D), strongest first."""
    return principal_directions(sample, REDUCED_DIMENSIONS)


def _new_hnswlib_index(dimensions: int) -> Any:
    import hnswlib  # here, not above: a window opens without it

    return hnswlib.Index(space="cosine", dim=dimensions)


def _native_path(path: Path) -> bytes:
    """The path as hnswlib's C++ streams take it; ValueError when the Windows code page lacks a letter of it."""
    return str(path).encode("mbcs", "strict") if os.name == "nt" else os.fsencode(path)


def _insert_sorted(ids: Ids, new: Ids) -> Ids:
    """Sorted ids with others put in their places."""
    new = np.sort(new)
    return np.insert(ids, np.searchsorted(ids, new), new)


def load_graph(folder: Path, model: str, dimensions: int, fetch: Fetch | None = None) -> HnswGraph | None:
    """The saved graph, None when there is none; ValueError and others when it is damaged or does not fit."""
    saved = read_index(folder)
    if saved is None:
        return None
    header = saved.header
    if (header.format, header.model, header.dimensions) != (FORMAT_VERSION, model, dimensions):
        raise ValueError("it was made for another model or by another version")
    if (saved.basis is not None) != uses_reduction(dimensions, fetch):
        raise ValueError("it keeps its vectors in another way")
    hnsw = _new_hnswlib_index(dimensions if saved.basis is None else saved.basis.shape[1])
    hnsw.load_index(_native_path(saved.graph_path))
    removed = np.sort(np.asarray(header.removed, np.int64))
    live = difference(np.sort(np.asarray(hnsw.get_ids_list(), np.int64)), removed)
    if (header.count, header.fingerprint) != (len(live), fingerprint(live)):
        raise ValueError("it holds other photos than it says")
    return HnswGraph(hnsw, live, removed, saved.basis, fetch)


def principal_directions(vectors: Vectors, count: int) -> Vectors:
    """The `count` directions (D, count) that hold most of vectors (N, D), strongest first: a PCA, not centred."""
    float64_vectors = vectors.astype(np.float64)
    _, directions = np.linalg.eigh(float64_vectors.T @ float64_vectors)
    return np.ascontiguousarray(directions[:, ::-1][:, :count], np.float32)
