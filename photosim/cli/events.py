"""The command `events`: photos that were taken together, as a table or as JSON."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from photosim.cli.common import EXIT_OK, add_command, json_option, open_library, plural
from photosim.cli.output import print_json, print_line, print_message

if TYPE_CHECKING:
    from photosim.cli.common import Subparsers
    from photosim.records import Event

_DAY = len("2024-07-01")


def add_to(commands: Subparsers) -> None:
    """Add the command."""
    text = "List events, photos that were taken together, newest first."
    add_command(commands, "events", _events, text, json_option())


def _events(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        events = library.events.all()
        if arguments.json:
            print_json({"events": [_as_json(event) for event in events]})
            return EXIT_OK
    if not events:
        print_message("No events found: they are made of photos that tell when they were taken.")
    for event in events:
        print_line(f"{_days(event):23}  {plural(event.size, 'photo'):>12}  {event.title}")
    return EXIT_OK


def _as_json(event: Event) -> dict[str, object]:
    return {
        "name": event.title,
        "start": event.start,
        "end": event.end,
        "photos": [path for path in event.paths if path],
    }


def _days(event: Event) -> str:
    first, last = event.start[:_DAY], event.end[:_DAY]
    return first if first == last else f"{first} – {last}"
