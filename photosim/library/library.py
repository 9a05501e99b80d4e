"""A library of photos: index folders, ask what looks alike. What the window and the command line call."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from photosim import paths
from photosim.errors import LibraryError, LibraryLockedError, PhotoSimError, ReadOnlyLibraryError
from photosim.imaging import decode
from photosim.indexing.pipeline import Pipeline
from photosim.indexing.reader import PhotoReader
from photosim.indexing.throughput import MeteredEmbedder
from photosim.library import export
from photosim.library.cluster_edits import ClusterEdits
from photosim.library.clusters import ClusterService
from photosim.library.file_moves import FileOperations
from photosim.library.filters import FilterResult, PhotoFinder
from photosim.library.folders import SourceFolders
from photosim.library.labels import LibraryLabels
from photosim.library.model_view import ModelView
from photosim.library.models import ModelManager
from photosim.library.similarity import Embed, SimilaritySearch
from photosim.ml.catalog import ModelSpec
from photosim.ml.registry import ModelRegistry
from photosim.records import (
    DEFAULT_LEVEL,
    Clustering,
    Match,
    Phase,
    Photo,
    Progress,
    Source,
    Status,
    UnreadableFile,
)
from photosim.runtime.control import JobControl
from photosim.runtime.crash_journal import CrashJournal
from photosim.search import hnsw
from photosim.search.query import Example, SimilarityQuery
from photosim.store.catalog import Catalog
from photosim.store.change_feed import ExternalChanges
from photosim.store.thumbnails import ThumbnailCache

_LOCK = "lock"


class Library:
    """A library folder, open for reading from any thread; the methods that write take its lock.

    Raises LibraryError when the folder holds a library that is not ours, newer or damaged.
    """

    def __init__(self, folder: Path, model: ModelSpec | None = None) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(f"The library folder {folder} cannot be made: {error.strerror}.") from error
        self._lock = FileLock(folder / _LOCK)
        self._catalog = Catalog(folder)
        self._thumbnails = ThumbnailCache(folder)
        self.cluster_edits = ClusterEdits(self._catalog)
        self.cluster_service = ClusterService(self._catalog, self.cluster_edits)
        self.folders = SourceFolders(self._catalog, self._thumbnails, self._writing)
        self.models = ModelManager(folder, self._catalog, ModelRegistry(), self._writing, model)
        """The models: choose one, see how far it is, forget what one saw."""
        self.external_changes = ExternalChanges(self._catalog.database)
        """What other programs do to this library meanwhile."""
        self.finder = PhotoFinder(self._catalog, lambda: self.labels)
        """What narrows the photos to those that fit a filter."""
        refresh = lambda: self._similarity.refresh()  # noqa: E731, PLW0108 - of the model that answers then
        self.file_moves = FileOperations(self._catalog, self._thumbnails, refresh)
        """Copies, moves, trashes and restores photo files."""

    @classmethod
    def open(cls, folder: Path | None = None) -> Library:
        """Open the library in `folder` (default: the person's own), making an empty one where there is none.

        It answers with the model chosen for it, or with the one in the box when that is not on this computer.
        """
        return cls((folder or paths.default_library()).expanduser().absolute())

    def close(self) -> None:
        """Close the library's files."""
        self._catalog.close()
        self._thumbnails.close()

    @property
    def is_read_only(self) -> bool:
        """Whether the library lies where nothing can be written."""
        return self._catalog.database.is_read_only

    def set_read_only(self, why: str) -> None:
        """Refuse every change with this sentence; with an empty one allow them again."""
        self._catalog.database.read_only_reason = why

    @property
    def model(self) -> ModelSpec:
        """The model that says what looks alike."""
        return self._similarity.model

    @property
    def labels(self) -> LibraryLabels:
        """What the photos show, in the model's words."""
        return LibraryLabels(self.folder, self._catalog, self._thumbnails, self._similarity, self._writing)

    # --- reading -----------------------------------------------------------------------------------------

    def sources(self) -> list[Source]:
        """The folders that were added."""
        return self.folders.all()

    def photos(self, source: str | None = None) -> list[Photo]:
        """The readable photo files, of one source or of all, by path."""
        return self._catalog.photos(source)

    def newest_photos(self, count: int) -> list[Photo]:
        """The photo files that were taken last, newest first: at once, in a library of any size."""
        return self._catalog.newest_photos(count)

    def photos_by_id(self, file_ids: Sequence[int]) -> list[Photo]:
        """These photo files in this order; those that are gone are left out."""
        return self._catalog.photos_by_id(file_ids)

    def copies(self, photo_id: int) -> list[Photo]:
        """All readable photo files with this content."""
        return self._catalog.files_by_photo([photo_id]).get(photo_id, [])

    def find(self, path: str | Path) -> Photo | None:
        """The photo file of the library at `path`, or None."""
        return self._catalog.find(str(Path(path).absolute())) or self._catalog.find(str(Path(path).resolve()))

    def unreadable(self) -> list[UnreadableFile]:
        """The files that could not be read, and why."""
        return self._catalog.unreadable()

    def status(self) -> Status:
        """What the library holds."""
        model = self.model
        photos, embedded = self._catalog.photo_counts(model.id)
        coming = self.models.switch_progress() or (None, 0)
        others = self._catalog.raw_pairs.count(), self._catalog.video_count()
        return Status(
            *(photos, embedded, tuple(self.unreadable()), model.id, model.dimensions), *(*coming, *others)
        )

    def thumbnail(self, photo_id: int) -> bytes | None:
        """A photo's thumbnail as JPEG bytes, made again from its file when the cache lacks it."""
        digest = self._catalog.digest(photo_id)
        jpeg = None if digest is None else self._thumbnails.get(digest)
        if jpeg is not None:
            return jpeg
        for photo in self._catalog.files_by_photo([photo_id]).get(photo_id, []):
            try:
                return decode.jpeg_thumbnail(decode.read_photo(photo.path).image)
            except PhotoSimError:
                continue
        return None

    def cached_thumbnails(self, photo_ids: Sequence[int]) -> dict[int, bytes]:
        """Those of these photos' thumbnails that are in the cache, as JPEG bytes; no photo is read for them."""
        digests = self._catalog.digests(photo_ids)
        jpegs = self._thumbnails.get_many(digests.values())
        return {photo_id: jpegs[digest] for photo_id, digest in digests.items() if digest in jpegs}

    # --- what looks alike --------------------------------------------------------------------------------

    def similar(self, file_id: int, k: int = 50, within: FilterResult | None = None) -> list[Match]:
        """The `k` photo files most like one of the library, of those `within` or of all, best first, itself left out.

        A second file with the same bytes is a match of similarity 1. Raises LibraryError when the photo is gone
        or the model has not looked at it yet.
        """
        photos = self._catalog.photos_by_id([file_id])
        if not photos:
            raise LibraryError("This photo is no longer in the library.")
        seen = self._similarity
        vector = seen.vector_of(photos[0].photo_id)
        if vector is None:
            raise LibraryError(
                f"The model {seen.model.title} has not looked at this photo yet: index its folder again."
            )
        own = {file_id, photos[0].primary_id}
        among = within.photo_ids if within is not None else None
        matches = self.similarity.matches(seen.nearest(vector, k + 1, among), within)
        return [match for match in matches if match.file_id not in own][:k]

    def similar_to_file(self, path: Path, k: int = 50) -> list[Match]:
        """The `k` photo files most like any image file, best first, the file itself left out.

        A file of the library that the model knows and that has not changed is not read again. Raises
        UnreadablePhotoError, and ModelError when the model's file is missing or damaged.
        """
        return self.similar_to(SimilarityQuery((Example(str(path)),)), k)

    def similar_to(self, query: SimilarityQuery, k: int = 50, embed: Embed | None = None) -> list[Match]:
        """The `k` photo files that fit a query best; see `photosim.library.similarity`, and `embed` there."""
        return self.similarity.search(query, k, embed)

    @property
    def similarity(self) -> SimilaritySearch:
        """Answers about likeness, of the model in use."""
        return SimilaritySearch(self._catalog, self._similarity)

    def clusters(self, level: int = DEFAULT_LEVEL) -> Clustering:
        """The library's photos in groups that look alike; made anew when photos came or went.

        `level` goes from 0, few large groups, to FINEST_LEVEL, many small ones. What the person did with clusters (see
        `steering`) is put over what is computed.
        """
        return self.cluster_service.at_level(self._similarity, level, self.labels, self._writing)

    @property
    def search_is_exact(self) -> bool:
        """Whether hnswlib is missing, so that a search compares all photos, which takes longer in large libraries."""
        return not hnsw.is_available()

    def export(self, file: Path) -> int:
        """Write `paths` (N,), `embeddings` float32 (N, D) unit length and `model` to an .npz file; returns N."""
        seen = self._similarity
        embedded = set(seen.embeddings.photo_ids().tolist())
        photos = [photo for photo in self._catalog.photos() if photo.photo_id in embedded]
        vectors = seen.embeddings.vectors_of([photo.photo_id for photo in photos])
        export.write(file, [photo.path for photo in photos], vectors, seen.model.id)
        return len(photos)

    # --- writing -----------------------------------------------------------------------------------------

    def index(
        self, folders: Sequence[Path] = (), control: JobControl | None = None, *, confirm_missing: bool = True
    ) -> Iterator[Progress]:
        """Index folders, or all that were added, and report as it goes.

        Where far fewer photos are found than were known, the others are kept as missing; without `ask` missing
        photos are forgotten.

        Raises FolderError for a folder that is not there, and LibraryLockedError while another PhotoSim writes.
        An added folder that is away is left as it is. Photos that the model has not looked at are read again;
        then a model that was chosen to take over is shown all photos, and does. Raises ModelError when it cannot.
        """
        seen = self._similarity
        with self._writing():
            resolved = self.folders.prepare_index(folders)
            journal = CrashJournal(self.folder)
            journal.enable_crash_log()
            control = control or JobControl()
            reader_for = partial(self._reader, journal, control)
            pipeline = Pipeline(
                *(self.folder, self._catalog, self._thumbnails),
                *(reader_for(seen), seen.index_builder, control),
                confirm_missing=confirm_missing,
            )
            try:
                last = yield from _but_the_last(pipeline.index(resolved))
                yield from self.models.switch(last, reader_for, control)
            finally:
                journal.close()

    def use_model(self, word: str) -> ModelSpec:
        """Let the model with this id or name say what looks alike, as soon as it has looked at the photos.

        The next `index` shows it those that it lacks; until then the model before answers. Raises ModelError when
        there is no such model or its file is missing or damaged.
        """
        return self.models.use(word)

    def remove_source(self, folder: str) -> None:
        """Take an added folder out of the library; its files are not touched."""
        with self._writing():
            self._catalog.remove_source(folder)
            self._thumbnails.remove(self._catalog.delete_orphans())

    # --- helpers -----------------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._catalog.database.check_writable()
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise LibraryLockedError(
                f"Another PhotoSim is indexing into this library ({self.folder}). Wait until it has finished, "
                "or choose another library with --library."
            ) from error
        except OSError as error:
            raise ReadOnlyLibraryError(
                f"The library {self.folder} lies where nothing can be written: it can be looked at and not changed."
            ) from error
        try:
            yield
        finally:
            self._similarity.refresh()
            self._lock.release()

    @property
    def _similarity(self) -> ModelView:
        return self.models.active

    def _reader(self, journal: CrashJournal, control: JobControl, seen: ModelView) -> PhotoReader:
        meter = MeteredEmbedder(self.folder, seen.embedder, seen.model, control)
        known = partial(self._is_known, seen.model)
        return PhotoReader(seen.model.preprocessing, known, meter, journal, self.labels.enabled)

    def _is_known(self, model: ModelSpec, digest: bytes) -> bool:
        return self._thumbnails.has(digest) and self._catalog.has_embedding(digest, model.id)


def _but_the_last(reports: Iterator[Progress]) -> Generator[Progress, None, Progress]:
    """Pass on all reports but the last, which is the result; each at once, since the process may die any time."""
    last = Progress(Phase.SCANNING)
    for last in reports:
        if last.phase is not Phase.DONE:
            yield last
    return last
