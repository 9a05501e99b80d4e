"""Decode and embed photos in child processes, so that the window does neither: what is requested, and its results."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QImage

from photosim.errors import PhotoSimError
from photosim.gui.base import images
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.services.processes.photo_workers import PhotoWorkerPool
from photosim.library.models.view import Vector
from photosim.records import PhotoObject
from photosim.search.query import Example
from photosim.workers import pixels
from photosim.workers.photo_protocol import (
    EmbedRequest,
    ExplainRequest,
    ObjectsRequest,
    PhotoRequest,
    PhotoResponse,
    ViewRequest,
)
from photosim.workers.photo_results import Explanation, View
from photosim.workers.pixels import PixelFolder

EmbedCallback = Callable[[Vector | None, Exception | None], None]
ExplainCallback = Callable[[Explanation | None, Exception | None], None]
ObjectsCallback = Callable[[tuple[PhotoObject, ...] | None, Exception | None], None]
Build = Callable[[QImage, QSize, CancelToken], Any]
"""Makes a value of the decoded picture and the size of the photo itself; called in a job."""

Done = Callable[[Any, Exception | None], None]
_Key = tuple[str, Example]
"""Model, and image or part of one."""


@dataclass(slots=True)
class _SharedEmbedding:
    """An embedding that is requested once for several callers."""

    request_id: int
    callbacks: dict[int, EmbedCallback]
    """By the id of the call."""


class PhotoClient(QObject):
    """Sends requests to the photo workers, and calls back in the thread of the window."""

    def __init__(self, library: Path, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._pool = PhotoWorkerPool(library, self._remove_result, self)
        self._ids = count(1)
        self._reading: dict[int, tuple[int, Path]] = {}  # job and file of pixels by request
        self._embeddings: dict[_Key, _SharedEmbedding] = {}
        self._folder: PixelFolder | None = None

    @property
    def is_busy(self) -> bool:
        """Whether any callback is still to be called."""
        return self._pool.is_busy or bool(self._reading)

    def start(self) -> None:
        """Start a process ahead of the first request."""
        if self._pool.start(ViewRequest(0, "", 0, "")):
            self._make_folder()

    def embed(self, model: str, example: Example, done: EmbedCallback) -> int:
        """Request the embedding of an image by a model; returns an id for `cancel`. Equal requests are sent once."""
        key, call_id = (model, example), next(self._ids)
        if key in self._embeddings:
            self._embeddings[key].callbacks[call_id] = done
        else:
            self._embeddings[key] = _SharedEmbedding(call_id, {call_id: done})
            request = EmbedRequest(call_id, model, example)
            self._pool.submit(request, Priority.HIGH, partial(self._finish_embedding, key))
        return call_id

    def explain(self, model: str, path: str, other: str, done: ExplainCallback) -> int:
        """Request where a model finds two photos similar; returns an id for `cancel`."""

        def finish(response: PhotoResponse) -> None:
            error = PhotoSimError(response.error) if response.explanation is None else None
            done(response.explanation, error)

        request = ExplainRequest(next(self._ids), model, path, other)
        self._pool.submit(request, Priority.HIGH, finish)
        return request.id

    def find_objects(
        self, model: str, path: str, done: ObjectsCallback, *, with_unnamed: bool = False
    ) -> int:
        """Request the objects in a photo; returns an id for `cancel`."""

        def finish(response: PhotoResponse) -> None:
            error = PhotoSimError(response.error) if response.objects is None else None
            done(response.objects, error)

        request = ObjectsRequest(next(self._ids), model, path, with_unnamed)
        self._pool.submit(request, Priority.NORMAL, finish)
        return request.id

    def load(
        self, path: str, edge: int, build: Build, done: Done, priority: Priority = Priority.NORMAL
    ) -> int:
        """Decode a photo, upright and in sRGB, and call `done(value, error)` with what `build` makes of it.

        Its longest side has at least `edge` pixels (0: its own), less than twice as many, and never more than
        `MAX_VIEW_PIXELS` in all. Returns an id for `cancel`. With `Priority.LOW` no second process is started for it.
        """
        request_id = next(self._ids)
        target = self._new_file()
        finish = partial(self._read_pixels, request_id, target, build, done)
        self._pool.submit(ViewRequest(request_id, path, edge, str(target)), priority, finish)
        return request_id

    def prioritize(self, request_id: int, priority: Priority) -> None:
        """Change the priority of a request that is still queued."""
        self._pool.prioritize(request_id, priority)

    def cancel(self, request_id: int | None) -> None:
        """Drop a request; a process that does not finish what nobody wants any more is killed."""
        if request_id is None:
            return
        for key, embedding in list(self._embeddings.items()):
            if embedding.callbacks.pop(request_id, None) is not None and embedding.callbacks:
                return
            if not embedding.callbacks:
                request_id = self._embeddings.pop(key).request_id
        job, target = self._reading.pop(request_id, (None, None))
        self._jobs.cancel(job)
        self._pool.cancel(request_id)
        if target is not None:
            self._remove(target)

    def close(self) -> None:
        """End the processes and call nobody back."""
        for job, _ in self._reading.values():
            self._jobs.cancel(job)
        self._reading.clear()
        self._embeddings.clear()
        self._pool.close()
        if self._folder is not None:
            self._folder.close()

    def _make_folder(self) -> PixelFolder | None:
        """Return the folder for pixels, made when it is first needed; None where there is no space for it."""
        if self._folder is None:
            with suppress(OSError):
                self._folder = PixelFolder()
        return self._folder

    def _new_file(self) -> Path:
        folder = self._make_folder()
        if folder is None:  # the worker will say that there is no space
            return Path(tempfile.gettempdir(), "no folder", "1")
        return folder.new_file()

    def _finish_embedding(self, key: _Key, response: PhotoResponse) -> None:
        error = PhotoSimError(response.error) if response.vector is None else None
        for callback in self._embeddings.pop(key).callbacks.values():
            callback(response.vector, error)

    def _read_pixels(
        self, request_id: int, target: Path, build: Build, done: Done, response: PhotoResponse
    ) -> None:
        if response.view is None:
            self._remove(target)
            done(None, PhotoSimError(response.error))
            return
        work = partial(_build, target, response.view, build)
        deliver = partial(self._deliver, request_id, done)
        job = self._jobs.start(work, deliver, Priority.HIGH, immediately=True)
        self._reading[request_id] = job, target

    def _deliver(self, request_id: int, done: Done, value: Any, error: Exception | None) -> None:
        if self._reading.pop(request_id, None) is not None:
            done(value, error)

    def _remove_result(self, message: PhotoRequest) -> None:
        """Remove what a process has written for a request that was cancelled."""
        if isinstance(message, ViewRequest):
            self._remove(Path(message.target))

    def _remove(self, file: Path) -> None:
        """Remove a file of pixels in a job: freeing its memory takes a while."""
        self._jobs.start(lambda _: pixels.remove(file), lambda _value, _error: None, Priority.LOW)


def _build(target: Path, view: View, build: Build, cancel: CancelToken) -> Any:
    image = images.image_from_pixels(target, view.width, view.height)
    cancel.check()
    return build(image, QSize(view.photo_width, view.photo_height), cancel)
