"""The events of a library: photos that were taken together, with what names them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import numpy as np
import numpy.typing as npt

from photosim.clustering.cluster_labels import MAX_LABELS, month_name, telling_name
from photosim.clustering.covers import COVER_PHOTOS, covers_first
from photosim.clustering.events import NO_EVENT, NO_FOLDER, Shots, evenly, find_events
from photosim.files.fspaths import is_inside
from photosim.library.clusters.names import shown_folder
from photosim.library.clusters.service import LazyPaths
from photosim.library.labels import LibraryLabels
from photosim.library.models.view import ModelView, with_current_vectors
from photosim.records import Event
from photosim.search.filters.criteria import NO_DATE, month_of, split_path
from photosim.search.id_sets import counted, is_in, rows_of
from photosim.store.catalog import Catalog
from photosim.store.rows import DatedFiles, dated_files

Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]

MIN_PHOTOS = COVER_PHOTOS
"""Photos of an event at least: fewer are snapshots."""

_COMPARED_FOR_COVER = 64
"""Photos of an event, at equal distances in time, among which its cover is chosen."""

_EVENTS_READ = 128
"""Events whose covers are chosen at once: 16 MB at 512 dimensions."""

_MIN_LABEL_SHARE = 0.3
"""Least share of an event's photos with a label that names it: less than of a cluster's, whose photos look alike."""

_MIN_FOLDER_SHARE, _MIN_SHARE_OF_FOLDER = 0.6, 0.25
"""Least share of an event's photos in a folder that names it, and least share of the folder's photos in the event."""

_EPOCH = datetime(1970, 1, 1)

_WHOLE_DAY = "T00:00:00"
"""The time of photos of which only the day is known."""


class EventService:
    """Answers for the events of the active model, from any thread; those that were found are kept until photos change."""

    def __init__(
        self, catalog: Catalog, view: Callable[[], ModelView], labels: Callable[[], LibraryLabels]
    ) -> None:
        """`view` returns that of the active model, `labels` its labels."""
        self._catalog, self._view, self._labels = catalog, view, labels
        self._lock = threading.Lock()
        self._key: object = None
        self._events: tuple[Event, ...] = ()
        self._model = ""
        self._covers: dict[bytes, tuple[int, ...]] = {}
        """The photo ids of the cover of each event, by the bytes of those of its photos."""

    def all(self) -> tuple[Event, ...]:
        """Return the events, the newest first, numbered from 1.

        Photos of which only the time of the file is known belong to none, and neither do fewer than MIN_PHOTOS.
        """
        with self._lock:
            view, labels = self._view(), self._labels()
            key = self._catalog.database.revision(), view.model.id, labels.enabled
            if self._key != key:
                if self._model != view.model.id:
                    self._model, self._covers = view.model.id, {}
                self._events, self._key = with_current_vectors(partial(self._find, view, labels)), key
            return self._events

    def _find(self, view: ModelView, labels: LibraryLabels) -> tuple[Event, ...]:
        files = dated_files(self._catalog.database)
        folders = _FolderNames([source.path for source in self._catalog.sources()])
        folder_of = np.fromiter(map(folders.code, files.paths), np.int64, len(files.paths))
        vectors_of = _vectors_of(view)
        shots = _shots(files, folder_of)
        groups = _groups(files, shots, find_events(shots, vectors_of))
        covers = self._covers_of([files.photos[group] for group in groups], vectors_of)
        names = _names(files, groups, folder_of, folders.names, labels)
        return tuple(
            self._event(number, files, group, cover, name)
            for number, (group, cover, name) in enumerate(zip(groups, covers, names, strict=True), 1)
        )

    def _event(self, number: int, files: DatedFiles, group: Ids, cover: tuple[int, ...], name: str) -> Event:
        is_medoid = files.photos[group] == cover[0]
        file_ids = tuple(files.files[np.concatenate([group[is_medoid], group[~is_medoid]])].tolist())
        return Event(
            number,
            file_ids,
            LazyPaths(self._catalog, file_ids),
            automatic_name=name,
            cover_ids=cover,
            start=files.taken_at[group[0]],
            end=files.taken_at[group[-1]],
        )

    def _covers_of(
        self, events: Sequence[Ids], vectors_of: Callable[[Ids], Vectors]
    ) -> list[tuple[int, ...]]:
        """Return the cover of each event, whose photo ids are given by time: the medoid, and typical photos that differ."""
        photos_of = [np.array(list(dict.fromkeys(event.tolist())), np.int64) for event in events]
        keys = [photos.tobytes() for photos in photos_of]
        self._covers = {key: self._covers[key] for key in keys if key in self._covers}
        new = [number for number, key in enumerate(keys) if key not in self._covers]
        for start in range(0, len(new), _EVENTS_READ):
            some = new[start : start + _EVENTS_READ]
            compared = [evenly(photos_of[number], _COMPARED_FOR_COVER) for number in some]
            ends = np.cumsum([len(photos) for photos in compared])
            photos = np.concatenate(compared)
            clusters = np.split(np.arange(len(photos)), ends[:-1])
            ordered = covers_first(vectors_of(photos), np.arange(len(photos)), clusters)
            for number, rows in zip(some, ordered, strict=True):
                self._covers[keys[number]] = tuple(photos[rows[:COVER_PHOTOS]].tolist())
        return [self._covers[key] for key in keys]


class _FolderNames:
    """Numbers the folders whose names tell what they hold, and knows these names."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = sources
        self._code_of_parent: dict[str, int] = {}
        self._code_of: dict[str, int] = {}
        self.names: list[str] = []
        """By number."""

    def code(self, path: str) -> int:
        """Return the number of the folder that a file is in, or of the nearest one above it, NO_FOLDER without one."""
        parent = split_path(path)[0]
        code = self._code_of_parent.get(parent)
        if code is None:
            code = self._code_of_parent[parent] = self._find(parent)
        return code

    def _find(self, folder: str) -> int:
        source = next((source for source in self._sources if is_inside(folder, source)), folder)
        while is_inside(folder, source):
            above, name = split_path(folder)
            if name := telling_name(name):
                if folder not in self._code_of:
                    self._code_of[folder] = len(self.names)
                    self.names.append(shown_folder(name))
                return self._code_of[folder]
            if above == folder:
                break
            folder = above
        return NO_FOLDER


