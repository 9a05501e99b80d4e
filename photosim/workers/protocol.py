"""The command lines of PhotoSim's child processes and the JSON lines that they exchange with their parent.

The messages of the photo worker are in `photosim.workers.photo_protocol`.

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

from photosim.paths import encode_arguments, program_command
from photosim.records import Phase, Progress
from photosim.runtime.throttle import QuietMode

MAX_LINE_BYTES = 16 << 20
"""Longer lines are no messages; the longest are reports with the ids of hundreds of thousands of added photos."""

HEARTBEAT_S = 1.0
"""An indexing process that was cancelled reports at least this often until it ends."""

CANCEL_S = 4.5
"""One that reports nothing for that long after a cancel hangs, and is killed."""


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


def compare_command(
    library: Path, folder: str | Path, other: str | Path | None = None, quiet_mode: str | None = None
) -> list[str]:
    """Compare a folder with the library, or with another folder; the process reports as one that indexes."""
    options = [] if quiet_mode is None else ["--quiet-computer", quiet_mode]
    folders = [str(folder)] if other is None else [str(folder), str(other)]
    return _command("worker", "--library", str(library), "--compare", *options, *folders)


def look_closer_command(library: Path, quiet_mode: str | None = None) -> list[str]:
    """Search the photos of the library for small objects; see `workers.index_worker`."""
    options = [] if quiet_mode is None else ["--quiet-computer", quiet_mode]
    return _command("worker", "--library", str(library), "--look-closer", *options)


def waiting_command(library: Path) -> list[str]:
    """Load what an indexing needs, and wait for a line of `start_line` on standard input."""
    return _command("worker", "--library", str(library), "--wait")


def start_line(command: Sequence[str]) -> str:
    """Return the line that makes a waiting process do what this command would: `{"do": "start", "arguments"}`."""
    return encode_message({"do": "start", "arguments": list(command[len(program_command()) :])})


def parse_start(line: str | bytes) -> list[str]:
    """Return the arguments of a line of `start_line`. Raises ProtocolError."""
    message = parse_message(line)
    arguments = message.get("arguments")
    if message.get("do") != "start" or not is_list(arguments, lambda item: isinstance(item, str)):
        raise ProtocolError("not a start")
    return list(message["arguments"])


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
        return encode_message(message)

    @classmethod
    def parse(cls, line: str | bytes) -> IndexRequest:
        """Read a line. Raises ProtocolError."""
        message = parse_message(line)
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
    return encode_message({"event": "progress" if isinstance(event, Progress) else "error", **asdict(event)})


def parse_index_event(line: str | bytes) -> Progress | IndexFailure:
    """Read what an indexing process reports; unknown fields are ignored. Raises ProtocolError."""
    message = parse_message(line)
    kind = message.get("event")
    if kind == "progress":
        return _progress(message)
    if kind == "error":
        return IndexFailure(
            read_text(message, "message"),
            read_text(message, "details", ""),
            message.get("locked") is True,
            message.get("damaged") is True,
        )
    raise ProtocolError("unknown event")


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """A line of `photosim models get --json`: `{"bytes": 4096, "of": 5664339}`, the total null while unknown."""

    done: int
    total: int | None

    def encode(self) -> str:
        """Return the line."""
        return encode_message({"bytes": self.done, "of": self.total})

    @classmethod
    def parse(cls, line: str | bytes) -> DownloadProgress:
        """Read a line. Raises ProtocolError."""
        message = parse_message(line)
        return cls(
            read_count(message, "bytes"), None if message.get("of") is None else read_count(message, "of")
        )


def encode_message(message: dict[str, Any]) -> str:
    """Return the line of a message."""
    return json.dumps(message) + "\n"


def parse_message(line: str | bytes) -> dict[str, Any]:
    """Return the JSON object on a line. Raises ProtocolError."""
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
    if not is_list(added, _is_count):
        raise ProtocolError("added: not a list of ids")
    seconds = message.get("seconds_left")
    if seconds is not None and not (is_real(seconds) and seconds >= 0):
        raise ProtocolError("seconds_left: not a duration")
    values: dict[str, Any] = {"seconds_left": seconds, "added": tuple(added)}
    for name in _COUNTS & message.keys():
        values[name] = read_count(message, name)
    for name in _FLAGS & message.keys():
        values[name] = message[name] is True
    return Progress(phase, next_model=read_text(message, "next_model", ""), **values)


_COUNTS = frozenset(field.name for field in fields(Progress) if field.type == "int")
_FLAGS = frozenset(field.name for field in fields(Progress) if field.type == "bool")


def read_count(message: dict[str, Any], name: str) -> int:
    """Return a field that is an integer of 0 to 2**63 - 1. Raises ProtocolError."""
    value: Any = message.get(name)
    if not _is_count(value):
        raise ProtocolError(f"{name}: not a count")
    return int(value)


def read_text(message: dict[str, Any], name: str, default: str | None = None) -> str:
    """Return a field that is a string, at most 65,536 characters of it. Raises ProtocolError."""
    value = message.get(name, default)
    if not isinstance(value, str):
        raise ProtocolError(f"{name}: not a text")
    return value[:_MAX_TEXT]


def is_list(value: object, is_item: Callable[[object], bool]) -> bool:
    """Whether a value is a list whose items all satisfy `is_item`."""
    return isinstance(value, list) and all(map(is_item, value))


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 63


def is_real(value: object) -> bool:
    """Whether a value is a number that a float32 can represent."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _MAX_REAL
