"""The command `photosim`: opens the window, or runs one command without it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from photosim import APP_NAME, __version__, logs
from photosim.cli.common import (
    EXIT_FAILED,
    EXIT_OK,
    Command,
    add_command,
    library_option,
    open_library,
    path_argument,
    plural,
    quiet_option,
)
from photosim.cli.output import (
    OutputError,
    allow_any_file_name,
    discard_output,
    flush_output,
    open_standard_streams,
    print_line,
    print_message,
)
from photosim.errors import PhotoSimError
from photosim.paths import JSON_ARGUMENTS, decode_arguments, is_file, printable
from photosim.runtime import trace
from photosim.runtime.blas import use_one_blas_thread
from photosim.runtime.gc_pause import gc_paused, skip_last_collections

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

_MAX_CLUSTERS, _MAX_UNREADABLE = 5, 20  # of the summary without a window

_MODULES = {
    "library": ("index", "status", "export", "repair", "forget-missing", "move-source"),
    "info": ("info",),
    "similar": ("similar", "clusters"),
    "origin": ("origin",),
    "look_alikes": ("then-and-now", "walk", "loners"),
    "duplicates": ("duplicates",),
    "compare": ("compare",),
    "labels": ("find", "labels"),
    "objects": ("objects",),
    "events": ("events",),
    "pick": ("pick",),
    "collections": ("collections",),
    "map": ("map",),
    "models": ("models",),
}
"""The commands that the modules of this package add, in the order of the help.

A process imports only the module of the command that it runs: all of them take as long as the rest of a short command.
"""

_MODULE_OF = {command: module for module, commands in _MODULES.items() for command in commands}

INTERNAL_COMMANDS = frozenset({"worker", "photo-worker", "check-model"})
"""Commands that only PhotoSim itself runs, as child processes."""

_COMMANDS = _MODULE_OF.keys() | INTERNAL_COMMANDS | {"gui"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, by default that of this process; returns the exit status. Whatever happens is answered with a sentence."""
    open_standard_streams()
    allow_any_file_name()
    logs.keep_off_stderr()
    try:
        try:
            return _run(list(sys.argv[1:] if argv is None else argv))
        finally:
            flush_output()  # also of --help, which exits
            if argv is None:
                skip_last_collections()
    except OutputError as error:
        discard_output()
        print_message(str(error))
    except PhotoSimError as error:
        print_message(str(error))
    except BrokenPipeError:
        discard_output()  # its reader is gone
    except KeyboardInterrupt:
        print_message("Stopped.")
    except Exception as error:
        print_message(logs.describe_unexpected(error))
    return EXIT_FAILED


def _run(argv: list[str]) -> int:
    try:
        argv = decode_arguments(argv)
    except (ValueError, RecursionError) as error:
        _parser().error(f"{JSON_ARGUMENTS}: {error}")
    argv = _with_default_command(argv)
    arguments = _parser(_modules_for(argv)).parse_args(argv)
    command: Command = arguments.command
    return command(arguments)


def _gui(arguments: argparse.Namespace) -> int:
    if not _has_display():
        print_message("No display found, so the window can't be opened.")
        return _run_without_window(arguments)
    with gc_paused(freeze=True):  # modules stay, and visiting them again and again takes a fifth of the start
        from photosim.gui import app

    return int(app.run(arguments.library, arguments.paths))


def _run_without_window(arguments: argparse.Namespace) -> int:
    """Do and print what the window would have done and shown."""
    from photosim.cli.library import index_folders
    from photosim.cli.similar import search_by_file

    photos = [path for path in arguments.paths if is_file(path)]
    folders = [path for path in arguments.paths if path not in photos]
    if folders and index_folders(arguments.library, folders) != EXIT_OK:
        return EXIT_FAILED
    with open_library(arguments.library) as library:
        status, clusters = library.status(), library.clusters().clusters
        largest = [(cluster.size, cluster.medoid) for cluster in clusters[:_MAX_CLUSTERS]]
        matches = search_by_file(library, photos[0]) if photos else []
    print_line(f"{plural(status.photos, 'photo')}, {plural(len(status.unreadable), 'unreadable file')}.")
    for file in status.unreadable[:_MAX_UNREADABLE]:
        print_line(f"  {file.path}: {file.reason}")
    if len(status.unreadable) > _MAX_UNREADABLE:
        print_line(f"  ... and {len(status.unreadable) - _MAX_UNREADABLE} more")
    if clusters:
        print_line(f"{plural(len(clusters), 'cluster')}, the largest:")
    for size, medoid in largest:
        print_line(f"  {plural(size, 'photo')} similar to {medoid}")
    if matches:
        print_line(f"Similar to {photos[0]}:")
    for match in matches:
        print_line(f"  {match.similarity:.3f}  {match.path}")
    program = "photosim" if arguments.library is None else f'photosim --library "{arguments.library}"'
    print_line("Commands for more:")
    for example in ("similar PHOTO", "clusters", "status", "--help"):
        print_line(f"  {program} {example}")
    return EXIT_OK


