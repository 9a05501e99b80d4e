"""The command `photosim models`: which there are, get one, add one's own, choose one for a library."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photosim.cli.common import (
    EXIT_FAILED,
    EXIT_OK,
    cancel_on_interrupt,
    json_option,
    library_option,
    open_library,
    print_json,
)
from photosim.cli.counted import plural
from photosim.cli.progress import draw_bytes, megabytes
from photosim.runtime.control import JobControl

if TYPE_CHECKING:
    from photosim.records import ModelState

_HEADINGS = ("", "MODEL", "TITLE", "DIMENSIONS", "SIZE", "SEEN", "")


def add_to(commands: Any) -> None:
    """Add the command and what can follow it to the sub-commands of argparse."""
    text = "List the models that can say what looks alike; get one, add your own, choose one."
    models = commands.add_parser(
        "models",
        help=text,
        description=text,
        parents=[library_option(argparse.SUPPRESS), json_option()],
    )
    models.set_defaults(command=_list)
    actions = models.add_subparsers(metavar="ACTION")

    def add(name: str, command: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        parents = [library_option(argparse.SUPPRESS)]
        action: argparse.ArgumentParser = actions.add_parser(
            name, help=text, description=text, parents=parents
        )
        action.set_defaults(command=command)
        return action

    get = add("get", _get, "Download a model; again, to go on after a cut.")
    own = add("add", _add, "Take in a copy of your own YOLO11 file (.pt); nothing in it is run.")
    use = add("use", _use, "Let a model say what looks alike in the library.")
    remove = add("remove", _remove, "Delete the file of a model that was downloaded or added.")
    drop = add("drop", _drop, "Forget what a model saw of the library; its file stays.")
    for action in (get, use, remove, drop):
        action.add_argument("model", metavar="MODEL", help="its name or id, as listed")
    get.add_argument("--json", action="store_true", help="tell the progress as lines of JSON")
    own.add_argument("file", type=Path, metavar="FILE", help="a YOLO11 checkpoint of any task and size")


def _list(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        states = library.models.states()
    if arguments.json:
        print_json({"models": [_in_json(state) for state in states]})
        return EXIT_OK
    rows = [_HEADINGS, *map(_in_words, states)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return EXIT_OK


def _get(arguments: argparse.Namespace) -> int:
    from photosim.ml.registry import ModelRegistry

    shelf, control = ModelRegistry(), JobControl()
    entry = shelf.find(arguments.model)
    with cancel_on_interrupt(control):
        reports = shelf.get(arguments.model, control)
        if arguments.json:
            for done, total in reports:
                print(json.dumps({"bytes": done, "of": total or None}), flush=True)
        else:
            draw_bytes(entry.title, reports, sys.stderr)
    if control.cancelled:
        print("Stopped. The same command goes on from here.", file=sys.stderr)
        return EXIT_FAILED
    if entry.sha256 is None:
        print("Its checksum is not known to PhotoSim: only its structure was checked.", file=sys.stderr)
    print(f"{entry.title} is here. “photosim models use {arguments.model}” chooses it.", file=sys.stderr)
    return EXIT_OK


def _add(arguments: argparse.Namespace) -> int:
    from photosim.ml.registry import ModelRegistry

    entry = ModelRegistry().add(arguments.file)
    print(f"{entry.title} is here. “photosim models use {entry.name}” chooses it.", file=sys.stderr)
    print(entry.name)
    return EXIT_OK


def _use(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        entry = library.use_model(arguments.model)
        used, status = library.model, library.status()
    if used == entry:
        print(f"{entry.title} now says what looks alike.", file=sys.stderr)
    if used == entry and status.embedded < status.photos:
        print(
            f"It has looked at {status.embedded:,} of {plural(status.photos, 'photo')}; “photosim index FOLDER” shows it the "
            "others. What other models saw is kept.",
            file=sys.stderr,
        )
    if used != entry:
        print(
            f"{entry.title} has looked at {status.next_embedded:,} of {plural(status.photos, 'photo')}; “photosim index FOLDER” "
            f"shows it the others, and then it says what looks alike. Until then {used.title} does.",
            file=sys.stderr,
        )
    return EXIT_OK


def _remove(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        library.models.remove_file(arguments.model)
    return EXIT_OK


def _drop(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        count = library.models.delete_data(arguments.model)
    print(f"What it saw of {plural(count, 'photo')} is forgotten.", file=sys.stderr)
    return EXIT_OK


def _in_json(state: ModelState) -> dict[str, Any]:
    return {
        "name": state.name,
        "id": state.id,
        "title": state.title,
        "dimensions": state.dimensions,
        "bytes": state.bytes,
        "installed": state.installed,
        "in_use": state.in_use,
        "next": state.is_next,
        "seen": state.embedded,
    }


def _in_words(state: ModelState) -> tuple[str, ...]:
    mark = "*" if state.in_use else "→" if state.is_next else ""
    dimensions = "" if state.dimensions is None else str(state.dimensions)
    size = "not known" if state.bytes is None else megabytes(state.bytes)
    here = state.origin if state.installed else f"photosim models get {state.name}"
    if state.is_orphaned:
        size, here = "", f"gone; photosim models drop {state.id}"
    return mark, state.cli_name, state.title, dimensions, size, str(state.embedded), here
