"""A library of photos: the façade that the window and the command line call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from photosim import paths
from photosim.errors import FolderError, LibraryError
from photosim.files.scan import check_folder
from photosim.library.clusters.edits import ClusterEdits
from photosim.library.clusters.events import EventService
from photosim.library.clusters.service import ClusterService
from photosim.library.collections import CollectionService
from photosim.library.comparison import ComparisonService
from photosim.library.duplicates import DuplicateService
from photosim.library.duplicates.trash import DuplicateTrash
from photosim.library.duplicates.trash_notes import TrashNotes
from photosim.library.export.service import LibraryExports
from photosim.library.files.folders import SourceFolders
from photosim.library.files.moves import FileOperations
from photosim.library.indexing import LibraryIndexing
from photosim.library.labels import LibraryLabels
from photosim.library.locks import WriteLock
from photosim.library.map import LibraryMap
from photosim.library.models.manager import ModelManager
from photosim.library.models.view import ModelView
from photosim.library.photo_info import PhotoInspector
from photosim.library.search.filters import FilterResult, PhotoFinder
from photosim.library.search.objects import LibraryObjects
from photosim.library.search.origin import OriginSearch
from photosim.library.search.over_time import OverTimeSearch
from photosim.library.search.similarity import Embed, SimilaritySearch
from photosim.library.search.uniqueness import UniquenessService
from photosim.library.search.walk import WalkSearch
from photosim.library.search.words import SearchService
from photosim.library.selection import PhotoSelector
from photosim.ml.model_spec import ModelSpec
from photosim.ml.models.registry import ModelRegistry
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
from photosim.search import hnsw
from photosim.search.kept_search import KeptSearch
from photosim.store.catalog import Catalog
from photosim.store.change_feed import ExternalChanges
from photosim.store.comparisons.contents import ComparisonStore
from photosim.store.comparisons.results import ComparisonResults
from photosim.store.rows import LazyPhoto, lazy_photos, read_rows
from photosim.store.thumbnails import ThumbnailCache


@dataclass(frozen=True, slots=True)
class _ModelServices:
    """The services that depend on the active model; rebuilt when the active model changes."""

    view: ModelView
    labels: LibraryLabels
    similarity: SimilaritySearch
    objects: LibraryObjects
    origin: OriginSearch
    over_time: OverTimeSearch
    walks: WalkSearch
    uniqueness: UniquenessService


class Library:
    """A library folder, which any thread may read; methods that write acquire its write lock.

    Raises LibraryError when the folder cannot be used, or when its library is damaged, was created by a newer version
    or belongs to another program.
    """

    def __init__(self, folder: Path, model: ModelSpec | None = None) -> None:
        """Open the library with `model`, or by default with the model that the user chose for this library."""
        self.folder = folder
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
        self._catalog = Catalog(folder)
        self._thumbnails = ThumbnailCache(folder)
        self._write_lock = WriteLock(folder, self._catalog.database)
        self.cluster_edits = ClusterEdits(self._catalog)
        self.cluster_service = ClusterService(self._catalog, self.cluster_edits, self._write_lock)
        self.folders = SourceFolders(self._catalog, self._thumbnails, self._write_lock)
        self.duplicates = DuplicateService(folder, self._catalog, self.folders)
        self.models = ModelManager(folder, self._catalog, ModelRegistry(), self._write_lock, model)
        self.map = LibraryMap(self._catalog, self._write_lock, lambda: self.models.active, self.clusters)
        self.external_changes = ExternalChanges(self._catalog.database)
        self.finder = PhotoFinder(
            self._catalog,
            lambda: self.labels,
            lambda: self.cluster_service.saved_key(self.models.active),
            lambda level: self.cluster_service.at_level_at_once(self.models.active, level, self.labels),
        )
        self.search = SearchService(self._catalog, self.finder, lambda: self.labels)
        self.collections = CollectionService(self._catalog, self.finder, self.search)
        self.selector = PhotoSelector(self._catalog, self.finder, self.duplicates, lambda: self.models.active)
        self.events = EventService(self._catalog, lambda: self.models.active, lambda: self.labels)
        notes = TrashNotes(self._catalog, self.cluster_edits)
        self.file_moves = FileOperations(folder, self._catalog, self._thumbnails, notes)
        self.duplicate_trash = DuplicateTrash(
            self._catalog, self.file_moves, notes, lambda: self.duplicates.rules.protected
        )
        self.inspector = PhotoInspector(
            self._catalog, self._thumbnails, lambda: self.labels, self.file_moves.journal
        )
        self.exports = LibraryExports(
            folder,
            self._catalog,
            self.models,
            self.collections,
            self.map,
            labels=lambda: self.labels,
            clusters=lambda: self.clusters().clusters,
            thumbnails=self.cached_thumbnails,
            journal=self.file_moves.journal,
        )
        self._indexing = LibraryIndexing(
            folder=folder,
            catalog=self._catalog,
            thumbnails=self._thumbnails,
            write_lock=self._write_lock,
            folders=self.folders,
            models=self.models,
            file_moves=self.file_moves,
            labels_enabled=lambda: self.labels.enabled,
            prepare_clusters=lambda: self.cluster_service.prepare(self.models.active, self.labels),
        )
        compared = ComparisonStore(folder)
        self.comparisons = ComparisonService(
            folder,
            self._catalog,
            self._thumbnails,
            self.models,
            lambda: self.duplicates.rules.copies,
            compared,
            ComparisonResults(compared),
        )
        self._services = self._build_services(self.models.active)

    @classmethod
    def open(cls, folder: Path | None = None) -> Library:
        """Open the library in `folder` (default: the user's default library), creating an empty one if there is none.

        Uses the model that the user chose for this library, or the default model if that one is not installed.
        """
        return cls(paths.absolute_path(folder or paths.default_library()))

    def close(self) -> None:
        """Close the database and the thumbnail cache."""
        self._catalog.close()
        self._thumbnails.close()
        self.comparisons.store.close()

    @property
    def is_read_only(self) -> bool:
        """Whether the library folder is not writable for this user."""
        return self._catalog.database.is_read_only

    def set_read_only(self, reason: str) -> None:
        """Make every change fail with `reason` as the error message; an empty string allows changes again."""
        self._catalog.database.read_only_reason = reason

    @property
    def model(self) -> ModelSpec:
        """The active model."""
        return self.models.active.model

    @property
    def labels(self) -> LibraryLabels:
        """The labels of the active model."""
        return self._active_services().labels

    @property
    def similarity(self) -> SimilaritySearch:
        """The similarity search of the active model."""
        return self._active_services().similarity

    @property
    def objects(self) -> LibraryObjects:
        """The objects that the active model found."""
        return self._active_services().objects

    @property
    def origin(self) -> OriginSearch:
        """The search for originals, with the active model."""
        return self._active_services().origin

    @property
    def over_time(self) -> OverTimeSearch:
        """The photos most like one by years, with the active model."""
        return self._active_services().over_time

    @property
    def walks(self) -> WalkSearch:
        """Walks along photos that look alike, with the active model."""
        return self._active_services().walks

    @property
    def uniqueness(self) -> UniquenessService:
        """How alone photos are, with the active model."""
        return self._active_services().uniqueness

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
        services = self._active_services()
        return self.cluster_service.at_level(services.view, level, services.labels)

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

    def _active_services(self) -> _ModelServices:
        view = self.models.active
        if self._services.view is not view:
            self._services = self._build_services(view)
        return self._services

    def _build_services(self, view: ModelView) -> _ModelServices:
        labels = LibraryLabels(self._catalog, self._thumbnails, view, self._write_lock)
        similarity = SimilaritySearch(self._catalog, view)
        objects = LibraryObjects(self._catalog, view, similarity, lambda: labels.enabled)
        origin = OriginSearch(self._catalog, self._thumbnails, view, similarity, objects)
        over_time = OverTimeSearch(self._catalog, view, similarity)
        walks = WalkSearch(self._catalog, view)
        uniqueness = UniquenessService(self._catalog, view)
        return _ModelServices(view, labels, similarity, objects, origin, over_time, walks, uniqueness)
