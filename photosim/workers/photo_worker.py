"""Decode photos to be shown large, and embed photos to search by, until standard input is closed.

The only place where photo files are decoded besides the indexing, with the same limits of time and memory: a photo that
exceeds them ends the process, after a response with the reason. See `PhotoRequest` and `PhotoResponse` in
`photosim.workers.photo_protocol`. Requests are answered one after the other; the model stays loaded between them.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, NoReturn

import numpy as np

from photosim import logs, paths, settings
from photosim.errors import PhotoSimError
from photosim.imaging import color_names, decode
from photosim.imaging.orientation import stored_orientation
from photosim.ml.lazy_embedder import LazyEmbedder, embed_image, explain_images, load_image
from photosim.ml.model_spec import DETECTION_SIZE, ModelSpec, Preprocessing
from photosim.ml.models.catalog import DEFAULT
from photosim.ml.models.registry import ModelRegistry
from photosim.runtime.limits import Limits, enforce_limits
from photosim.search.query import Region
from photosim.workers import pixels
from photosim.workers.photo_protocol import (
    EmbedRequest,
    ExplainRequest,
    FactsRequest,
    ObjectsRequest,
    PhotoRequest,
    PhotoResponse,
    ViewRequest,
    parse_photo_request,
)
from photosim.workers.photo_results import (
    MAX_VIEW_PIXELS,
    MAX_VIEW_SIDE,
    Explanation,
    PhotoReading,
    View,
)
from photosim.workers.protocol import ProtocolError

_log = logging.getLogger(__name__)

_ORPHAN_S = 5.0
"""How long a photo may take to be decoded once the parent is gone."""

_MAX_EDGE = (MAX_VIEW_SIDE + 1) // 2  # a picture may have up to twice as many pixels in a row


def main(library: Path | None) -> NoReturn:
    """Answer requests as a child process, and end the process."""
    # Ctrl-C in a terminal reaches every process there; the parent decides what to do about it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.stderr is not None:
        faulthandler.enable(sys.stderr)
    status = run(library, limits=Limits.default(), orphan_s=_ORPHAN_S)
    logging.shutdown()
    os._exit(status)  # an orderly shutdown of PyTorch would take 0.1 s


def run(
    library: Path | None,
    requests: IO[str] | None = None,
    responses: IO[str] | None = None,
    *,
    limits: Limits | None = None,
    orphan_s: float | None = None,
    exit_process: Callable[[int], None] = os._exit,
) -> int:
    """Answer requests until there are no more; returns the exit status.

    The process ends when a photo exceeds `limits`, and `orphan_s` seconds after the end of `requests`.
    """
    requests = sys.stdin if requests is None else requests
    folder = paths.absolute_path(library or paths.default_library())
    logs.log_to_folder(folder)
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    server = _PhotoServer(folder, sys.stdout if responses is None else responses, limits, exit_process)
    listen = partial(_listen, requests, lines, server, orphan_s)
    threading.Thread(target=listen, daemon=True, name="requests").start()
    try:
        while (line := lines.get()) is not None:
            server.respond(line)
    except OSError:
        server.remove_files()
        return 1  # nobody reads the responses
    server.remove_files()
    return 0


def _listen(
    requests: IO[str], lines: queue.SimpleQueue[str | None], server: _PhotoServer, orphan_s: float | None
) -> None:
    for line in requests:
        lines.put(line)
    lines.put(None)
    if orphan_s is not None:
        time.sleep(orphan_s)
        server.remove_files()
        os._exit(1)


class _PhotoServer:
    """Answers one request at a time, and keeps the model of the last one loaded."""

    def __init__(
        self,
        folder: Path,
        responses: IO[str],
        limits: Limits | None,
        exit_process: Callable[[int], None],
    ) -> None:
        self._folder, self._responses, self._limits = folder, responses, limits
        self._exit_process = exit_process
        self._registry = ModelRegistry()
        self._embedders: dict[str, LazyEmbedder] = {}
        self._targets: list[Path] = []

    def respond(self, line: str) -> None:
        """Answer one request, whatever is wrong with it."""
        try:
            request = parse_photo_request(line)
        except ProtocolError as error:
            _log.warning("A request for a photo was not understood: %s", error)
            self._send(PhotoResponse(None, error="The photo can't be read: the request was not understood."))
            return
        self._send(self._response(request))

    def remove_files(self) -> None:
        """Remove what the parent has not read."""
        pixels.remove_with_folder(self._targets)

    def _response(self, request: PhotoRequest) -> PhotoResponse:
        try:
            match request:
                case EmbedRequest():
                    return self._embed(request)
                case FactsRequest():
                    return self._read(request)
                case ExplainRequest():
                    return self._explain(request)
                case ObjectsRequest():
                    return self._find_objects(request)
            return self._view(request)
        except PhotoSimError as error:
            return PhotoResponse(request.id, error=str(error))
        except Exception as error:
            return PhotoResponse(
                request.id, error=f"The photo can't be read. {logs.describe_unexpected(error)}"
            )

    def _embed(self, request: EmbedRequest) -> PhotoResponse:
        model = self._registry.installed(request.model)
        embedder = self._load(model)
        example = request.example
        region, input_ = example.region, model.preprocessing
        if example.is_object:
            # An object is embedded from the feature maps of its photo.
            region, input_ = None, Preprocessing(DETECTION_SIZE)
        with self._limited(request, example.path, f"{example.path} cannot be read. "):
            image = load_image(Path(example.path), region, input_)
        if example.is_object:
            place = example.region or Region(0, 0, 1, 1)
            return PhotoResponse(request.id, embedder().embed_region(np.array(image), place))
        return PhotoResponse(request.id, embed_image(image, model.preprocessing, embedder))

    def _explain(self, request: ExplainRequest) -> PhotoResponse:
        model = self._registry.installed(request.model)
        embedder = self._load(model)
        images = []
        for path in (request.path, request.other):
            with self._limited(request, path, f"{path} cannot be read. "):
                images.append(load_image(Path(path), None, model.preprocessing))
        similar = explain_images((images[0], images[1]), model.preprocessing, embedder)
        colors = color_names.in_common(*map(color_names.color_shares, images))
        explanation = Explanation(similar.cosine, similar.maps, similar.told, colors)
        return PhotoResponse(request.id, explanation=explanation)

    def _find_objects(self, request: ObjectsRequest) -> PhotoResponse:
        model = self._registry.installed(request.model)
        embedder = self._load(model if model.finds_objects else DEFAULT)
        with self._limited(request, request.path, f"{request.path} cannot be read. "):
            image = load_image(Path(request.path), None, Preprocessing(DETECTION_SIZE))
        return PhotoResponse(
            request.id, objects=embedder().detect(np.array(image), with_unnamed=request.unnamed)
        )

    def _load(self, model: ModelSpec) -> LazyEmbedder:
        """Return the embedder of a model; the one used last is kept, and that of DEFAULT, which finds objects."""
        if model.id not in self._embedders:
            self._embedders = {key: kept for key, kept in self._embedders.items() if key == DEFAULT.id}
            weights = self._registry.weights_path(model)
            device = partial(settings.effective_device, self._folder)
            self._embedders[model.id] = LazyEmbedder(model, weights, self._folder, device)
        return self._embedders[model.id]

    def _read(self, request: FactsRequest) -> PhotoResponse:
        with self._limited(request, request.path):
            photo = decode.read_photo(request.path)
            reading = PhotoReading(photo.digest, photo.facts, stored_orientation(request.path))
        return PhotoResponse(request.id, reading=reading)

    def _view(self, request: ViewRequest) -> PhotoResponse:
        target = Path(request.target)
        self._targets = [file for file in self._targets if file.exists()]
        self._targets.append(target)
        with self._limited(request, request.path):
            edge = min(request.edge or _MAX_EDGE, _MAX_EDGE)
            photo = decode.read_photo(request.path, edge=edge, max_pixels=MAX_VIEW_PIXELS)
        try:
            pixels.write_pixels(target, photo.picture)
        except OSError as error:
            _log.warning("The pixels of a photo could not be written: %s", error)
            pixels.remove(target)
            return PhotoResponse(
                request.id, error="There is not enough memory or disk space to show the photo."
            )
        height, width = photo.picture.shape[:2]
        return PhotoResponse(
            request.id,
            view=View(width, height, max(photo.facts.width, 1), max(photo.facts.height, 1)),
        )

    @contextmanager
    def _limited(self, request: PhotoRequest, path: str, prefix: str = "") -> Iterator[None]:
        """End the process when reading a photo exceeds the limits, after a response with the reason."""

        def end(cause: str) -> None:
            self._send(PhotoResponse(request.id, error=prefix + cause, last=True))

        with enforce_limits(_PhotoInProgress(path, end), self._limits, lambda: False, self._exit_process):
            yield

    def _send(self, response: PhotoResponse) -> None:
        self._responses.write(response.encode())
        self._responses.flush()


class _PhotoInProgress:
    """The one photo that is being read, as a `ReadingJournal`; `end` sends why it is not read to its end."""

    def __init__(self, path: str, end: Callable[[str], None]) -> None:
        self._path, self._end = path, end
        try:
            self._size = os.stat(path).st_size  # noqa: PTH116 - a path with any bytes
        except (OSError, ValueError):
            self._size = 0

    @property
    def crash_log(self) -> IO[bytes] | None:
        """Standard error, where the parent finds the report of a crash or a hang."""
        buffer: IO[bytes] | None = getattr(sys.stderr, "buffer", None)
        return buffer

    def in_progress(self) -> dict[str, int]:
        """Return the photo, with its size in bytes."""
        return {self._path: self._size}

    def record_cause(self, cause: str, *_paths: str) -> None:
        """Send the cause."""
        self._end(cause)
