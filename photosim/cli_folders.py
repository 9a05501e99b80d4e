"""The commands about the folders of a library: photos that are missing."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photosim.terminal import SUCCEEDED, library_option, opened

if TYPE_CHECKING:
    from photosim.library import Library


def add_to(commands: Any) -> None:
    """Add `forget-missing` to the commands."""
    text = "Forget the missing photos of a folder, which you deleted."
    forget = commands.add_parser(
        "forget-missing", help=text, description=text, parents=[library_option(argparse.SUPPRESS)]
    )
    forget.add_argument("folder", type=Path, metavar="FOLDER", help="a folder that was indexed")
    forget.set_defaults(command=_forget_missing)


def tell_missing(library: Library) -> None:
    """Say which folders lost so many photos that these are kept until the person has said what to do."""
    for source in library.sources():
        if source.missing:
            print(
                f"{source.missing:,} of {source.photos:,} photos of {source.path} are gone. They are kept as "
                "missing and come back by themselves when they are there again. If you deleted them: "
                f'photosim forget-missing "{source.path}"',
                file=sys.stderr,
            )


def _forget_missing(arguments: argparse.Namespace) -> int:
    with opened(arguments.library) as library:
        forgotten = library.folders.forget_missing(arguments.folder)
    print(f"{forgotten:,} missing photos of {arguments.folder} are forgotten.", file=sys.stderr)
    return SUCCEEDED
