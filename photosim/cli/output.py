"""What the commands print: standard streams that may be closed or full, and names made safe for a terminal."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from photosim.errors import PhotoSimError
from photosim.paths import printable

_STANDARD_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


class OutputError(PhotoSimError):
    """Standard output cannot be written."""


def open_standard_streams() -> None:
    """Open the null device in the place of closed standard streams.

    Otherwise the next files that are opened, a library among them, get their descriptors, and what some C library
    prints is written into these files.
    """
    for number, (name, mode) in enumerate(_STANDARD_STREAMS):
        if getattr(sys, name) is not None:
            continue
        stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - open until the end
        if stream.fileno() == number:
            os.set_inheritable(number, True)
        setattr(sys, name, stream)


def allow_any_file_name() -> None:
    """Let names that are not valid Unicode be printed."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape" if os.name == "posix" else "backslashreplace")


def print_line(text: str = "") -> None:
    """Print a line of a result, with control characters escaped. Raises OutputError."""
    _print(printable(text))


def print_json(value: dict[str, Any]) -> None:
    """Print a result as JSON. Raises OutputError."""
    _print(json.dumps(value, indent=2))


def print_json_line(value: dict[str, Any]) -> None:
    """Print one of several results as JSON on a line. Raises OutputError."""
    _print(json.dumps(value))


def print_message(text: str) -> None:
    """Print a line on standard error, with control characters escaped; without effect where it is full."""
    with suppress(OSError):
        print(printable(text), file=sys.stderr, flush=True)


def flush_output() -> None:
    """Write what is still buffered. Raises OutputError."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _output_error(error) from error


def discard_output() -> None:
    """Send the rest of the output nowhere: Python would fail again when it flushes standard output at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print(text: str) -> None:
    try:
        print(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _output_error(error) from error


def _output_error(error: OSError) -> OutputError:
    return OutputError(f"The output can't be written: {error.strerror}.")
