"""A library of photos: the façade that the window and the command line call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from photosim import paths
from photosim.errors import FolderError, LibraryError
from photosim.files.scan import check_folder
from photosim.library.services import LibraryServices
from photosim.records import (
    DEFAULT_LEVEL,
    Cluster,
    Clustering,
    Match,
    Photo,
    Progress,
    Source,
    Status,
    UnreadableFile,
)
from photosim.runtime.control import JobControl
from photosim.runtime.lazy_property import lazy_property
from photosim.search import hnsw
from photosim.store.rows import LazyPhoto, lazy_photos, read_rows

if TYPE_CHECKING:
    from photosim.library.export.service import LibraryExports
    from photosim.library.map import LibraryMap
    from photosim.library.search.filters import FilterResult
    from photosim.library.search.similarity import Embed
    from photosim.ml.model_spec import ModelSpec
    from photosim.search.kept_search import KeptSearch


class Library(LibraryServices):
    """A library folder, which any thread may read; methods that write acquire its write lock.

    Raises LibraryError when the folder cannot be used, or when its library is damaged, was created by a newer version
    or belongs to another program.
    """

    def __init__(self, folder: Path, model: ModelSpec | None = None) -> None:
        """Open the library with `model`, or by default with the model that the user chose for this library."""
        try:
            # Only the default folder or an empty one is made private: one with files may be shared with other users.
            is_own = folder == paths.default_library() or not any(folder.iterdir())
        except OSError:
            is_own = False  # it does not exist yet or cannot be read
        try:
            paths.make_private_folder(folder)
            check_folder(folder)
            if is_own:
                paths.make_private(folder)
        except FileExistsError as error:
            raise LibraryError(f"The library can't be in {folder}: it is not a folder.") from error
        except OSError as error:
            raise LibraryError(f"The library folder {folder} can't be created: {error.strerror}.") from error
        except FolderError as error:
            raise LibraryError(f"The library can't be opened. {error}") from error
        super().__init__(folder, model)

    @classmethod
    def open(cls, folder: Path | None = None) -> Library:
        """Open the library in `folder` (default: the user's default library), creating an empty one if there is none.

        Uses the model that the user chose for this library, or the default model if that one is not installed.
        """
        return cls(paths.absolute_path(folder or paths.default_library()))

    @lazy_property
    def map(self) -> LibraryMap:
        """The places of all photos on the map."""
        from photosim.library.map import LibraryMap

        return LibraryMap(self._catalog, self._write_lock, lambda: self.models.active, self.clusters)

    @lazy_property
    def exports(self) -> LibraryExports:
        """Files for other programs."""
        from photosim.library.export.service import LibraryExports

        return LibraryExports(
            self.folder,
            self._catalog,
            self.models,
            self.collections,
            self.map,
            labels=lambda: self.labels,
            clusters=lambda: self.clusters().clusters,
            thumbnails=self.cached_thumbnails,
            journal=self.file_moves.journal,
        )

    @property
    def is_read_only(self) -> bool:
        """Whether the library folder is not writable for this user."""
        return self._catalog.database.is_read_only

    def set_read_only(self, reason: str) -> None:
        """Make every change fail with `reason` as the error message; an empty string allows changes again."""
        self._catalog.database.read_only_reason = reason

    def sources(self) -> list[Source]:
        """Return the folders that the user added."""
        return self.folders.all()

    def photos(self, folder: str | None = None) -> list[Photo]:
        """Return the readable photo files in and below a folder, or of all sources, sorted by path."""
        return self._catalog.photos(folder)

    def folder_counts(self) -> dict[str, int]:
        """Return the number of readable photo files directly in each folder that has any, by path."""
        return self._catalog.folder_counts()

    def newest_photos(self, count: int) -> list[Photo]:
        """Return the most recently taken photos, newest first; fast in a library of any size."""
        return self._catalog.newest_photos(count)

    def photos_by_id(self, file_ids: Sequence[int]) -> list[Photo]:
        """Return the photo files with these ids, in the same order, without those no longer in the library."""
        return self._catalog.photos_by_id(file_ids)

    def lazy_photos(self, file_ids: Sequence[int]) -> dict[int, LazyPhoto]:
        """Return these photo files by file id, leaving out those that are gone."""
        return lazy_photos(self._catalog.database, file_ids)

    def covers(self, clusters: Iterable[Cluster]) -> list[LazyPhoto]:
        """Return the photo that is the cover of each cluster, not read yet; see `read_photos`."""
        return [
            LazyPhoto(self._catalog.database, cluster.medoid_id, cluster.cover_ids[0]) for cluster in clusters
        ]

    def read_photos(self, photos: Iterable[LazyPhoto]) -> None:
        """Read those of these photos that are not read yet, which is faster than one by one."""
        read_rows(self._catalog.database, photos)

    def copies(self, photo_id: int) -> list[Photo]:
        """Return all readable files of a photo: files with identical content."""
        return self._catalog.files_by_photo([photo_id]).get(photo_id, [])

    def find(self, path: str | Path) -> Photo | None:
        """Return the photo file at `path`, or None if it is not in the library."""
        return self._catalog.find(str(Path(path).absolute())) or self._catalog.find(
            str(paths.real_path(path))
        )

    def unreadable(self) -> list[UnreadableFile]:
        """Return the files that could not be read, and why."""
        return self._catalog.unreadable()

    def unlisted(self) -> list[UnreadableFile]:
        """Return the folders that the last scan could not list, and why."""
        return [UnreadableFile(path, reason) for path, reason in self._catalog.unlisted.reasons().items()]

    def status(self) -> Status:
        """Return the counts of photos, videos and unreadable files, and the progress of a model switch."""
        model = self.model
        photos, embedded = self._catalog.photo_counts(model.id)
        next_model, next_embedded = self.models.switch_progress() or (None, 0)
        return Status(
            photos=photos,
            embedded=embedded,
            unreadable=tuple(self.unreadable()),
            model=model.id,
            dimensions=model.dimensions,
            next_model=next_model,
            next_embedded=next_embedded,
            raw_pairs=self._catalog.raw_pairs.count(),
            videos=self._catalog.video_count(),
        )

    def thumbnail(self, photo_id: int) -> bytes | None:
        """Return a photo's cached thumbnail as JPEG bytes, or None."""
        return self.cached_thumbnails([photo_id]).get(photo_id)

    def cached_thumbnails(self, photo_ids: Sequence[int]) -> dict[int, bytes]:
        """Return the cached thumbnails of these photos as JPEG bytes, without reading any photo file."""
        digests = self._catalog.digests(photo_ids)
        jpegs = self._thumbnails.get_many(digests.values())
        return {photo_id: jpegs[digest] for photo_id, digest in digests.items() if digest in jpegs}

    def similar(
        self, file_id: int, k: int = 50, within: FilterResult | None = None, min_similarity: float = -1.0
    ) -> list[Match]:
        """Return the `k` photo files most similar to one in the library; see `SimilaritySearch.similar_to_photo`."""
        return self.similarity.similar_to_photo(file_id, k, within, min_similarity)

    def similar_to_kept(self, search: KeptSearch, k: int = 50, embed: Embed | None = None) -> list[Match]:
        """Return the `k` best matches of a kept search by photos, down to its band; see `SimilaritySearch.search`."""
        found, criteria = self.collections.examples(search), self.collections.criteria(search)
        within = self.finder.apply(criteria) if criteria.active_facets else None
        first = found.like[0].kept
        if first.region is None:
            find = self.similarity.search
        else:
            by_object = first.is_object and self.objects.enabled
            find = self.objects.search if by_object else self.objects.search_region
        return [match for match in find(found.query, k, embed, within) if match.band <= search.least]

    def clusters(self, level: int = DEFAULT_LEVEL) -> Clustering:
        """Return the clusters of similar photos, recomputed if photos were added or removed.

        `level` goes from 0, few large clusters, to FINEST_LEVEL, many small ones. The user's edits are applied.
        """
        return self.cluster_service.at_level(self.models.active, level, self.labels)

    @property
    def search_is_exact(self) -> bool:
        """Whether hnswlib is unavailable: a search then compares all photos, which is slow in large libraries."""
        return not hnsw.is_available()

    def index(
        self, folders: Sequence[Path] = (), control: JobControl | None = None, *, confirm_missing: bool = True
    ) -> Iterator[Progress]:
        """Index `folders`, or all sources if it is empty, then switch to the next model if one is chosen.

        When many known photos are not found, they are kept as missing until the user decides; without
        `confirm_missing` they are removed from the library at once. Sources that are offline are skipped. Photos
        without an embedding of the active model are read again. The next model becomes active once it has embedded
        all photos.

        Raises FolderError for a folder that does not exist, LibraryLockedError while another PhotoSim process writes to
        the library, and ModelError when a model cannot be loaded.
        """
        return self._indexing.run(folders, control, confirm_missing=confirm_missing)

    def look_closer(self, control: JobControl | None = None) -> Iterator[Progress]:
        """Read the photos not read so before once more, at a larger size, to find small objects in them.

        Takes about as long as indexing does. Photos that were searched stay so when it is cancelled or ends, and offline
        ones are skipped. Raises LabelError when labels are disabled, LibraryLockedError and ModelError as `index` does.
        """
        return self._indexing.look_closer(control or JobControl())

    def use_model(self, name: str) -> ModelSpec:
        """Activate the model with this id or name, at once or after the next indexing; see `ModelManager.use`."""
        return self.models.use(name)

    def remove_source(self, folder: str) -> None:
        """Remove a source folder from the library; the files in it are kept."""
        with self._write_lock:
            self._catalog.remove_source(folder)
            self._thumbnails.remove(self._catalog.delete_orphans())
