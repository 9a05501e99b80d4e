"""The commands `similar` and `clusters`."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photosim.cli import objects
from photosim.cli.common import (
    EXIT_FAILED,
    EXIT_OK,
    add_command,
    json_option,
    open_library,
    path_argument,
    plural,
    positive_int,
)
from photosim.cli.output import flush_output, print_json, print_json_line, print_line, print_message
from photosim.errors import UnanalyzedPhotoError, UnreadablePhotoError
from photosim.records import DEFAULT_LEVEL, FINEST_LEVEL

if TYPE_CHECKING:
    from photosim.cli.common import Subparsers
    from photosim.library import Library
    from photosim.records import Match, Photo
    from photosim.search.query import Example, Region, SimilarityQuery
    from photosim.workers.photo_process import PhotoProcess

DEFAULT_MATCHES = 20


def add_to(commands: Subparsers) -> None:
    """Add the commands."""
    text = "List photos similar to one or more photos, best match first."
    similar = add_command(commands, "similar", _similar, text, json_option())
    similar.add_argument(
        "photos",
        type=path_argument,
        nargs="*",
        metavar="PHOTO",
        help="a photo of the library or any image file; several are combined into one query",
    )
    every = similar.add_mutually_exclusive_group()
    every.add_argument(
        "--all",
        action="store_true",
        help="search by every photo of the library, and print a line of JSON for each",
    )
    every.add_argument(
        "--each", action="store_true", help="search by each PHOTO alone, and print a line of JSON for each"
    )
    for name in ("more", "less"):
        help_text = f"a photo that results should be {name} similar to; can be repeated"
        similar.add_argument(
            f"--{name}", type=path_argument, action="append", default=[], metavar="PHOTO", help=help_text
        )
    similar.add_argument(
        "--region",
        type=_region,
        metavar="X,Y,W,H",
        help="search by this part of each PHOTO: fractions of its width and height, from the top left corner",
    )
    objects.add_search_options(similar)
    similar.add_argument(
        "-k",
        type=positive_int,
        default=DEFAULT_MATCHES,
        metavar="N",
        help="maximum number of results (default: %(default)s)",
    )
    similar.add_argument(
        "--min-similarity",
        type=_similarity,
        default=-1.0,
        metavar="X",
        help="leave out results with a lower similarity, from -1 to 1 (default: none)",
    )
    similar.set_defaults(usage_error=similar.error)
    text = "List clusters of similar photos, largest first."
    clusters = add_command(commands, "clusters", _clusters, text, json_option())
    clusters.add_argument(
        "--level",
        type=int,
        choices=range(1, FINEST_LEVEL + 2),
        default=DEFAULT_LEVEL + 1,
        help=f"from 1 (few large clusters) to {FINEST_LEVEL + 1} (many small ones); default: %(default)s",
    )


def search_by_file(library: Library, file: Path) -> list[Match]:
    """Return the photos most similar to an image file, best first."""
    from photosim.search.query import Example, SimilarityQuery

    return _search(library, SimilarityQuery((Example(str(file)),)), DEFAULT_MATCHES)


def _similar(arguments: argparse.Namespace) -> int:
    from photosim.search.query import Example, SimilarityQuery

    _check_usage(arguments)
    like = tuple(Example(str(path), arguments.region) for path in arguments.photos)
    more = tuple(Example(str(path)) for path in arguments.more)
    less = tuple(Example(str(path)) for path in arguments.less)
    with open_library(arguments.library) as library:
        if arguments.all:
            return _search_by_all(library, arguments.k, arguments.min_similarity)
        if arguments.each:
            return _search_by_each(library, like, arguments.k, arguments.min_similarity)
        if arguments.object is not None or arguments.object_at is not None:
            [path] = arguments.photos
            matches = objects.search_by_object(
                library, path, arguments.object, arguments.object_at, arguments.k, arguments.min_similarity
            )
        else:
            query = SimilarityQuery(like, more, less)
            matches = _search(library, query, arguments.k, arguments.min_similarity)
        model = library.model.id
    if arguments.json:
        paths = [str(path.absolute()) for path in arguments.photos]
        results = [_as_json(match) for match in matches]
        print_json({"query": paths[0] if len(paths) == 1 else paths, "model": model, "matches": results})
        return EXIT_OK
    if not matches:
        print_message("No similar photos found.")
    for band, in_band in itertools.groupby(matches, lambda match: match.band):
        print_line(band.name.replace("_", " ").capitalize())
        for match in in_band:
            print_line(f"  {match.similarity:.3f}  {match.path}{_place(match)}")
    return EXIT_OK


def _check_usage(arguments: argparse.Namespace) -> None:
    if arguments.all and (arguments.photos or arguments.region):
        arguments.usage_error("--all takes no PHOTO and no --region")
    if not arguments.all and not arguments.photos:
        arguments.usage_error("the following arguments are required: PHOTO")
    if arguments.object is not None or arguments.object_at is not None:
        others = (arguments.region, arguments.all, arguments.each, arguments.more, arguments.less)
        if len(arguments.photos) != 1 or any(others):
            arguments.usage_error("--object and --object-at take one PHOTO, -k and --min-similarity")
    if (arguments.all or arguments.each) and (arguments.more or arguments.less):
        arguments.usage_error("--more and --less refine one query, not those of --all and --each")


def _search(
    library: Library,
    query: SimilarityQuery,
    k: int,
    min_similarity: float = -1.0,
    process: PhotoProcess | None = None,
) -> list[Match]:
    """Return the `k` best matches of a query; photos that are not in the library are read in another process."""
    from photosim.workers.photo_process import PhotoProcess

    with nullcontext(process) if process is not None else PhotoProcess(library.folder) as reader:
        embed = partial(reader.embed, library.model.id)
        return library.similarity.search(query, k, embed, min_similarity=min_similarity)


def _search_by_all(library: Library, k: int, min_similarity: float) -> int:
    similarity = library.similarity

    def matches_of(photo: Photo) -> list[Match]:
        return similarity.similar_to_photo(photo.file_id, k, min_similarity=min_similarity)

    return _print_lines((photo.path, partial(matches_of, photo)) for photo in similarity.all_photos())


def _search_by_each(library: Library, examples: Sequence[Example], k: int, min_similarity: float) -> int:
    from photosim.search.query import SimilarityQuery
    from photosim.workers.photo_process import PhotoProcess

    with PhotoProcess(library.folder) as process:

        def matches_of(example: Example) -> list[Match]:
            return _search(library, SimilarityQuery((example,)), k, min_similarity, process)

        return _print_lines(
            (str(Path(example.path).absolute()), partial(matches_of, example)) for example in examples
        )


def _print_lines(searches: Iterable[tuple[str, Callable[[], list[Match]]]]) -> int:
    """Print the path and the matches of each search as they are found."""
    status = EXIT_OK
    for path, matches in searches:
        try:
            print_json_line({"query": path, "matches": [_as_json(match) for match in matches()]})
        except (UnreadablePhotoError, UnanalyzedPhotoError) as error:
            print_json_line({"query": path, "error": str(error)})
            status = EXIT_FAILED
        flush_output()
    return status


def _as_json(match: Match) -> dict[str, Any]:
    found = {
        "path": match.path,
        "similarity": round(match.similarity, 6),
        "score": round(match.score, 6),
        "band": match.band.name.lower(),
    }
    return found if match.box is None else found | {"box": list(match.box), "label": match.label}


def _place(match: Match) -> str:
    """Return what a match of an object is and where, nothing for a match of a photo."""
    if match.box is None:
        return ""
    x, y, width, height = match.box
    return f": {match.label or 'object'}, {width:.0%} × {height:.0%} at {x:.0%}, {y:.0%}"


def _clusters(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:  # open until the end: paths are read as they are needed
        clustering = library.clusters(arguments.level - 1)
        if arguments.json:
            clusters = [
                {
                    "id": cluster.id,
                    "size": cluster.size,
                    "name": cluster.title,
                    "medoid": cluster.medoid,
                    "photos": list(cluster.paths),
                }
                for cluster in clustering.clusters
            ]
            print_json({"clusters": clusters, "unclustered": clustering.unclustered})
            return EXIT_OK
        for cluster in clustering.clusters:
            name = f" ({cluster.title})" if cluster.title else ""
            print_line(f"Cluster {cluster.id}{name}: {plural(cluster.size, 'photo')}")
            for path in cluster.paths:
                print_line(f"  {path}")
        print_line(f"Ungrouped: {plural(clustering.unclustered, 'photo')}")
        return EXIT_OK


def _similarity(text: str) -> float:
    with suppress(ValueError):
        if -1 <= (number := float(text)) <= 1:
            return number
    raise argparse.ArgumentTypeError("must be a number from -1 to 1")


def _region(text: str) -> Region:
    from photosim.search.query import Region

    try:
        return Region.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            "must be x,y,width,height, each from 0 to 1, inside the photo"
        ) from error
