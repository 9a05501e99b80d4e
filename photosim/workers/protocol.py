"""The command lines of PhotoSim's child processes and the JSON lines that they exchange with their parent.

Each message is one JSON object on one line. Whoever reads one checks its types and sizes here: a library that prints
to standard output, or a damaged child process, must not reach the rest of the program.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from photosim.paths import program_command
from photosim.records import Phase, Progress
from photosim.runtime.throttle import QuietMode
from photosim.search.query import Example, Region

MAX_LINE_BYTES = 16 << 20
"""Longer lines are no messages; the longest are reports with the ids of hundreds of thousands of added photos."""

MAX_DIMENSIONS = 1 << 14
_MAX_REAL = 3e38  # about the largest float32
_MAX_TEXT = 1 << 16  # characters of a sentence, a traceback or a path


class ProtocolError(ValueError):
    """A line is no message of this protocol."""


def index_command(
    library: Path,
    folders: Sequence[str | Path],
    quiet_mode: str | None = None,
    *,
    confirm_missing: bool = True,
) -> list[str]:
    """Index `folders`, or all folders of the library when there are none; see `workers.index_worker`.

    `quiet_mode` is a `QuietMode`, None for the setting of the library. `confirm_missing` is as in `Library.index`.
    """
    options = [] if quiet_mode is None else ["--quiet-computer", quiet_mode]
    options += [] if confirm_missing else ["--forget-missing"]
    return [*program_command(), "worker", "--library", str(library), *options, *map(str, folders)]


def embed_command(library: Path) -> list[str]:
    """Embed images on request; see `workers.embed_worker`."""
    return [*program_command(), "embed", "--library", str(library)]


def models_command(arguments: Sequence[str]) -> list[str]:
    """Run one action of `photosim models`."""
    return [*program_command(), "models", *arguments]


def repair_command(library: Path) -> list[str]:
    """Repair a damaged library."""
    return [*program_command(), "repair", "--library", str(library)]


class IndexAction(StrEnum):
    """What the parent can ask of an indexing process."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    SET_QUIET_MODE = "quiet"


@dataclass(frozen=True, slots=True)
class IndexRequest:
    """From the parent to an indexing process: `{"do": "pause"}`, `{"do": "quiet", "choice": "auto"}`."""

    action: IndexAction
    quiet_mode: QuietMode | None = None
    """Of SET_QUIET_MODE."""

    def encode(self) -> str:
        """Return the line."""
        message: dict[str, object] = {"do": self.action}
        if self.quiet_mode is not None:
            message["choice"] = self.quiet_mode
        return _encode(message)

    @classmethod
    def parse(cls, line: str | bytes) -> IndexRequest:
        """Read a line. Raises ProtocolError."""
        message = _parse(line)
        try:
            action = IndexAction(message["do"])
        except (KeyError, ValueError) as error:
            raise ProtocolError("unknown request") from error
        is_mode = action is IndexAction.SET_QUIET_MODE
        return cls(action, QuietMode.parse(message.get("choice")) if is_mode else None)


@dataclass(frozen=True, slots=True)
class IndexFailure:
    """From an indexing process: why it cannot continue, as a sentence for the user and details for a report."""

    message: str
    details: str = ""
    locked: bool = False
    """Another PhotoSim is writing to the library."""
    damaged: bool = False
    """A file of the library is damaged."""


def encode_index_event(event: Progress | IndexFailure) -> str:
    """Return the line `{"event": "progress", ...}` or `{"event": "error", "message", "details", ...}`."""
    return _encode({"event": "progress" if isinstance(event, Progress) else "error", **asdict(event)})


def parse_index_event(line: str | bytes) -> Progress | IndexFailure:
    """Read what an indexing process reports; unknown fields are ignored. Raises ProtocolError."""
    message = _parse(line)
    kind = message.get("event")
    if kind == "progress":
        return _progress(message)
    if kind == "error":
        return IndexFailure(
            _text(message, "message"),
            _text(message, "details", ""),
            message.get("locked") is True,
            message.get("damaged") is True,
        )
    raise ProtocolError("unknown event")


