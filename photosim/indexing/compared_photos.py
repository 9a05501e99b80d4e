"""The photos of a library and of a folder that is compared with it, seen alike."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Protocol

import numpy as np
import numpy.typing as npt

from photosim.duplicates.results import METHOD_VERSION, JudgedPair
from photosim.duplicates.signatures import SignatureSearch
from photosim.indexing.folder_reader import FolderContents
from photosim.ml.model_spec import ModelSpec
from photosim.records import FileEntry, Photo
from photosim.store.catalog import Catalog
from photosim.store.comparisons.contents import ComparisonStore
from photosim.store.duplicates import DuplicateTable
from photosim.store.embeddings import ModelEmbeddings
from photosim.store.files.known_photos import known_photos, present_files
from photosim.store.files.raw_pairs import primary_files
from photosim.store.thumbnails import ThumbnailCache

Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]


class PhotoCollection(Protocol):
    """The photos that a folder is compared with, and its own: by ids, with digests, embeddings, thumbnails and files."""

    def digests(self, photo_ids: Sequence[int]) -> Mapping[int, bytes]:
        """Return the digests of these photos by photo id."""

    def vectors_of(self, photo_ids: Ids) -> Vectors:
        """Return the embeddings of these photos (N,), float32 (N, D). Raises KeyError if one is missing."""

    def get_many(self, digests: Iterable[bytes]) -> Mapping[bytes, bytes]:
        """Return the thumbnails of these photos by digest."""

    def files(self, photo_ids: Sequence[int]) -> Mapping[int, Sequence[Photo]]:
        """Return the files of these photos that are not missing, by photo id."""

    def known(self, digests: Sequence[bytes]) -> Mapping[bytes, int]:
        """Return the ids of the photos with these digests, of those that are there."""


@dataclass(frozen=True, slots=True)
class LibraryPhotos:
    """The photos of a library."""

    catalog: Catalog
    thumbnails: ThumbnailCache
    embeddings: ModelEmbeddings

    def digests(self, photo_ids: Sequence[int]) -> Mapping[int, bytes]:
        """Return digests; see `PhotoCollection`."""
        return self.catalog.digests(photo_ids)

    def vectors_of(self, photo_ids: Ids) -> Vectors:
        """Return embeddings; see `PhotoCollection`."""
        return self.embeddings.vectors_of(photo_ids)

    def get_many(self, digests: Iterable[bytes]) -> Mapping[bytes, bytes]:
        """Return thumbnails; see `PhotoCollection`."""
        return self.thumbnails.get_many(digests)

    def files(self, photo_ids: Sequence[int]) -> Mapping[int, Sequence[Photo]]:
        """Return files; see `PhotoCollection`."""
        return present_files(self.catalog.database, photo_ids)

    def known(self, digests: Sequence[bytes]) -> Mapping[bytes, int]:
        """Return ids; see `PhotoCollection`."""
        found = known_photos(self.catalog.database, digests)
        return {digest: photo_id for digest, (photo_id, _) in found.items()}

    def signatures(self, shown: Ids) -> SignatureSearch:
        """Return the signatures of the shown photos that were compared with each other."""
        table = DuplicateTable(self.catalog.database)
        photo_ids, signatures = table.signatures(METHOD_VERSION)
        is_shown = np.isin(photo_ids, shown)
        return SignatureSearch(photo_ids[is_shown], list(compress(signatures, is_shown)))

    def pairs(self) -> list[JudgedPair]:
        """Return the pairs that are copies of each other."""
        return DuplicateTable(self.catalog.database).pairs(version=METHOD_VERSION)


class FolderPhotos:
    """The photos of a folder; those that the library has were not read, and it tells what it knows of them."""

    def __init__(
        self,
        contents: FolderContents,
        store: ComparisonStore,
        library: LibraryPhotos,
        model: ModelSpec,
        first_id: int = 1,
    ) -> None:
        """The photos get ids from `first_id` on, files with the same bytes the same one."""
        self._store, self._library, self._model, self._first = store, library, model, first_id
        self._digests = list(dict.fromkeys(contents.files.values()))
        self._ids = {digest: number for number, digest in enumerate(self._digests, first_id)}
        self.photos = self._shown(contents.files)
        """The files that are shown, by path: a RAW file and its JPEG or HEIC file as one."""
        self._files: dict[int, list[Photo]] = {}
        for photo in self.photos:
            self._files.setdefault(photo.photo_id, []).append(photo)

    @property
    def ids(self) -> Ids:
        """The ids (N,) of the photos that are shown."""
        return np.array(sorted(self._files), np.int64)

    def digest(self, photo_id: int) -> bytes:
        """Return the digest of a photo."""
        return self._digests[photo_id - self._first]

    def digests(self, photo_ids: Sequence[int]) -> Mapping[int, bytes]:
        """Return digests; see `PhotoCollection`."""
        return {photo_id: self.digest(photo_id) for photo_id in photo_ids}

    def vectors_of(self, photo_ids: Ids) -> Vectors:
        """Return embeddings; see `PhotoCollection`."""
        digests = [self.digest(photo_id) for photo_id in photo_ids.tolist()]
        found = self._store.vectors(digests, self._model.id, self._model.dimensions)
        others = [digest for digest in dict.fromkeys(digests) if digest not in found]
        if others:
            known = self._library.known(others)
            ids = np.array([known[digest] for digest in others], np.int64)
            found |= dict(zip(others, self._library.vectors_of(ids), strict=True))
        vectors = np.empty((len(digests), self._model.dimensions), np.float32)
        for row, digest in enumerate(digests):
            vectors[row] = found[digest]
        return vectors

    def get_many(self, digests: Iterable[bytes]) -> Mapping[bytes, bytes]:
        """Return thumbnails; see `PhotoCollection`."""
        wanted = list(digests)
        found = self._store.get_many(wanted)
        return found | dict(self._library.get_many(digest for digest in wanted if digest not in found))

    def files(self, photo_ids: Sequence[int]) -> Mapping[int, Sequence[Photo]]:
        """Return files; see `PhotoCollection`."""
        return {photo_id: self._files[photo_id] for photo_id in photo_ids if photo_id in self._files}

    def known(self, digests: Sequence[bytes]) -> Mapping[bytes, int]:
        """Return ids; see `PhotoCollection`."""
        return {digest: self._ids[digest] for digest in digests if digest in self._ids}

    def _shown(self, files: Mapping[FileEntry, bytes]) -> list[Photo]:
        facts = self._store.facts(self._digests)
        readable = sorted(
            ((entry, digest) for entry, digest in files.items() if digest in facts),
            key=lambda item: os.fsencode(item[0].path),
        )
        numbered = [(number, entry, digest) for number, (entry, digest) in enumerate(readable, self._first)]
        primaries = primary_files((number, entry.path, facts[digest]) for number, entry, digest in numbered)
        raw_files: dict[int, list[str]] = {}
        for number, entry, _ in numbered:
            if number in primaries:
                raw_files.setdefault(primaries[number], []).append(entry.path)
        return [
            Photo(
                number,
                self._ids[digest],
                entry.path,
                entry.size,
                entry.mtime_ns,
                facts[digest],
                raw_files=tuple(raw_files.get(number, ())),
            )
            for number, entry, digest in numbered
            if number not in primaries
        ]


THEIRS = 1 << 40
"""First id of the photos of the compared folder; those of the library and of other folders are below."""


@dataclass(frozen=True, slots=True)
class BothCollections:
    """The photos of the compared folder and those that it is compared with, by their ids."""

    theirs: FolderPhotos
    ours: PhotoCollection

    def digests(self, photo_ids: Sequence[int]) -> Mapping[int, bytes]:
        """Return digests; see `PhotoCollection`."""
        theirs = [photo_id for photo_id in photo_ids if photo_id >= THEIRS]
        ours = [photo_id for photo_id in photo_ids if photo_id < THEIRS]
        return {**self.ours.digests(ours), **self.theirs.digests(theirs)}

    def vectors_of(self, photo_ids: Ids) -> Vectors:
        """Return embeddings; see `PhotoCollection`."""
        is_theirs = photo_ids >= THEIRS
        if is_theirs.all():
            return self.theirs.vectors_of(photo_ids)
        ours = self.ours.vectors_of(photo_ids[~is_theirs])
        if not is_theirs.any():
            return ours
        vectors = np.empty((len(photo_ids), ours.shape[1]), np.float32)
        vectors[~is_theirs], vectors[is_theirs] = ours, self.theirs.vectors_of(photo_ids[is_theirs])
        return vectors

    def get_many(self, digests: Iterable[bytes]) -> Mapping[bytes, bytes]:
        """Return thumbnails; see `PhotoCollection`."""
        wanted = list(digests)
        found = dict(self.ours.get_many(wanted))
        return found | dict(self.theirs.get_many(digest for digest in wanted if digest not in found))
