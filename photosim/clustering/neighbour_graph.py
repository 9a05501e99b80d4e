"""The nearest neighbours of all photos of a library, as the search for clusters finds them, and how they are stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xxhash
from numpy.typing import NDArray

from photosim.search.exact import NO_ID, Ids, Vectors

_MAGIC = b"PhotoSim neighbours 2\n"
_ROWS = 16_384
"""Nodes that are handled at once."""

_COUNTS, _ID, _COSINE = np.dtype("<u8"), np.dtype("<i4"), np.dtype("<f4")
_HEADER = 4 * _COUNTS.itemsize


@dataclass(frozen=True, slots=True, eq=False)
class NeighbourGraph:
    """The `k` nearest neighbours among N photos; a node is one of their K distinct embeddings.

    `photo_ids` (N,) ascend; `node_of_photo` (N,) are their nodes. `neighbours` (K, k) are the nearest other nodes of each
    node, best first, padded with NO_ID; `cosines` (K, k). `added` nodes are new since all were searched.
    """

    photo_ids: NDArray[np.int32]
    node_of_photo: NDArray[np.int32]
    neighbours: NDArray[np.int32]
    cosines: Vectors
    added: int = 0

    @classmethod
    def of_nodes(
        cls,
        photo_ids: Ids,
        nodes: Ids,
        neighbours: NDArray[np.signedinteger],
        cosines: Vectors,
        k: int,
        added: int = 0,
    ) -> NeighbourGraph:
        """Make the graph of photos `photo_ids` (N,) with these `nodes` (N,), in any order.

        `neighbours` and `cosines` (K, k or more) may have a node among its own neighbours.
        """
        found = np.full((len(neighbours), k), NO_ID, np.int32)
        found_cosines = np.zeros((len(neighbours), k), np.float32)
        for start in range(0, len(neighbours), _ROWS):
            part = slice(start, start + _ROWS)
            own = np.arange(len(neighbours))[part, None]
            others = np.where(neighbours[part] == own, NO_ID, neighbours[part])
            first = np.argsort(others == NO_ID, axis=1, kind="stable")[:, :k]
            others = np.take_along_axis(others, first, axis=1)
            found[part, : others.shape[1]] = others
            known = np.where(others == NO_ID, 0, np.take_along_axis(cosines[part], first, axis=1))
            found_cosines[part, : others.shape[1]] = known
        order = np.argsort(photo_ids)
        ids, node_of_photo = photo_ids[order].astype(np.int32), nodes[order].astype(np.int32)
        return cls(ids, node_of_photo, found, found_cosines, added)

    @property
    def node_count(self) -> int:
        """The number of nodes K."""
        return len(self.neighbours)

    def nodes_of(self, photo_ids: Ids) -> Ids:
        """Return the nodes (n,) of these photos, NO_ID for one that the graph does not have."""
        if not len(self.photo_ids):
            return np.full(len(photo_ids), NO_ID)
        rows = np.minimum(np.searchsorted(self.photo_ids, photo_ids), len(self.photo_ids) - 1)
        is_known = self.photo_ids[rows] == photo_ids
        return np.where(is_known, self.node_of_photo[rows], NO_ID).astype(np.int64)

    def photo_of_nodes(self, photo_ids: Ids) -> Ids:
        """Return the first of these photos that each node (K,) stands for, NO_ID where there is none."""
        nodes = self.nodes_of(photo_ids)
        is_known = nodes != NO_ID
        photos = np.full(self.node_count, NO_ID)
        photos[nodes[is_known][::-1]] = photo_ids[is_known][::-1]
        return photos

    def mean_cosines(self) -> NDArray[np.float32]:
        """Return the mean cosine (K,) of each node and its neighbours: low for a photo that looks like no other."""
        counts = (self.neighbours != NO_ID).sum(axis=1)
        sums = self.cosines.sum(axis=1, dtype=np.float32)
        return np.asarray(sums / np.maximum(counts, 1), np.float32)

    def occurrences(self) -> Ids:
        """Return how many nodes have each node (K,) among their neighbours: many for a hub.

        k-occurrence (Radovanović et al., "Hubs in space", 2010).
        """
        found = self.neighbours[self.neighbours != NO_ID]
        return np.bincount(found, minlength=self.node_count)

    def stored(self) -> list[bytes | memoryview]:
        """Return it as it is stored, in parts: with a checksum, see `from_bytes`."""
        counts = np.array([len(self.photo_ids), *self.neighbours.shape, self.added], _COUNTS)
        ids = (self.photo_ids, self.node_of_photo, self.neighbours)
        arrays = (
            counts,
            *(array.astype(_ID, copy=False) for array in ids),
            self.cosines.astype(_COSINE, copy=False),
        )
        parts = [np.ascontiguousarray(array).reshape(-1).view(np.uint8).data for array in arrays]
        digest = xxhash.xxh3_128()
        for part in parts:
            digest.update(part)
        return [_MAGIC, digest.digest(), *parts]

    @classmethod
    def from_bytes(cls, stored: bytes) -> NeighbourGraph:
        """Return what `stored` was joined to. Raises ValueError for anything else."""
        start = len(_MAGIC) + 16
        content = memoryview(stored)[start:]
        if stored[: len(_MAGIC)] != _MAGIC or stored[len(_MAGIC) : start] != xxhash.xxh3_128_digest(content):
            raise ValueError("the neighbours are damaged")
        if len(content) < _HEADER:
            raise ValueError("the neighbours are damaged")
        photos, nodes, k, added = np.frombuffer(content, _COUNTS, 4).tolist()
        sizes = (photos, photos, nodes * k)
        if len(content) != _HEADER + _ID.itemsize * sum(sizes) + _COSINE.itemsize * nodes * k:
            raise ValueError("the neighbours are damaged")
        ids = np.frombuffer(content, _ID, sum(sizes), _HEADER)
        photo_ids, node_of_photo, neighbours = np.split(ids, np.cumsum(sizes)[:-1])
        cosines = np.frombuffer(content, _COSINE, nodes * k, len(content) - _COSINE.itemsize * nodes * k)
        # A checksum proves that bytes are whole, not that they are harmless.
        is_sound = (
            (np.diff(photo_ids) > 0).all()
            and ((node_of_photo >= 0) & (node_of_photo < nodes)).all()
            and len(np.unique(node_of_photo)) == nodes
            and ((neighbours >= NO_ID) & (neighbours < nodes)).all()
            and (np.abs(cosines) <= 1.01).all()  # NaN compares false
        )
        if not is_sound:
            raise ValueError("the neighbours are out of range")
        return cls(photo_ids, node_of_photo, neighbours.reshape(nodes, k), cosines.reshape(nodes, k), added)