@dataclass(frozen=True, slots=True)
class EmbedRequest:
    """From the parent to the embedding process: `{"id", "model", "path", "region"}`.

    The region is `[x, y, width, height]` in fractions of the photo, or null.
    """

    id: int
    model: str
    example: Example

    def encode(self) -> str:
        """Return the line."""
        region = self.example.region
        sides = None if region is None else [region.x, region.y, region.width, region.height]
        return _encode({"id": self.id, "model": self.model, "path": self.example.path, "region": sides})

    @classmethod
    def parse(cls, line: str | bytes) -> EmbedRequest:
        """Read a line. Raises ProtocolError."""
        message = _parse(line)
        example = Example(_text(message, "path"), _region(message.get("region")))
        return cls(_count(message, "id"), _text(message, "model"), example)


@dataclass(frozen=True, slots=True, eq=False)
class EmbedResponse:
    """From the embedding process: `{"id", "vector"}` or `{"id", "error"}`; the id is null for an unknown request."""

    id: int | None
    vector: npt.NDArray[np.float32] | None = None
    """Of unit length, float32 (D)."""
    error: str = ""

    def encode(self) -> str:
        """Return the line."""
        if self.vector is None:
            return _encode({"id": self.id, "error": self.error})
        return _encode({"id": self.id, "vector": self.vector.tolist()})

    @classmethod
    def parse(cls, line: str | bytes) -> EmbedResponse:
        """Read a line. Raises ProtocolError."""
        message = _parse(line)
        request = None if message.get("id") is None else _count(message, "id")
        if "vector" not in message:
            return cls(request, error=_text(message, "error"))
        values = message["vector"]
        if not _is_list(values, _is_real) or not 0 < len(values) <= MAX_DIMENSIONS:
            raise ProtocolError("vector: not a vector")
        return cls(request, np.array(values, np.float32))


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """A line of `photosim models get --json`: `{"bytes": 4096, "of": 5664339}`, the total null while unknown."""

    done: int
    total: int | None

    def encode(self) -> str:
        """Return the line."""
        return _encode({"bytes": self.done, "of": self.total})

    @classmethod
    def parse(cls, line: str | bytes) -> DownloadProgress:
        """Read a line. Raises ProtocolError."""
        message = _parse(line)
        return cls(_count(message, "bytes"), None if message.get("of") is None else _count(message, "of"))


def _encode(message: dict[str, Any]) -> str:
    return json.dumps(message) + "\n"


def _parse(line: str | bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE_BYTES:
        raise ProtocolError("the line is too long")
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("not JSON") from error
    if not isinstance(message, dict):
        raise ProtocolError("not a JSON object")
    return message


def _progress(message: dict[str, Any]) -> Progress:
    try:
        phase = Phase(message["phase"])
    except (KeyError, ValueError) as error:
        raise ProtocolError("unknown phase") from error
    added = message.get("added", [])
    if not _is_list(added, _is_count):
        raise ProtocolError("added: not a list of ids")
    seconds = message.get("seconds_left")
    if seconds is not None and not (_is_real(seconds) and seconds >= 0):
        raise ProtocolError("seconds_left: not a duration")
    values: dict[str, Any] = {"seconds_left": seconds, "added": tuple(added)}
    for name in _COUNTS & message.keys():
        values[name] = _count(message, name)
    for name in _FLAGS & message.keys():
        values[name] = message[name] is True
    return Progress(phase, next_model=_text(message, "next_model", ""), **values)


_COUNTS = frozenset(field.name for field in fields(Progress) if field.type == "int")
_FLAGS = frozenset(field.name for field in fields(Progress) if field.type == "bool")


def _region(sides: Any) -> Region | None:
    if sides is None:
        return None
    if not _is_list(sides, _is_real) or len(sides) != 4:
        raise ProtocolError("region: not four numbers")
    try:
        return Region(*map(float, sides))
    except ValueError as error:
        raise ProtocolError(f"region: {error}") from error


def _count(message: dict[str, Any], name: str) -> int:
    value: Any = message.get(name)
    if not _is_count(value):
        raise ProtocolError(f"{name}: not a count")
    return int(value)


def _text(message: dict[str, Any], name: str, default: str | None = None) -> str:
    value = message.get(name, default)
    if not isinstance(value, str):
        raise ProtocolError(f"{name}: not a text")
    return value[:_MAX_TEXT]


def _is_list(value: object, is_item: Callable[[object], bool]) -> bool:
    return isinstance(value, list) and all(map(is_item, value))


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 63


def _is_real(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _MAX_REAL
