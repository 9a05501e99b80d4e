"""Try a model file that somebody else made: load it in a child process with limits, and let it analyze pictures."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import psutil

from photosim.errors import ModelError, PhotoSimError
from photosim.ml.model_spec import ModelSpec, Origin
from photosim.ml.models import catalog, weights
from photosim.ml.models.catalog import SCALES, TASKS
from photosim.paths import program_command

if TYPE_CHECKING:
    from photosim.ml.embedder import Embedder

_METADATA_KEYS = ("sha256", "bytes", "title", "task", "scale", "side")

_TIMEOUT_S = 120.0
_MIN_BYTES_PER_S = 1_000_000
"""A model of 100 MB may take 100 seconds more; on an ordinary computer it takes one."""

_MEMORY_BYTES = 1 << 30
_MEMORY_FACTOR = 16
"""A process may take `_MEMORY_BYTES`, of which PyTorch needs a third, and this many times the size of the file."""

_POLL_S = 0.05
_MAX_ANSWER = 1 << 16  # bytes
_MAX_SENTENCE = 2000  # characters
_MIN_LENGTH = 0.99
"""Of an embedding, which has unit length unless it is zero."""

_MIN_DIFFERENCE = 1e-4
"""Between the embeddings of two different pictures, in one of their values at least."""

_log = logging.getLogger(__name__)


def check(path: Path, config_dir: Path, name: str | None = None) -> ModelSpec:
    """Load a model file and let it analyze pictures; returns its spec, that of the catalog if the catalog has the file.

    `name` is that of a model of the catalog that the file must be. `config_dir`: see `configure_ultralytics`. Raises
    ModelError if it is not a YOLO11 checkpoint or gives no useful embeddings.
    """
    from photosim.ml.embedder import Embedder

    spec = weights.identify_checkpoint(path, config_dir) if name is None else catalog.find_model(name)
    if spec.origin is not Origin.BUNDLED:  # known by its checksum, and incomplete without its projection
        check_answers(Embedder(spec, path, config_dir), path)
    return spec


def check_answers(embedder: Embedder, path: Path) -> None:
    """Raise ModelError unless a model gives different embeddings for different pictures."""
    vectors = embedder.embed(_pictures(embedder.spec.preprocessing.size))
    if not np.isfinite(vectors).all():
        raise ModelError(f"The model file {path} can't be used: its results aren't finite numbers.")
    if (np.linalg.norm(vectors, axis=1) < _MIN_LENGTH).any():
        raise ModelError(f"The model file {path} can't be used: its results are all zero.")
    differences = np.abs(vectors[:, None] - vectors[None]).max(axis=2)
    np.fill_diagonal(differences, np.inf)
    if (differences < _MIN_DIFFERENCE).any():
        raise ModelError(
            f"The model file {path} can't be used: it gives the same result for different pictures."
        )


def check_in_child(path: Path, config_dir: Path, name: str | None = None) -> ModelSpec:
    """Do what `check` does in a child process with limits of time and memory for a file of that size."""
    options = [] if name is None else [name]
    command = [*program_command(), "check-model", str(path), str(config_dir), *options]
    try:
        size = path.stat().st_size
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,  # closed when this process ends, which ends the child
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise ModelError(f"The model file {path} can't be checked: {error.strerror or error}.") from error
    with process:
        try:
            output = _limited_output(process, size)
        except _LimitExceededError as error:
            raise ModelError(
                f"The model file {path} isn't a YOLO11 model: reading it takes too much {error}."
            ) from error
        finally:
            process.kill()
    return _parse_answer(path, output, name)


def answer(path: Path, config_dir: Path, name: str | None, output: IO[str]) -> None:
    """Check a model in the child process `photosim check-model`, and write the result as a line of JSON.

    The process ends when its standard input is closed.
    """
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    result: dict[str, Any]
    try:
        spec = check(path, config_dir, name)
    except PhotoSimError as error:
        result = {"error": str(error)}
    except MemoryError:
        result = {"error": f"The model file {path} isn't a YOLO11 model: reading it takes too much memory."}
    except Exception as error:
        _log.exception("A model could not be checked")
        result = {"error": f"The model file {path} can't be used: {error}"}
    else:
        result = {"model": metadata_of(spec, path.stem)}
    output.write(json.dumps(result) + "\n")
    output.flush()


def metadata_of(spec: ModelSpec, title: str) -> dict[str, object]:
    """Return what `parse_metadata` reads."""
    values = (spec.sha256, spec.bytes, title, spec.task, spec.scale, spec.preprocessing.size)
    return dict(zip(_METADATA_KEYS, values, strict=True))


def parse_metadata(metadata: Any) -> ModelSpec:
    """Return the spec of a user's model. Raises ValueError, TypeError or KeyError."""
    sha256, size, title, task, scale, input_size = (metadata[key] for key in _METADATA_KEYS)
    texts, numbers = (sha256, title, task, scale), (size, input_size)
    if not all(isinstance(text, str) for text in texts) or not all(type(n) is int for n in numbers):
        raise TypeError("values of the wrong type")
    if task not in TASKS or scale not in SCALES:
        raise ValueError("unknown task or scale")
    if input_size not in weights.PLAUSIBLE_INPUT_SIZES:
        raise ValueError("implausible input size")
    return catalog.user_model(sha256, size, title=title, task=task, scale=scale, input_size=input_size)


