"""The command `compare`: what of a folder is in the library, better, worse, or new."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    quiet_option,
)
from photosim.cli.output import print_json, print_line, print_message
from photosim.cli.progress import draw
from photosim.files.operations.copying import TransferProgress
from photosim.files.scan import check_folder
from photosim.paths import absolute_path, default_library
from photosim.runtime.control import JobControl

if TYPE_CHECKING:
    from photosim.cli.common import Subparsers
    from photosim.duplicates.comparison import ComparedPhoto, Comparison
    from photosim.files.operations.transfer import TransferReport
    from photosim.library import Library
    from photosim.records import Progress

_TITLES = {
    "new": "New",
    "theirs_better": "Better here",
    "ours_better": "Better {there}",
    "same": "Also {there}",
}
"""What the states are called, in the order in which they are listed."""


def add_to(commands: Subparsers) -> None:
    """Add the command."""
    text = (
        "List which photos of a folder, as a memory card or a backup, are in the library, which are better here or there, "
        "and which are new. Nothing is added to the library or written to the folder."
    )
    parser = add_command(commands, "compare", _compare, text, json_option(), quiet_option())
    parser.add_argument("folder", type=path_argument, metavar="FOLDER", help="the folder to compare")
    parser.add_argument(
        "--with",
        type=path_argument,
        dest="other",
        metavar="OTHER",
        help="compare with this folder instead of the library",
    )
    parser.add_argument(
        "--state",
        choices=tuple(_TITLES),
        action="append",
        help="list only photos in this state; can be repeated (default: all)",
    )
    parser.add_argument(
        "--new-to",
        type=path_argument,
        dest="target",
        metavar="DIR",
        help="copy the new photos with their side files into this folder, by date; nothing is replaced",
    )


def _compare(arguments: argparse.Namespace) -> int:
    for folder in (arguments.folder, arguments.other, arguments.target):
        if folder is not None:
            check_folder(absolute_path(folder), folder)
    control = JobControl()
    with cancel_on_interrupt(control):
        if not _run(arguments, control):
            print_message(CONTINUE_LATER)
            return EXIT_FAILED
        with open_library(arguments.library) as library:
            result = library.comparisons.result(arguments.folder, arguments.other)
            assert result is not None
            report = None
            if arguments.target is not None:
                report = _copy(library, result, arguments.target, control)
    _print(result, arguments, report)
    return EXIT_FAILED if report is not None and (report.failed or report.cancelled) else EXIT_OK


def _run(arguments: argparse.Namespace, control: JobControl) -> bool:
    """Compare in a child process and draw its progress on standard error; returns whether it ended."""
    from photosim.workers import supervisor

    library = absolute_path(arguments.library or default_library())
    reports = supervisor.compare(
        library, arguments.folder, control, arguments.other, arguments.quiet_computer
    )
    return not draw(reports, sys.stderr, _summary).cancelled


def _summary(progress: Progress) -> str:
    return f"{plural(progress.indexed, 'photo')} analyzed, {progress.unchanged:,} known from before."


def _copy(library: Library, result: Comparison, target: Path, control: JobControl) -> TransferReport:
    from photosim.duplicates.comparison import ComparedState

    new = [photo for photo in result.photos if photo.state is ComparedState.NEW]
    operation = library.comparisons.copy_operation(result, new, absolute_path(target))
    library.file_moves.recover()
    done = library.file_moves.run(operation, _trash_nothing, _Progress(control))
    if done.catalog_error is not None:
        print_message(str(done.catalog_error))
    return done.report


def _trash_nothing(path: str) -> str:
    raise AssertionError(path)


class _Progress(TransferProgress):
    """Stops between two photos when the user presses Ctrl-C."""

    def __init__(self, control: JobControl) -> None:
        self._control = control

    def is_cancelled(self) -> bool:
        return self._control.cancelled


def _print(result: Comparison, arguments: argparse.Namespace, report: TransferReport | None) -> None:
    states: Sequence[str] = arguments.state or tuple(_TITLES)
    copied = [] if report is None else [files[0] for files in report.done]
    failed = [] if report is None else report.failed
    if arguments.json:
        values: dict[str, Any] = {
            "photos": [_as_json(photo) for photo in result.photos if photo.state in states],
            "unreadable": [{"path": file.path, "reason": file.reason} for file in result.unreadable],
            "videos": result.videos,
        }
        if report is not None:
            values["copied"] = [{"path": file.old, "to": file.entry.path} for file in copied]
            values["failed"] = [{"path": failure.path, "reason": failure.reason} for failure in failed]
        print_json(values)
    else:
        _print_lists(result, states)
    for failure in failed:
        print_message(f"{failure.path}: {failure.reason}")
    if report is not None:
        print_message(f"Copied {plural(len(copied), 'photo')} to {arguments.target}.{_already_there(report)}")
        if report.cancelled:
            print_message("Stopped. The other photos weren't copied.")
    for note in _notes(result):
        print_message(note)


def _already_there(report: TransferReport) -> str:
    if not report.unchanged:
        return ""
    return f" {plural(report.unchanged, 'photo')} {'was' if report.unchanged == 1 else 'were'} there already."


def _print_lists(result: Comparison, states: Sequence[str]) -> None:
    there = f"in {result.other}" if result.other else "in the library"
    for state, title in _TITLES.items():
        photos = [photo for photo in result.photos if photo.state == state]
        if state not in states or not photos:
            continue
        print_line(f"{title.format(there=there)}: {plural(len(photos), 'photo')}")
        for photo in photos:
            print_line(f"  {photo.photo.path}  {_beside(photo)}".rstrip())
    if result.unreadable:
        print_line(f"Unreadable: {plural(len(result.unreadable), 'file')}")
        for file in result.unreadable:
            print_line(f"  {file.path}: {file.reason}")
    if not result.photos:
        print_message(f"No photos found in {result.folder}.")


def _beside(photo: ComparedPhoto) -> str:
    """Name the photo that another one is compared with, and say why it has its state."""
    if photo.match is None:
        return ""
    if photo.state == "new":
        return f"(most similar: {photo.match}, {photo.similarity:.0%})"
    return f"{photo.match}  ({_why(photo)})"


def _why(photo: ComparedPhoto) -> str:
    """Say why a photo has its state: what is better here or there, and how the other one was made."""
    from photosim.cli.duplicate_text import REASONS, describe_relation

    if photo.state == "new":
        return ""
    if photo.is_itself:
        return "this file itself"
    better = ", ".join(REASONS[rule] for rule in photo.reasons)
    if photo.is_identical:
        return f"identical; here: {better}" if better else "identical"
    relation = photo.relation
    if photo.state == "theirs_better":
        other = [] if relation is None else describe_relation(relation.inverse)
        parts = (("here", better), ("there", ", ".join(other)))
    else:
        other = [] if relation is None else describe_relation(relation)
        parts = (("there", better), ("here", ", ".join(other)))
    return "; ".join(f"{place}: {text}" for place, text in parts if text) or "as good"


def _as_json(photo: ComparedPhoto) -> dict[str, Any]:
    return {
        "path": photo.photo.path,
        "state": photo.state.value,
        "match": photo.match,
        "similarity": None if photo.match is None else round(photo.similarity, 6),
        "why": _why(photo),
    }


def _notes(result: Comparison) -> list[str]:
    notes = []
    if result.own_files:
        files = plural(result.own_files, "photo")
        where = f"in {result.other}" if result.other else "in the library"
        notes.append(
            f"{files} of {result.folder} {'is' if result.own_files == 1 else 'are'} {where} as the same file."
        )
    if result.videos:
        notes.append(
            f"{plural(result.videos, 'video')} {'was' if result.videos == 1 else 'were'} not compared."
        )
    if result.unanalyzed:
        photos = plural(result.unanalyzed, "photo")
        notes.append(
            f"{photos} of the library {'has' if result.unanalyzed == 1 else 'have'} not been analyzed yet: copies may be listed as new. "
            "Index your folders first."
        )
    return notes
