"""The command `map`: where the photos of the library lie, as JSON or as a picture."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from photosim.cli.common import (
    CONTINUE_LATER,
    EXIT_FAILED,
    EXIT_OK,
    add_command,
    cancel_on_interrupt,
    open_library,
    output_argument,
    plural,
)
from photosim.cli.output import print_json, print_line, print_message
from photosim.cli.progress import draw
from photosim.errors import LibraryLockedError, ReadOnlyLibraryError
from photosim.runtime.control import JobControl

if TYPE_CHECKING:
    from photosim.cli.common import Subparsers
    from photosim.library import Library
    from photosim.records import Progress


def add_to(commands: Subparsers) -> None:
    """Add the command."""
    text = "Show where the photos lie on the map, on which photos that look alike are near each other."
    parser = add_command(commands, "map", _map, text)
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print JSON")
    output.add_argument(
        "--png", type=output_argument(".png"), metavar="FILE.png", help="draw the map into a picture"
    )
    parser.add_argument("--force", action="store_true", help="replace FILE.png, whatever it is")


def _map(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        if not _update(library):
            return EXIT_FAILED
        if arguments.png is not None:
            count = library.exports.map(arguments.png, force=arguments.force)
            print_message(f"Wrote the map of {plural(count, 'photo')} to {arguments.png}.")
            return EXIT_OK
        positions = library.map.positions()
        path_of = {photo.file_id: photo.path for photo in library.photos()}
    columns = (positions.file_ids.tolist(), positions.xy.tolist(), positions.clusters.tolist())
    photos = [
        (path_of[file_id], round(x, 5), round(y, 5), cluster or None)
        for file_id, (x, y), cluster in zip(*columns, strict=True)
        if file_id in path_of
    ]
    if arguments.json:
        names = ("path", "x", "y", "cluster")
        print_json({"photos": [dict(zip(names, photo, strict=True)) for photo in photos]})
        return EXIT_OK
    if not photos:
        print_message("There are no photos on the map.")
    for path, x, y, _ in photos:
        print_line(f"{x:.5f}  {y:.5f}  {path}")
    return EXIT_OK


def _update(library: Library) -> bool:
    """Bring the map up to date where that is possible; return False if the user stopped it."""
    if library.map.is_current():
        return True
    control = JobControl()
    try:
        with cancel_on_interrupt(control):
            last = draw(library.map.update(control), sys.stderr, _summary)
    except (LibraryLockedError, ReadOnlyLibraryError) as error:
        print_message(f"{error} Photos that were added since the map was made are not on it.")
        return True
    if last.cancelled:
        print_message(CONTINUE_LATER)
    return not last.cancelled


def _summary(last: Progress) -> str:
    return f"The map was made of {plural(last.total, 'photo')}." if last.total else "The map was made."
