"""The model's eye as a child process of the window: JSON lines in, JSON lines out, until the input is closed.

In: `{"id", "model", "path", "region"}`, the region `[x, y, width, height]` in fractions of the photo, or null.
Out: `{"id", "vector"}` with the embedding of unit length, or `{"id", "error"}` with a sentence. The model stays
loaded between two questions.
"""

from __future__ import annotations

import json
import logging
import sys
from functools import partial
from pathlib import Path
from typing import IO, Any

from photosim import logs, paths, settings
from photosim.errors import PhotoSimError
from photosim.ml.lazy_embedder import LazyEmbedder, embed_file
from photosim.ml.registry import ModelRegistry
from photosim.search.query import Region

_log = logging.getLogger(__name__)


def run(library: Path | None, requests: IO[str] | None = None, responses: IO[str] | None = None) -> int:
    """Answer questions until there are no more; returns the exit status."""
    requests = sys.stdin if requests is None else requests
    responses = sys.stdout if responses is None else responses
    folder = (library or paths.default_library()).expanduser().absolute()
    logs.log_to_folder(folder)
    eye = _EmbedServer(folder)
    try:
        for line in requests:
            responses.write(json.dumps(eye.answer(line)) + "\n")
            responses.flush()
    except BrokenPipeError:
        return 1  # the window is gone
    return 0


class _EmbedServer:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shelf = ModelRegistry()
        self._embedder: tuple[str, LazyEmbedder] | None = None

    def answer(self, line: str) -> dict[str, Any]:
        number = None
        try:
            question = json.loads(line)
            number = question["id"]
            region = None if question["region"] is None else Region(*question["region"])
            model = self._shelf.installed(question["model"])
            device = partial(settings.device_of, self._folder)
            if self._embedder is None or self._embedder[0] != model.id:
                self._embedder = (
                    model.id,
                    LazyEmbedder(model, self._shelf.weights_path(model), self._folder, device),
                )
            vector = embed_file(Path(question["path"]), region, model.preprocessing, self._embedder[1])
        except PhotoSimError as error:
            return {"id": number, "error": str(error)}
        except Exception as error:
            _log.exception("The model could not look at an image")
            return {"id": number, "error": f"The image could not be searched by: {error}"}
        return {"id": number, "vector": vector.tolist()}
