"""Writes what a library holds to files of other kinds, outside its folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosim.errors import PhotoSimError
from photosim.files.fspaths import is_inside
from photosim.files.operations.operation_log import OperationLog
from photosim.library.collections import CollectionService
from photosim.library.export import npz, parquet
from photosim.library.export.collections import ImportedCollections, collections_as_json, import_collections
from photosim.library.export.contact_sheet import RenderSheet, Thumbnails, write_contact_sheet
from photosim.library.export.map_picture import draw_map
from photosim.library.labels import LibraryLabels
from photosim.library.map import LibraryMap
from photosim.library.models.manager import ModelManager
from photosim.library.photo_info import write_picture
from photosim.records import Cluster, Photo
from photosim.store.catalog import Catalog
from photosim.store.embeddings import ModelEmbeddings, without_damaged


class LibraryExports:
    """Exports; all raise PhotoSimError when the file exists and is not an earlier export.

    `force` overwrites any file outside the library folder.
    """

    def __init__(
        self,
        folder: Path,
        catalog: Catalog,
        models: ModelManager,
        collections: CollectionService,
        library_map: LibraryMap,
        *,
        labels: Callable[[], LibraryLabels],
        clusters: Callable[[], Sequence[Cluster]],
        thumbnails: Thumbnails,
        journal: Callable[[], AbstractContextManager[OperationLog]],
    ) -> None:
        self._folder, self._catalog, self._models = folder, catalog, models
        self._collections, self._map = collections, library_map
        self._labels, self._clusters, self._thumbnails, self._journal = labels, clusters, thumbnails, journal

    def embeddings(self, file: Path, *, force: bool = False) -> int:
        """Write `paths` (N,), unit-length `embeddings` (N, D, float32) and `model` to an .npz file; return N."""
        self._check_outside(file, force=force)
        view = self._models.active
        photos, vectors = without_damaged(partial(self._embedded_photos, view.embeddings))
        with self._journal() as log:
            paths = [photo.path for photo in photos]
            npz.write(file, paths, vectors, view.model.id, force=force, log=log)
        return len(photos)

    def parquet(self, file: Path, *, force: bool = False) -> int:
        """Write photos with dates, labels, clusters and embeddings to a Parquet file; return their number.

        Raises PhotoSimError without pyarrow, too.
        """
        self._check_outside(file, force=force)
        parquet.check_available()
        source = parquet.ExportSource(
            self._catalog, self._models.active, self._labels(), self._clusters(), self._map.positions()
        )
        with self._journal() as log:
            return parquet.write(file, source, force=force, log=log)

    def collections(self) -> dict[str, object]:
        """Return all collections, to be written as JSON."""
        return collections_as_json(self._collections, self._catalog)

    def import_collections(self, data: object) -> ImportedCollections:
        """Add collections that were exported. Raises LibraryError for anything else."""
        return import_collections(data, self._collections, self._catalog)

    def contact_sheet(
        self,
        file: Path,
        title: str,
        photos: Sequence[Photo],
        *,
        force: bool = False,
        render: RenderSheet | None = None,
    ) -> None:
        """Write the thumbnails of photos as a self-contained HTML page or by `render`."""
        self._check_outside(file, force=force)
        with self._journal() as log:
            write_contact_sheet(file, title, photos, self._thumbnails, force=force, log=log, render=render)

    def map(self, file: Path, *, force: bool = False) -> int:
        """Write the map as PNG; return the number of photos on it."""
        self._check_outside(file, force=force)
        positions = self._map.positions()
        picture = draw_map(positions, self._clusters(), self._thumbnails)
        with self._journal() as log:
            write_picture(file, picture, force=force, log=log)
        return len(positions.file_ids)

    def _check_outside(self, file: Path, *, force: bool) -> None:
        if force and is_inside(os.path.realpath(file), os.path.realpath(self._folder)):
            raise PhotoSimError(f"PhotoSim keeps its own files in {self._folder}. Choose another folder.")

    def _embedded_photos(self, embeddings: ModelEmbeddings) -> tuple[list[Photo], npt.NDArray[np.float32]]:
        """Return the photo files that are embedded, and their embeddings (N, D)."""
        embedded = set(embeddings.photo_ids().tolist())
        photos = [photo for photo in self._catalog.photos() if photo.photo_id in embedded]
        return photos, embeddings.vectors_of([photo.photo_id for photo in photos])