class _LimitExceededError(Exception):
    """A child process took too much; the message says of what."""


def _limited_output(process: subprocess.Popen[bytes], size: int) -> bytes:
    """Return what a process prints until it ends. Raises _LimitExceededError."""
    output: list[bytes] = []
    stream = process.stdout
    assert stream is not None
    reader = threading.Thread(target=lambda: output.append(stream.read(_MAX_ANSWER)), daemon=True)
    reader.start()
    deadline = time.monotonic() + _TIMEOUT_S + size / _MIN_BYTES_PER_S
    memory = _MEMORY_BYTES + _MEMORY_FACTOR * size
    while True:
        reader.join(_POLL_S)
        if not reader.is_alive():
            return b"".join(output)
        if time.monotonic() > deadline:
            raise _LimitExceededError("time")
        with suppress(psutil.Error):
            if psutil.Process(process.pid).memory_info().rss > memory:
                raise _LimitExceededError("memory")


def _parse_answer(path: Path, output: bytes, name: str | None) -> ModelSpec:
    """Return the spec that a child process found. Raises ModelError with its sentence, or because it died."""
    try:
        message = json.loads(output)
        if isinstance(sentence := message.get("error"), str):
            raise ModelError(sentence[:_MAX_SENTENCE])
        metadata = message["model"]
        if name is not None:
            return catalog.find_model(name)
        for spec in catalog.CATALOG:
            if spec.sha256 is not None and spec.sha256 == metadata["sha256"]:
                return spec
        return parse_metadata(metadata)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelError(
            f"The model file {path} can't be used: the process that checked it stopped unexpectedly."
        ) from error


def _pictures(size: int) -> npt.NDArray[np.uint8]:
    """Return clearly different pictures, uint8 (N, size, size, 3)."""
    rng = np.random.default_rng(0)
    rows, columns = np.indices((size, size))
    ramp = (255 * columns // max(size - 1, 1)).astype(np.uint8)
    squares = np.where((rows // 16 + columns // 16) % 2, 235, 20).astype(np.uint8)
    coarse = rng.integers(0, 256, (8, 8, 3), np.uint8)
    return np.stack(
        [
            rng.integers(0, 256, (size, size, 3), np.uint8),
            np.stack([ramp, ramp.T, ramp[::-1, ::-1]], axis=2),
            np.stack([squares, squares, 255 - squares], axis=2),
            coarse[rows * 8 // size, columns * 8 // size],
        ]
    )


def _exit_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)
