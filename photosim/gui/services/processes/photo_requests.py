"""The requests to photo workers that are queued or running, and the workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QTimer

from photosim.gui.base.jobs import Priority
from photosim.gui.base.translation import tr
from photosim.gui.services.processes.child import ChildProcess, ProcessResult
from photosim.library.models.view import Vector
from photosim.runtime.crash_journal import reason_in_report
from photosim.workers.photo_protocol import (
    MODEL_REQUESTS,
    EmbedRequest,
    ExplainRequest,
    PhotoRequest,
    PhotoResponse,
    ViewRequest,
)

EmbedCallback = Callable[[Vector | None, Exception | None], None]


@dataclass(slots=True)
class SharedEmbedding:
    """An embedding that is requested once for several callers."""

    request_id: int
    callbacks: dict[int, EmbedCallback]
    """By the id of the call."""


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


def is_response_to(message: PhotoRequest, response: PhotoResponse) -> bool:
    """Check whether a response is to this request, and of its kind."""
    results = {
        EmbedRequest: response.vector,
        ViewRequest: response.view,
        ExplainRequest: response.explanation,
    }
    others = [result for kind, result in results.items() if not isinstance(message, kind)]
    return response.id == message.id and others.count(None) == len(others)


def failure_text(result: ProcessResult) -> str:
    """Return why a process ended, as a sentence."""
    return (
        reason_in_report(result.details) or result.error or tr("The background process stopped unexpectedly.")
    )
