"""The commands `find` and `labels`: photos by words, and what they show."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from photosim.cli.common import (
    CONTINUE_LATER,
    EXIT_FAILED,
    EXIT_OK,
    add_command,
    cancel_on_interrupt,
    json_option,
    open_library,
    plural,
    positive_int,
)
from photosim.cli.output import print_json, print_line, print_message
from photosim.cli.progress import draw
from photosim.records import Progress
from photosim.runtime.control import JobControl

if TYPE_CHECKING:
    from photosim.cli.common import Subparsers
    from photosim.library.search.words import FoundPhotos


def add_to(commands: Subparsers) -> None:
    """Add the commands."""
    text = "Find photos by words: what they show, clusters, folders, cameras, dates, and parts of names."
    find = add_command(commands, "find", _find, text, json_option())
    find.add_argument(
        "words",
        type=_word,
        nargs="+",
        metavar="WORD",
        help="such as: dog, puppies, “stop sign”, “two people”, “dog left”, 2023, “august 2023”, kyoto; photos must match all",
    )
    find.add_argument("-k", type=positive_int, metavar="N", help="maximum number of results (default: all)")
    text = "List what the photos show; turn labels on or off, or add missing ones."
    labels = add_command(commands, "labels", _list, text, json_option())
    actions = labels.add_subparsers(metavar="ACTION")
    add_command(actions, "on", _on, "Label new photos (the default).")
    add_command(actions, "off", _off, "Don't label new photos, and hide labels; existing ones are kept.")
    add_command(actions, "fill", _fill, "Label the photos that were analyzed without labels.")


def _word(text: str) -> str:
    """Parse a word for argparse. An unset variable in a script gives an empty one, which is refused."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the word is empty")
    return text


def _find(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        found = library.search.find(" ".join(arguments.words), arguments.k)
        model = library.model.id
        if arguments.json:
            photos = [
                {
                    "path": photo.path,
                    "score": score,
                    "labels": {label.name: label.score for label in library.labels.labels_of(photo.photo_id)},
                }
                for photo, score in found.photos
            ]
            terms = [{"kind": term.kind, "value": term.value, "photos": count} for term, count in found.terms]
            labels = [label for term, _ in found.terms for label in sorted(term.criteria.labels)]
            print_json({"terms": terms, "labels": labels, "model": model, "photos": photos})
            return EXIT_OK
    by_certainty = any(term.criteria.has_objects for term, _ in found.terms)
    for photo, score in found.photos:
        print_line(f"{score:.2f}  {photo.path}" if by_certainty else photo.path)
    print_message(_summary_of(found))
    return EXIT_OK


def _summary_of(found: FoundPhotos) -> str:
    """Describe what the words were taken for, and how much was found."""
    terms = ", ".join(f"{term.kind} “{term.value}” ({count:,})" for term, count in found.terms)
    shown, total = len(found.photos), plural(found.total, "photo")
    count = total if shown == found.total else f"{shown:,} of {total}"
    return f"{count} with {'all of: ' if len(found.terms) > 1 else ''}{terms}"


def _list(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        enabled, counts = library.labels.enabled, library.labels.counts()
        unlabelled, model = library.labels.unlabelled(), library.model.id
    if arguments.json:
        labels = [{"name": label.name, "photos": label.photos} for label in counts]
        print_json({"on": enabled, "model": model, "lacking": unlabelled, "labels": labels})
        return EXIT_OK
    width = max((len(str(label.photos)) for label in counts), default=0)
    for label in counts:
        print_line(f"{label.photos:{width}}  {label.name}")
    if not enabled:
        print_message("Labels are off. To turn them on, run: photosim labels on")
    elif unlabelled:
        _print_unlabelled(unlabelled)
    return EXIT_OK


def _on(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        library.labels.set_enabled(True)
        unlabelled = library.labels.unlabelled()
    print_message("Labels are on.")
    if unlabelled:
        _print_unlabelled(unlabelled)
    return EXIT_OK


def _off(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        library.labels.set_enabled(False)
    print_message("Labels are off. Existing ones are kept.")
    return EXIT_OK


def _fill(arguments: argparse.Namespace) -> int:
    control = JobControl()
    with open_library(arguments.library) as library, cancel_on_interrupt(control):
        last = draw(library.labels.label_missing(control), sys.stderr, _summary)
    if last.cancelled:
        print_message(CONTINUE_LATER)
        return EXIT_FAILED
    return EXIT_OK


def _summary(last: Progress) -> str:
    return f"{plural(last.indexed, 'photo')} labeled."


def _print_unlabelled(count: int) -> None:
    photos = plural(count, "photo has", "photos have")
    print_message(f"{photos} no labels yet. To add them, run: photosim labels fill")
