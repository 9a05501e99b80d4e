"""Find the labels that distinguish each cluster from all other photos."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MAX_LABELS = 3
"""Labels of a cluster at most: its name should be read at a glance."""

MIN_Z_SCORE = 1.96
"""Least z-score of a label: in a cluster of random photos, one time in forty a label reaches it."""

MIN_SHARE = 0.3
"""Least share of a cluster's photos with the label: a rarer one may be distinctive, but does not describe it."""

PRIOR_WEIGHT = 10.0
"""Labels in the prior of each side, distributed as in the whole library."""


def distinctive_labels(
    groups: npt.NDArray[np.int64], labels: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]
) -> list[list[int]]:
    """Return the most distinctive labels of each group of photos, best first; often none.

    `groups` and `labels` (N,) pair the group of a photo (-1: none) with one of its labels (-1: the photo has none,
    which counts as a label but is never returned). `sizes` (G,) are the numbers of photos in the groups.

    The z-score of the log-odds ratio between the group and the rest, with the whole as informative Dirichlet prior:
    Monroe, Colaresi and Quinn, Fightin' Words, Political Analysis 16 (2008), equations 16 to 22.
    """
    found: list[list[int]] = [[] for _ in sizes]
    words = labels + 1
    total_of = np.bincount(words)
    if np.count_nonzero(total_of) < 2:
        return found
    is_grouped = groups >= 0
    cells, counts = np.unique(groups[is_grouped] * len(total_of) + words[is_grouped], return_counts=True)
    group, word = np.divmod(cells, len(total_of))
    total, group_total = len(words), np.bincount(groups[is_grouped], minlength=len(sizes))[group]
    prior = PRIOR_WEIGHT * total_of[word] / total
    inside, outside = counts + prior, total_of[word] - counts + prior
    log_odds = np.log(inside / (group_total + PRIOR_WEIGHT - inside)) - np.log(
        outside / (total - group_total + PRIOR_WEIGHT - outside)
    )
    z = log_odds / np.sqrt(1 / inside + 1 / outside)
    min_count = np.maximum(2, MIN_SHARE * sizes[group])
    selected = np.flatnonzero((z >= MIN_Z_SCORE) & (counts >= min_count) & (word > 0))
    for cell in selected[np.lexsort((word[selected], -z[selected], group[selected]))]:
        if len(found[group[cell]]) < MAX_LABELS:
            found[group[cell]].append(int(word[cell]) - 1)
    return found
