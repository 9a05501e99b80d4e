"""The commands `photosim similar` and `photosim clusters`: photos that look alike."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photosim.cli.common import EXIT_OK, json_option, library_option, open_library, positive_int, print_json
from photosim.cli.counted import plural
from photosim.records import DEFAULT_LEVEL, FINEST_LEVEL

if TYPE_CHECKING:
    from photosim.search.query import Region

DEFAULT_MATCHES = 20
"""Photos that are listed where nobody says how many."""


def add_to(commands: Any) -> None:
    """Add the commands."""
    text = "List the photos that look like photos, best first."
    parents = [library_option(argparse.SUPPRESS), json_option()]
    similar = commands.add_parser("similar", help=text, description=text, parents=parents)
    similar.set_defaults(command=_similar)
    similar.add_argument(
        *("photos",),
        type=Path,
        nargs="+",
        metavar="PHOTO",
        help="a photo of the library, or any image file; several are one question",
    )
    for name in ("more", "less"):
        help_text = f"a photo that the answer should be {name} like; may be given several times"
        similar.add_argument(
            f"--{name}", type=Path, action="append", default=[], metavar="PHOTO", help=help_text
        )
    similar.add_argument(
        *("--region",),
        type=_region,
        metavar="X,Y,W,H",
        help="only this part of each PHOTO, in fractions of its sides from the top left corner",
    )
    similar.add_argument(
        "-k", type=positive_int, default=DEFAULT_MATCHES, metavar="N", help="how many (default %(default)s)"
    )
    text = "List the groups of photos that look alike, largest first."
    clusters = commands.add_parser("clusters", help=text, description=text, parents=parents)
    clusters.set_defaults(command=_clusters)
    clusters.add_argument(
        "--level",
        type=int,
        choices=range(1, FINEST_LEVEL + 2),
        default=DEFAULT_LEVEL + 1,
        help=f"from 1, few large groups, to {FINEST_LEVEL + 1}, many small ones (default: %(default)s)",
    )


def _similar(arguments: argparse.Namespace) -> int:
    from photosim.search.query import Example, LikenessQuery

    like = tuple(Example(str(path), arguments.region) for path in arguments.photos)
    more, less = (tuple(Example(str(path)) for path in paths) for paths in (arguments.more, arguments.less))
    with open_library(arguments.library) as library:
        matches = library.similar_to(LikenessQuery(like, more, less), arguments.k)
        model = library.model.id
    if arguments.json:
        found = [{"path": match.path, "similarity": round(match.similarity, 6)} for match in matches]
        query = [str(path.absolute()) for path in arguments.photos]
        print_json({"query": query[0] if len(query) == 1 else query, "model": model, "matches": found})
    else:
        for match in matches:
            print(f"{match.similarity:.3f}  {match.path}")
    return EXIT_OK


def _clusters(arguments: argparse.Namespace) -> int:
    with open_library(arguments.library) as library:
        clustering = library.clusters(arguments.level - 1)
        if arguments.json:
            groups = [
                {
                    "id": one.id,
                    "size": one.size,
                    "name": one.title,
                    "medoid": one.medoid,
                    "photos": list(one.paths),
                }
                for one in clustering.clusters
            ]
            print_json({"clusters": groups, "unclustered": clustering.unclustered})
            return EXIT_OK
        for one in clustering.clusters:
            name = f" ({one.title})" if one.title else ""
            print(f"Cluster {one.id}{name}: {plural(one.size, 'photo')}")
            for path in one.paths:
                print(f"  {path}")
        loose = plural(clustering.unclustered, "photo belongs", "photos belong")
        print(f"{loose} to no cluster.")
        return EXIT_OK


def _region(word: str) -> Region:
    from photosim.search.query import Region

    try:
        return Region.parse(word)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            "must be x,y,width,height, each from 0 to 1, inside the photo"
        ) from error
