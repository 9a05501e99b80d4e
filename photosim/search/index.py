"""Nearest-neighbour index of one model's embeddings: an HNSW graph, and an exact search of the vectors not in it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from photosim.errors import LibraryError
from photosim.search import hnsw
from photosim.search.exact import (
    NO_ID,
    QUERY_ROWS,
    Ids,
    Neighbours,
    VectorBuffer,
    Vectors,
    empty_result,
    merge,
    round_similarities,
)
from photosim.search.hnsw import (
    FORMAT_VERSION,
    PCA_SAMPLE,
    Fetch,
    HnswGraph,
    load_graph,
    principal_directions,
    uses_reduction,
)
from photosim.search.id_sets import difference, sorted_unique
from photosim.search.index_files import IndexHeader, delete_index, fingerprint, write_index
from photosim.search.locality import ANCHOR_DIMENSIONS, locality_order
from photosim.search.rwlock import ReadWriteLock

ShouldContinue = Callable[[int, int], bool]
"""Callback that takes the number of processed vectors and the total, and returns False to stop."""

EXACT_BELOW = 10_000
"""No graph is built for fewer vectors than this: comparing all of them takes about a millisecond."""

MAX_PENDING = 2_000
"""Fewer pending vectors than this are not merged: searching them takes 0.1 ms, saving the graph takes a second."""

MAX_REMOVED_SHARE = 0.2
"""The graph is rebuilt above this share of removed vectors, since each search still visits them."""

APPROXIMATE_QUERY_ROWS = 512
"""Queries that an approximate search runs per lock acquisition: other searches wait about 20 ms for them."""

INSERT_ROWS = 16
"""Vectors inserted into the graph per lock acquisition: searches wait about 15 ms for them."""

FETCH_ROWS = 32_768
"""Vectors fetched per call: 64 MB at 512 dimensions. A call with many rows lets the library give back the pages of its
file that it has read."""

_log = logging.getLogger(__name__)


class NeighbourIndex:
    """Thread-safe index of the photos of one model.

    Ids are photo ids; they are never reused, and the vector of an id never changes. Vectors are float32 of unit length.
    A search covers every vector that was added, even before `merge_pending` moves it into the graph. Without hnswlib
    there is no graph, and every search is exact.
    """

    def __init__(
        self,
        model: str,
        dimensions: int,
        fetch: Fetch | None = None,
        *,
        exact_below: int = EXACT_BELOW,
        reduced_dimensions: int | None = None,
    ) -> None:
        """Create an empty index; with `fetch`, the graph may hold vectors reduced by PCA.

        `fetch` must return the full vector of any id in the index. Vectors with more than `reduced_dimensions`
        (default: `hnsw.REDUCED_DIMENSIONS`) are reduced to as many.
        """
        self.model = model
        self.dimensions = dimensions
        self.load_error: str | None = None
        """Why `load` could not use the saved index; None if it could, or if there was none."""
        self._fetch = fetch
        self._exact_below = exact_below
        self._reduced_dimensions = reduced_dimensions or hnsw.REDUCED_DIMENSIONS
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
        reduced_dimensions: int | None = None,
        for_searches: bool = False,
    ) -> NeighbourIndex:
        """Load the index saved in `folder`; return an empty one if there is none or it is unusable (see `load_error`).

        Vectors that were pending when the index was saved are missing: call `sync` next. An index `for_searches` is
        loaded while other threads run, which hnswlib would stop; it is neither merged nor saved.
        """
        index = cls(model, dimensions, fetch, exact_below=exact_below, reduced_dimensions=reduced_dimensions)
        if not hnsw.is_available():
            return index
        try:
            index._graph = load_graph(
                folder, model, dimensions, fetch, index._reduced_dimensions, for_searches=for_searches
            )
            index._saved = index._graph is not None
        except (OSError, ValueError, RuntimeError, MemoryError) as error:
            index.load_error = f"The search index in {folder} can't be used and will be rebuilt: {error}"
            _log.warning("%s", index.load_error)
        return index

    def __len__(self) -> int:
        """Return the number of photos that a search can find."""
        with self._lock.read():
            return self._count()

    @property
    def ids(self) -> Ids:
        """The ids (N,) of all photos that a search can find, ascending."""
        with self._lock.read():
            return np.sort(self._all_ids())

    @property
    def is_exact(self) -> bool:
        """Whether there is no graph, so that every search compares all photos."""
        return self._graph is None

    def sync(self, ids: Ids, vectors_of: Callable[[Ids], Vectors]) -> None:
        """Make the index hold exactly `ids`: remove others, and add new ones.

        `vectors_of` returns the vectors (n, D) of ids (n,).
        """
        wanted = np.asarray(ids, np.int64)
        if not (wanted[1:] > wanted[:-1]).all():
            wanted = sorted_unique(wanted)
        with self._lock.write():
            present = np.sort(self._all_ids())
            if np.array_equal(present, wanted):
                if self._graph is not None and not len(self._pending):
                    self._graph.live = wanted  # one array instead of two, where the caller keeps it, too
                return
            self._remove(difference(present, wanted))
            self._restore(wanted)
            new = difference(wanted, np.sort(self._all_ids()))
        for start in range(0, len(new), FETCH_ROWS):
            part = new[start : start + FETCH_ROWS]
            self.add(part, vectors_of(part))

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add photos: `ids` (n,), `vectors` (n, D); ids already in the index are ignored."""
        vectors = self._validated(vectors)
        if len(ids) != len(vectors):
            raise ValueError(f"{len(ids)} ids for {len(vectors)} vectors")
        ids, first = np.unique(np.asarray(ids, np.int64), return_index=True)
        with self._lock.write():
            self._restore(ids)
            new = ~np.isin(ids, self._all_ids())
            self._pending.add(ids[new], vectors[first[new]])

    def remove(self, ids: Ids) -> None:
        """Remove photos; unknown ids are ignored."""
        with self._lock.write():
            self._remove(np.asarray(ids, np.int64))

    def search(self, vectors: Vectors, k: int) -> Neighbours:
        """Return the `k` photos most similar to each query (Q, D): ids (Q, k) and cosines (Q, k), best first.

        The lower id wins a tie. If there are fewer than `k` photos, rows are padded with NO_ID and minus infinity.
        """
        vectors = self._validated(vectors)
        found = empty_result(len(vectors), k)
        for start in range(0, len(vectors), QUERY_ROWS):
            part = slice(start, start + QUERY_ROWS)
            with self._lock.read():
                found[0][part], found[1][part] = self._search(vectors[part], k)
        return found

    def candidates(self, query: Vectors, count: int) -> tuple[Ids, Vectors, Vectors]:
        """Return up to `count` photos similar to one query (D,): ids and cosines (n,), best first, and vectors (n, D).

        Faster than `search`, and less certain of the last ones. Raises KeyError if a photo's vector is gone.
        """
        query = self._validated(query[np.newaxis])
        with self._lock.read():
            ids, vectors = self._pending.nearest(query, count)
            if self._graph is not None:
                proposed = self._graph.propose(query, count)
                ids = np.concatenate([ids, proposed])
                vectors = np.concatenate([vectors, self._graph.vectors(proposed)])
        similarities = round_similarities(np.einsum("ij,j->i", vectors, query[0]))
        best = np.lexsort((ids, -similarities))[:count]
        return ids[best], similarities[best], vectors[best]

    def search_approximate(
        self, vectors: Vectors, k: int, ef_factor: int = hnsw.EF_APPROXIMATE_FACTOR
    ) -> Ids:
        """Return the ids (Q, k) of the approximate nearest photos of each query, unordered; faster than `search`.

        A lower `ef_factor` finds less, in less time. Used to compare all photos with each other: request more ids than needed, then compare their vectors exactly.
        """
        vectors = self._validated(vectors)
        found = np.full((len(vectors), k), NO_ID, np.int64)
        for start in range(0, len(vectors), APPROXIMATE_QUERY_ROWS):
            part = slice(start, start + APPROXIMATE_QUERY_ROWS)
            # Exclusive lock: ef applies to the whole graph, so concurrent searches would use the low value.
            with self._lock.write():
                ids = self._approximate(vectors[part], k, ef_factor)
            found[part, : ids.shape[1]] = ids
        return found

    def merge_pending(self, should_continue: ShouldContinue | None = None) -> bool:
        """Move pending vectors into the graph if there are enough of them; searches and changes may run concurrently.

        Returns False if another thread is merging, or if `should_continue` stopped it; vectors inserted by then stay.
        """
        if not self._merging.acquire(blocking=False):
            return False
        try:
            self._drop_graph_with_many_removed()
            return self._insert_pending(should_continue)
        finally:
            self._merging.release()

    def save(self, folder: Path) -> None:
        """Write the graph to `folder`, or delete the saved one if there is no graph any more; do nothing if unchanged.

        Without hnswlib a saved graph is kept; once hnswlib is available again, `sync` brings it up to date.
        Raises LibraryError if the folder cannot be written.
        """
        with self._saving, self._lock.read():
            if self._saved or not hnsw.is_available():
                return
            try:
                if self._graph is None:
                    delete_index(folder)
                else:
                    graph = self._graph
                    write_index(folder, self._header(graph), graph.write, graph.basis)
            except (OSError, ValueError, RuntimeError) as error:
                raise LibraryError(f"The search index can't be saved in {folder}: {error}.") from error
            self._saved = self._graph is not None

    def _search(self, queries: Vectors, k: int) -> Neighbours:
        best = self._pending.search(queries, k)
        return best if self._graph is None else merge(best, self._graph.search(queries, k))

    def _approximate(self, queries: Vectors, k: int, ef_factor: int) -> Ids:
        """Return up to `k` approximate nearest ids (Q, k) of each query, unordered."""
        if self._graph is None:
            return self._pending.search(queries, k)[0]
        found = self._graph.search_approximate(queries, k, ef_factor)
        return merge(self._pending.search(queries, k), found)[0] if len(self._pending) else found[0]

    def _header(self, graph: HnswGraph) -> IndexHeader:
        ids = graph.live
        return IndexHeader(
            format=FORMAT_VERSION,
            model=self.model,
            dimensions=self.dimensions,
            count=len(ids),
            fingerprint=fingerprint(ids),
            removed=tuple(graph.removed.tolist()),
        )

    def _validated(self, vectors: Vectors) -> Vectors:
        vectors = np.ascontiguousarray(vectors, np.float32)
        if vectors.ndim != 2 or vectors.shape[1] != self.dimensions:
            raise ValueError(f"vectors of shape {vectors.shape} in an index of {self.dimensions} dimensions")
        return vectors

    def _count(self) -> int:
        return len(self._pending) + (self._graph.count if self._graph is not None else 0)

    def _all_ids(self) -> Ids:
        if self._graph is None:
            return self._pending.ids
        return np.concatenate([self._graph.live, self._pending.ids])

    def _remove(self, ids: Ids) -> None:
        self._pending.remove(ids)
        if self._graph is not None and self._graph.remove(ids):
            self._saved = False

    def _restore(self, ids: Ids) -> None:
        if self._graph is not None and self._graph.restore(ids):
            self._saved = False

    def _drop_graph_with_many_removed(self) -> None:
        """Move the live vectors out of a graph with too many removed ones; `_insert_pending` then rebuilds it."""
        with self._lock.write():
            graph = self._graph
            if graph is None:
                return
            if len(graph.removed) <= MAX_REMOVED_SHARE * (len(graph.live) + len(graph.removed)):
                return
            pending = VectorBuffer(self.dimensions)
            for start in range(0, len(graph.live), FETCH_ROWS):
                ids = graph.live[start : start + FETCH_ROWS]
                pending.add(ids, graph.vectors(ids))
            pending.extend(self._pending)
            self._graph, self._pending, self._saved = None, pending, False

    def _insert_pending(self, should_continue: ShouldContinue | None) -> bool:
        """Move pending vectors into the graph, a chunk at a time."""
        if not hnsw.is_available():
            return True
        with self._lock.write():
            total = len(self._pending)
            count, enough = (total, self._max_pending) if self._graph else (self._count(), self._exact_below)
            if count < enough:
                return True
            sample = self._pending.sample(PCA_SAMPLE)
            graph = self._graph or self._new_graph(total, sample)
            self._graph = graph
            directions = (
                principal_directions(sample, ANCHOR_DIMENSIONS) if graph.basis is None else graph.basis
            )
            self._pending.reorder(locality_order(self._pending.parts(), sample, directions))
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

    def _new_graph(self, capacity: int, sample: Vectors) -> HnswGraph:
        if not uses_reduction(self.dimensions, self._reduced_dimensions, self._fetch):
            return HnswGraph.empty(self.dimensions, capacity)
        basis = principal_directions(sample, self._reduced_dimensions)
        return HnswGraph.empty(self.dimensions, capacity, basis, self._fetch)
