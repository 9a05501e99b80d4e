"""What the commands share: options and arguments, opening the library, counts in words, Ctrl-C."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from photosim.runtime.gc_pause import gc_paused

if TYPE_CHECKING:
    from photosim.library import Library
    from photosim.runtime.control import JobControl

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

EXIT_OK, EXIT_FAILED = 0, 1  # argparse itself exits with 2 on wrong usage

CONTINUE_LATER = "Stopped. Run the same command again to continue."

Command = Callable[[argparse.Namespace], int]
"""Runs a command; returns the exit status."""


def add_command(
    commands: Subparsers, name: str, command: Command, text: str, *options: argparse.ArgumentParser
) -> argparse.ArgumentParser:
    """Add a command, or an action of one, with `--library` and these options."""
    parents = [library_option(argparse.SUPPRESS), *options]
    parser = commands.add_parser(name, help=text, description=text, parents=parents)
    parser.set_defaults(command=command)
    return parser


def library_option(default: str | None) -> argparse.ArgumentParser:
    """Make `--library`, which may stand before the command or after it.

    After it the default is `argparse.SUPPRESS`, so that it does not replace what was given before.
    """
    option = argparse.ArgumentParser(add_help=False)
    option.add_argument(
        "--library",
        type=path_argument,
        metavar="PATH",
        default=default,
        help="the folder of the library (default: in your user data folder)",
    )
    return option


def json_option() -> argparse.ArgumentParser:
    """Make `--json`."""
    option = argparse.ArgumentParser(add_help=False)
    option.add_argument("--json", action="store_true", help="print JSON")
    return option


def quiet_option() -> argparse.ArgumentParser:
    """Make `--quiet-computer`."""
    option = argparse.ArgumentParser(add_help=False)
    option.add_argument(
        "--quiet-computer",
        choices=("auto", "on", "off"),
        help="use less CPU: on, off, or auto, on battery only (default: the setting of the library)",
    )
    return option


def positive_int(text: str) -> int:
    """Parse a number of at least 1 for argparse."""
    try:
        number = int(text)
    except ValueError as error:  # also for more digits than Python converts
        raise argparse.ArgumentTypeError("must be a whole number") from error
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def name_argument(text: str) -> str:
    """Parse a name for argparse. An unset variable in a script gives an empty one, which is refused."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the name is empty")
    return text


def path_argument(text: str) -> Path:
    """Parse a path for argparse: an empty one would be the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("the name is empty")
    if "\0" in text:
        raise argparse.ArgumentTypeError("no name contains a null character")
    path = Path(text)
    if not path.is_absolute():
        try:
            Path.cwd()
        except OSError as error:
            raise argparse.ArgumentTypeError(
                "the current folder no longer exists; give an absolute path"
            ) from error
    return path


def output_argument(*endings: str) -> Callable[[str], Path]:
    """Return what parses the path of a file to write for argparse: its name ends in one of these, or has no ending.

    A name without one may also be that of a pipe.
    """

    def parse(text: str) -> Path:
        path = path_argument(text)
        if path.suffix and path.suffix.lower() not in endings:
            raise argparse.ArgumentTypeError(f"{text}: the name must end in {' or '.join(endings)}")
        return path

    return parse


@contextmanager
def open_library(folder: Path | None) -> Iterator[Library]:
    """Open the library in `folder`, or the default one, and log to it."""
    from photosim import logs

    with gc_paused(freeze=True):
        from photosim.library import Library

    library = Library.open(folder)
    logs.log_to_folder(library.folder)
    try:
        yield library
    finally:
        library.close()


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return "1 photo" or "2 photos"; `many` where the plural is not `one` with an s."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {many or f'{one}s'}"


@contextmanager
def cancel_on_interrupt(control: JobControl) -> Iterator[None]:
    """Cancel the job at the first Ctrl-C, and raise KeyboardInterrupt at the second."""

    def interrupt(*_: object) -> None:
        if control.cancelled:
            raise KeyboardInterrupt
        control.cancel()

    previous = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
