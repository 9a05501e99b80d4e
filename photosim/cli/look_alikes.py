"""The commands `then-and-now`, `walk` and `loners`: ways through the library that similarity makes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from photosim.cli.common import (
    EXIT_OK,
    add_command,
    json_option,
    open_library,
    path_argument,
    positive_int,
)
from photosim.cli.output import print_json, print_line, print_message
from photosim.errors import UnreadablePhotoError

if TYPE_CHECKING:
    from pathlib import Path

    from photosim.cli.common import Subparsers
    from photosim.library import Library
    from photosim.records import Photo


def add_to(commands: Subparsers) -> None:
    """Add the command."""
    text = "List the photos most like one for each year, or for each month or day where all are of the same."
    then_and_now = add_command(commands, "then-and-now", _then_and_now, text, json_option())
    then_and_now.add_argument(
        "photo", type=path_argument, metavar="PHOTO", help="a photo of the library that has a date"
    )
    text = "List photos that lead from one to another, each similar to the one before."
    walk = add_command(commands, "walk", _walk, text, json_option())
    for name, end in (("first", "FROM"), ("last", "TO")):
        walk.add_argument(name, type=path_argument, metavar=end, help="a photo of the library")
    text = "List the most unusual photos, least similar to all others, or the most typical ones."
    loners = add_command(commands, "loners", _loners, text, json_option())
    loners.add_argument(
        "--hubs",
        action="store_true",
        help="list the most typical ones, which most others have among their nearest",
    )
    loners.add_argument(
        "-k", type=positive_int, default=20, metavar="N", help="how many photos (default: %(default)s)"
    )


def _loners(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        found = library.uniqueness.of_all()
        rows = found.order(hubs=arguments.hubs)[: arguments.k]
        photos = library.photos_by_id(found.file_ids[rows].tolist())
    numbers = {
        file_id: (cosine, count)
        for file_id, cosine, count in zip(
            found.file_ids[rows].tolist(),
            found.cosines[rows].tolist(),
            found.occurrences[rows].tolist(),
            strict=True,
        )
    }
    if arguments.json:
        listed = []
        for photo in photos:
            cosine, count = numbers[photo.file_id]
            listed.append({"path": photo.path, "similarity": round(cosine, 4), "neighbor_of": count})
        print_json({"photos": listed})
        return EXIT_OK
    if not photos:
        print_message("There are no photos in the library.")
    for photo in photos:
        cosine, count = numbers[photo.file_id]
        print_line(f"  {count if arguments.hubs else format(cosine, '.3f')}  {photo.path}")
    return EXIT_OK


def _walk(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        first, last = _photo(library, arguments.first), _photo(library, arguments.last)
        frames = library.walks.between(first, last)
    if arguments.json:
        photos = [
            {
                "path": frame.photo.path,
                "similarity": None if frame.cosine is None else round(frame.cosine, 6),
            }
            for frame in frames
        ]
        print_json({"photos": photos})
        return EXIT_OK
    for frame in frames:
        similarity = "     " if frame.cosine is None else f"{frame.cosine:.3f}"
        print_line(f"  {similarity}  {frame.photo.path}")
    return EXIT_OK


def _then_and_now(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        found = library.over_time.of_photo(_photo(library, arguments.photo).file_id)
    if arguments.json:
        periods = [
            {
                "period": period.name,
                "has_query": period.has_query,
                "photos": [
                    {
                        "path": photo.path,
                        "similarity": round(similarity, 6),
                        "taken_at": photo.facts.taken_at,
                    }
                    for photo, similarity in period.photos
                ],
            }
            for period in found.periods
        ]
        print_json({"query": found.photo.path, "periods": periods})
        return EXIT_OK
    if not found.periods:
        print_line("No similar photo was taken at another time.")
    for period in found.periods:
        print_line(f"{period.name}:")
        if period.has_query:
            print_line(f"         {found.photo.path}")
        for photo, similarity in period.photos:
            print_line(f"  {similarity:.3f}  {photo.path}")
    return EXIT_OK


def _photo(library: Library, path: Path) -> Photo:
    photo = library.find(path)
    if photo is None:
        raise UnreadablePhotoError(f"{path} is not in the library. To add it, run: photosim index FOLDER")
    return photo
