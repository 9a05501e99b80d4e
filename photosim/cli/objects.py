"""The command `objects`: what photos show and where, and the search by one of these objects."""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from photosim.cli.common import (
    CONTINUE_LATER,
    EXIT_FAILED,
    EXIT_OK,
    add_command,
    cancel_on_interrupt,
    json_option,
    open_library,
    path_argument,
    plural,
)
from photosim.cli.output import print_json_line, print_line, print_message
from photosim.cli.progress import draw
from photosim.errors import PhotoSimError, UnreadablePhotoError
from photosim.paths import absolute_path
from photosim.records import Match, PhotoObject, Progress
from photosim.runtime.control import JobControl

if TYPE_CHECKING:
    from pathlib import Path

    from photosim.cli.common import Subparsers
    from photosim.library import Library

Point = tuple[float, float]
"""Fractions of the width and height of a photo."""


def add_to(commands: Subparsers) -> None:
    """Add the command."""
    text = "Find the objects in photo files, in the library or not: what they are, and where."
    objects = add_command(commands, "objects", _objects, text, json_option())
    objects.add_argument("files", type=path_argument, nargs="*", metavar="PHOTO", help="a photo file")
    objects.add_argument(
        "--look-closer",
        action="store_true",
        help="search all photos of the library for small objects too; takes about as long as indexing them",
    )
    objects.set_defaults(usage_error=objects.error)


def add_search_options(similar: argparse.ArgumentParser) -> None:
    """Add the options of a search by an object."""
    choice = similar.add_mutually_exclusive_group()
    choice.add_argument(
        "--object",
        type=int,
        metavar="N",
        help="search by the object in PHOTO that has this number in the output of `objects PHOTO`",
    )
    choice.add_argument(
        "--object-at",
        type=_point,
        metavar="X,Y",
        help="search by the smallest object at this place in PHOTO: fractions of its width and height",
    )


def search_by_object(
    library: Library, path: Path, number: int | None, point: Point | None, k: int, min_similarity: float
) -> list[Match]:
    """Return the objects most similar to one in a photo, given by its number or by a place in it, best first.

    Raises PhotoSimError if there is no such object, or the library has none.
    """
    from photosim.search.query import Example, Region, SimilarityQuery
    from photosim.workers.photo_process import PhotoProcess

    library.objects.check_enabled()
    with PhotoProcess(library.folder) as process:
        objects = process.objects(library.model.id, absolute_path(path))
        chosen = _numbered(objects, number, path) if point is None else _at(objects, point, path)
        query = SimilarityQuery((Example(str(path), Region(*chosen.box), is_object=True),))
        embed = partial(process.embed, library.model.id)
        return library.objects.search(query, k, embed, min_similarity=min_similarity)


def _objects(arguments: argparse.Namespace) -> int:
    if arguments.look_closer == bool(arguments.files):
        arguments.usage_error("name photos, or search those of the library with --look-closer")
    if arguments.look_closer:
        return _look_closer(arguments)
    from photosim.workers.photo_process import PhotoProcess

    status = EXIT_OK
    with open_library(arguments.library) as library, PhotoProcess(library.folder) as process:
        for file in arguments.files:
            path = absolute_path(file)
            try:
                objects = process.objects(library.model.id, path)
            except UnreadablePhotoError as error:
                print_message(str(error))
                status = EXIT_FAILED
                continue
            numbered = list(enumerate(objects, 1))
            if arguments.json:
                found = [{"number": number, **asdict(one)} for number, one in numbered]
                print_json_line({"path": str(path), "objects": found})
                continue
            print_line(str(path))
            for number, one in numbered:
                x, y, width, height = one.box
                place = f"{width:.0%} × {height:.0%} at {x:.0%}, {y:.0%}"
                print_line(f"  {number:2}  {one.score:.2f}  {one.label}: {place}")
    return status


def _look_closer(arguments: argparse.Namespace) -> int:
    from photosim.workers import supervisor

    with open_library(arguments.library) as library:
        library.objects.check_enabled()
        folder = library.folder
    control = JobControl()
    with cancel_on_interrupt(control):
        last = draw(supervisor.look_closer(folder, control), sys.stderr, _summary)
    if last.cancelled:
        print_message(CONTINUE_LATER)
        return EXIT_FAILED
    return EXIT_OK


def _summary(last: Progress) -> str:
    skipped = last.total - last.indexed
    searched = f"{plural(last.indexed, 'photo')} searched for small objects"
    return f"{searched}, {skipped} can't be read now." if skipped and not last.cancelled else f"{searched}."


def _numbered(objects: tuple[PhotoObject, ...], number: int | None, path: Path) -> PhotoObject:
    if number is None or not 0 < number <= len(objects):
        found = plural(len(objects), "object was", "objects were") if objects else "no objects were"
        raise PhotoSimError(f"{path} has no object {number}: {found} found in it.")
    return objects[number - 1]


def _at(objects: tuple[PhotoObject, ...], point: Point, path: Path) -> PhotoObject:
    x, y = point
    there = [
        found
        for found in objects
        if found.box[0] <= x <= found.box[0] + found.box[2]
        and found.box[1] <= y <= found.box[1] + found.box[3]
    ]
    if not there:
        raise PhotoSimError(
            f"No object was found at {x:g},{y:g} in {path}. To search by a part of the photo, use --region."
        )
    return min(there, key=lambda found: found.box[2] * found.box[3])


def _point(text: str) -> Point:
    with suppress(ValueError):
        x, y = map(float, text.split(","))
        if 0 <= x <= 1 and 0 <= y <= 1:
            return x, y
    raise argparse.ArgumentTypeError("must be x,y, each from 0 to 1")
