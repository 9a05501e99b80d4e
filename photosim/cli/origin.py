"""The command `origin`: the photos that an image was made from, and those that were made from it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from photosim.cli.common import EXIT_OK, add_command, json_option, open_library, path_argument
from photosim.cli.output import print_json, print_line
from photosim.errors import UnreadablePhotoError

if TYPE_CHECKING:
    from pathlib import Path

    from photosim.cli.common import Subparsers
    from photosim.library import Library
    from photosim.library.search.origin import Family, Relative

_SMALLER, _LARGER = 0.87, 1.15
"""Ratios of the size of an image to that of its original that are worth mentioning."""


def add_to(commands: Subparsers) -> None:
    """Add the command."""
    text = "Find the photos that an image was made from: the original of a crop, a screenshot, a collage or a copy."
    origin = add_command(commands, "origin", _origin, text, json_option())
    origin.add_argument(
        "file", type=path_argument, metavar="FILE", help="a photo of the library or any image file"
    )


def _origin(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        family = _search(library, arguments.file)
    if arguments.json:
        print_json(
            {
                "query": str(arguments.file.absolute()),
                "originals": [_as_json(relative) for relative in family.originals],
                "versions": [_as_json(relative) for relative in family.versions],
                "similar": [photo.path for photo in family.look_alikes],
            }
        )
        return EXIT_OK
    _print_relatives("Made from", family.originals)
    _print_relatives("Versions of it", family.versions)
    if not family.originals and not family.versions:
        print_line("No photo of the library is its original.")
        if family.look_alikes:
            print_line("The most similar photos:")
        for photo in family.look_alikes:
            print_line(f"  {photo.path}")
    return EXIT_OK


def _search(library: Library, file: Path) -> Family:
    from photosim.library.search.origin import PICTURE_EDGE
    from photosim.workers.photo_process import PhotoProcess

    with PhotoProcess(library.folder) as process:
        try:
            picture, size = process.sized_picture(file, PICTURE_EDGE)
        except UnreadablePhotoError as error:
            raise UnreadablePhotoError(f"{file} cannot be read. {error}") from error
        objects = (
            process.objects(library.model.id, file, with_unnamed=True) if library.objects.enabled else ()
        )
        embed = partial(process.embed, library.model.id)
        return library.origin.find(str(file), picture, size, embed, objects)


def _print_relatives(title: str, relatives: Sequence[Relative]) -> None:
    if relatives:
        print_line(f"{title}:")
    for relative in relatives:
        facts = relative.photo.facts
        print_line(f"  {relative.photo.path} ({facts.width} × {facts.height})")
        print_line(f"    {', '.join(_describe(relative))}")


def _describe(relative: Relative) -> list[str]:
    """Say how the image was made from a photo, or a version from the image."""
    from photosim.cli.duplicate_text import describe_relation
    from photosim.duplicates.results import Surround

    if relative.is_identical:
        return ["identical"]
    placed, scale = relative.placed, relative.scale
    relation = placed.relation if relative.is_original else placed.relation.inverse
    scale = scale if relative.is_original else 1 / scale
    parts = describe_relation(relation)
    if relative.is_original:
        surrounds = {
            Surround.FRAME: "with a frame around it",
            Surround.BARS: "with bars beside it",
            Surround.COLLAGE: "part of a collage",
            Surround.OTHER: "part of a larger image",
        }
        parts += [surrounds[relative.surround]] if relative.surround in surrounds else []
    if placed.is_grey if relative.is_original else placed.is_photo_grey:
        parts.append("black and white")
    if scale < _SMALLER:
        parts.append("smaller")
    elif scale > _LARGER:
        parts.append("enlarged")
    return parts or ["the same image"]


def _as_json(relative: Relative) -> dict[str, Any]:
    placed, facts = relative.placed, relative.photo.facts
    return {
        "path": relative.photo.path,
        "confidence": round(placed.confidence, 4),
        "how": _describe(relative),
        "box": [round(side, 4) for side in placed.box],
        "box_in_query": [round(side, 4) for side in placed.box_in_image],
        "width": facts.width,
        "height": facts.height,
    }
