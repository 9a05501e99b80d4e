"""The HNSW graph of one model's embeddings; the only user of hnswlib."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from photosim.core.exact import Answers, Ids, Vectors, merge, nobody, rounded, top_k
from photosim.core.stamp import fingerprint, read_stamped

LINKS = 16
EF_CONSTRUCTION = 100
EF_SEARCH = 150
"""HNSW's M, ef_construction and ef (Malkov and Yashunin, 2018), chosen by recall@20 on photo embeddings."""

EF_QUICK = 48
"""ef for comparing all photos with each other: finds 95% of the neighbours in a third of the time."""

ROOM_TO_GROW = 1.25
"""Capacity of the graph over what it must hold."""

FORMAT = 1
"""Version of the saved graph; raised when the HNSW parameters change, so that older files are made anew."""

READ_ROWS = 4096
"""Vectors read out of the graph at once."""


class Graph:
    """An HNSW graph, with which of its vectors are alive and which are removed; both sorted."""

    def __init__(self, hnsw: Any, live: Ids, dead: Ids) -> None:
        self._hnsw = hnsw
        self.live = live
        self.dead = dead
        hnsw.set_ef(EF_SEARCH)

    @classmethod
    def empty(cls, dimensions: int, capacity: int) -> Graph:
        """A graph of nothing, with room for `capacity` vectors and some more."""
        hnsw = _hnsw(dimensions)
        hnsw.init_index(int(capacity * ROOM_TO_GROW), M=LINKS, ef_construction=EF_CONSTRUCTION, random_seed=0)
        return cls(hnsw, np.empty(0, np.int64), np.empty(0, np.int64))

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Put in new ids (n,) and their vectors (n, D), growing when there is no room."""
        needed = len(self.live) + len(self.dead) + len(ids)
        if needed > self._hnsw.get_max_elements():
            self._hnsw.resize_index(int(needed * ROOM_TO_GROW))
        # One thread: with more the graph, and with it the answers, would differ from run to run.
        self._hnsw.add_items(vectors, ids, num_threads=1)
        self.live = _with(self.live, ids)

    def bury(self, ids: Ids) -> bool:
        """Make these unfindable; whether that changed anything."""
        ids = np.intersect1d(ids, self.live)
        for label in ids.tolist():
            self._hnsw.mark_deleted(label)
        self.live, self.dead = np.setdiff1d(self.live, ids), _with(self.dead, ids)
        return len(ids) > 0

    def revive(self, ids: Ids) -> bool:
        """Make removed ones findable again; whether that changed anything."""
        ids = np.intersect1d(ids, self.dead)
        for label in ids.tolist():
            self._hnsw.unmark_deleted(label)
        self.live, self.dead = _with(self.live, ids), np.setdiff1d(self.dead, ids)
        return len(ids) > 0

    def vectors(self, ids: Ids) -> Vectors:
        """The vectors (n, D) of live ids."""
        return np.asarray(self._hnsw.get_items(ids), np.float32)

    def search(self, queries: Vectors, k: int, ef: int) -> Answers:
        """Up to `k` neighbours of each query, in no order; with another `ef` than EF_SEARCH only alone."""
        # The last of ef answers are the least sure: more than half of ef are found by asking for twice as many.
        wanted = min(k if 2 * k <= ef else 2 * k, len(self.live))
        if wanted == 0:
            return nobody(len(queries), 0)
        if ef != EF_SEARCH:
            self._hnsw.set_ef(ef)
        try:
            ids, distances = self._hnsw.knn_query(queries, k=wanted)
        except RuntimeError:
            # hnswlib reached fewer than it was asked for: many equal vectors can cut a graph into parts.
            return self._search_all(queries, k)
        finally:
            if ef != EF_SEARCH:
                self._hnsw.set_ef(EF_SEARCH)
        return ids.astype(np.int64), rounded(1 - distances)

    def _search_all(self, queries: Vectors, k: int) -> Answers:
        best = nobody(len(queries), k)
        for start in range(0, len(self.live), READ_ROWS):
            ids = self.live[start : start + READ_ROWS]
            best = merge(best, top_k(queries, ids, self.vectors(ids), k))
        return best

    def write(self, path: Path) -> None:
        """Write the file; OSError when it did not fit on the disk, which hnswlib does not notice."""
        self._hnsw.save_index(_native(path))
        if path.stat().st_size != self._hnsw.index_file_size():
            raise OSError("the disk may be full")


def _hnsw(dimensions: int) -> Any:
    import hnswlib  # here, not above: a window opens without it

    return hnswlib.Index(space="cosine", dim=dimensions)


def _native(path: Path) -> bytes:
    """The path as hnswlib's C++ streams take it; ValueError when the Windows code page lacks a letter of it."""
    return str(path).encode("mbcs", "strict") if os.name == "nt" else os.fsencode(path)


def _with(ids: Ids, new: Ids) -> Ids:
    """Sorted ids with others put in their places."""
    new = np.sort(new)
    return np.insert(ids, np.searchsorted(ids, new), new)


def load_graph(folder: Path, model: str, dimensions: int) -> Graph | None:
    """The saved graph, None when there is none; ValueError and others when it is damaged or does not fit."""
    stamped = read_stamped(folder)
    if stamped is None:
        return None
    stamp, path = stamped
    if (stamp.format, stamp.model, stamp.dimensions) != (FORMAT, model, dimensions):
        raise ValueError("it was made for another model or by another version")
    hnsw = _hnsw(dimensions)
    hnsw.load_index(_native(path))
    dead = np.sort(np.asarray(stamp.dead, np.int64))
    live = np.setdiff1d(np.asarray(hnsw.get_ids_list(), np.int64), dead)
    if (stamp.count, stamp.fingerprint) != (len(live), fingerprint(live)):
        raise ValueError("it holds other photos than it says")
    return Graph(hnsw, live, dead)
