"""What the commands share: the library they name, answers in JSON, an end at Ctrl-C."""

from __future__ import annotations

import argparse
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photosim.runtime.control import JobControl

if TYPE_CHECKING:
    from photosim.library.library import Library

EXIT_OK, EXIT_FAILED = 0, 1  # argparse itself exits with 2 on wrong usage


def library_option(default: str | None) -> argparse.ArgumentParser:
    """`--library`, before the command and after it: there it must not undo what was said before."""
    option = argparse.ArgumentParser(add_help=False)
    option.add_argument(
        *("--library",),
        type=Path,
        metavar="PATH",
        default=default,
        help="the folder that holds the library (default: in your user-data folder)",
    )
    return option


def json_option() -> argparse.ArgumentParser:
    """`--json`, of the commands that answer."""
    option = argparse.ArgumentParser(add_help=False)
    option.add_argument("--json", action="store_true", help="answer in JSON")
    return option


def quiet_option() -> argparse.ArgumentParser:
    """`--quiet-computer`, of the commands that index."""
    option = argparse.ArgumentParser(add_help=False)
    option.add_argument(
        *("--quiet-computer",),
        choices=("auto", "on", "off"),
        help="work with one thread of low priority: on, off, or auto: on battery (default: the library's setting)",
    )
    return option


def positive_int(word: str) -> int:
    """A number of things, as argparse reads it."""
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


@contextmanager
def open_library(folder: Path | None) -> Iterator[Library]:
    """The library in `folder` (None: the person's own), with its log."""
    from photosim import logs
    from photosim.library.library import Library

    library = Library.open(folder)
    logs.log_to_folder(library.folder)
    try:
        yield library
    finally:
        library.close()


def print_json(value: dict[str, Any]) -> None:
    """Print an answer as JSON."""
    print(json.dumps(value, indent=2))


@contextmanager
def cancel_on_interrupt(control: JobControl) -> Iterator[None]:
    """Within it Ctrl-C asks the work to end tidily; a second Ctrl-C ends it at once."""

    def interrupt(*_: object) -> None:
        if control.cancelled:
            raise KeyboardInterrupt
        control.cancel()

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
