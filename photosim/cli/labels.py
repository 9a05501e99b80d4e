"""The commands `photosim find` and `photosim labels`: photos by what they show."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from typing import Any

from photosim.cli.common import (
    EXIT_FAILED,
    EXIT_OK,
    cancel_on_interrupt,
    json_option,
    library_option,
    open_library,
    positive_int,
    print_json,
)
from photosim.cli.counted import plural
from photosim.cli.progress import draw
from photosim.records import Progress
from photosim.runtime.control import JobControl


def add_to(commands: Any) -> None:
    """Add the commands to the sub-commands of argparse."""
    text = "List the photos that show something, best first."
    parents = [library_option(argparse.SUPPRESS), json_option()]
    find = commands.add_parser("find", help=text, description=text, parents=parents)
    find.add_argument(
        "labels", nargs="+", metavar="LABEL", help="what they show, each of it, as “photosim labels” lists it"
    )
    find.add_argument("-k", type=positive_int, metavar="N", help="how many at most (default: all)")
    find.set_defaults(command=_find)

    text = "List what the photos show; switch that on or off for the library, fill it in for older photos."
    labels = commands.add_parser("labels", help=text, description=text, parents=parents)
    labels.set_defaults(command=_list)
    actions = labels.add_subparsers(metavar="ACTION")

    def add(name: str, command: Callable[[argparse.Namespace], int], text: str) -> None:
        action = actions.add_parser(
            name, help=text, description=text, parents=[library_option(argparse.SUPPRESS)]
        )
        action.set_defaults(command=command)

    add("on", _on, "Let the model say what new photos show (so it is in the beginning).")
    add("off", _off, "Do not ask the model what photos show, and tell nothing of it; what it said is kept.")
    add("fill", _fill, "Ask the model about the photos that it knows and has given no labels.")


def _find(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        found = library.labels.find(arguments.labels, arguments.k)
        model = library.model.id
        if arguments.json:
            photos = [
                {
                    "path": photo.path,
                    "score": score,
                    "labels": {label.name: label.score for label in library.labels.labels_of(photo.photo_id)},
                }
                for photo, score in found
            ]
            print_json({"labels": arguments.labels, "model": model, "photos": photos})
            return EXIT_OK
    for photo, score in found:
        print(f"{score:.2f}  {photo.path}")
    return EXIT_OK


def _list(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        labels = library.labels
        on, counts, lacking, model = labels.enabled, labels.counts(), labels.unlabelled(), library.model.id
    if arguments.json:
        told = [{"name": one.name, "photos": one.photos} for one in counts]
        print_json({"on": on, "model": model, "lacking": lacking, "labels": told})
        return EXIT_OK
    width = max((len(str(one.photos)) for one in counts), default=0)
    for one in counts:
        print(f"{one.photos:{width}}  {one.name}")
    if not on:
        print("Labels are switched off. “photosim labels on” switches them on.", file=sys.stderr)
    elif lacking:
        _tell_of_lacking(lacking)
    return EXIT_OK


def _on(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        library.labels.set_enabled(True)
        lacking = library.labels.unlabelled()
    print("New photos get labels from now on.", file=sys.stderr)
    if lacking:
        _tell_of_lacking(lacking)
    return EXIT_OK


def _off(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        library.labels.set_enabled(False)
    print("New photos get no labels from now on; those that there are rest.", file=sys.stderr)
    return EXIT_OK


def _fill(arguments: argparse.Namespace) -> int:
    control = JobControl()
    with open_library(arguments.library) as library, cancel_on_interrupt(control):
        last = _drawn(library.labels.label_missing(control))
    if last.cancelled:
        print("Stopped. The same command goes on from here.", file=sys.stderr)
        return EXIT_FAILED
    return EXIT_OK


def _drawn(reports: Iterator[Progress]) -> Progress:
    return draw(reports, sys.stderr, _asked)


def _asked(last: Progress) -> str:
    return f"{plural(last.indexed, 'photo was', 'photos were')} asked about."


def _tell_of_lacking(count: int) -> None:
    photos, them = plural(count, "photo has", "photos have"), "it" if count == 1 else "them"
    print(f"{photos} none yet. “photosim labels fill” asks about {them}.", file=sys.stderr)
