"""The one command, `photosim`: the window, and everything that the window knows, as text or JSON."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from photosim import (
    APP_NAME,
    __version__,
    cli_folders,
    cli_labels,
    cli_models,
    cli_repair,
    cli_status,
    settings,
)
from photosim.core.records import DEFAULT_LEVEL, FINEST_LEVEL
from photosim.errors import PhotoSimError
from photosim.paths import default_library
from photosim.progress_line import draw
from photosim.terminal import (
    FAILED,
    SUCCEEDED,
    answer,
    ctrl_c,
    json_option,
    library_option,
    opened,
    positive,
    quiet_option,
)

if TYPE_CHECKING:
    from photosim.core.query import Region

_DEFAULT_MATCHES = 20
_LISTED_CLUSTERS, _LISTED_UNREADABLE = 5, 20


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    _let_any_file_name_be_printed()
    words = list(sys.argv[1:] if argv is None else argv)
    parser = _parser()
    arguments = parser.parse_args(_with_default_command(words))
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except PhotoSimError as error:
        print(error, file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # The reader of our output has seen enough; Python would complain once more while exiting.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


# --- the commands --------------------------------------------------------------------------------------------


def _index(arguments: argparse.Namespace) -> int:
    if arguments.device is not None:
        with opened(arguments.library) as library:
            settings.change(library.folder, device=arguments.device)
    return _index_folders(
        arguments.library, arguments.folders, arguments.quiet_computer, ask=not arguments.forget_missing
    )


def _index_folders(
    library_folder: Path | None, folders: Sequence[Path], quiet: str | None = None, *, ask: bool = True
) -> int:
    from photosim import supervisor
    from photosim.control import Control

    library = (library_folder or default_library()).expanduser().absolute()
    control = Control()
    with ctrl_c(control):
        last = draw(supervisor.index(library, folders, control, quiet, ask=ask), sys.stderr)
    if last.missing:
        with opened(library) as one:
            cli_folders.tell_missing(one)
    if last.cancelled:
        print("Stopped. The same command goes on from here.", file=sys.stderr)
        return FAILED
    return SUCCEEDED


def _similar(arguments: argparse.Namespace) -> int:
    from photosim.core.query import Example, LikenessQuery

    like = tuple(Example(str(path), arguments.region) for path in arguments.photos)
    more, less = (tuple(Example(str(path)) for path in paths) for paths in (arguments.more, arguments.less))
    with opened(arguments.library) as library:
        matches = library.similar_to(LikenessQuery(like, more, less), arguments.k)
        model = library.model.id
    if arguments.json:
        found = [{"path": match.path, "similarity": round(match.similarity, 6)} for match in matches]
        query = [str(path.absolute()) for path in arguments.photos]
        answer({"query": query[0] if len(query) == 1 else query, "model": model, "matches": found})
    else:
        for match in matches:
            print(f"{match.similarity:.3f}  {match.path}")
    return SUCCEEDED


def _clusters(arguments: argparse.Namespace) -> int:
    with opened(arguments.library) as library:
        clustering = library.clusters(arguments.level - 1)
        if arguments.json:
            groups = [
                {
                    "id": one.id,
                    "size": one.size,
                    "name": one.title,
                    "medoid": one.medoid,
                    "photos": list(one.paths),
                }
                for one in clustering.clusters
            ]
            answer({"clusters": groups, "unclustered": clustering.unclustered})
            return SUCCEEDED
        for one in clustering.clusters:
            name = f" ({one.title})" if one.title else ""
            print(f"Cluster {one.id}{name}: {one.size} photos")
            for path in one.paths:
                print(f"  {path}")
        print(f"{clustering.unclustered} photos belong to no cluster.")
        return SUCCEEDED


def _export(arguments: argparse.Namespace) -> int:
    with opened(arguments.library) as library:
        count = library.export(arguments.file)
    print(f"Wrote the embeddings of {count} photos to {arguments.file}.", file=sys.stderr)
    return SUCCEEDED


def _worker(arguments: argparse.Namespace) -> int:
    from photosim import worker

    return worker.main(
        arguments.library, arguments.folders, arguments.quiet_computer, ask=not arguments.forget_missing
    )


def _embed(arguments: argparse.Namespace) -> int:
    from photosim import embed_process

    return embed_process.run(arguments.library)


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
    if folders and _index_folders(arguments.library, folders) != SUCCEEDED:
        return FAILED
    with opened(arguments.library) as library:
        status, clusters = library.status(), library.clusters().clusters
        largest = [(one.size, one.medoid) for one in clusters[:_LISTED_CLUSTERS]]
        matches = library.similar_to_file(photos[0], _DEFAULT_MATCHES) if photos else ()
    print(f"{status.photos} photos, {len(status.unreadable)} unreadable files.")
    for one in status.unreadable[:_LISTED_UNREADABLE]:
        print(f"  {one.path}: {one.reason}")
    if len(status.unreadable) > _LISTED_UNREADABLE:
        print(f"  … and {len(status.unreadable) - _LISTED_UNREADABLE} more")
    if clusters:
        print(f"{len(clusters)} clusters, the largest:")
    for size, medoid in largest:
        print(f"  {size} photos like {medoid}")
    for match in matches:
        print(f"  {match.similarity:.3f} like {photos[0].name}: {match.path}")
    command = "photosim" if arguments.library is None else f"photosim --library {arguments.library}"
    print("Ask for more:")
    for words in ("similar PHOTO", "clusters", "status", "--help"):
        print(f"  {command} {words}")
    return SUCCEEDED


# --- the words -----------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    answers = json_option()
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
    similar = add("similar", _similar, "List the photos that look like photos, best first.", answers)
    similar.add_argument(
        *("photos",),
        type=Path,
        nargs="+",
        metavar="PHOTO",
        help="a photo of the library, or any image file; several are one question",
    )
    for name in ("more", "less"):
        help_text = f"a photo that the answer should be {name} like; may be given several times"
        similar.add_argument(
            f"--{name}", type=Path, action="append", default=[], metavar="PHOTO", help=help_text
        )
    similar.add_argument(
        *("--region",),
        type=_region,
        metavar="X,Y,W,H",
        help="only this part of each PHOTO, in fractions of its sides from the top left corner",
    )
    similar.add_argument(
        "-k", type=positive, default=_DEFAULT_MATCHES, metavar="N", help="how many (default %(default)s)"
    )
    clusters = add(
        "clusters", _clusters, "List the groups of photos that look alike, largest first.", answers
    )
    clusters.add_argument(
        "--level",
        type=int,
        choices=range(1, FINEST_LEVEL + 2),
        default=DEFAULT_LEVEL + 1,
        help=f"from 1, few large groups, to {FINEST_LEVEL + 1}, many small ones (default: %(default)s)",
    )
    export = add("export", _export, "Write paths and embeddings to a NumPy .npz file.")
    export.add_argument("file", type=Path, metavar="FILE.npz", help="the file to write")
    cli_labels.add_to(commands)
    cli_models.add_to(commands)
    cli_folders.add_to(commands)
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


def _with_default_command(words: list[str]) -> list[str]:
    """Put `gui` in front of what follows the options when no command is named: `photosim FOLDER`."""
    place = 0
    while place < len(words) and words[place].startswith("-"):
        if words[place] in {"-h", "--help", "--version"}:
            return words
        place += 2 if words[place] == "--library" else 1
    known = _parser().get_default("command_names")
    if place < len(words) and words[place] in known:
        return words
    return [*words[:place], "gui", *words[place:]]


def _region(word: str) -> Region:
    from photosim.core.query import Region

    try:
        return Region.parse(word)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            "must be x,y,width,height, each from 0 to 1, inside the photo"
        ) from error


# --- helpers -------------------------------------------------------------------------------------------------


def _has_display() -> bool:
    if sys.platform in {"win32", "darwin"} or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _let_any_file_name_be_printed() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="surrogateescape" if os.name == "posix" else "backslashreplace")
