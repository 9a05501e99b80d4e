"""The child processes that decode and embed photos, and the queue of requests to them.

A process works on one request at a time. There are two at most: one slow photo holds nothing else up, and the model is
loaded in one of them only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from photosim.gui.base.jobs import Priority
from photosim.gui.base.translation import tr
from photosim.gui.services.processes.child import ChildProcess, ProcessResult
from photosim.runtime.crash_journal import reason_in_report
from photosim.workers.photo_protocol import (
    MODEL_REQUESTS,
    EmbedRequest,
    ExplainRequest,
    PhotoRequest,
    PhotoResponse,
    ViewRequest,
)
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


@dataclass(eq=False, slots=True)
class QueuedRequest:
    """A request with what is called with its response."""

    message: PhotoRequest
    priority: Priority
    finish: Callable[[PhotoResponse], None]
    attempts: int = 0
    """Times that a process was killed while it worked on this request."""


@dataclass(eq=False, slots=True)
class PhotoWorker:
    """A process, and the request that it works on."""

    process: ChildProcess
    timer: QTimer
    """While it works on a cancelled request, or is idle."""
    request: QueuedRequest | None = None
    has_model: bool = False

    def send(self, request: QueuedRequest) -> None:
        """Start on a request."""
        self.timer.stop()
        self.request = request
        self.has_model = self.has_model or isinstance(request.message, MODEL_REQUESTS)
        self.process.write(request.message.encode())


class PhotoWorkerPool(QObject):
    """Sends requests to the processes, the most urgent first, and calls back in the thread of the window."""

    def __init__(
        self, library: Path, drop: Callable[[PhotoRequest], object], parent: QObject | None = None
    ) -> None:
        """`drop` is called with a request that was cancelled, once no process works on it any more."""
        super().__init__(parent)
        self._library, self._drop = library, drop
        self._requests: dict[int, QueuedRequest] = {}  # queued or running, and not cancelled
        self._queue: list[QueuedRequest] = []
        self._workers: list[PhotoWorker] = []
        self._closed = False

    @property
    def is_busy(self) -> bool:
        """Whether a request is queued or running that was not cancelled."""
        return bool(self._requests)

    def start(self, message: PhotoRequest) -> bool:
        """Start a process ahead of a first request like this one; return False if there is one already."""
        if self._workers or self._closed:
            return False
        self._add_worker(message)
        return True

    def submit(
        self, message: PhotoRequest, priority: Priority, finish: Callable[[PhotoResponse], None]
    ) -> None:
        """Queue a request; with `Priority.LOW` no second process is started for it."""
        if self._closed:
            return
        request = QueuedRequest(message, priority, finish)
        self._requests[message.id] = request
        self._queue.append(request)
        self._dispatch()

    def prioritize(self, request_id: int, priority: Priority) -> None:
        """Change the priority of a request that is still queued."""
        request = self._requests.get(request_id)
        if request is not None:
            request.priority = priority
            self._dispatch()

    def cancel(self, request_id: int) -> None:
        """Drop a request; a process that does not finish what nobody wants any more is killed."""
        request = self._requests.pop(request_id, None)
        if request in self._queue:
            self._queue.remove(request)
        for worker in self._workers:
            if worker.request is not None and worker.request is request:
                needs_model = isinstance(request.message, MODEL_REQUESTS)
                worker.timer.start(_CANCEL_MODEL_MS if needs_model else _CANCEL_MS)

    def close(self) -> None:
        """End the processes and call nobody back."""
        self._closed = True
        self._requests.clear()
        self._queue.clear()
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.timer.stop()
            worker.process.stop()

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
        if request is None or response is None or not _is_response_to(request.message, response):
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
                self._finish(request, PhotoResponse(None, error=_failure_text(result)))
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
        else:
            self._drop(message)


def _is_response_to(message: PhotoRequest, response: PhotoResponse) -> bool:
    """Check whether a response is to this request, and of its kind."""
    results = {
        EmbedRequest: response.vector,
        ViewRequest: response.view,
        ExplainRequest: response.explanation,
    }
    others = [result for kind, result in results.items() if not isinstance(message, kind)]
    return response.id == message.id and others.count(None) == len(others)


def _failure_text(result: ProcessResult) -> str:
    """Return why a process ended, as a sentence."""
    return (
        reason_in_report(result.details) or result.error or tr("The background process stopped unexpectedly.")
    )
