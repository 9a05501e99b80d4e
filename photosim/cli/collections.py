"""The command `collections`: photos under a name, and searches kept under one."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from photosim.cli.common import (
    EXIT_FAILED,
    EXIT_OK,
    add_command,
    json_option,
    name_argument,
    open_library,
    output_argument,
    path_argument,
    plural,
    positive_int,
)
from photosim.cli.imports import is_export, read_import
from photosim.cli.output import print_json, print_line, print_message
from photosim.errors import LibraryError
from photosim.paths import absolute_path

if TYPE_CHECKING:
    from photosim.cli.common import Subparsers
    from photosim.library import Library
    from photosim.library.collections import Collection

_MAX_SIMILAR = 200
"""Results of a kept search by photos, which ranks all photos."""


def add_to(commands: Subparsers) -> None:
    """Add the command."""
    text = (
        "List collections and kept searches; show, change, export and import them. No photo file is touched."
    )
    parser = add_command(commands, "collections", _list, text, json_option())
    actions = parser.add_subparsers(metavar="ACTION")
    show = _add(actions, "show", _show, "List the photos in a collection.", json_option())
    show.add_argument(
        "-k",
        type=positive_int,
        metavar="N",
        help=f"maximum number of photos (default: all, and {_MAX_SIMILAR} of a search by similar photos)",
    )
    for name, command, text in (
        ("add", _add_photos, "Add photos to a collection, which is created if there is none."),
        ("remove", _remove_photos, "Remove photos from a collection; the files stay."),
    ):
        _add(actions, name, command, text).add_argument(
            "photos", type=path_argument, nargs="+", metavar="PHOTO", help="a photo of the library"
        )
    rename = _add(actions, "rename", _rename, "Rename a collection.")
    rename.add_argument("new_name", type=name_argument, metavar="NEW", help="the new name")
    _add(actions, "delete", _delete, "Delete a collection; its photos stay where they are.")
    keep = _add(
        actions, "keep", _keep, "Keep a search by words under a name; photos that match later are found, too."
    )
    keep.add_argument("words", type=name_argument, nargs="+", metavar="WORD", help="as of the command find")
    export = add_command(actions, "export", _export, "Write all collections to a JSON file.")
    export.add_argument("file", type=output_argument(".json"), metavar="FILE")
    export.add_argument("--force", action="store_true", help="replace FILE, whatever it is")
    add_command(actions, "import", _import, "Add the collections of such a file.").add_argument(
        "file", type=path_argument, metavar="FILE"
    )


def _add(
    actions: Subparsers, name: str, command: Any, text: str, *options: argparse.ArgumentParser
) -> argparse.ArgumentParser:
    """Add an action on one collection."""
    parser = add_command(actions, name, command, text, *options)
    parser.add_argument("name", type=name_argument, metavar="NAME", help="the name of the collection")
    return parser


def _list(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        counts = library.collections.photo_counts()
        listed = [(each, _count(library, each, counts)) for each in library.collections.all()]
    if arguments.json:
        print_json({"collections": [_as_json(each, count) for each, count in listed]})
        return EXIT_OK
    for each, count in listed:
        kind = "" if each.holds_photos else "  (kept search)"
        print_line(f"{'-' if count is None else format(count, ','):>9}  {each.name}{kind}")
    if not listed:
        print_message("There are no collections. To make one, run: photosim collections add NAME PHOTO")
    return EXIT_OK


def _count(library: Library, collection: Collection, counts: dict[int, int]) -> int | None:
    """Return the number of photos in a collection; None for a search by photos, which ranks all of them."""
    if collection.holds_photos:
        return counts.get(collection.id, 0)
    try:
        return len(library.collections.file_ids(collection))
    except LibraryError:
        return None


def _as_json(collection: Collection, count: int | None) -> dict[str, Any]:
    kind = "photos" if collection.holds_photos else "search"
    return {"name": collection.name, "kind": kind, "photos": count}


def _show(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        collection = library.collections.find(arguments.name)
        paths = _paths_in(library, collection, arguments.k)
    if arguments.json:
        kind = "photos" if collection.holds_photos else "search"
        print_json({"name": collection.name, "kind": kind, "photos": [{"path": path} for path in paths]})
        return EXIT_OK
    for path in paths:
        print_line(path)
    return EXIT_OK


def _paths_in(library: Library, collection: Collection, k: int | None) -> list[str]:
    search = collection.search
    if search is None or collection.is_damaged or not search.like:
        photos = library.photos_by_id(library.collections.file_ids(collection)[:k])
        return [photo.path for photo in photos]
    from photosim.workers.photo_process import PhotoProcess

    with PhotoProcess(library.folder) as process:
        embed = partial(process.embed, library.model.id)
        return [match.path for match in library.similar_to_kept(search, k or _MAX_SIMILAR, embed)]


def _add_photos(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        photo_ids = _photo_ids(library, arguments.photos)
        if not photo_ids:
            return EXIT_FAILED
        existing = next(
            (each for each in library.collections.all() if each.name.casefold() == arguments.name.casefold()),
            None,
        )
        if existing is None:
            change = library.collections.create(arguments.name, photo_ids)
        else:
            change = library.collections.add(existing.id, photo_ids)
    assert change.collection is not None
    print_message(f"Added {plural(len(change.added), 'photo')} to “{change.collection.name}”.")
    return EXIT_OK if len(photo_ids) == len(arguments.photos) else EXIT_FAILED


def _remove_photos(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        collection = library.collections.find(arguments.name)
        photo_ids = _photo_ids(library, arguments.photos)
        if not photo_ids:
            return EXIT_FAILED
        removed = library.collections.remove(collection.id, photo_ids).removed
    print_message(f"Removed {plural(len(removed), 'photo')} from “{collection.name}”.")
    return EXIT_OK if len(photo_ids) == len(arguments.photos) else EXIT_FAILED


def _photo_ids(library: Library, files: Sequence[Path]) -> list[int]:
    """Return the ids of photos, and tell which files are none of the library."""
    found = []
    for file in files:
        photo = library.find(absolute_path(file))
        if photo is None:
            print_message(f"{file} is not in the library. To add it, run: photosim index FOLDER")
        else:
            found.append(photo.photo_id)
    return found


def _rename(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        collection = library.collections.find(arguments.name)
        library.collections.rename(collection.id, arguments.new_name)
    return EXIT_OK


def _delete(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        collection = library.collections.find(arguments.name)
        library.collections.delete(collection.id)
    print_message(f"Deleted “{collection.name}”. Its photos stay where they are.")
    return EXIT_OK


def _keep(arguments: argparse.Namespace) -> int:
    from photosim.search.kept_search import KeptSearch

    with open_library(arguments.library) as library:
        change = library.collections.keep(arguments.name, KeptSearch(words=" ".join(arguments.words)))
        assert change.collection is not None
        count = len(library.collections.file_ids(change.collection))
    print_message(f"Kept as “{change.collection.name}”. It finds {plural(count, 'photo')} now.")
    return EXIT_OK


def _export(arguments: argparse.Namespace) -> int:
    from photosim.files.operations.output import write_output

    with open_library(arguments.library) as library:
        data = library.exports.collections()
        content = json.dumps(data, indent=2).encode() + b"\n"

        def write(stream: IO[bytes]) -> None:
            stream.write(content)

        with library.file_moves.journal() as log:
            write_output(
                arguments.file,
                write,
                is_replaceable=partial(is_export, "collections"),
                force=arguments.force,
                log=log,
            )
    collections = data["collections"]
    assert isinstance(collections, list)
    print_message(f"Wrote {plural(len(collections), 'collection')} to {arguments.file}.")
    return EXIT_OK


def _import(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        imported = library.exports.import_collections(read_import(arguments.file))
    print_message(
        f"Imported {plural(imported.collections, 'new collection')}, and {plural(imported.photos, 'photo')} in"
        f" collections, from {arguments.file}."
    )
    return EXIT_OK
