"""Name clusters by what most of their photos have in common and others do not."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosim.search.id_sets import counted

MAX_LABELS = 2
"""Labels in a name at most: it should be read at a glance."""

MIN_Z_SCORE = 1.96
"""Least z-score of a value: in a cluster of random photos, one time in forty a value reaches it."""

MIN_SHARE = 0.6
"""Least share of a cluster's photos with a value that names it.

Of 1,080 photos of ten kinds, the label that most photos of a cluster have is right for its kind in 75% of the clusters
from a share of 0.3, in 87% from 0.5, in 89% from 0.6 (of as many clusters less 4%) and in 91% from 0.7 (less 17%).
"""

PRIOR_WEIGHT = 10.0
"""Values in the prior of each side, distributed as in the whole library."""

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_PLAIN_FOLDERS = re.compile(
    r"dcim|camera|camera roll|camera uploads|(my )?(pictures|photos|images)|\d{3}[a-z0-9_]{2,6}|[\d\s._-]+"
    r"|raw|jpe?g|heic|originals?|edited|exports?",
    re.IGNORECASE,
)
"""Folders that cameras, phones, systems and editors make, or dates: their names tell nothing of what the photos show."""

_LEADING_NUMBERS = re.compile(r"^\d[\d\s._-]*[\s._-]+(?=\S)")


@dataclass(frozen=True, slots=True)
class CommonFacts:
    """What most photos of a cluster have in common, and others do not: labels, folder, month ("2024-04"), or both."""

    labels: tuple[str, ...] = ()
    folder: str | None = None
    month: str | None = None
    folder_and_month: tuple[str, str] | None = None


def distinctive_values(
    groups: npt.NDArray[np.int64],
    values: npt.NDArray[np.int64],
    sizes: npt.NDArray[np.int64],
    min_share: float = MIN_SHARE,
    total_of: npt.NDArray[np.int64] | None = None,
) -> dict[int, list[int]]:
    """Return the values that many photos of a group have and that distinguish it, best first, for groups with any.

    `groups` and `values` (N,) pair the group of a photo (-1: none) with one of its values (-1: the photo has none,
    which counts as a value but is never returned). `sizes` (G,) are the numbers of photos in the groups, and `min_share`
    the least share of them with a value. `total_of` (V + 1,) are the numbers of all photos with each value, those without
    one first: then `groups` and `values` may leave out photos that are in no group.

    The z-score of the log-odds ratio between the group and the rest, with the whole as informative Dirichlet prior:
    Monroe, Colaresi and Quinn, Fightin' Words, Political Analysis 16 (2008), equations 16 to 22.
    """
    found: dict[int, list[int]] = {}
    words = values + 1
    total_of = np.bincount(words) if total_of is None else total_of
    if np.count_nonzero(total_of) < 2:
        return found
    is_grouped = groups >= 0
    cells, counts = counted(groups[is_grouped] * len(total_of) + words[is_grouped])
    group, word = np.divmod(cells, len(total_of))
    total, group_total = int(total_of.sum()), np.bincount(groups[is_grouped], minlength=len(sizes))[group]
    prior = PRIOR_WEIGHT * total_of[word] / total
    inside, outside = counts + prior, total_of[word] - counts + prior
    log_odds = np.log(inside / (group_total + PRIOR_WEIGHT - inside)) - np.log(
        outside / (total - group_total + PRIOR_WEIGHT - outside)
    )
    z = log_odds / np.sqrt(1 / inside + 1 / outside)
    min_count = np.maximum(2, min_share * sizes[group])
    selected = np.flatnonzero((z >= MIN_Z_SCORE) & (counts >= min_count) & (word > 0))
    for cell in selected[np.lexsort((word[selected], -z[selected], group[selected]))]:
        found.setdefault(int(group[cell]), []).append(int(word[cell]) - 1)
    return found


def possible_names(facts: CommonFacts) -> Iterator[str]:
    """Yield the names that are right for a cluster, the plainest first, with a capital letter each."""
    labels, month = facts.labels[:MAX_LABELS], facts.month and month_name(facts.month)
    folder = facts.folder and telling_name(facts.folder)
    parts = [labels[:count] for count in range(1, len(labels) + 1)]
    parts += [(*labels[:1], other) for other in (folder, month) if labels and other]
    place, common_month = facts.folder_and_month or ("", "")
    if place := telling_name(place):
        where_and_when = (place, month_name(common_month))
        parts += [(*labels[:1], *where_and_when)] if labels else []
        parts.append(where_and_when)
    elif folder and month is None:
        parts.append((folder,))
    for part in dict.fromkeys(parts):
        name = ", ".join(part)
        yield name[:1].upper() + name[1:]


def unique_names(clusters: Sequence[Sequence[str]], taken: Collection[str] = ()) -> list[str | None]:
    """Return a name for each cluster, the first possible one that neither one before it has nor is `taken`, or None.

    `clusters` are the possible names of each.
    """
    used = {name.casefold() for name in taken}
    names: list[str | None] = []
    for possible in clusters:
        name = next((name for name in possible if name.casefold() not in used), None)
        if name is not None:
            used.add(name.casefold())
        names.append(name)
    return names


def telling_name(folder: str) -> str:
    """Return the name of a folder without the date or number before it ("2024-04 Kyoto"), empty if it tells nothing."""
    return "" if _PLAIN_FOLDERS.fullmatch(folder) else _LEADING_NUMBERS.sub("", folder)


def month_name(month: str) -> str:
    """Return a month ("2024-04") in words."""
    return f"{_MONTHS[int(month[5:7]) - 1]} {month[:4]}"