def _vectors_of(view: ModelView) -> Callable[[Ids], Vectors]:
    """Return a function that returns the embeddings (n, D) of photo ids, zeros for those not analyzed yet."""
    embedded = np.sort(view.embeddings.photo_ids_unordered())

    def vectors_of(ids: Ids) -> Vectors:
        vectors = np.zeros((len(ids), view.model.dimensions), np.float32)
        is_known = is_in(ids, embedded)
        vectors[is_known] = view.embeddings.vectors_of(ids[is_known])
        return vectors

    return vectors_of


def _shots(files: DatedFiles, folder_of: Ids) -> Shots:
    """Return the photos of files, each once, with the folder (N,) of one of its files."""
    photos, rows = np.unique(files.photos, return_index=True)
    dates = [files.taken_at[row] for row in rows.tolist()]
    seconds = [_seconds(date) for date in dates]
    return Shots(
        photos,
        np.array([each or 0 for each in seconds], np.int64),
        np.array([each is not None for each in seconds], bool),
        np.array([date.endswith(_WHOLE_DAY) for date in dates], bool),
        folder_of[rows],
    )


def _groups(files: DatedFiles, shots: Shots, numbers: Ids) -> list[Ids]:
    """Return the rows of the files of each event by time, the newest event first; those with few photos are left out.

    `numbers` (N,) are those of the events of `shots`.
    """
    sizes = np.bincount(numbers[numbers != NO_EVENT], minlength=1)
    is_large = np.append(sizes >= MIN_PHOTOS, False)  # the last one is NO_EVENT
    row_of_file = rows_of(shots.ids, files.photos)
    number_of_file = np.where(is_large[numbers], numbers, NO_EVENT)[row_of_file]
    order = np.lexsort((files.files, shots.seconds[row_of_file], number_of_file))
    order = order[np.searchsorted(number_of_file[order], 0) :]
    groups = np.split(order, np.flatnonzero(np.diff(number_of_file[order])) + 1)
    return [group for group in reversed(groups) if len(group)]


def _seconds(date: str) -> int | None:
    """Return the seconds of a date as ISO 8601, None for what is none: anybody may have written the library."""
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return None
    return int((moment.replace(tzinfo=None) - _EPOCH).total_seconds()) if month_of(date) != NO_DATE else None


def _names(
    files: DatedFiles, groups: Sequence[Ids], folder_of: Ids, folders: Sequence[str], labels: LibraryLabels
) -> list[str]:
    """Return the name of each event, rows of `files`: its folder, else the labels that set it apart and its month."""
    by_label: Mapping[int, tuple[str, ...]] = {}
    if labels.enabled and groups:
        by_label = labels.assignments().distinctive(
            [files.files[group].tolist() for group in groups], _MIN_LABEL_SHARE
        )
    of_folder = np.bincount(folder_of[folder_of != NO_FOLDER], minlength=len(folders))
    names = []
    for number, group in enumerate(groups):
        codes, counts = counted(folder_of[group])
        best = int(counts.argmax())
        code, count = int(codes[best]), int(counts[best])
        is_named = code != NO_FOLDER and count >= _MIN_FOLDER_SHARE * len(group)
        if is_named and count >= _MIN_SHARE_OF_FOLDER * of_folder[code]:
            names.append(folders[code])
            continue
        name = ", ".join([*by_label.get(number, ())[:MAX_LABELS], month_name(files.taken_at[group[0]])])
        names.append(name[:1].upper() + name[1:])
    return names
