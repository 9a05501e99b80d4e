"""A few photos that stand for many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from photosim.clustering.selection import select_spread, sharpest_of_runs
from photosim.errors import PhotoSimError
from photosim.library.models.view import ModelView
from photosim.library.search.filters import PhotoFinder
from photosim.records import Photo
from photosim.store.catalog import Catalog
from photosim.store.duplicates import DuplicateTable
from photosim.store.embeddings import without_damaged

Ids = npt.NDArray[np.int64]


class PhotoSelector:
    """Selects few of many photos, from any thread."""

    def __init__(self, catalog: Catalog, finder: PhotoFinder, view: Callable[[], ModelView]) -> None:
        """`view` returns that of the active model."""
        self._catalog, self._finder, self._view = catalog, finder, view
        self._duplicates = DuplicateTable(catalog.database)

    def select(self, count: int, file_ids: Sequence[int] | None = None) -> list[Photo]:
        """Return `count` of these files, or of all, that cover them, the earliest first; see `select_spread`.

        Of files with the same content, one is considered. Photos without an embedding are left out. Raises
        PhotoSimError when there are none.
        """
        photo_and_file_ids = self._catalog.photo_and_file_ids()
        if not len(photo_and_file_ids):
            raise PhotoSimError("There are no photos to pick from.")
        if file_ids is not None:
            photo_and_file_ids = photo_and_file_ids[
                np.isin(photo_and_file_ids[:, 1], np.array(file_ids, np.int64))
            ]
        _, first = np.unique(photo_and_file_ids[:, 0], return_index=True)
        selected = without_damaged(partial(self._select, count, photo_and_file_ids[first]))
        if not len(selected):
            raise PhotoSimError(
                "None of these photos has been analyzed yet. Rescan their folder to analyze them."
            )
        table = self._finder.table()
        days = np.append(table.days, 0)[table.rows_of(selected)]
        return self._catalog.photos_by_id(selected[np.lexsort((selected, days))].tolist())

    def _select(self, count: int, ids: Ids) -> Ids:
        """Return the file ids of `count` of these photos, photo and file ids (N, 2)."""
        view = self._view()
        ids = ids[np.isin(ids[:, 0], view.embeddings.photo_ids_unordered())]
        table = self._finder.table()
        days = np.append(table.days, 0)[table.rows_of(ids[:, 1])].astype(np.int64)
        known = self._duplicates.sharpness(ids[:, 0].tolist())
        sharpness = np.array([known.get(photo_id, np.nan) for photo_id in ids[:, 0].tolist()], np.float32)
        rows = sharpest_of_runs(np.lexsort((ids[:, 1], days)), sharpness)
        vectors = view.embeddings.vectors_of(ids[rows, 0])
        return np.asarray(ids[rows[select_spread(vectors, count, days[rows], sharpness[rows])], 1])
