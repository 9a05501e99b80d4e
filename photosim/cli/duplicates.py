"""The command `duplicates`: list them, move them to the trash, export and import verdicts."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from photosim.cli.common import (
    EXIT_FAILED,
    EXIT_OK,
    add_command,
    cancel_on_interrupt,
    json_option,
    open_library,
    output_argument,
    path_argument,
    plural,
)
from photosim.cli.imports import is_export, read_import
from photosim.cli.output import print_json, print_line, print_message
from photosim.files.operations.copying import TransferProgress
from photosim.runtime.control import JobControl

if TYPE_CHECKING:
    from photosim.cli.common import Subparsers
    from photosim.cli.duplicate_text import ListedGroup
    from photosim.duplicates.results import Basket
    from photosim.files.operations.transfer import TransferFailure
    from photosim.library import Library

_KINDS = ("identical", "same", "burst")
_TRASHED_KINDS = ("identical", "same")
"""The kinds of which `--trash` takes photos unless others are named: those of a burst show different moments."""


def add_to(commands: Subparsers) -> None:
    """Add the command."""
    text = (
        "List duplicates and bursts, those that free most first; move all but the ones to keep to the trash."
    )
    parser = add_command(commands, "duplicates", _duplicates, text, json_option())
    parser.add_argument(
        "--kind",
        choices=_KINDS,
        action="append",
        help="identical files, edited or re-saved copies of the same photo, or shots of a burst; can be repeated "
        "(default: all; with --trash: identical and same)",
    )
    parser.add_argument(
        "--across-folders",
        action="store_true",
        default=None,
        help="ignore duplicates within one folder (default: the setting of the library)",
    )
    parser.add_argument(
        "--min-certainty",
        type=_certainty,
        default=0.5,
        metavar="P",
        help="list copies that are the same photo with at least this certainty, from 0.05 to 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--trash", action="store_true", help="move all photos but the ones to keep to the trash"
    )
    parser.add_argument("--yes", action="store_true", help="with --trash: really do it")
    parser.add_argument("--dry-run", action="store_true", help="with --trash: only print what would be done")
    parser.add_argument(
        "--inherit",
        action="store_true",
        help="with --trash: the photo to keep gets dates, side files and cluster names that it lacks",
    )
    verdicts = parser.add_mutually_exclusive_group()
    verdicts.add_argument(
        "--verdicts",
        type=output_argument(".json"),
        metavar="FILE",
        help="write your verdicts on duplicates to a JSON file",
    )
    verdicts.add_argument(
        "--import",
        type=path_argument,
        metavar="FILE",
        dest="imported",
        help="import verdicts from such a file",
    )
    parser.add_argument("--force", action="store_true", help="with --verdicts: replace FILE, whatever it is")
    parser.set_defaults(usage_error=parser.error)


def _duplicates(arguments: argparse.Namespace) -> int:
    _check_usage(arguments)
    with open_library(arguments.library) as library:
        if arguments.verdicts is not None:
            return _export(library, arguments.verdicts, force=arguments.force)
        if arguments.imported is not None:
            return _import(library, arguments.imported)
        groups, basket = _basket(library, arguments)
        if arguments.trash:
            return _trash(library, basket, arguments)
    if arguments.json:
        print_json(_to_json(groups, basket))
    else:
        _print(groups, basket)
    return EXIT_OK


def _check_usage(arguments: argparse.Namespace) -> None:
    if not arguments.trash and (arguments.yes or arguments.dry_run or arguments.inherit):
        arguments.usage_error("--yes, --dry-run and --inherit go with --trash")
    if arguments.yes and arguments.dry_run:
        arguments.usage_error("--yes and --dry-run contradict each other")
    files = arguments.verdicts is not None or arguments.imported is not None
    if files and (arguments.trash or arguments.json or arguments.kind):
        arguments.usage_error("--verdicts and --import list and trash nothing")
    if arguments.force and arguments.verdicts is None:
        arguments.usage_error("--force goes with --verdicts")


def _basket(library: Library, arguments: argparse.Namespace) -> tuple[list[ListedGroup], Basket]:
    """Return the groups that are asked for, and what they move to the trash: as reviewed, or as the rules say."""
    from photosim.cli.duplicate_text import ListedGroup
    from photosim.duplicates.basket import fill_basket
    from photosim.duplicates.groups import DuplicateKind

    names: Sequence[str] = arguments.kind or (_TRASHED_KINDS if arguments.trash else _KINDS)
    options = {
        "across_folders": arguments.across_folders,
        "min_confidence": arguments.min_certainty,
    }
    service = library.duplicates
    groups = service.groups({DuplicateKind(name) for name in names}, **options)
    reviews = service.reviews()
    kept = {group.id: reviews.get(group.id) or {group.keep} for group in groups}
    everything = service.groups(include_settled=True, **options)
    basket = fill_basket([(group, kept[group.id]) for group in groups], everything)
    trashed = {photo.file_id for photo in basket.photos}
    return [ListedGroup(group, kept[group.id], trashed) for group in groups], basket


def _print(groups: Sequence[ListedGroup], basket: Basket) -> None:
    from photosim.cli.duplicate_text import KIND_TITLES, size_text

    for listed in groups:
        group, freed = listed.group, size_text(listed.bytes_freed)
        print_line(f"{KIND_TITLES[group.kind]}: {plural(len(group.photos), 'photo')}, {freed} to free")
        for member in group.photos:
            photo = member.photo
            size = f"{photo.facts.width} × {photo.facts.height}, {size_text(photo.size)}"
            print_line(f"  {listed.fate(member):5}  {photo.path}  ({size}; {listed.why(member)})")
    count, size = plural(len(basket.photos), "photo"), size_text(basket.size)
    print_message(
        f"{plural(len(groups), 'group')}, {count} to trash, {size} to free."
        if groups
        else "No duplicates found."
    )


def _to_json(groups: Sequence[ListedGroup], basket: Basket) -> dict[str, Any]:
    return {
        "groups": [
            {
                "id": listed.group.id,
                "kind": listed.group.kind.value,
                "keep": listed.keep.photo.path,
                "photos": [
                    {
                        "path": member.photo.path,
                        "size": member.photo.size,
                        "width": member.photo.facts.width,
                        "height": member.photo.facts.height,
                        "why": listed.why(member),
                        "certainty": round(member.confidence, 4),
                        "fate": listed.fate(member),
                    }
                    for member in listed.group.photos
                ],
                "bytes_freed": listed.bytes_freed,
            }
            for listed in groups
        ],
        "totals": {"groups": len(groups), "photos": len(basket.photos), "bytes_freed": basket.size},
    }


def _trash(library: Library, basket: Basket, arguments: argparse.Namespace) -> int:
    from photosim.cli.duplicate_text import size_text

    trash = library.duplicate_trash
    if not (arguments.yes or arguments.dry_run):
        photos, size = plural(len(basket.photos), "photo"), size_text(basket.size)
        print_message(
            f"Nothing was done. To move {photos} ({size}) to the trash, add --yes; to see which, add --dry-run."
        )
        return EXIT_FAILED
    control = JobControl()
    with cancel_on_interrupt(control):
        progress = _Progress(control)
        if arguments.dry_run:
            prepared = trash.prepare(basket, progress, inherit=arguments.inherit)
            trashed, left_out = [photo.photo for photo in prepared.operation.files], prepared.left_out
        else:
            library.file_moves.recover()
            result = trash.run(basket, _move_to_trash(), progress, inherit=arguments.inherit)
            trashed, left_out = [files[0].old for files in result.report.done], result.report.failed
            if result.catalog_error is not None:
                print_message(str(result.catalog_error))
    _print_trashed(basket, trashed, left_out, arguments)
    if control.cancelled:
        print_message("Stopped. The other photos weren't moved.")
    return EXIT_FAILED if left_out or control.cancelled else EXIT_OK


def _print_trashed(
    basket: Basket, trashed: Sequence[str], left_out: Sequence[TransferFailure], arguments: argparse.Namespace
) -> None:
    from photosim.cli.duplicate_text import size_text

    sizes = {photo.path: photo.size for photo in basket.photos}
    freed = sum(sizes[path] for path in trashed)
    if arguments.json:
        print_json(
            {
                "trashed": list(trashed),
                "left_out": [{"path": failure.path, "reason": failure.reason} for failure in left_out],
                "bytes_freed": freed,
                "dry_run": arguments.dry_run,
            }
        )
    else:
        for path in trashed:
            print_line(path)
    for failure in left_out:
        print_message(f"{failure.path}: {failure.reason}")
    verb = "Would move" if arguments.dry_run else "Moved"
    print_message(f"{verb} {plural(len(trashed), 'photo')} to the trash ({size_text(freed)}).")


class _Progress(TransferProgress):
    """Stops between two photos when the user presses Ctrl-C."""

    def __init__(self, control: JobControl) -> None:
        self._control = control

    def is_cancelled(self) -> bool:
        return self._control.cancelled


def _move_to_trash() -> Callable[[str], str]:
    """Return the function that moves a file to the trash of this system."""
    if sys.platform in ("win32", "darwin"):
        from photosim.gui.services.file_operations import move_to_trash
    else:
        from photosim.files.operations.trash import move_to_trash
    return move_to_trash


def _export(library: Library, file: Path, *, force: bool) -> int:
    from photosim.files.operations.output import write_output

    data = library.duplicates.export_verdicts()
    content = json.dumps(data, indent=2).encode() + b"\n"

    def write(stream: IO[bytes]) -> None:
        stream.write(content)

    with library.file_moves.journal() as log:
        write_output(file, write, is_replaceable=partial(is_export, "verdicts"), force=force, log=log)
    verdicts = data["verdicts"]
    assert isinstance(verdicts, list)
    print_message(f"Wrote {plural(len(verdicts), 'verdict')} to {file}.")
    return EXIT_OK


def _import(library: Library, file: Path) -> int:
    count = library.duplicates.import_verdicts(read_import(file))
    print_message(f"Imported {plural(count, 'verdict')} from {file}.")
    return EXIT_OK


def _certainty(text: str) -> float:
    with suppress(ValueError):
        if 0.05 <= (number := float(text)) <= 1:
            return number
    raise argparse.ArgumentTypeError("must be a number from 0.05 to 1")
