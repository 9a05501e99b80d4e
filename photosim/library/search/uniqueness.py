"""How alone photos are: loners, which look like no other, and hubs, which many others look like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosim.library.models.view import ModelView
from photosim.search.exact import Ids
from photosim.store.catalog import Catalog


@dataclass(frozen=True, slots=True, eq=False)
class Uniqueness:
    """The shown photo files whose neighbours are known, `file_ids` (N,), by path.

    `cosines` (N,) are the mean cosines to the nearest neighbours, lowest for loners; `occurrences` (N,) count the photos
    that have each among their nearest neighbours, most for hubs.
    """

    file_ids: Ids
    cosines: npt.NDArray[np.float32]
    occurrences: Ids

    def order(self, *, hubs: bool = False) -> Ids:
        """Return the rows (N,) with the loners first, or with the hubs first."""
        keys = (-self.cosines, -self.occurrences) if hubs else (self.occurrences, self.cosines)
        return np.lexsort(keys)

    def scores(self, *, hubs: bool = False) -> dict[int, float]:
        """Return a score from 0 to 1 by file id, which is higher the further in front a file is in that order."""
        order = self.order(hubs=hubs)
        ranks = np.linspace(1, 0, len(order)).tolist()
        return dict(zip(self.file_ids[order].tolist(), ranks, strict=True))


class UniquenessService:
    """Tells how alone photos are, with one model, from any thread."""

    def __init__(self, catalog: Catalog, view: ModelView) -> None:
        self._catalog, self._view = catalog, view

    def of_all(self, check: Callable[[], None] = lambda: None) -> Uniqueness:
        """Return how alone the photos are, by the neighbours that were found when they were grouped last.

        Where nothing is known of neighbours they are searched first; `check` is called now and then and may raise to end
        that.
        """
        graph = self._view.index_builder.neighbours((), lambda *_: check())
        pairs = self._catalog.photo_and_file_ids()
        nodes = graph.nodes_of(pairs[:, 0])
        is_known = nodes >= 0
        nodes = nodes[is_known]
        return Uniqueness(pairs[is_known, 1].copy(), graph.mean_cosines()[nodes], graph.occurrences()[nodes])
