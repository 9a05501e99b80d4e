"""Commands about the library as a whole: index, status, export, repair, forget-missing, move-source."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from photosim import settings
from photosim.cli.common import (
    CONTINUE_LATER,
    EXIT_FAILED,
    EXIT_OK,
    add_command,
    cancel_on_interrupt,
    json_option,
    open_library,
    output_argument,
    path_argument,
    plural,
    quiet_option,
)
from photosim.cli.output import print_json, print_line, print_message
from photosim.cli.progress import draw
from photosim.errors import FolderError
from photosim.files.exclusions import exclusion
from photosim.files.scan import check_folder
from photosim.paths import absolute_path, default_library, real_path
from photosim.runtime.control import JobControl

if TYPE_CHECKING:
    from photosim.cli.common import Subparsers
    from photosim.records import Source, Status


_MAX_UNLISTED = 10

_EXACT_SEARCH = (
    "Search: slower in large libraries, because hnswlib can't be loaded. Reinstall PhotoSim to fix it."
)


def add_to(commands: Subparsers) -> None:
    """Add the commands."""
    text = "Index folders of photos; run again to pick up changes."
    index = add_command(commands, "index", _index, text, quiet_option())
    index.add_argument("folders", type=path_argument, nargs="+", metavar="FOLDER", help="a folder of photos")
    index.add_argument(
        "--device",
        choices=settings.DEVICES,
        help="what to run the model on; saved for this library (default: auto)",
    )
    index.add_argument(
        "--forget-missing",
        action="store_true",
        help="remove missing photos from the library, however many, instead of keeping them as missing",
    )
    index.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="NAME|FOLDER",
        help="leave out folders of this name (* and ? match any) or this path; saved for this library",
    )
    index.add_argument(
        "--include",
        action="append",
        default=[],
        metavar="NAME|FOLDER",
        help="no longer exclude this name or folder",
    )
    text = "Show what the library contains and which files can't be read."
    add_command(commands, "status", _status, text, json_option())
    text = (
        "Write embeddings to a NumPy .npz file, or photos with all that is known of them to a Parquet file."
    )
    export = add_command(commands, "export", _export, text)
    export.add_argument(
        "file",
        type=output_argument(".npz", ".parquet"),
        metavar="FILE",
        help="the file to write; a name that ends in .parquet makes a Parquet file, which needs photosim[parquet]",
    )
    export.add_argument(
        "--force", action="store_true", help="replace the file, even if it is not an earlier export"
    )
    text = "Save everything that can be read from a damaged library; the damaged file is kept."
    add_command(commands, "repair", _repair, text)
    text = "Remove the missing photos of a folder, which you deleted, from the library."
    forget = add_command(commands, "forget-missing", _forget_missing, text)
    forget.add_argument("folder", type=path_argument, metavar="FOLDER", help="an indexed folder")
    text = "Set the new location of an indexed folder; everything known about its photos is kept."
    move = add_command(commands, "move-source", _move_source, text)
    move.add_argument("old", type=path_argument, metavar="OLD", help="the folder as it was indexed")
    move.add_argument("new", type=path_argument, metavar="NEW", help="where its photos are now")


def index_folders(
    library: Path | None,
    folders: Sequence[Path],
    quiet_mode: str | None = None,
    *,
    confirm_missing: bool = True,
) -> int:
    """Index in a child process and draw its progress on standard error; returns the exit status."""
    from photosim.workers import supervisor

    folder = absolute_path(library or default_library())
    control = JobControl()
    with cancel_on_interrupt(control):
        reports = supervisor.index(folder, folders, control, quiet_mode, confirm_missing=confirm_missing)
        last = draw(reports, sys.stderr)
    if last.missing:
        _print_missing(folder)
    if last.unreadable:
        _print_unlisted(folder)
    if last.cancelled:
        print_message(CONTINUE_LATER)
        return EXIT_FAILED
    return EXIT_OK


def _index(arguments: argparse.Namespace) -> int:
    for folder in arguments.folders:
        check_folder(absolute_path(folder), folder)
    changes = {} if arguments.device is None else {"device": arguments.device}
    if changes or arguments.exclude or arguments.include:
        with open_library(arguments.library) as library:
            excluded = _excluded(library.folder, arguments.exclude, arguments.include)
            settings.update(library.folder, **changes, excluded=excluded)
    return index_folders(
        arguments.library,
        arguments.folders,
        arguments.quiet_computer,
        confirm_missing=not arguments.forget_missing,
    )


def _excluded(library: Path, more: Sequence[str], less: Sequence[str]) -> tuple[str, ...]:
    """Return what a library excludes after these changes. Raises FolderError if something is not excluded."""
    excluded = dict.fromkeys((*settings.load(library).excluded, *map(exclusion, more)))
    for entry in map(exclusion, less):
        if entry not in excluded:
            raise FolderError(f"“{entry}” is not excluded from this library.")
        del excluded[entry]
    return tuple(excluded)


def _print_missing(folder: Path) -> None:
    """Name the folders that lost so many photos that the user must confirm before these are removed."""
    with open_library(folder) as library:
        sources = library.sources()
    for source in sources:
        if source.missing:
            it, is_ = ("it", "It is") if source.missing == 1 else ("them", "They are")
            print_message(
                f"{source.missing:,} of {plural(source.photos, 'photo')} in {source.path} can't be found. "
                f"{is_} kept as missing until found again. If you deleted {it}, run: "
                f'photosim forget-missing "{source.path}"'
            )


def _print_unlisted(folder: Path) -> None:
    """Name the folders that could not be listed."""
    with open_library(folder) as library:
        unlisted = library.unlisted()
    for file in unlisted[:_MAX_UNLISTED]:
        print_message(f"{file.path}: {file.reason}")
    if len(unlisted) > _MAX_UNLISTED:
        print_message("To see all folders that can't be read, run: photosim status")


def _status(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        status, sources = library.status(), library.sources()
        folder, search_is_exact = library.folder, library.search_is_exact
    excluded = settings.load(folder).excluded
    if arguments.json:
        more = {"excluded": list(excluded), "search_is_exact": search_is_exact}
        print_json(_status_json(status, sources) | more)
    else:
        for line in (f"Library: {folder}", *_status_lines(status, sources)):
            print_line(line)
        if excluded:
            print_line(f"Excluded folders: {', '.join(excluded)}")
        if search_is_exact:
            print_line(_EXACT_SEARCH)
    return EXIT_OK


def _status_json(status: Status, sources: Sequence[Source]) -> dict[str, object]:
    return {
        "photos": status.photos,
        "embedded": status.embedded,
        "folders": [
            {
                "path": source.path,
                "photos": source.photos,
                "online": source.online,
                "missing": source.missing + source.kept_missing,
                "watched": source.watched,
            }
            for source in sources
        ],
        "unreadable": [{"path": file.path, "reason": file.reason} for file in status.unreadable],
        "model": status.model,
        "dimensions": status.dimensions,
        "next_model": status.next_model,
        "next_embedded": status.next_embedded,
        "raw_pairs": status.raw_pairs,
        "videos": status.videos,
    }


def _status_lines(status: Status, sources: Sequence[Source]) -> list[str]:
    lines = [f"Photos: {status.photos:,} ({status.embedded:,} analyzed)"]
    lines += [f"  {source.path}: {_source_status(source)}" for source in sources]
    if status.raw_pairs:
        lines.append(f"RAW files paired with a photo: {status.raw_pairs:,}")
    if status.videos:
        lines.append(f"Videos: {status.videos:,} skipped")
    lines.append(f"Model: {status.model} ({status.dimensions} dimensions)")
    if status.next_model is not None:
        analyzed = f"{status.next_embedded:,} of {plural(status.photos, 'photo')} analyzed"
        lines.append(f"Next model: {status.next_model} ({analyzed})")
    lines.append(f"Unreadable: {len(status.unreadable):,}")
    return lines + [f"  {file.path}: {file.reason}" for file in status.unreadable]


def _source_status(source: Source) -> str:
    parts = [f"{source.photos:,}"]
    if Path(source.path).is_symlink():
        parts.append(f"now a link to {real_path(source.path)}")
    if not source.online:
        parts.append("offline")
    if missing := source.missing + source.kept_missing:
        parts.append(f"{missing:,} missing")
    return ", ".join(parts)


def _export(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        is_parquet = arguments.file.suffix.lower() == ".parquet"
        export = library.exports.parquet if is_parquet else library.exports.embeddings
        count = export(arguments.file, force=arguments.force)
    print_message(f"Wrote the embeddings of {plural(count, 'photo')} to {arguments.file}.")
    return EXIT_OK


def _repair(arguments: argparse.Namespace) -> int:
    from photosim.library.repair import repair

    folder = absolute_path(arguments.library or default_library())
    salvaged = repair(folder)
    if salvaged is None:
        print_line(f"The library {folder} is not damaged.")
        return EXIT_OK
    rows = salvaged.rows
    print_line(
        f"Saved {plural(rows.get('sources', 0), 'folder')}, {plural(rows.get('files', 0), 'file')}, "
        f"{plural(rows.get('photos', 0), 'photo')} and {plural(rows.get('embeddings', 0), 'embedding')}."
    )
    print_line(f"The damaged file is kept as {salvaged.damaged_file}.")
    print_message("Index your folders again to restore what was lost.")
    return EXIT_OK


def _forget_missing(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        count = library.folders.forget_missing(arguments.folder)
    photos = plural(count, "missing photo")
    print_message(f"Removed {photos} in {arguments.folder} from the library.")
    return EXIT_OK


def _move_source(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        path = library.folders.move(arguments.old, arguments.new)
    print_message(
        f'The folder {arguments.old} is now {path}. To pick up changes, run: photosim index "{path}"'
    )
    return EXIT_OK
