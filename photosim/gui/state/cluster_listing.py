"""Which clusters of a level are shown, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from photosim.gui.state.ordering import natural_key
from photosim.gui.state.places import CoveredClusters

Codes = npt.NDArray[np.int64]


class ClusterOrder(StrEnum):
    """What clusters are sorted by."""

    SIZE = "size"
    DATE = "date"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class ClusterKeys:
    """The positions of the clusters of a level in each order, and their titles for a search; by id, counted from 1.

    Computed in a job, so that sorting and searching tens of thousands of clusters does not block the window.
    """

    ranks: dict[ClusterOrder, tuple[Sequence[int], Sequence[int]]]
    """The ranks in the usual direction, and in the other one; clusters without a date or a name are last in both."""

    titles: Sequence[str]

    @classmethod
    def of(cls, clusters: CoveredClusters, cover_dates: Sequence[int] | None = None) -> ClusterKeys:
        """Compute them for clusters that are sorted by size, the largest first.

        `cover_dates` are those of the clustering; without them the covers tell when they were taken.
        """
        ids = [cluster.id for cluster, _ in clusters]
        titles = [""] * max(ids, default=0)
        for cluster, _ in clusters:
            titles[cluster.id - 1] = (cluster.title or "").casefold()
        names = _codes([titles[cluster_id - 1] for cluster_id in ids], natural_key)
        if cover_dates is None:
            dates = _codes([cover.taken_at or "" for _, cover in clusters])
        else:
            dates = np.array(cover_dates, np.int64)
        sizes = np.array([cluster.size for cluster, _ in clusters], np.int64)
        return cls(
            {
                ClusterOrder.SIZE: (_ranks(ids, np.arange(len(ids))), _ranks(ids, sizes)),
                ClusterOrder.DATE: (_ranks(ids, -dates, dates < 0), _ranks(ids, dates, dates < 0)),
                ClusterOrder.NAME: (_ranks(ids, names, names < 0), _ranks(ids, -names, names < 0)),
            },
            titles,
        )


@dataclass(frozen=True, slots=True)
class ClusterListing:
    """An order, whether it is the other way round than usual, and words that the titles contain.

    Usual is the largest first, the newest first, A to Z.
    """

    order: ClusterOrder = ClusterOrder.SIZE
    reverse: bool = False
    words: str = ""

    def arrange(self, clusters: CoveredClusters, keys: ClusterKeys) -> CoveredClusters:
        """Return those of some clusters of a level that match, in this order; dates are those of the covers."""
        titles = keys.titles
        for word in self.words.casefold().split():
            clusters = tuple([row for row in clusters if word in titles[row[0].id - 1]])
        if self.order is ClusterOrder.SIZE and not self.reverse:
            return clusters
        ranks = keys.ranks[self.order][self.reverse]
        return tuple(sorted(clusters, key=lambda row: ranks[row[0].id - 1]))

    def to_text(self) -> str:
        """The order and direction as text, to be stored."""
        return f"-{self.order}" if self.reverse else self.order.value

    @classmethod
    def from_text(cls, text: str) -> ClusterListing:
        """The listing that `to_text` stored; the default for anything else."""
        try:
            return cls(ClusterOrder(text.removeprefix("-")), text.startswith("-"))
        except ValueError:
            return cls()


def _codes(texts: Sequence[str], key: Callable[[str], str] | None = None) -> Codes:
    """Return numbers (N,) that sort as the texts by `key` do; -1 for an empty text."""
    keys = {text: text if key is None else key(text) for text in set(texts) if text}
    code_of_key = {text: code for code, text in enumerate(sorted(set(keys.values())))}
    code_of = {text: code_of_key[key_of_text] for text, key_of_text in keys.items()}
    return np.array([code_of.get(text, -1) for text in texts], np.int64)


def _ranks(ids: Sequence[int], codes: Codes, is_last: npt.NDArray[np.bool_] | None = None) -> list[int]:
    """Return the rank of each id, counted from 1, by its code; equal codes keep their order."""
    order = np.argsort(codes, kind="stable")
    if is_last is not None:
        order = np.concatenate([order[~is_last[order]], np.flatnonzero(is_last)])
    ranks = np.zeros(max(ids, default=0), np.int64)
    ranks[np.array(ids, np.int64)[order] - 1] = np.arange(len(ids))
    return ranks.tolist()
