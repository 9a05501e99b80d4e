"""The commands about the folders of a library: photos that are missing, folders that have moved."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photosim.cli.common import EXIT_OK, library_option, open_library
from photosim.cli.counted import plural

if TYPE_CHECKING:
    from photosim.library.library import Library


def add_to(commands: Any) -> None:
    """Add `forget-missing` and `move-source` to the commands."""
    text = "Forget the missing photos of a folder, which you deleted."
    forget = commands.add_parser(
        "forget-missing", help=text, description=text, parents=[library_option(argparse.SUPPRESS)]
    )
    forget.add_argument("folder", type=Path, metavar="FOLDER", help="a folder that was indexed")
    forget.set_defaults(command=_forget_missing)
    text = "Say where a folder of the library is now; what is known of its photos stays."
    move = commands.add_parser(
        "move-source", help=text, description=text, parents=[library_option(argparse.SUPPRESS)]
    )
    move.add_argument("old", type=Path, metavar="OLD", help="the folder as it was indexed")
    move.add_argument("new", type=Path, metavar="NEW", help="where its photos are now")
    move.set_defaults(command=_move_source)


def print_missing(library: Library) -> None:
    """Say which folders lost so many photos that these are kept until the person has said what to do."""
    for source in library.sources():
        if source.missing:
            one = source.missing == 1
            gone = (
                "is gone. It is kept as missing and comes back by itself when it is there again. If you deleted it:"
                if one
                else "are gone. They are kept as missing and come back by themselves when they are there again. "
                "If you deleted them:"
            )
            print(
                f"{source.missing:,} of {plural(source.photos, 'photo')} of {source.path} {gone} "
                f'photosim forget-missing "{source.path}"',
                file=sys.stderr,
            )


def _forget_missing(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        forgotten = library.folders.forget_missing(arguments.folder)
    missing = plural(forgotten, "missing photo")
    are = "is" if forgotten == 1 else "are"
    print(f"{missing} of {arguments.folder} {are} forgotten.", file=sys.stderr)
    return EXIT_OK


def _move_source(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        path = library.folders.move(arguments.old, arguments.new)
    print(
        f'The photos of {arguments.old} are now those of {path}. Next: photosim index "{path}"',
        file=sys.stderr,
    )
    return EXIT_OK
