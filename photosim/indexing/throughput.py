"""Measures how long photos take in a library, to estimate how long other models would take."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from photosim.indexing.reader import WORKERS, Labels, Objects, Pixels, SupportsEmbed, Vectors
from photosim.ml.model_spec import ModelSpec
from photosim.paths import read_json, write_atomic
from photosim.runtime.control import JobControl

FILE_NAME = "throughput.json"

MIN_PHOTOS = 8
"""Photos needed for a measurement."""

_COSTS = {"n": 1.0, "s": 3.3, "m": 12.4, "l": 15.6, "x": 31.0}
"""Time of YOLO11's scales relative to n, measured on one core with backbones at 224 pixels in batches of eight."""

_SECOND_NETWORK_COST = 2.4
"""Time of a model's second network relative to YOLO11n, both in float32 and in bfloat16."""

_REFERENCE_SIDE = 224

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Throughput:
    """Seconds per photo in all and of these in the model, whose `relative_cost` is `cost`."""

    seconds: float
    embedding: float
    cost: float

    def seconds_for(self, model: ModelSpec) -> float:
        """Estimate the seconds per photo with another model."""
        return self.seconds + self.embedding * (relative_cost(model) / self.cost - 1)


def relative_cost(model: ModelSpec) -> float:
    """Return the time that a model takes for a photo, relative to YOLO11n at 224 pixels."""
    second = 0.0 if model.second is None else _SECOND_NETWORK_COST
    return (_COSTS[model.scale] + second) * (model.preprocessing.size / _REFERENCE_SIDE) ** 2


def load_throughput(library: Path) -> Throughput | None:
    """Load the last measurement of a library; None if there is none."""
    try:
        values = read_json(library / FILE_NAME)
        throughput = Throughput(*(float(values[name]) for name in ("seconds", "embedding", "cost")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        _log.warning("%s cannot be read and is ignored: %s", library / FILE_NAME, error)
        return None
    is_valid = 0 <= throughput.embedding <= throughput.seconds and throughput.cost > 0
    return throughput if is_valid else None


class MeteredEmbedder:
    """Wraps the embedder of an indexing; saves the throughput whenever the number of photos has doubled."""

    def __init__(
        self, library: Path, embedder: Callable[[], SupportsEmbed], model: ModelSpec, control: JobControl
    ) -> None:
        self._library, self._embedder, self._control = library, embedder, control
        self._cost = relative_cost(model)
        self._lock = threading.Lock()
        self._photos, self._save_at = 0, MIN_PHOTOS
        self._embedding = 0.0
        self._started: float | None = None

    def __call__(self) -> SupportsEmbed:
        """Load the embedder and return this wrapper; the first call loads PyTorch."""
        self._embedder()
        return self

    def embed(self, inputs: Pixels) -> Vectors:
        """Embed as the embedder does."""
        embedder = self._embedder()
        with self._metered(len(inputs)):
            return embedder.embed(inputs)

    def embed_label_and_detect(
        self, inputs: Pixels, sizes: Sequence[tuple[int, int]]
    ) -> tuple[Vectors, list[Labels], list[Objects]]:
        """Embed, label and detect as the embedder does."""
        embedder = self._embedder()
        with self._metered(len(inputs)):
            return embedder.embed_label_and_detect(inputs, sizes)

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
            self._started = now  # the first batch includes loading the model
            return
        self._photos += photos
        self._embedding += embedding
        if self._photos >= self._save_at:
            self._save_at = 2 * self._photos
            seconds = (now - self._started) / self._photos
            # Threads embed in parallel, so each batch's time counts for 1/WORKERS of the elapsed time.
            in_model = min(self._embedding / self._photos / WORKERS, seconds)
            _save(self._library, Throughput(seconds, in_model, self._cost))


def _save(library: Path, throughput: Throughput) -> None:
    try:
        write_atomic(library / FILE_NAME, json.dumps(asdict(throughput)))
    except OSError as error:
        _log.warning("%s cannot be written: %s", library / FILE_NAME, error)
