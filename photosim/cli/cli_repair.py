"""The command `photosim repair`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from photosim.cli.common import EXIT_OK, library_option
from photosim.cli.counted import plural
from photosim.paths import default_library

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_TEXT = "Save all that can be read of a damaged library; the damaged file is kept aside."


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "repair", help=_TEXT, description=_TEXT, parents=[library_option(argparse.SUPPRESS)]
    )
    parser.set_defaults(command=_repair)


def _repair(arguments: argparse.Namespace) -> int:
    from photosim.library.repair import repair

    folder = (arguments.library or default_library()).expanduser().absolute()
    salvaged = repair(folder)
    if salvaged is None:
        print(f"The library {folder} is sound.")
        return EXIT_OK
    rows = salvaged.rows
    print(
        f"Saved {plural(rows.get('sources', 0), 'folder')}, {plural(rows.get('files', 0), 'file')}, "
        f"{plural(rows.get('photos', 0), 'photo')} and {plural(rows.get('embeddings', 0), 'embedding')}."
    )
    print(f"The damaged file is kept as {salvaged.damaged_file}.")
    print("Index the folders again to read what was lost.", file=sys.stderr)
    return EXIT_OK
