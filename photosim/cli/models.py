"""The command `models`: list, download, add, choose and remove models."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from photosim.cli.common import (
    CONTINUE_LATER,
    EXIT_FAILED,
    EXIT_OK,
    add_command,
    cancel_on_interrupt,
    json_option,
    name_argument,
    open_library,
    path_argument,
    plural,
)
from photosim.cli.output import flush_output, print_json, print_line, print_message
from photosim.cli.progress import draw_bytes, megabytes
from photosim.runtime.control import JobControl

if TYPE_CHECKING:
    from photosim.cli.common import Subparsers
    from photosim.records import ModelState

_HEADINGS = ("", "MODEL", "TITLE", "DIMENSIONS", "SIZE", "ANALYZED", "")


def add_to(commands: Subparsers) -> None:
    """Add the command and its actions."""
    text = "List models; download one, add your own, or choose one for the library."
    models = add_command(commands, "models", _list, text, json_option())
    actions = models.add_subparsers(metavar="ACTION")
    get = add_command(actions, "get", _get, "Download a model; run again to resume.")
    text = "Add a copy of your own YOLO11 file (.pt). No code in the file is executed."
    add = add_command(actions, "add", _add, text)
    text = "Use a model for the library, as soon as it has analyzed the photos."
    use = add_command(actions, "use", _use, text)
    remove = add_command(actions, "remove", _remove, "Delete the file of a downloaded or added model.")
    text = "Delete a model's analysis data from the library; its file is kept."
    drop = add_command(actions, "drop", _drop, text)
    for action in (get, use, remove, drop):
        action.add_argument("model", type=name_argument, metavar="MODEL", help="its name or id, as listed")
    get.add_argument("--json", action="store_true", help="print the progress as lines of JSON")
    add.add_argument(
        "file", type=path_argument, metavar="FILE", help="a YOLO11 checkpoint of any task and size"
    )


def _list(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        states = library.models.states()
    if arguments.json:
        print_json({"models": [_state_json(state) for state in states]})
        return EXIT_OK
    rows = [_HEADINGS, *map(_state_row, states)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print_line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return EXIT_OK


def _get(arguments: argparse.Namespace) -> int:
    from photosim.ml.models.registry import ModelRegistry
    from photosim.workers.protocol import DownloadProgress

    registry, control = ModelRegistry(), JobControl()
    model = registry.find(arguments.model)
    with cancel_on_interrupt(control):
        reports = registry.get(arguments.model, control)
        if arguments.json:
            for done, total in reports:
                print_line(DownloadProgress(done, total or None).encode().rstrip("\n"))
                flush_output()
        else:
            draw_bytes(model.title, reports, sys.stderr)
    if control.cancelled:
        print_message(CONTINUE_LATER)
        return EXIT_FAILED
    if model.sha256 is None:
        print_message("No checksum of this model is known, so only its structure was checked.")
    _print_ready(model.title, arguments.model)
    return EXIT_OK


def _add(arguments: argparse.Namespace) -> int:
    from photosim.ml.models.registry import ModelRegistry

    model = ModelRegistry().add(arguments.file)
    _print_ready(model.title, model.name)
    print_line(model.name)
    return EXIT_OK


def _print_ready(title: str, name: str) -> None:
    print_message(f"{title} is ready. To use it, run: photosim models use {name}")


def _use(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        model = library.use_model(arguments.model)
        active, status = library.model, library.status()
    photos = plural(status.photos, "photo")
    if model.description:
        print_message(f"{model.title}: {model.description}")
    if active != model:
        print_message(
            f"{model.title} has analyzed {status.next_embedded:,} of {photos}. To analyze the others and switch to "
            f"it, run: photosim index FOLDER. Until then {active.title} is used."
        )
        return EXIT_OK
    print_message(f"Now using {model.title}.")
    if status.embedded < status.photos:
        print_message(
            f"It has analyzed {status.embedded:,} of {photos}. To analyze the others, run: photosim index FOLDER"
        )
    return EXIT_OK


def _remove(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        library.models.remove_file(arguments.model)
    return EXIT_OK


def _drop(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        count = library.models.delete_data(arguments.model)
    print_message(f"Deleted its analysis data of {plural(count, 'photo')}.")
    return EXIT_OK


def _state_json(state: ModelState) -> dict[str, Any]:
    return {
        "name": state.name,
        "id": state.id,
        "title": state.title,
        "description": state.description,
        "included": state.is_bundled,
        "dimensions": state.dimensions,
        "bytes": state.bytes,
        "installed": state.installed,
        "in_use": state.in_use,
        "next": state.is_next,
        "seen": state.embedded,
    }


def _state_row(state: ModelState) -> tuple[str, ...]:
    mark = "*" if state.in_use else "→" if state.is_next else ""
    dimensions = "" if state.dimensions is None else str(state.dimensions)
    size = "unknown" if state.bytes is None else megabytes(state.bytes)
    origin = state.origin if state.installed else f"photosim models get {state.name}"
    if state.is_orphaned:
        size, origin = "", f"file missing; photosim models drop {state.id}"
    return mark, state.cli_name, state.title, dimensions, size, str(state.embedded), origin
