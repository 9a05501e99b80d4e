"""The one command, `photosim`: the window, and everything that the window knows, as text or JSON."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

from photosim import APP_NAME, __version__, settings
from photosim.cli import cli_repair, cli_status, labels, models, similar
from photosim.cli import library as library_commands
from photosim.cli.common import (
    EXIT_FAILED,
    EXIT_OK,
    cancel_on_interrupt,
    library_option,
    open_library,
    quiet_option,
)
from photosim.cli.counted import plural
from photosim.cli.progress import draw
from photosim.errors import PhotoSimError
from photosim.paths import default_library

_LISTED_CLUSTERS, _LISTED_UNREADABLE = 5, 20

_FOR_THE_WINDOW = frozenset({"worker", "embed"})
"""Commands that the window calls, and nobody else."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    _let_any_file_name_be_printed()
    words = list(sys.argv[1:] if argv is None else argv)
    parser = _parser()
    arguments = parser.parse_args(_with_default_command(parser, words))
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except PhotoSimError as error:
        print(error, file=sys.stderr)
        return EXIT_FAILED
    except BrokenPipeError:
        # The reader of our output has seen enough; Python would complain once more while exiting.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED


# --- the commands --------------------------------------------------------------------------------------------


def _index(arguments: argparse.Namespace) -> int:
    if arguments.device is not None:
        with open_library(arguments.library) as library:
            settings.update(library.folder, device=arguments.device)
    return _index_folders(
        arguments.library,
        arguments.folders,
        arguments.quiet_computer,
        confirm_missing=not arguments.forget_missing,
    )


def _index_folders(
    library_folder: Path | None,
    folders: Sequence[Path],
    quiet: str | None = None,
    *,
    confirm_missing: bool = True,
) -> int:
    from photosim.runtime.control import JobControl
    from photosim.workers import supervisor

    library = (library_folder or default_library()).expanduser().absolute()
    control = JobControl()
    with cancel_on_interrupt(control):
        last = draw(
            supervisor.index(library, folders, control, quiet, confirm_missing=confirm_missing), sys.stderr
        )
    if last.missing:
        with open_library(library) as one:
            library_commands.print_missing(one)
    if last.cancelled:
        print("Stopped. The same command goes on from here.", file=sys.stderr)
        return EXIT_FAILED
    return EXIT_OK


