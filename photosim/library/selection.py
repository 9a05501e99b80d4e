"""A few photos that stand for many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from photosim.clustering.selection import select_spread, sharpest_of_runs
from photosim.duplicates.groups import DuplicateKind
from photosim.errors import PhotoSimError
from photosim.library.duplicates import DuplicateService
from photosim.library.models.view import ModelView
from photosim.library.search.filters import PhotoFinder
from photosim.records import Photo
from photosim.store.catalog import Catalog
from photosim.store.duplicates import DuplicateTable
from photosim.store.embeddings import without_damaged

Ids = npt.NDArray[np.int64]

_COPIES = frozenset({DuplicateKind.IDENTICAL, DuplicateKind.SAME})


class PhotoSelector:
    """Selects few of many photos, from any thread."""

    def __init__(
        self,
        catalog: Catalog,
        finder: PhotoFinder,
        duplicates: DuplicateService,
        view: Callable[[], ModelView],
    ) -> None:
        """`view` returns that of the active model."""
        self._catalog, self._finder, self._duplicates, self._view = catalog, finder, duplicates, view
        self._found = DuplicateTable(catalog.database)

    def select(self, count: int, file_ids: Sequence[int] | None = None) -> list[Photo]:
        """Return `count` of these files, or of all, that cover them, the earliest first; see `select_spread`.

        Of copies of one photo, the one that the user's rules would keep is considered, and others only where there are
        too few photos; of files with the same bytes, one. Photos without an embedding are left out. Raises PhotoSimError
        when there are none.
        """
        photo_and_file_ids = self._catalog.photo_and_file_ids()
        if not len(photo_and_file_ids):
            raise PhotoSimError("There are no photos to pick from.")
        if file_ids is not None:
            photo_and_file_ids = photo_and_file_ids[
                np.isin(photo_and_file_ids[:, 1], np.array(file_ids, np.int64))
            ]
        selected = without_damaged(partial(self._select, count, photo_and_file_ids))
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
        best, others = self._best_copies(ids)
        selected = self._spread(view, min(count, len(best)), best)
        return np.concatenate([selected, self._spread(view, min(count - len(selected), len(others)), others)])

    def _spread(self, view: ModelView, count: int, ids: Ids) -> Ids:
        """Return the file ids of `count` of these photos, photo and file ids (N, 2), that cover them."""
        if not count:
            return np.empty(0, np.int64)
        table = self._finder.table()
        days = np.append(table.days, 0)[table.rows_of(ids[:, 1])].astype(np.int64)
        known = self._found.sharpness(ids[:, 0].tolist())
        sharpness = np.array([known.get(photo_id, np.nan) for photo_id in ids[:, 0].tolist()], np.float32)
        rows = sharpest_of_runs(np.lexsort((ids[:, 1], days)), sharpness)
        vectors = view.embeddings.vectors_of(ids[rows, 0])
        return np.asarray(ids[rows[select_spread(vectors, count, days[rows], sharpness[rows])], 1])

    def _best_copies(self, ids: Ids) -> tuple[Ids, Ids]:
        """Return the best of those of these photos that are copies of each other, with all others, and the worse ones.

        Photo and file ids (N, 2); of files with the same bytes, one is in either.
        """
        given, worse = set(ids[:, 1].tolist()), set[int]()
        for group in self._duplicates.groups(_COPIES, across_folders=False, include_settled=True):
            copies = [file_id for file_id in group.file_ids if file_id in given]
            worse.update(copies[1:])
        is_worse = np.isin(ids[:, 1], np.array(sorted(worse), np.int64))
        best, others = ids[~is_worse], ids[is_worse]
        others = others[~np.isin(others[:, 0], best[:, 0])]
        return _unique_photos(best), _unique_photos(others)


def _unique_photos(ids: Ids) -> Ids:
    _, first = np.unique(ids[:, 0], return_index=True)
    return ids[first]
