"""Controller for the objects that are outlined in the viewer and in the previews."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.panels.preview import PhotoPreview
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.state.places import QueryImage
from photosim.gui.viewer.viewer import Viewer
from photosim.records import Photo, PhotoObject

if TYPE_CHECKING:
    from photosim.library.library import Library

_MAX_CACHED = 500
"""Photos whose objects are kept that the photo worker has found."""

_DETECT_DELAY_MS = 300
"""How long the pointer stays over a preview until the photo worker loads the model for it."""

_Key = tuple[str, str, int | None]
"""Model, path and photo id."""

_Show = Callable[[Sequence[PhotoObject]], None]


class ObjectController(QObject):
    """Finds the objects of a photo when a view is about to outline them.

    They are those that the library has stored; where it has none the photo worker looks for them.
    """

    def __init__(
        self,
        library: Library,
        jobs: Jobs,
        client: PhotoClient,
        viewer: Viewer,
        previews: Sequence[PhotoPreview],
    ) -> None:
        super().__init__(viewer)
        self._library, self._jobs, self._client = library, jobs, client
        self._cache: OrderedDict[_Key, Sequence[PhotoObject]] = OrderedDict()
        self._pending_jobs: dict[QObject, int] = {}
        self._requests: dict[QObject, int] = {}
        viewer.objects_wanted.connect(self._find_for_viewer)
        viewer.photo_changed.connect(lambda _: self._cancel(viewer))
        viewer.closed.connect(lambda _: self._cancel(viewer))
        self._viewer = viewer
        self._detect_timer = QTimer(self, interval=_DETECT_DELAY_MS, singleShot=True)
        self._detect_timer.timeout.connect(self._detect_delayed)
        self._delayed: tuple[QObject, _Key, _Show] | None = None
        for preview in previews:
            preview.objects_wanted.connect(partial(self._find_for_preview, preview))
            preview.outlines.unwanted.connect(partial(self._cancel, preview))

    def _find_for_viewer(self, photo: Photo) -> None:
        show = partial(self._viewer.show_objects, photo)
        self._find(self._viewer, QueryImage.of_photo(photo), show)

    def _find_for_preview(self, preview: PhotoPreview, image: QueryImage) -> None:
        self._find(preview, image, partial(preview.show_objects, image))

    def _find(self, view: QObject, image: QueryImage, show: _Show) -> None:
        self._cancel(view)
        photo_id = None if image.photo is None else image.photo.photo_id
        key = self._library.model.id, image.path, photo_id
        if photo_id is None:
            self._detect(view, key, show)
        else:
            work = partial(_stored_objects, self._library, photo_id)
            accept = partial(self._accept_stored, view, key, show)
            self._pending_jobs[view] = self._jobs.start(work, accept, Priority.HIGH)

    def _accept_stored(
        self,
        view: QObject,
        key: _Key,
        show: _Show,
        objects: Sequence[PhotoObject] | None,
        _: Exception | None,
    ) -> None:
        self._pending_jobs.pop(view, None)
        if objects:
            show(objects)
        else:
            self._detect(view, key, show)

    def _detect(self, view: QObject, key: _Key, show: _Show) -> None:
        if key in self._cache:
            self._cache.move_to_end(key)
            show(self._cache[key])
            return
        if view is not self._viewer:
            self._delayed = view, key, show
            self._detect_timer.start()
            return
        self._request_objects(view, key, show)

    def _detect_delayed(self) -> None:
        if self._delayed is not None:
            self._request_objects(*self._delayed)

    def _request_objects(self, view: QObject, key: _Key, show: _Show) -> None:
        model, path, _ = key
        accept = partial(self._accept_detected, view, key, show)
        self._requests[view] = self._client.find_objects(model, path, accept)

    def _accept_detected(
        self,
        view: QObject,
        key: _Key,
        show: _Show,
        objects: Sequence[PhotoObject] | None,
        _: Exception | None,
    ) -> None:
        """Show the objects; the view itself tells why a photo can't be read."""
        self._requests.pop(view, None)
        if objects is None:
            return
        self._cache[key] = objects
        if len(self._cache) > _MAX_CACHED:
            self._cache.popitem(last=False)
        show(objects)

    def _cancel(self, view: QObject) -> None:
        if self._delayed is not None and self._delayed[0] is view:
            self._delayed = None
        self._jobs.cancel(self._pending_jobs.pop(view, None))
        self._client.cancel(self._requests.pop(view, None))


def _stored_objects(library: Library, photo_id: int, cancel: CancelToken) -> Sequence[PhotoObject]:
    cancel.check()
    return tuple(stored.object for stored in library.objects.of_photo(photo_id))
