"""Groups of photos to the labels that tell each from all the others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MAX_LABELS = 3
"""Labels of a group at most: a name is read at a glance."""

MIN_Z_SCORE = 1.96
"""Least z-score: a group of photos taken at random has a label this distinctive one time in forty."""

MIN_SHARE = 0.3
"""Least share of a group's photos that bear the label: a rare one may be distinctive, but names no group."""

PRIOR = 10.0
"""Words' worth of the whole library that each side starts with."""


def distinctive_labels(
    groups: npt.NDArray[np.int64], labels: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]
) -> list[list[int]]:
    """For each group of photos the labels that are most distinctive of it, best first; often none.

    `groups` and `labels` (N,) pair the group of a photo (-1: it is in none) with one of its labels (-1: it has none;
    that is a word like any other, but never told). `sizes` (G,) are the photos in each group. Log-odds ratio of the
    group and the rest, with the whole as informative Dirichlet prior, as a z-score: Monroe, Colaresi and Quinn,
    Fightin' Words, Political Analysis 16 (2008), equations 16 to 22.
    """
    names: list[list[int]] = [[] for _ in sizes]
    words = labels + 1
    everywhere = np.bincount(words)
    if np.count_nonzero(everywhere) < 2:
        return names
    inside = groups >= 0
    cells, here = np.unique(groups[inside] * len(everywhere) + words[inside], return_counts=True)
    group, word = np.divmod(cells, len(everywhere))
    total, of_group = len(words), np.bincount(groups[inside], minlength=len(sizes))[group]
    prior = PRIOR * everywhere[word] / total
    first, second = here + prior, everywhere[word] - here + prior
    odds = np.log(first / (of_group + PRIOR - first)) - np.log(second / (total - of_group + PRIOR - second))
    z = odds / np.sqrt(1 / first + 1 / second)
    told = np.flatnonzero((z >= MIN_Z_SCORE) & (here >= np.maximum(2, MIN_SHARE * sizes[group])) & (word > 0))
    for place in told[np.lexsort((word[told], -z[told], group[told]))]:
        if len(names[group[place]]) < MAX_LABELS:
            names[group[place]].append(int(word[place]) - 1)
    return names
