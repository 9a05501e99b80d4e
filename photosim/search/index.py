"""Nearest neighbours among the embeddings of one model: an HNSW graph, and exact search over what is not in it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from photosim.errors import LibraryError
from photosim.search.exact import (
    NO_ID,
    QUERY_ROWS,
    Ids,
    Neighbours,
    VectorBuffer,
    Vectors,
    empty_result,
    merge,
)
from photosim.search.hnsw import (
    FORMAT_VERSION,
    PCA_SAMPLE,
    Fetch,
    HnswGraph,
    load_graph,
    reduction_basis,
    uses_reduction,
)
from photosim.search.id_sets import difference, sorted_unique
from photosim.search.index_files import IndexHeader, delete_index, fingerprint, write_index
from photosim.search.rwlock import ReadWriteLock

ShouldContinue = Callable[[int, int], bool]
"""Told how many vectors are done and how many there are; answers whether to go on."""

EXACT_BELOW = 10_000
"""Vectors below which there is no graph: comparing with all of them takes about a millisecond."""

MAX_PENDING = 2_000
"""Vectors that may stay outside the graph: searching them takes 0.1 ms, saving the graph anew a second."""

MAX_REMOVED_SHARE = 0.2
"""Share of removed vectors in the graph above which it is built anew: each search still walks over them."""

APPROXIMATE_QUERY_ROWS = 512
"""Queries answered quickly at once: another search waits for as many, some 20 ms."""

INSERT_ROWS = 16
"""Vectors put into the graph at once: a search waits for as many, some 15 ms."""

FETCH_ROWS = 4096
"""Vectors fetched from the library at once."""

_log = logging.getLogger(__name__)


class NeighbourIndex:
    """The photos of one model by likeness; may be used from several threads.

    Ids are content ids: never reused, and the vector of an id never changes. Vectors are float32 of unit
    length. A search sees every vector that was added, whether or not `merge_pending` has put it into the graph.
    """

    def __init__(
        self, model: str, dimensions: int, fetch: Fetch | None = None, *, exact_below: int = EXACT_BELOW
    ) -> None:
        """With `fetch`, which must know every vector that is added, the graph keeps the vectors reduced."""
        self.model = model
        self.dimensions = dimensions
        self.load_error: str | None = None
        """Why `load` could not use what was saved; None when it could or there was nothing."""
        self._fetch = fetch
        self._exact_below = exact_below
        self._max_pending = min(MAX_PENDING, exact_below)
        self._pending = VectorBuffer(dimensions)
        self._graph: HnswGraph | None = None
        self._saved = False
        self._lock = ReadWriteLock()
        self._merging = threading.Lock()
        self._saving = threading.Lock()

    @classmethod
    def load(
        cls,
        folder: Path,
        model: str,
        dimensions: int,
        fetch: Fetch | None = None,
        *,
        exact_below: int = EXACT_BELOW,
    ) -> NeighbourIndex:
        """The index saved in `folder`, or an empty one when there is none that fits (`fault` says why).

        What `merge_pending` had not yet put into the graph is not in it: call `sync` next.
        """
        index = cls(model, dimensions, fetch, exact_below=exact_below)
        try:
            index._graph = load_graph(folder, model, dimensions, fetch)
            index._saved = index._graph is not None
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            index.load_error = f"The search index in {folder} is made anew: {error}"
            _log.warning("%s", index.load_error)
        return index

    def __len__(self) -> int:
        """How many photos can be found."""
        with self._lock.read():
            return self._count()

    @property
    def ids(self) -> Ids:
        """The ids (N,) of all photos that can be found, ascending."""
        with self._lock.read():
            return np.sort(self._all_ids())

    def sync(self, ids: Ids, vectors_of: Callable[[Ids], Vectors]) -> None:
        """Hold exactly `ids`: forget the others, and fetch what is new with `vectors_of` (ids -> (n, D))."""
        wanted = sorted_unique(np.asarray(ids, np.int64))
        with self._lock.write():
            present = np.sort(self._all_ids())
            if np.array_equal(present, wanted):
                return
            self._remove(difference(present, wanted))
            self._restore(wanted)
            new = difference(wanted, np.sort(self._all_ids()))
        for start in range(0, len(new), FETCH_ROWS):
            part = new[start : start + FETCH_ROWS]
            self.add(part, vectors_of(part))

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Make photos findable: `ids` (n,), `vectors` (n, D); those that are there already stay as they are."""
        vectors = self._validated(vectors)
        if len(ids) != len(vectors):
            raise ValueError(f"{len(ids)} ids for {len(vectors)} vectors")
        ids, first = np.unique(np.asarray(ids, np.int64), return_index=True)
        with self._lock.write():
            self._restore(ids)
            new = ~np.isin(ids, self._all_ids())
            self._pending.add(ids[new], vectors[first[new]])

    def remove(self, ids: Ids) -> None:
        """Make photos unfindable; unknown ids are ignored."""
        with self._lock.write():
            self._remove(np.asarray(ids, np.int64))

    def search(self, vectors: Vectors, k: int) -> Neighbours:
        """The `k` photos most similar to each query: ids (Q, k) and cosine similarities (Q, k), best first.

        `vectors` (Q, D) are of unit length. Ties go to the lower id. When there are fewer than `k` photos the
        rest is filled with id -1 and similarity minus infinity.
        """
        vectors = self._validated(vectors)
        found = empty_result(len(vectors), k)
        for start in range(0, len(vectors), QUERY_ROWS):
            part = slice(start, start + QUERY_ROWS)
            with self._lock.read():
                found[0][part], found[1][part] = self._search(vectors[part], k)
        return found

    def search_approximate(self, vectors: Vectors, k: int) -> Ids:
        """The ids (Q, k) of what `search` answers, in no order, faster and less sure: to compare all photos with.

        Whoever asks for more than enough and compares the vectors themselves has the nearest.
        """
        vectors = self._validated(vectors)
        found = np.full((len(vectors), k), NO_ID, np.int64)
        for start in range(0, len(vectors), APPROXIMATE_QUERY_ROWS):
            part = slice(start, start + APPROXIMATE_QUERY_ROWS)
            # Alone: hnswlib keeps ef in the graph, where other searches would meet the low one.
            with self._lock.write():
                ids = self._approximate(vectors[part], k)
            found[part, : ids.shape[1]] = ids
        return found

    def merge_pending(self, should_continue: ShouldContinue | None = None) -> bool:
        """Put what waits outside the graph into it, where that pays; searches and changes may go on meanwhile.

        Returns False when `go_on` stopped it (what is done is kept) or when another thread is at it.
        """
        if not self._merging.acquire(blocking=False):
            return False
        try:
            self._drop_graph_with_many_removed()
            return self._insert_pending(should_continue)
        finally:
            self._merging.release()

    def save(self, folder: Path) -> None:
        """Write the graph into `folder`, or remove a stale one when there is no graph; nothing when unchanged.

        Raises LibraryError when the folder cannot be written; the index in memory is not harmed.
        """
        with self._saving, self._lock.read():
            if self._saved:
                return
            try:
                if self._graph is None:
                    delete_index(folder)
                else:
                    graph = self._graph
                    write_index(folder, self._header(graph), graph.write, graph.basis)
            except (OSError, ValueError, RuntimeError) as error:
                raise LibraryError(f"The search index cannot be saved in {folder}: {error}.") from error
            self._saved = self._graph is not None

    def _search(self, queries: Vectors, k: int) -> Neighbours:
        best = self._pending.search(queries, k)
        return best if self._graph is None else merge(best, self._graph.search(queries, k))

    def _approximate(self, queries: Vectors, k: int) -> Ids:
        """Up to `k` (Q, k) that are near each query."""
        if self._graph is None:
            return self._pending.search(queries, k)[0]
        found = self._graph.search_approximate(queries, k)
        return merge(self._pending.search(queries, k), found)[0] if len(self._pending) else found[0]

    def _header(self, graph: HnswGraph) -> IndexHeader:
        ids = graph.live
        return IndexHeader(
            FORMAT_VERSION,
            self.model,
            self.dimensions,
            len(ids),
            fingerprint(ids),
            tuple(graph.removed.tolist()),
        )

    def _validated(self, vectors: Vectors) -> Vectors:
        vectors = np.ascontiguousarray(vectors, np.float32)
        if vectors.ndim != 2 or vectors.shape[1] != self.dimensions:
            raise ValueError(f"vectors of shape {vectors.shape} in an index of {self.dimensions} dimensions")
        return vectors

    def _count(self) -> int:
        return len(self._pending) + (self._graph.count if self._graph is not None else 0)

    def _all_ids(self) -> Ids:
        return (
            self._pending.ids
            if self._graph is None
            else np.concatenate([self._graph.live, self._pending.ids])
        )

    def _remove(self, ids: Ids) -> None:
        self._pending.remove(ids)
        if self._graph is not None and self._graph.remove(ids):
            self._saved = False

    def _restore(self, ids: Ids) -> None:
        if self._graph is not None and self._graph.restore(ids):
            self._saved = False

    def _drop_graph_with_many_removed(self) -> None:
        """Take the living out of a graph with too many dead; `_grow` then builds it anew."""
        with self._lock.write():
            graph = self._graph
            if graph is None or len(graph.removed) <= MAX_REMOVED_SHARE * (
                len(graph.live) + len(graph.removed)
            ):
                return
            pending = VectorBuffer(self.dimensions)
            for start in range(0, len(graph.live), FETCH_ROWS):
                ids = graph.live[start : start + FETCH_ROWS]
                pending.add(ids, graph.vectors(ids))
            pending.extend(self._pending)
            self._graph, self._pending, self._saved = None, pending, False

    def _insert_pending(self, should_continue: ShouldContinue | None) -> bool:
        """Move the tail into the graph, a chunk at a time."""
        with self._lock.write():
            total = len(self._pending)
            small = self._count() < self._exact_below if self._graph is None else total < self._max_pending
            if small:
                return True
            graph = self._graph or self._new_graph(total)
            self._graph = graph
        done = 0
        while done < total:
            with self._lock.write():
                ids, vectors = self._pending.head(INSERT_ROWS)
                graph.add(ids, vectors)
                self._pending.drop_head(len(ids))
                self._saved = False
            done += len(ids)
            if not len(ids):
                return True
            if should_continue is not None and not should_continue(done, total):
                return False
        return True

    def _new_graph(self, capacity: int) -> HnswGraph:
        if not uses_reduction(self.dimensions, self._fetch):
            return HnswGraph.empty(self.dimensions, capacity)
        return HnswGraph.empty(
            self.dimensions, capacity, reduction_basis(self._pending.sample(PCA_SAMPLE)), self._fetch
        )
