"""The command `photosim status`: what the library holds, folder by folder, and what could not be read."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from photosim.cli.common import EXIT_OK, json_option, library_option, open_library, print_json
from photosim.cli.counted import plural

if TYPE_CHECKING:
    from photosim.records import Source, Status


def add_to(commands: Any) -> None:
    """Add `status` to the commands."""
    text = "Say what the library holds and what could not be read."
    status = commands.add_parser(
        "status", help=text, description=text, parents=[library_option(argparse.SUPPRESS), json_option()]
    )
    status.set_defaults(command=_status)


def _status(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        status, sources = library.status(), library.sources()
        folder = library.folder
    if arguments.json:
        print_json(_in_json(status, sources))
    else:
        print("\n".join([f"Library: {folder}", *_in_words(status, sources)]))
    return EXIT_OK


def _in_json(status: Status, sources: list[Source]) -> dict[str, object]:
    return {
        "photos": status.photos,
        "embedded": status.embedded,
        "folders": [
            {
                "path": one.path,
                "photos": one.photos,
                "online": one.online,
                "missing": one.missing + one.kept_missing,
                "watched": one.watched,
            }
            for one in sources
        ],
        "unreadable": [{"path": one.path, "reason": one.reason} for one in status.unreadable],
        "model": status.model,
        "dimensions": status.dimensions,
        "next_model": status.next_model,
        "next_embedded": status.next_embedded,
        "raw_pairs": status.raw_pairs,
        "videos": status.videos,
    }


def _in_words(status: Status, sources: list[Source]) -> list[str]:
    lines = [f"Photos: {status.photos:,} ({status.embedded:,} with an embedding)"]
    lines += [f"  {one.path}: {_standing(one)}" for one in sources]
    if status.raw_pairs:
        lines.append(f"RAW files beside their photo: {status.raw_pairs:,}")
    if status.videos:
        lines.append(f"Videos: {status.videos:,} left alone")
    lines.append(f"Model: {status.model} ({status.dimensions} dimensions)")
    if status.next_model is not None:
        seen = f"has looked at {status.next_embedded:,} of {plural(status.photos, 'photo')}"
        lines.append(f"Next model: {status.next_model} ({seen})")
    lines.append(f"Unreadable: {len(status.unreadable):,}")
    return lines + [f"  {one.path}: {one.reason}" for one in status.unreadable]


def _standing(source: Source) -> str:
    words = [f"{source.photos:,}"]
    if not source.online:
        words.append("offline")
    if missing := source.missing + source.kept_missing:
        words.append(f"{missing:,} missing")
    return ", ".join(words)