def _worker(arguments: argparse.Namespace) -> int:
    from photosim.runtime.heaps import share_heaps

    share_heaps()
    use_one_blas_thread()
    with trace.span("import"), gc_paused(freeze=True):
        from photosim.workers import index_worker

    if arguments.wait:
        started = index_worker.wait_for_start(arguments.library)
        return EXIT_OK if started is None else _run(started)
    return index_worker.main(
        arguments.library,
        arguments.folders,
        arguments.quiet_computer,
        confirm_missing=not arguments.forget_missing,
        compare=arguments.compare,
        look_closer=arguments.look_closer,
    )


def _photo_worker(arguments: argparse.Namespace) -> int:
    from photosim.workers import photo_worker

    return photo_worker.main(arguments.library)


class _Parser(argparse.ArgumentParser):
    """Escapes control characters in what it prints, and does not hide that help can't be written."""

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        if file is sys.stdout:
            for line in message.splitlines():
                print_line(line)
        else:
            super()._print_message("\n".join(map(printable, message.split("\n"))), file)


def _check_model(arguments: argparse.Namespace) -> int:
    from photosim.ml.models import model_check

    model_check.answer(arguments.file, arguments.config, arguments.model, sys.stdout)
    return EXIT_OK


def _parser(modules: Iterable[str] = _MODULES) -> argparse.ArgumentParser:
    """Return the parser of the commands of these modules, and of those of this one."""
    parser: argparse.ArgumentParser = _Parser(
        prog="photosim",
        description="Find similar photos on your own computer. Without a command the window opens.",
        parents=[library_option(None)],
    )
    parser.add_argument("--version", action="version", version=f"{APP_NAME} {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    gui = add_command(commands, "gui", _gui, "Open the window (the default).")
    gui.add_argument(
        "paths",
        type=path_argument,
        nargs="*",
        metavar="PATH",
        help="a folder to add, or a photo to search by",
    )
    for module in modules:
        import_module(f"photosim.cli.{module}").add_to(commands)
    # Without a help text argparse does not list them.
    worker = commands.add_parser("worker", parents=[library_option(argparse.SUPPRESS), quiet_option()])
    worker.add_argument("folders", type=path_argument, nargs="*")
    worker.add_argument("--forget-missing", action="store_true")
    worker.add_argument("--compare", action="store_true")
    worker.add_argument("--look-closer", action="store_true")
    worker.add_argument("--wait", action="store_true")
    worker.set_defaults(command=_worker)
    photo_worker = commands.add_parser("photo-worker", parents=[library_option(argparse.SUPPRESS)])
    photo_worker.set_defaults(command=_photo_worker)
    check = commands.add_parser("check-model")
    check.add_argument("file", type=Path)
    check.add_argument("config", type=Path)
    check.add_argument("model", nargs="?")
    check.set_defaults(command=_check_model)
    parser.set_defaults(command_names=frozenset(commands.choices))
    return parser


def _modules_for(arguments: Sequence[str]) -> Iterable[str]:
    """Return the modules whose commands the parser of these arguments needs; all of them for the help."""
    first = 2 if arguments[:1] == ["--library"] else 0
    if arguments[first : first + 1] == ["--version"]:
        return ()
    command = next(iter(arguments[first:]), None)
    if command not in _COMMANDS:
        return _MODULES  # also behind other options, which argparse may understand otherwise or refuse
    return (_MODULE_OF[command],) if command in _MODULE_OF else ()


def _with_default_command(arguments: list[str]) -> list[str]:
    """Insert `gui` behind the options when no command is named: `photosim FOLDER`."""
    index = 0
    while index < len(arguments) and arguments[index].startswith("-"):
        if arguments[index] in {"-h", "--help", "--version"}:
            return arguments
        index += 2 if arguments[index] == "--library" else 1
    if index < len(arguments) and arguments[index] in _COMMANDS:
        return arguments
    if index < len(arguments) and _is_mistyped(arguments[index]):
        _parser().error(_unknown_command(arguments[index], _COMMANDS - INTERNAL_COMMANDS))
    return [*arguments[:index], "gui", *arguments[index:]]


def _is_mistyped(argument: str) -> bool:
    """Whether this is hardly a path: a bare word, and no file of that name exists."""
    path = Path(argument)
    is_word = bool(argument) and argument.isprintable() and path.name == argument and not path.suffix
    return is_word and not os.path.lexists(argument)


def _unknown_command(name: str, commands: Iterable[str]) -> str:
    from difflib import get_close_matches

    names = sorted(commands)
    nearest = get_close_matches(name.lower(), names, n=1)
    guess = f" Did you mean “{nearest[0]}”?" if nearest else ""
    return (
        f"unknown command “{name}”, and no file or folder has that name.{guess}\n"
        f"Commands: {', '.join(names)}. See “photosim --help”."
    )


def _has_display() -> bool:
    if sys.platform in {"win32", "darwin"} or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
