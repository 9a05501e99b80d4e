"""Decode and embed photos in child processes, so that the window does neither.

A process works on one request at a time. There are two at most: one slow photo holds nothing else up, and the model is
loaded in one of them only.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSize, QTimer
from PySide6.QtGui import QImage

from photosim.errors import PhotoSimError
from photosim.gui.base import images
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.services.processes.child import ChildProcess, ProcessResult
from photosim.gui.services.processes.photo_requests import (
    EmbedCallback,
    PhotoWorker,
    QueuedRequest,
    SharedEmbedding,
    failure_text,
    is_response_to,
)
from photosim.records import PhotoObject
from photosim.search.query import Example
from photosim.workers import pixels
from photosim.workers.photo_protocol import (
    MODEL_REQUESTS,
    EmbedRequest,
    ExplainRequest,
    ObjectsRequest,
    PhotoRequest,
    PhotoResponse,
    ViewRequest,
)
from photosim.workers.photo_results import Explanation, View
from photosim.workers.pixels import PixelFolder
from photosim.workers.protocol import ProtocolError, photo_command

_MAX_PROCESSES = 2

_IDLE_MS = 180_000
"""Without requests for that long a process ends if it has loaded the model, some 400 MB, or is not the only one."""

_CANCEL_MS = 2000
"""How long a process may work on a photo that is no longer wanted before it is killed."""

_CANCEL_MODEL_MS = 4000
"""The same for a request to the model, which a new process would have to load again."""

_MAX_ATTEMPTS = 2
"""Times that a photo is tried when the process was killed meanwhile and nothing says why."""

ExplainCallback = Callable[[Explanation | None, Exception | None], None]
ObjectsCallback = Callable[[tuple[PhotoObject, ...] | None, Exception | None], None]
Build = Callable[[QImage, QSize, CancelToken], Any]
"""Makes a value of the decoded picture and the size of the photo itself; called in a job."""

Done = Callable[[Any, Exception | None], None]
_Key = tuple[str, Example]
"""Model, and image or part of one."""


class PhotoClient(QObject):
    """Sends requests to the photo workers, and calls back in the thread of the window."""

    def __init__(self, library: Path, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library, self._jobs = library, jobs
        self._ids = count(1)
        self._requests: dict[int, QueuedRequest] = {}  # queued or running, and not cancelled
        self._queue: list[QueuedRequest] = []
        self._workers: list[PhotoWorker] = []
        self._reading: dict[int, tuple[int, Path]] = {}  # job and file of pixels by request
        self._embeddings: dict[_Key, SharedEmbedding] = {}
        self._folder: PixelFolder | None = None
        self._closed = False

    @property
    def is_busy(self) -> bool:
        """Whether any callback is still to be called."""
        return bool(self._requests or self._reading)

    def start(self) -> None:
        """Start a process ahead of the first request."""
        if not self._workers and not self._closed:
            self._add_worker(ViewRequest(0, "", 0, ""))
            self._make_folder()

    def embed(self, model: str, example: Example, done: EmbedCallback) -> int:
        """Request the embedding of an image by a model; returns an id for `cancel`. Equal requests are sent once."""
        key, call_id = (model, example), next(self._ids)
        if key in self._embeddings:
            self._embeddings[key].callbacks[call_id] = done
        else:
            self._embeddings[key] = SharedEmbedding(call_id, {call_id: done})
            request = EmbedRequest(call_id, model, example)
            self._submit(request, Priority.HIGH, partial(self._finish_embedding, key))
        return call_id

    def explain(self, model: str, path: str, other: str, done: ExplainCallback) -> int:
        """Request where a model finds two photos similar; returns an id for `cancel`."""

        def finish(response: PhotoResponse) -> None:
            error = PhotoSimError(response.error) if response.explanation is None else None
            done(response.explanation, error)

        request = ExplainRequest(next(self._ids), model, path, other)
        self._submit(request, Priority.HIGH, finish)
        return request.id

    def find_objects(
        self, model: str, path: str, done: ObjectsCallback, *, with_unnamed: bool = False
    ) -> int:
        """Request the objects in a photo; returns an id for `cancel`."""

        def finish(response: PhotoResponse) -> None:
            error = PhotoSimError(response.error) if response.objects is None else None
            done(response.objects, error)

        request = ObjectsRequest(next(self._ids), model, path, with_unnamed)
        self._submit(request, Priority.NORMAL, finish)
        return request.id

    def load(
        self, path: str, edge: int, build: Build, done: Done, priority: Priority = Priority.NORMAL
    ) -> int:
        """Decode a photo, upright and in sRGB, and call `done(value, error)` with what `build` makes of it.

        Its longest side has at least `edge` pixels (0: its own), less than twice as many, and never more than
        `MAX_VIEW_PIXELS` in all. Returns an id for `cancel`. With `Priority.LOW` no process is started for it.
        """
        request_id = next(self._ids)
        target = self._new_file()
        finish = partial(self._read_pixels, request_id, target, build, done)
        self._submit(ViewRequest(request_id, path, edge, str(target)), priority, finish)
        return request_id

    def prioritize(self, request_id: int, priority: Priority) -> None:
        """Change the priority of a request that is still queued."""
        request = self._requests.get(request_id)
        if request is not None:
            request.priority = priority
            self._dispatch()

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
        request = self._requests.pop(request_id, None)
        if request in self._queue:
            self._queue.remove(request)
        for worker in self._workers:
            if worker.request is not None and worker.request is request:
                needs_model = isinstance(request.message, MODEL_REQUESTS)
                worker.timer.start(_CANCEL_MODEL_MS if needs_model else _CANCEL_MS)
        if target is not None:
            self._remove(target)

    def close(self) -> None:
        """End the processes and call nobody back."""
        self._closed = True
        for job, _ in self._reading.values():
            self._jobs.cancel(job)
        for waiting in (self._requests, self._queue, self._reading, self._embeddings):
            waiting.clear()
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.timer.stop()
            worker.process.stop()
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

    def _submit(
        self, message: PhotoRequest, priority: Priority, finish: Callable[[PhotoResponse], None]
    ) -> None:
        if self._closed:
            return
        request = QueuedRequest(message, priority, finish)
        self._requests[message.id] = request
        self._queue.append(request)
        self._dispatch()

    def _dispatch(self) -> None:
        """Send queued requests to processes that are free, the most urgent first."""
        for request in sorted(self._queue, key=lambda request: (-request.priority, request.message.id)):
            worker = self._worker_for(request)
            if worker is not None and request in self._queue:
                self._queue.remove(request)
                worker.send(request)
                if worker not in self._workers:  # it could not be started
                    error = tr("Couldn't start the background process.")
                    self._finish(request, PhotoResponse(None, error=error))

    def _worker_for(self, request: QueuedRequest) -> PhotoWorker | None:
        """Return a free process, a new one where there may be another, or None.

        Requests to the model prefer the process that has loaded it, and views another one.
        """
        free = [worker for worker in self._workers if worker.request is None]
        needs_model = isinstance(request.message, MODEL_REQUESTS)
        preferred = next((worker for worker in free if worker.has_model is needs_model), None)
        if preferred is not None:
            return preferred
        is_new_useful = not free or needs_model
        may_start = len(self._workers) < _MAX_PROCESSES and (
            not self._workers or request.priority > Priority.LOW
        )
        if is_new_useful and may_start:
            return self._add_worker(request.message)
        return free[0] if free else None

    def _add_worker(self, message: PhotoRequest) -> PhotoWorker:
        process = self._new_process(message)
        worker = PhotoWorker(process, QTimer(self, singleShot=True))
        worker.timer.timeout.connect(partial(self._handle_timeout, worker))
        process.line_received.connect(partial(self._handle_line, worker))
        process.finished.connect(partial(self._handle_exit, worker))
        self._workers.append(worker)
        process.start(photo_command(self._library))
        return worker

    def _new_process(self, _: PhotoRequest) -> ChildProcess:
        """Create a process for a first request."""
        return ChildProcess(self)

    def _handle_line(self, worker: PhotoWorker, line: bytes) -> None:
        request = worker.request
        if worker not in self._workers:
            return
        try:
            response = PhotoResponse.parse(line)
        except ProtocolError:
            response = None
        if request is None or response is None or not is_response_to(request.message, response):
            error = tr("The background process returned an invalid result.")
            response = PhotoResponse(None, error=error, last=True)
        worker.request = None
        if response.last:
            self._remove_worker(worker)
            worker.process.kill()
        elif worker.has_model or worker is not self._workers[0]:
            worker.timer.start(_IDLE_MS)
        else:
            worker.timer.stop()
        if request is not None:
            self._finish(request, response)
        self._dispatch()

    def _handle_exit(self, worker: PhotoWorker, result: ProcessResult) -> None:
        if worker not in self._workers:
            return
        request = worker.request
        self._remove_worker(worker)
        if request is not None:
            request.attempts += 1
            is_explained = bool(result.error)
            if is_explained or request.attempts == _MAX_ATTEMPTS or not self._is_wanted(request):
                self._finish(request, PhotoResponse(None, error=failure_text(result)))
            else:
                self._queue.append(request)
        self._dispatch()

    def _handle_timeout(self, worker: PhotoWorker) -> None:
        """Kill a process that still works on a cancelled request, or that was idle for long.

        It is not ended by closing its input: it would take the window for gone, and remove the folder for pixels.
        """
        request = worker.request
        if worker not in self._workers or (request is not None and self._is_wanted(request)):
            return
        self._remove_worker(worker)
        worker.process.kill()
        if request is not None:
            self._finish(request, PhotoResponse(None))
            self._dispatch()

    def _remove_worker(self, worker: PhotoWorker) -> None:
        self._workers.remove(worker)
        worker.timer.stop()
        worker.timer.deleteLater()

    def _is_wanted(self, request: QueuedRequest) -> bool:
        return self._requests.get(request.message.id) is request

    def _finish(self, request: QueuedRequest, response: PhotoResponse) -> None:
        message = request.message
        if self._is_wanted(request):
            del self._requests[message.id]
            request.finish(response)
        elif isinstance(message, ViewRequest):  # it was cancelled
            self._remove(Path(message.target))

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

    def _remove(self, file: Path) -> None:
        """Remove a file of pixels in a job: freeing its memory takes a while."""
        self._jobs.start(lambda _: pixels.remove(file), lambda _value, _error: None, Priority.LOW)


def _build(target: Path, view: View, build: Build, cancel: CancelToken) -> Any:
    image = images.image_from_pixels(target, view.width, view.height)
    cancel.check()
    return build(image, QSize(view.photo_width, view.photo_height), cancel)
