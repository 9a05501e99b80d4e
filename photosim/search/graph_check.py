"""Read and check a graph file of hnswlib 0.8, which follows the links and levels of a file without checking them."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photosim.search.id_sets import sorted_unique

Words = NDArray[np.uint32]

_HEADER = struct.Struct("=QQQQQQiIQQQdQ")
"""HierarchicalNSW::saveIndex: offset of level 0, capacity, count, entry size, label offset, vector offset, top level,
entry point, maxM, maxM0, M, level multiplier, ef of the construction."""

_CHUNK_ENTRIES = 1 << 14
_MAX_LEVELS = 32
"""The level of an element is geometrically distributed; no random number of 53 bits gives more than 14."""

_MAX_SQUARED_NORM = 1.01
"""Vectors are stored with unit length; null vectors stay null."""


@dataclass(frozen=True, slots=True)
class GraphContent:
    """The elements of a graph file, in its order."""

    labels: NDArray[np.int64]
    """(N,)"""
    levels: NDArray[np.int8]
    """The highest level (N,) of each element."""
    links: Words
    """On level 0 (N, 2 M); unused ones lead from an element to itself. (0, 2 M) if not read."""
    vectors: NDArray[np.float32]
    """Of unit length (N, D), or (0, D) if not read."""


def check_graph(
    path: Path,
    dimensions: int,
    m: int,
    ef_construction: int,
    removed: NDArray[np.int64],
    *,
    read: bool = False,
) -> GraphContent:
    """Return the content of a graph file if it can be searched without harm, by hnswlib, too.

    `removed` are the sorted labels that must be marked as deleted. Links and vectors are returned with `read`. Raises
    ValueError if a parameter, count, link, level, label or vector is out of range, and OSError.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            raise ValueError("the graph file is too short")
        count, top_level, entry_point = _check_header(header, dimensions, m, ef_construction)
        entry = _entry_type(dimensions, m)
        if path.stat().st_size < _HEADER.size + count * (entry.itemsize + 4):
            raise ValueError("the graph file is too short")
        labels, is_removed = np.empty(count, np.int64), np.empty(count, bool)
        kept = count if read else 0
        links, vectors = np.empty((kept, 2 * m), np.uint32), np.empty((kept, dimensions), np.float32)
        for start in range(0, count, _CHUNK_ENTRIES):
            entries = np.fromfile(file, entry, min(_CHUNK_ENTRIES, count - start))
            part = slice(start, start + len(entries))
            used = _check_entries(entries, count)
            labels[part], is_removed[part] = entries["label"], entries["removed"] == 1
            if read:
                itself = np.arange(part.start, part.stop, dtype=np.uint32)[:, None]
                links[part], vectors[part] = np.where(used, entries["links"], itself), entries["vector"]
        tail = file.read()
    if len(sorted_unique(labels)) != count:  # np.unique takes longer, with Python's lock
        raise ValueError("the graph file holds a label twice")
    if not np.array_equal(np.sort(labels[is_removed]), removed):
        raise ValueError("the graph file marks other labels as removed than its header names")
    if len(tail) % 4:
        raise ValueError("the graph file has an invalid length")
    levels = _check_levels(np.frombuffer(tail, np.uint32), count, m)
    if count and (entry_point >= count or not levels[entry_point] == top_level == levels.max()):
        raise ValueError("the graph file has an invalid entry point")
    return GraphContent(labels, levels, links, vectors)


def _check_header(header: bytes, dimensions: int, m: int, ef_construction: int) -> tuple[int, int, int]:
    """Return count, top level and entry point."""
    (_, capacity, count, *_, top_level, entry_point, _, _, _, multiplier, _) = _HEADER.unpack(header)
    entry = _entry_type(dimensions, m)
    assert entry.fields is not None
    expected = _HEADER.pack(
        0,
        capacity,
        count,
        entry.itemsize,
        entry.fields["label"][1],
        entry.fields["vector"][1],
        top_level,
        entry_point,
        m,
        2 * m,
        m,
        multiplier,
        ef_construction,
    )
    if header != expected or not math.isclose(multiplier, 1 / math.log(m)) or capacity < count:
        raise ValueError("the graph file was built with other parameters")
    return count, top_level, entry_point


def _entry_type(dimensions: int, m: int) -> np.dtype[np.void]:
    """An element of level 0: its links, whose number is followed by the mark of deleted ones, its vector and label."""
    return np.dtype(
        [
            ("links_count", np.uint16),
            ("removed", np.uint8),
            ("unused", np.uint8),
            ("links", np.uint32, (2 * m,)),
            ("vector", np.float32, (dimensions,)),
            ("label", np.uint64),
        ]
    )


def _check_entries(entries: NDArray[np.void], count: int) -> NDArray[np.bool_]:
    """Return which links (n, 2 M) of elements of level 0 are in use.

    Raises ValueError unless the elements are valid in a graph of `count` elements.
    """
    used = _check_links(entries["links_count"], entries["links"], count)
    if (entries["removed"] > 1).any() or (entries["label"] > np.iinfo(np.int64).max).any():
        raise ValueError("the graph file has an invalid mark or label")
    vectors = entries["vector"]
    squared_norms = np.einsum("ij,ij->i", vectors, vectors)
    if not (squared_norms <= _MAX_SQUARED_NORM).all():  # NaN compares false
        raise ValueError("the graph file has an invalid vector")
    return used


def _check_links(counts: NDArray[np.uint16], links: Words, count: int) -> NDArray[np.bool_]:
    """Return which of the links (n, L) are in use. Raises ValueError if one is out of range."""
    if (counts > links.shape[1]).any():
        raise ValueError("the graph file has an invalid number of links")
    used = np.arange(links.shape[1], dtype=np.uint16) < counts[:, None]
    if links.max(initial=0) >= count and ((links >= count) & used).any():
        raise ValueError("the graph file has a link to an element that does not exist")
    return used


def _check_levels(words: Words, count: int, m: int) -> NDArray[np.int8]:
    """Return the level of each element; raises ValueError unless the lists of links above level 0 are valid.

    For each element the file has the number of bytes of its lists, mostly 0, and a list for each level: the number of
    links, then room for `m` links.
    """
    levels = np.zeros(count, np.int8)
    list_words = m + 1
    nonzero = np.flatnonzero(words)
    elements: list[int] = []
    starts: list[int] = []
    element = position = 0
    while True:
        following = int(np.searchsorted(nonzero, position))
        end_of_zeros = int(nonzero[following]) if following < len(nonzero) else len(words)
        element += end_of_zeros - position
        position = end_of_zeros
        if position == len(words):
            break
        list_count, rest = divmod(int(words[position]), 4 * list_words)
        end = position + 1 + list_count * list_words
        if element >= count or rest or list_count > _MAX_LEVELS or end > len(words):
            raise ValueError("the graph file has an invalid level")
        elements.append(element)
        starts.append(position + 1)
        levels[element] = list_count
        element, position = element + 1, end
    if element != count:
        raise ValueError("the graph file has another number of levels than of elements")
    all_starts, all_levels = np.array(starts, np.int64), levels[elements]
    for level in range(1, int(levels.max(initial=0)) + 1):
        list_starts = all_starts[all_levels >= level] + (level - 1) * list_words
        lists = words[list_starts[:, None] + np.arange(list_words)]
        links = lists[:, 1:]
        used = _check_links((lists[:, 0] & 0xFFFF).astype(np.uint16), links, count)
        if (levels[links[used]] < level).any():
            raise ValueError("the graph file has a link to an element below its level")
    return levels
