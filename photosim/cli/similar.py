"""The commands `similar` and `clusters`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photosim.cli.common import (
    EXIT_OK,
    add_command,
    json_option,
    open_library,
    path_argument,
    plural,
    positive_int,
)
from photosim.cli.limits import limited
from photosim.cli.output import print_json, print_line, print_message
from photosim.records import DEFAULT_LEVEL, FINEST_LEVEL

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from photosim.cli.common import Subparsers
    from photosim.library import Library
    from photosim.records import Match
    from photosim.search.query import Example, Region, SimilarityQuery

DEFAULT_MATCHES = 20


def add_to(commands: Subparsers) -> None:
    """Add the commands."""
    text = "List photos similar to one or more photos, best match first."
    similar = add_command(commands, "similar", _similar, text, json_option())
    similar.add_argument(
        "photos",
        type=path_argument,
        nargs="+",
        metavar="PHOTO",
        help="a photo of the library or any image file; several are combined into one query",
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
    similar.add_argument(
        "-k",
        type=positive_int,
        default=DEFAULT_MATCHES,
        metavar="N",
        help="maximum number of results (default: %(default)s)",
    )
    text = "List clusters of similar photos, largest first."
    clusters = add_command(commands, "clusters", _clusters, text, json_option())
    clusters.add_argument(
        "--level",
        type=int,
        choices=range(1, FINEST_LEVEL + 2),
        default=DEFAULT_LEVEL + 1,
        help=f"from 1 (few large clusters) to {FINEST_LEVEL + 1} (many small ones); default: %(default)s",
    )


def search(library: Library, query: SimilarityQuery, k: int) -> list[Match]:
    """Return the `k` best matches of a query; photos that are not in the library are read under limits."""

    def embed(example: Example) -> npt.NDArray[np.float32]:
        view, file = library.models.active, Path(example.path)
        view.embedder()  # its time and memory do not count for the photo
        with limited(file, lambda cause: print_message(f"{file} can't be read. {cause}")):
            return view.embed(file, example.region)

    return library.similar_to(query, k, embed)


def search_by_file(library: Library, file: Path) -> list[Match]:
    """Return the photos most similar to an image file, best first."""
    from photosim.search.query import Example, SimilarityQuery

    return search(library, SimilarityQuery((Example(str(file)),)), DEFAULT_MATCHES)


def _similar(arguments: argparse.Namespace) -> int:
    from photosim.search.query import Example, SimilarityQuery

    like = tuple(Example(str(path), arguments.region) for path in arguments.photos)
    more = tuple(Example(str(path)) for path in arguments.more)
    less = tuple(Example(str(path)) for path in arguments.less)
    with open_library(arguments.library) as library:
        matches = search(library, SimilarityQuery(like, more, less), arguments.k)
        model = library.model.id
    if arguments.json:
        query = [str(path.absolute()) for path in arguments.photos]
        results = [_as_json(match) for match in matches]
        print_json({"query": query[0] if len(query) == 1 else query, "model": model, "matches": results})
    else:
        for match in matches:
            print_line(f"{match.similarity:.3f}  {match.path}")
    return EXIT_OK


def _as_json(match: Match) -> dict[str, Any]:
    return {
        "path": match.path,
        "similarity": round(match.similarity, 6),
        "score": round(match.score, 6),
        "band": match.band.name.lower(),
    }


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


def _region(text: str) -> Region:
    from photosim.search.query import Region

    try:
        return Region.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            "must be x,y,width,height, each from 0 to 1, inside the photo"
        ) from error
