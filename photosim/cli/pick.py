"""The command `pick`: a few photos that stand for many, listed or as a contact sheet."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from photosim.cli.common import (
    EXIT_OK,
    add_command,
    json_option,
    name_argument,
    open_library,
    output_argument,
    path_argument,
    plural,
    positive_int,
)
from photosim.cli.output import print_json, print_line, print_message
from photosim.errors import FolderError
from photosim.paths import absolute_path, real_path

if TYPE_CHECKING:
    from photosim.cli.common import Subparsers
    from photosim.library import Library


def add_to(commands: Subparsers) -> None:
    """Add the command."""
    text = "Pick a few photos that show what there is: different ones, spread over the days, and sharp."
    pick = add_command(commands, "pick", _pick, text, json_option())
    pick.add_argument("count", type=positive_int, metavar="COUNT", help="how many photos")
    among = pick.add_mutually_exclusive_group()
    among.add_argument(
        "--folder", type=path_argument, metavar="FOLDER", help="of a folder and those below it"
    )
    among.add_argument(
        "--find",
        type=name_argument,
        metavar="WORDS",
        help="of those that “photosim find” lists for these words",
    )
    pick.add_argument(
        "--sheet",
        type=output_argument(".html", ".htm"),
        metavar="FILE.html",
        help="write them as a contact sheet, too",
    )
    pick.add_argument("--title", metavar="TEXT", help="the heading of the contact sheet")
    pick.add_argument(
        "--force", action="store_true", help="replace the file, even if it is not an earlier contact sheet"
    )


def _pick(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        file_ids = _file_ids(library, arguments)
        photos = library.selector.select(arguments.count, file_ids)
        if arguments.sheet is not None:
            title = arguments.title or plural(len(photos), "photo")
            library.exports.contact_sheet(arguments.sheet, title, photos, force=arguments.force)
    if arguments.json:
        print_json({"photos": [{"path": photo.path, "taken_at": photo.facts.taken_at} for photo in photos]})
    else:
        for photo in photos:
            print_line(photo.path)
    if arguments.sheet is not None:
        print_message(f"Wrote {arguments.sheet}.")
    return EXIT_OK


def _file_ids(library: Library, arguments: argparse.Namespace) -> list[int] | None:
    if arguments.find is not None:
        return [photo.file_id for photo, _ in library.search.find(arguments.find).photos]
    if arguments.folder is None:
        return None
    folder = arguments.folder
    photos = library.photos(str(absolute_path(folder))) or library.photos(str(real_path(folder)))
    if not photos:
        raise FolderError(f"No photo of the library is in {arguments.folder}.")
    return [photo.file_id for photo in photos]