def _export(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        count = library.export(arguments.file)
    print(f"Wrote the embeddings of {plural(count, 'photo')} to {arguments.file}.", file=sys.stderr)
    return EXIT_OK


def _worker(arguments: argparse.Namespace) -> int:
    from photosim.workers import index_worker

    return index_worker.main(
        arguments.library,
        arguments.folders,
        arguments.quiet_computer,
        confirm_missing=not arguments.forget_missing,
    )


def _embed(arguments: argparse.Namespace) -> int:
    from photosim.workers import embed_worker

    return embed_worker.run(arguments.library)


def _gui(arguments: argparse.Namespace) -> int:
    if not _has_display():
        print(f"There is no display, so {APP_NAME} cannot open its window.", file=sys.stderr)
        return _without_window(arguments)
    from photosim.gui import app

    return int(app.run(arguments.library, arguments.paths))


def _without_window(arguments: argparse.Namespace) -> int:
    """What the window would have shown, in words."""
    photos = [path for path in arguments.paths if path.is_file()]
    folders = [path for path in arguments.paths if path not in photos]
    if folders and _index_folders(arguments.library, folders) != EXIT_OK:
        return EXIT_FAILED
    with open_library(arguments.library) as library:
        status, clusters = library.status(), library.clusters().clusters
        largest = [(one.size, one.medoid) for one in clusters[:_LISTED_CLUSTERS]]
        matches = library.similar_to_file(photos[0], similar.DEFAULT_MATCHES) if photos else ()
    unreadable = plural(len(status.unreadable), "unreadable file")
    print(f"{plural(status.photos, 'photo')}, {unreadable}.")
    for one in status.unreadable[:_LISTED_UNREADABLE]:
        print(f"  {one.path}: {one.reason}")
    if len(status.unreadable) > _LISTED_UNREADABLE:
        print(f"  … and {len(status.unreadable) - _LISTED_UNREADABLE} more")
    if clusters:
        print(f"{plural(len(clusters), 'cluster')}, the largest:")
    for size, medoid in largest:
        print(f"  {plural(size, 'photo')} like {medoid}")
    for match in matches:
        print(f"  {match.similarity:.3f} like {photos[0].name}: {match.path}")
    command = "photosim" if arguments.library is None else f"photosim --library {arguments.library}"
    print("Ask for more:")
    for words in ("similar PHOTO", "clusters", "status", "--help"):
        print(f"  {command} {words}")
    return EXIT_OK


# --- the words -----------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="photosim",
        description="Find the photos that look alike, on your own computer. Without a command the window opens.",
        parents=[library_option(None)],
    )
    parser.add_argument("--version", action="version", version=f"{APP_NAME} {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(
        name: str, command: Callable[[argparse.Namespace], int], text: str, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name, help=text, description=text, parents=[library_option(argparse.SUPPRESS), *parents]
        )
        sub.set_defaults(command=command)
        return sub

    gui = add("gui", _gui, "Open the window (the default).")
    gui.add_argument(
        "paths", type=Path, nargs="*", metavar="PATH", help="a folder to add, or a photo to find the like of"
    )
    index = add("index", _index, "Index folders; again, to pick up what changed.", quiet_option())
    index.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="a folder of photos")
    index.add_argument(
        "--device",
        choices=settings.DEVICES,
        help="what the model runs on, from now on in this library (at first: auto)",
    )
    index.add_argument(
        *("--forget-missing",),
        action="store_true",
        help="forget the photos that are gone, however many, instead of keeping them as missing",
    )
    export = add("export", _export, "Write paths and embeddings to a NumPy .npz file.")
    export.add_argument("file", type=Path, metavar="FILE.npz", help="the file to write")
    similar.add_to(commands)
    labels.add_to(commands)
    models.add_to(commands)
    library_commands.add_to(commands)
    cli_repair.add_to(commands)
    cli_status.add_to(commands)
    worker = commands.add_parser(
        "worker", parents=[library_option(argparse.SUPPRESS), quiet_option()]
    )  # no help text: the window calls it
    worker.add_argument("folders", type=Path, nargs="*")
    worker.add_argument("--forget-missing", action="store_true")
    worker.set_defaults(command=_worker)
    embed = commands.add_parser("embed", parents=[library_option(argparse.SUPPRESS)])  # the window's, too
    embed.set_defaults(command=_embed)
    parser.set_defaults(command_names=frozenset(commands.choices))
    return parser


def _with_default_command(parser: argparse.ArgumentParser, words: list[str]) -> list[str]:
    """Put `gui` in front of what follows the options when no command is named: `photosim FOLDER`."""
    place = 0
    while place < len(words) and words[place].startswith("-"):
        if words[place] in {"-h", "--help", "--version"}:
            return words
        place += 2 if words[place] == "--library" else 1
    known = parser.get_default("command_names")
    if place < len(words) and words[place] in known:
        return words
    if place < len(words) and _is_mistyped(words[place]):
        parser.error(_no_such_command(words[place], known - _FOR_THE_WINDOW))
    return [*words[:place], "gui", *words[place:]]


def _is_mistyped(word: str) -> bool:
    """Whether this can hardly be meant as a path: a bare word, and nothing of that name lies here."""
    path = Path(word)
    return word.isprintable() and path.name == word and not path.suffix and not os.path.lexists(word)


def _no_such_command(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(word.lower(), names, n=1)
    guess = f" Did you mean “{near[0]}”?" if near else ""
    return (
        f"there is no command “{word}”, and no file or folder of that name here.{guess}\n"
        f"The commands are {', '.join(names)}; “photosim --help” says what they do."
    )


# --- helpers -------------------------------------------------------------------------------------------------


def _has_display() -> bool:
    if sys.platform in {"win32", "darwin"} or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _let_any_file_name_be_printed() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="surrogateescape" if os.name == "posix" else "backslashreplace")
