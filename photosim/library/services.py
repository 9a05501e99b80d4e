"""The services of a library, each made when it is first used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from photosim.library.locks import WriteLock
from photosim.runtime.lazy_property import lazy_property, make_all
from photosim.store.catalog import Catalog
from photosim.store.change_feed import ExternalChanges
from photosim.store.thumbnails import ThumbnailCache

if TYPE_CHECKING:
    from photosim.library.clusters.edits import ClusterEdits
    from photosim.library.clusters.events import EventService
    from photosim.library.clusters.service import ClusterService
    from photosim.library.collections import CollectionService
    from photosim.library.comparison import ComparisonService
    from photosim.library.duplicates import DuplicateService
    from photosim.library.duplicates.trash import DuplicateTrash
    from photosim.library.duplicates.trash_notes import TrashNotes
    from photosim.library.files.folders import SourceFolders
    from photosim.library.files.moves import FileOperations
    from photosim.library.indexing import LibraryIndexing
    from photosim.library.labels import LibraryLabels
    from photosim.library.models.manager import ModelManager
    from photosim.library.models.view import ModelView
    from photosim.library.photo_info import PhotoInspector
    from photosim.library.search.filters import PhotoFinder
    from photosim.library.search.objects import LibraryObjects
    from photosim.library.search.origin import OriginSearch
    from photosim.library.search.over_time import OverTimeSearch
    from photosim.library.search.similarity import SimilaritySearch
    from photosim.library.search.uniqueness import UniquenessService
    from photosim.library.search.walk import WalkSearch
    from photosim.library.search.words import SearchService
    from photosim.library.selection import PhotoSelector
    from photosim.ml.model_spec import ModelSpec


class ModelServices:
    """The services that depend on the active model; replaced when the active model changes."""

    def __init__(
        self, view: ModelView, catalog: Catalog, thumbnails: ThumbnailCache, write_lock: WriteLock
    ) -> None:
        self.view = view
        self._catalog, self._thumbnails, self._write_lock = catalog, thumbnails, write_lock

    @lazy_property
    def labels(self) -> LibraryLabels:
        """The labels of the photos."""
        from photosim.library.labels import LibraryLabels

        return LibraryLabels(self._catalog, self._thumbnails, self.view, self._write_lock)

    @lazy_property
    def similarity(self) -> SimilaritySearch:
        """The search for similar photos."""
        from photosim.library.search.similarity import SimilaritySearch

        return SimilaritySearch(self._catalog, self.view)

    @lazy_property
    def objects(self) -> LibraryObjects:
        """The objects that the model found."""
        from photosim.library.search.objects import LibraryObjects

        return LibraryObjects(self._catalog, self.view, self.similarity, lambda: self.labels.enabled)

    @lazy_property
    def origin(self) -> OriginSearch:
        """The search for originals."""
        from photosim.library.search.origin import OriginSearch

        return OriginSearch(self._catalog, self._thumbnails, self.view, self.similarity, self.objects)

    @lazy_property
    def over_time(self) -> OverTimeSearch:
        """The photos most like one by years."""
        from photosim.library.search.over_time import OverTimeSearch

        return OverTimeSearch(self._catalog, self.view, self.similarity)

    @lazy_property
    def walks(self) -> WalkSearch:
        """Walks along photos that look alike."""
        from photosim.library.search.walk import WalkSearch

        return WalkSearch(self._catalog, self.view)

    @lazy_property
    def uniqueness(self) -> UniquenessService:
        """How alone photos are."""
        from photosim.library.search.uniqueness import UniquenessService

        return UniquenessService(self._catalog, self.view)


class LibraryServices:
    """The database and the services of a library in an existing folder."""

    def __init__(self, folder: Path, model: ModelSpec | None = None) -> None:
        self.folder = folder
        self._model = model
        self._catalog = Catalog(folder)
        self._thumbnails = ThumbnailCache(folder)
        self._write_lock = WriteLock(folder, self._catalog.database)
        self.external_changes = ExternalChanges(self._catalog.database)
        self._services: ModelServices | None = None

    def close(self) -> None:
        """Close the database and the thumbnail cache."""
        self._catalog.close()
        self._thumbnails.close()
        comparisons: ComparisonService | None = vars(self).get("comparisons")
        if comparisons is not None:
            comparisons.store.close()

    def make_services(self) -> None:
        """Make all services now: for a window, whose thread should not import one when it first uses it."""
        make_all(self)
        make_all(self._active_services())

    @lazy_property
    def cluster_edits(self) -> ClusterEdits:
        """What the user changed about clusters."""
        from photosim.library.clusters.edits import ClusterEdits

        return ClusterEdits(self._catalog)

    @lazy_property
    def cluster_service(self) -> ClusterService:
        """The clusters of each level."""
        from photosim.library.clusters.service import ClusterService

        return ClusterService(self._catalog, self.cluster_edits, self._write_lock)

    @lazy_property
    def folders(self) -> SourceFolders:
        """The folders that the user added."""
        from photosim.library.files.folders import SourceFolders

        return SourceFolders(self._catalog, self._thumbnails, self._write_lock)

    @lazy_property
    def duplicates(self) -> DuplicateService:
        """The groups of duplicates, and the verdicts on them."""
        from photosim.library.duplicates import DuplicateService

        return DuplicateService(self.folder, self._catalog, self.folders)

    @lazy_property
    def models(self) -> ModelManager:
        """The models, and which one is active."""
        from photosim.library.models.manager import ModelManager
        from photosim.ml.models.registry import ModelRegistry

        return ModelManager(self.folder, self._catalog, ModelRegistry(), self._write_lock, self._model)

    @lazy_property
    def finder(self) -> PhotoFinder:
        """The photos that match a filter."""
        from photosim.library.search.filters import PhotoFinder

        return PhotoFinder(
            self._catalog,
            lambda: self.labels,
            lambda: self.cluster_service.saved_key(self.models.active),
            lambda level: self.cluster_service.at_level_at_once(self.models.active, level, self.labels),
        )

    @lazy_property
    def search(self) -> SearchService:
        """What typed words mean."""
        from photosim.library.search.words import SearchService

        return SearchService(self._catalog, self.finder, lambda: self.labels)

    @lazy_property
    def collections(self) -> CollectionService:
        """Albums and saved searches."""
        from photosim.library.collections import CollectionService

        return CollectionService(self._catalog, self.finder, self.search)

    @lazy_property
    def selector(self) -> PhotoSelector:
        """The choice of a few photos of many."""
        from photosim.library.selection import PhotoSelector

        return PhotoSelector(self._catalog, self.finder, self.duplicates, lambda: self.models.active)

    @lazy_property
    def events(self) -> EventService:
        """The photos that were taken together."""
        from photosim.library.clusters.events import EventService

        return EventService(self._catalog, lambda: self.models.active, lambda: self.labels)

    @lazy_property
    def file_moves(self) -> FileOperations:
        """Copying, moving and trashing of photo files."""
        from photosim.library.files.moves import FileOperations

        return FileOperations(self.folder, self._catalog, self._thumbnails, self._trash_notes)

    @lazy_property
    def duplicate_trash(self) -> DuplicateTrash:
        """Trashing of duplicates."""
        from photosim.library.duplicates.trash import DuplicateTrash

        return DuplicateTrash(
            self._catalog, self.file_moves, self._trash_notes, lambda: self.duplicates.rules.protected
        )

    @lazy_property
    def inspector(self) -> PhotoInspector:
        """What is known of a photo."""
        from photosim.library.photo_info import PhotoInspector

        return PhotoInspector(self._catalog, self._thumbnails, lambda: self.labels, self.file_moves.journal)

    @lazy_property
    def comparisons(self) -> ComparisonService:
        """Comparisons of a folder with the library."""
        from photosim.library.comparison import ComparisonService
        from photosim.store.comparisons.contents import ComparisonStore
        from photosim.store.comparisons.results import ComparisonResults

        compared = ComparisonStore(self.folder)
        return ComparisonService(
            self.folder,
            self._catalog,
            self._thumbnails,
            self.models,
            lambda: self.duplicates.rules.copies,
            compared,
            ComparisonResults(compared),
        )

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

    @lazy_property
    def _trash_notes(self) -> TrashNotes:
        from photosim.library.duplicates.trash_notes import TrashNotes

        return TrashNotes(self._catalog, self.cluster_edits)

    @lazy_property
    def _indexing(self) -> LibraryIndexing:
        from photosim.library.indexing import LibraryIndexing

        return LibraryIndexing(
            folder=self.folder,
            catalog=self._catalog,
            thumbnails=self._thumbnails,
            write_lock=self._write_lock,
            folders=self.folders,
            models=self.models,
            file_moves=self.file_moves,
            labels_enabled=lambda: self.labels.enabled,
            prepare_clusters=lambda: self.cluster_service.prepare(self.models.active, self.labels),
        )

    def _active_services(self) -> ModelServices:
        view, services = self.models.active, self._services
        if services is None or services.view is not view:
            services = ModelServices(view, self._catalog, self._thumbnails, self._write_lock)
            self._services = services
        return services
