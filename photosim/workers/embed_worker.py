"""Embed images in a child process of the window, one request at a time, until standard input is closed.

See `EmbedRequest` and `EmbedResponse` in `photosim.workers.protocol`. The model stays loaded between requests.
"""

from __future__ import annotations

import logging
import sys
from functools import partial
from pathlib import Path
from typing import IO

from photosim import logs, paths, settings
from photosim.errors import PhotoSimError
from photosim.ml.lazy_embedder import LazyEmbedder, embed_file
from photosim.ml.registry import ModelRegistry
from photosim.workers.protocol import EmbedRequest, EmbedResponse, ProtocolError

_log = logging.getLogger(__name__)


def run(library: Path | None, requests: IO[str] | None = None, responses: IO[str] | None = None) -> int:
    """Answer requests until there are no more; returns the exit status."""
    requests = sys.stdin if requests is None else requests
    responses = sys.stdout if responses is None else responses
    folder = paths.absolute_path(library or paths.default_library())
    logs.log_to_folder(folder)
    server = _EmbedServer(folder)
    try:
        for line in requests:
            responses.write(server.handle(line).encode())
            responses.flush()
    except OSError:
        return 1  # nobody reads the responses
    return 0


class _EmbedServer:
    """Keeps the model of the last request loaded."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._registry = ModelRegistry()
        self._embedder: tuple[str, LazyEmbedder] | None = None

    def handle(self, line: str) -> EmbedResponse:
        try:
            request = EmbedRequest.parse(line)
        except ProtocolError as error:
            _log.warning("A request to embed an image was not understood: %s", error)
            return EmbedResponse(None, error="The image can't be analyzed: the request was not understood.")
        try:
            return self._embed(request)
        except PhotoSimError as error:
            return EmbedResponse(request.id, error=str(error))
        except Exception as error:
            return EmbedResponse(
                request.id, error=f"The image can't be analyzed. {logs.describe_unexpected(error)}"
            )

    def _embed(self, request: EmbedRequest) -> EmbedResponse:
        model = self._registry.installed(request.model)
        if self._embedder is None or self._embedder[0] != model.id:
            weights = self._registry.weights_path(model)
            device = partial(settings.effective_device, self._folder)
            self._embedder = (model.id, LazyEmbedder(model, weights, self._folder, device))
        example = request.example
        vector = embed_file(Path(example.path), example.region, model.preprocessing, self._embedder[1])
        return EmbedResponse(request.id, vector)
