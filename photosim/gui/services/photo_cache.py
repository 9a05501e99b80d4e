"""Loads the photos that a view shows, and ahead of them those that it will show next."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from photosim.gui.base.jobs import Jobs, Priority
from photosim.gui.services.photo_loader import LoadedPhoto, free_images, load_photo
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.records import Photo

_MAX_PHOTOS = 12
"""Photos that stay loaded: two groups of duplicates and those just left, at the size of a pane a few MB each."""

_Key = tuple[int, str, int, int]


@dataclass(slots=True)
class _Request:
    id: int
    edge: int


class PhotoCache(QObject):
    """Keeps the latest photos; what is neither shown nor next is cancelled."""

    changed = Signal(int)
    """The photo with this file id was loaded, or could not be."""

    def __init__(
        self,
        jobs: Jobs,
        client: PhotoClient,
        parent: QObject | None = None,
        *,
        capacity: int = _MAX_PHOTOS,
        max_pixels_ahead: float = math.inf,
    ) -> None:
        """Keep `capacity` photos; those that are wanted stay in any case. Larger ones are not loaded ahead."""
        super().__init__(parent)
        self._jobs, self._client = jobs, client
        self._capacity, self._max_pixels_ahead = capacity, max_pixels_ahead
        self._shown: set[_Key] = set()
        self._loaded: OrderedDict[_Key, LoadedPhoto] = OrderedDict()
        self._errors: dict[_Key, str] = {}
        self._requests: dict[_Key, _Request] = {}

    def request(self, photos: Sequence[Photo], edge: int, ahead: Sequence[Photo] = ()) -> None:
        """Load photos with a longest side of `edge` pixels, and afterwards those that are `ahead`."""
        shown = {_key(photo) for photo in photos}
        wanted = shown | {_key(photo) for photo in ahead}
        # A photo that comes into view is tried again.
        self._errors = {
            key: error
            for key, error in self._errors.items()
            if key in wanted and (key in self._shown or key not in shown)
        }
        self._shown = shown
        for key in list(self._requests):
            if key not in wanted:
                self._client.cancel(self._requests.pop(key).id)
        for row, photo in enumerate((*photos, *ahead)):
            priority = Priority.HIGH if row < len(photos) else Priority.LOW
            key = _key(photo)
            if key in self._requests:
                self._client.prioritize(self._requests[key].id, priority)
            elif key in self._loaded:
                self._loaded.move_to_end(key)
            elif key not in self._errors and (key in shown or self._may_load_ahead(photo)):
                self._start(photo, edge, priority)
        self._evict(shown, wanted, edge)

    def request_details(self, photo: Photo, edge: int) -> None:
        """Load a photo again where the screen has more pixels for it than are loaded; 0 for all of its pixels."""
        key = _key(photo)
        loaded = self._loaded.get(key)
        if loaded is None or key in self._requests or key in self._errors:
            return
        if not loaded.is_sufficient(edge):
            self._start(photo, edge, Priority.HIGH)

    def photo(self, photo: Photo) -> LoadedPhoto | None:
        """The loaded photo, None while it is not."""
        return self._loaded.get(_key(photo))

    def error(self, photo: Photo) -> str:
        """Why a photo or its details could not be loaded, else an empty text."""
        return self._errors.get(_key(photo), "")

    def clear(self) -> None:
        """Cancel all requests, and free the photos."""
        for request in self._requests.values():
            self._client.cancel(request.id)
        self._requests.clear()
        self._errors.clear()
        loaded, self._loaded = self._loaded, OrderedDict()
        free_images(self._jobs, [photo.levels for photo in loaded.values()])

    def _may_load_ahead(self, photo: Photo) -> bool:
        return photo.facts.width * photo.facts.height <= self._max_pixels_ahead

    def _start(self, photo: Photo, edge: int, priority: Priority) -> None:
        key = _key(photo)
        request_id = load_photo(self._client, photo.path, edge, partial(self._accept, key), priority)
        self._requests[key] = _Request(request_id, edge)

    def _accept(self, key: _Key, loaded: LoadedPhoto | None, error: Exception | None) -> None:
        request = self._requests.pop(key, None)
        if request is None:
            return
        previous = self._loaded.get(key)
        if loaded is not None:
            self._loaded[key] = loaded
            self._loaded.move_to_end(key)
        else:
            self._errors[key] = str(error)
        self.changed.emit(key[0])
        if previous is not None and loaded is not None:
            free_images(self._jobs, [previous.levels])  # nothing shows them any more

    def _evict(self, shown: set[_Key], wanted: set[_Key], edge: int) -> None:
        """Free the oldest photos, and the details of those that are not shown."""
        spare = [key for key in self._loaded if key not in wanted]
        too_many = max(len(self._loaded) - self._capacity, 0)
        freed = [self._loaded.pop(key).levels for key in spare[:too_many]]
        for key in self._loaded.keys() - shown:
            self._loaded[key], details = self._loaded[key].without_details(edge)
            freed.append(details)
        free_images(self._jobs, freed)


def _key(photo: Photo) -> _Key:
    return photo.file_id, photo.path, photo.size, photo.mtime_ns
