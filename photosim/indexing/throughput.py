"""How long photos take in a library: measured while they are read, so that the cost of another model can be told."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from photosim.indexing.reader import WORKERS, Labelled, Pixels, SupportsEmbed, Vectors
from photosim.ml.catalog import ModelSpec
from photosim.paths import write_atomic
from photosim.runtime.control import JobControl

FILE_NAME = "pace.json"

MIN_PHOTOS = 8
"""Photos: fewer say little."""

_COSTS = {"n": 1.0, "s": 3.3, "m": 12.4, "l": 15.6, "x": 31.0}
"""Time of YOLO11's sizes over that of n: measured on one core, backbones of 224 pixels, batches of eight."""

_SIDE = 224

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Throughput:
    """Seconds that a photo took, all in all, and those of them that the model took; `cost` is of that model."""

    seconds: float
    embedding: float
    cost: float

    def seconds_for(self, model: ModelSpec) -> float:
        """Seconds that a photo takes with another model, about."""
        return self.seconds + self.embedding * (relative_cost(model) / self.cost - 1)


def relative_cost(model: ModelSpec) -> float:
    """The time that a model takes for a photo, over that of YOLO11n at 224 pixels."""
    return _COSTS[model.scale] * (model.preprocessing.size / _SIDE) ** 2


def load_throughput(library: Path) -> Throughput | None:
    """What was measured last in a library; None when nothing was."""
    try:
        kept = json.loads((library / FILE_NAME).read_text(encoding="utf-8"))
        pace = Throughput(*(float(kept[name]) for name in ("seconds", "embedding", "cost")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        _log.warning("%s cannot be read and was left out: %s", library / FILE_NAME, error)
        return None
    return pace if 0 <= pace.embedding <= pace.seconds and pace.cost > 0 else None


class MeteredEmbedder:
    """Stands before the embedder of a reading, and notes its pace in the library whenever the photos have doubled."""

    def __init__(
        self, library: Path, embedder: Callable[[], SupportsEmbed], model: ModelSpec, control: JobControl
    ) -> None:
        self._library, self._embedder, self._control = library, embedder, control
        self._cost = relative_cost(model)
        self._lock = threading.Lock()
        self._photos, self._next = 0, MIN_PHOTOS
        self._embedding = 0.0
        self._started: float | None = None

    def __call__(self) -> SupportsEmbed:
        """The embedder; PyTorch is loaded at the first call."""
        self._embedder()
        return self

    def embed(self, inputs: Pixels) -> Vectors:
        """Embed as the embedder does."""
        embedder = self._embedder()
        with self._metered(len(inputs)):
            return embedder.embed(inputs)

    def embed_and_label(self, inputs: Pixels) -> tuple[Vectors, list[Labelled]]:
        """Embed and label as the embedder does."""
        embedder = self._embedder()
        with self._metered(len(inputs)):
            return embedder.embed_and_label(inputs)

    def resize(self, picture: Pixels, size: tuple[int, int], *, fine: bool = False) -> Pixels:
        """Resize as the embedder does."""
        return self._embedder().resize(picture, size, fine=fine)

    @contextmanager
    def _metered(self, photos: int) -> Iterator[None]:
        started = time.monotonic()
        yield
        with self._lock:
            self._count(photos, time.monotonic() - started)

    def _count(self, photos: int, embedding: float) -> None:
        now = time.monotonic() - self._control.paused_seconds
        if self._started is None:
            self._started = now  # what comes before the first batch is the loading of the model
            return
        self._photos += photos
        self._embedding += embedding
        if self._photos >= self._next:
            self._next = 2 * self._photos
            seconds = (now - self._started) / self._photos
            # The threads share the time: so much of it passes in the model.
            in_model = min(self._embedding / self._photos / WORKERS, seconds)
            _note(self._library, Throughput(seconds, in_model, self._cost))


def _note(library: Path, pace: Throughput) -> None:
    try:
        write_atomic(library / FILE_NAME, json.dumps(asdict(pace)))
    except OSError as error:
        _log.warning("%s cannot be written: %s", library / FILE_NAME, error)
