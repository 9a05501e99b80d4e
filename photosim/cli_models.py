"""The command `photosim models`: which there are, get one, add one's own, choose one for a library."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photosim.control import Control
from photosim.errors import ModelError
from photosim.progress_line import draw_bytes, megabytes
from photosim.terminal import FAILED, SUCCEEDED, answer, ctrl_c, json_option, library_option, opened

if TYPE_CHECKING:
    from photosim.model_shelf import ShelvedModel

_HEADINGS = ("", "MODEL", "TITLE", "DIMENSIONS", "SIZE", "")


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
    for action in (get, use, remove):
        action.add_argument("model", metavar="MODEL", help="its name or id, as listed")
    own.add_argument("file", type=Path, metavar="FILE", help="a YOLO11 checkpoint of any task and size")


def _list(arguments: argparse.Namespace) -> int:
    from photosim.model_shelf import ModelShelf

    with opened(arguments.library) as library:
        used = library.model
    models = ModelShelf().all()
    if used.is_alternative:
        [place] = [place for place, model in enumerate(models) if model.entry.file == used.file]
        models.insert(place + 1, replace(models[place], entry=used))
    if arguments.json:
        answer({"models": [_in_json(model, model.entry == used) for model in models]})
        return SUCCEEDED
    rows = [_HEADINGS, *(_in_words(model, model.entry == used) for model in models)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return SUCCEEDED


def _get(arguments: argparse.Namespace) -> int:
    from photosim.model_shelf import ModelShelf

    shelf, control = ModelShelf(), Control()
    entry = shelf.find(arguments.model)
    with ctrl_c(control):
        draw_bytes(entry.title, shelf.get(arguments.model, control), sys.stderr)
    if control.cancelled:
        print("Stopped. The same command goes on from here.", file=sys.stderr)
        return FAILED
    if entry.sha256 is None:
        print("Its checksum is not known to PhotoSim: only its structure was checked.", file=sys.stderr)
    print(f"{entry.title} is here. “photosim models use {arguments.model}” chooses it.", file=sys.stderr)
    return SUCCEEDED


def _add(arguments: argparse.Namespace) -> int:
    from photosim.model_shelf import ModelShelf

    entry = ModelShelf().add(arguments.file)
    print(f"{entry.title} is here. “photosim models use {entry.name}” chooses it.", file=sys.stderr)
    print(entry.name)
    return SUCCEEDED


def _use(arguments: argparse.Namespace) -> int:
    with opened(arguments.library) as library:
        entry = library.use_model(arguments.model)
        status = library.status()
    print(f"{entry.title} now says what looks alike.", file=sys.stderr)
    if status.embedded < status.photos:
        print(
            f"It has looked at {status.embedded} of {status.photos} photos; “photosim index FOLDER” shows it the "
            "others. What other models saw is kept.",
            file=sys.stderr,
        )
    return SUCCEEDED


def _remove(arguments: argparse.Namespace) -> int:
    from photosim.model_shelf import ModelShelf

    shelf = ModelShelf()
    entry = shelf.find(arguments.model)
    with opened(arguments.library) as library:
        if library.model.file == entry.file:
            raise ModelError(
                f"{entry.title} is in use by the library {library.folder}: choose another model first."
            )
    shelf.remove(arguments.model)
    return SUCCEEDED


def _in_json(model: ShelvedModel, in_use: bool) -> dict[str, Any]:
    entry = model.entry
    return {
        "name": entry.name,
        "id": entry.id,
        "title": entry.title,
        "dimensions": entry.dimensions,
        "bytes": model.bytes,
        "installed": model.installed,
        "in_use": in_use,
    }


def _in_words(model: ShelvedModel, in_use: bool) -> tuple[str, ...]:
    entry = model.entry
    size = "not known" if model.bytes is None else megabytes(model.bytes)
    here = str(entry.origin) if model.installed else f"photosim models get {entry.name}"
    word = entry.id if entry.is_alternative else entry.name
    return "*" if in_use else "", word, entry.title, str(entry.dimensions), size, here
