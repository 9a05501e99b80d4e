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
from typing import TYPE_CHECKING, Any

from photosim.paths import encode_arguments, program_command
from photosim.records import Phase, Progress
from photosim.runtime.throttle import QuietMode
from photosim.search.query import Example, Region

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MAX_LINE_BYTES = 16 << 20
"""Longer lines are no messages; the longest are reports with the ids of hundreds of thousands of added photos."""

HEARTBEAT_S = 1.0
"""An indexing process that was cancelled reports at least this often until it ends."""

CANCEL_S = 4.5
"""One that reports nothing for that long after a cancel hangs, and is killed."""

MAX_DIMENSIONS = 1 << 14

MAX_VIEW_PIXELS = 60_000_000
"""Larger photos are decoded at a smaller size: each pixel takes 4 bytes in the window."""

MAX_VIEW_SIDE = 32_767
"""Pixels that the window can paint in a row or column."""

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
    return _command("worker", "--library", str(library), *options, *map(str, folders))


def photo_command(library: Path) -> list[str]:
    """Decode and embed photos on request; see `workers.photo_worker`."""
    return _command("photo-worker", "--library", str(library))


def models_command(arguments: Sequence[str]) -> list[str]:
    """Run one action of `photosim models`."""
    return _command("models", *arguments)


def repair_command(library: Path) -> list[str]:
    """Repair a damaged library."""
    return _command("repair", "--library", str(library))


def _command(*arguments: str) -> list[str]:
    return [*program_command(), *encode_arguments(arguments)]


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
    """From the parent to a photo worker: `{"do": "embed", "id", "model", "path", "region"}`.

    The region is `[x, y, width, height]` in fractions of the photo, or null.
    """

    id: int
    model: str
    example: Example

    def encode(self) -> str:
        """Return the line."""
        region = self.example.region
        sides = None if region is None else [region.x, region.y, region.width, region.height]
        message = {"do": "embed", "id": self.id, "model": self.model}
        return _encode({**message, "path": self.example.path, "region": sides})


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """From the parent to a photo worker: `{"do": "view", "id", "path", "edge", "target"}`.

    The photo is decoded with a longest side of at least `edge` pixels (0: its own) into the file `target`, which must
    not exist.
    """

    id: int
    path: str
    edge: int
    target: str

    def encode(self) -> str:
        """Return the line."""
        return _encode({"do": "view", **asdict(self)})


PhotoRequest = EmbedRequest | ViewRequest


def parse_photo_request(line: str | bytes) -> PhotoRequest:
    """Read what a photo worker is sent. Raises ProtocolError."""
    message = _parse(line)
    request_id, path = _count(message, "id"), _text(message, "path")
    match message.get("do"):
        case "embed":
            return EmbedRequest(
                request_id, _text(message, "model"), Example(path, _region(message.get("region")))
            )
        case "view":
            return ViewRequest(request_id, path, _count(message, "edge"), _text(message, "target"))
    raise ProtocolError("unknown request")


@dataclass(frozen=True, slots=True)
class View:
    """Size in pixels of the decoded picture, and of the upright photo itself."""

    width: int
    height: int
    photo_width: int
    photo_height: int


@dataclass(frozen=True, slots=True, eq=False)
class PhotoResponse:
    """From a photo worker: `{"id", "vector"}`, `{"id", "view"}` or `{"id", "error"}`.

    The id is null for a request that was not understood. With `"last": true` the process ends.
    """

    id: int | None
    vector: npt.NDArray[np.float32] | None = None
    """Of unit length, float32 (D)."""
    view: View | None = None
    """The pixels are in the file `target` of the request; see `photosim.workers.pixels`."""
    error: str = ""
    last: bool = False

    def encode(self) -> str:
        """Return the line."""
        if self.vector is not None:
            return _encode({"id": self.id, "vector": self.vector.tolist()})
        if self.view is not None:
            return _encode({"id": self.id, "view": asdict(self.view)})
        return _encode({"id": self.id, "error": self.error, **({"last": True} if self.last else {})})

    @classmethod
    def parse(cls, line: str | bytes) -> PhotoResponse:
        """Read a line. Raises ProtocolError."""
        message = _parse(line)
        request_id = None if message.get("id") is None else _count(message, "id")
        if "vector" in message:
            return cls(request_id, vector=_vector(message["vector"]))
        if "view" in message:
            return cls(request_id, view=_view(message["view"]))
        return cls(request_id, error=_text(message, "error"), last=message.get("last") is True)


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


def _vector(values: Any) -> npt.NDArray[np.float32]:
    if not _is_list(values, _is_real) or not 0 < len(values) <= MAX_DIMENSIONS:
        raise ProtocolError("vector: not a vector")
    import numpy as np  # not at the top: the command line that starts an indexing needs no vectors

    return np.array(values, np.float32)


def _view(sizes: Any) -> View:
    if not isinstance(sizes, dict):
        raise ProtocolError("view: not an object")
    view = View(*(_count(sizes, field.name) for field in fields(View)))
    if min(view.width, view.height, view.photo_width, view.photo_height) < 1:
        raise ProtocolError("view: without pixels")
    if max(view.width, view.height) > MAX_VIEW_SIDE or view.width * view.height > MAX_VIEW_PIXELS:
        raise ProtocolError("view: too large")
    return view


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
