"""Run the benchmarks: python -m tests.benchmarks [FOLDER] [indexing] [first_click] [disk] [scan] [search] [grouping] [compare] [window].

`similar_quality FOLDER` measures matches by the kind of a photo, which is the sub-folder of FOLDER that it is in.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from tests.benchmarks.report import Row, machine, table
from tests.benchmarks.setting import LARGE_COUNT, Setting

BENCHMARKS = ("indexing", "first_click", "disk", "scan", "search", "grouping", "compare", "window")
ON_REQUEST = ("similar_quality",)
"""Run only if named: they need a folder with a meaning."""


def main() -> int:
    """Run all benchmarks or those named; return exit status 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "words",
        nargs="*",
        metavar="FOLDER|NAME",
        help=f"your own photos instead of generated ones, and any of {', '.join(BENCHMARKS)} (default: all), {', '.join(ON_REQUEST)}",
    )
    parser.add_argument(
        "--photos",
        type=int,
        default=LARGE_COUNT,
        metavar="N",
        help="number of photos of 12 megapixels to generate (%(default)s; 3.5 MB each): with more, the "
        "start-up of indexing counts less",
    )
    arguments = parser.parse_args()
    words = arguments.words
    names = [word for word in words if word in (*BENCHMARKS, *ON_REQUEST)]
    folders = [Path(word) for word in words if word not in names]
    if len(folders) > 1 or not all(folder.is_dir() for folder in folders):
        parser.error(f"not a benchmark, or not one existing folder: {' '.join(map(str, folders))}")
    if not folders and any(name in ON_REQUEST for name in names):
        parser.error(f"{', '.join(ON_REQUEST)} needs a FOLDER of folders")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="photosim-bench-") as temporary:
        setting = Setting(Path(temporary), folders[0].resolve() if folders else None, arguments.photos)
        for name in names or BENCHMARKS:
            rows += import_module(f"tests.benchmarks.bench_{name}").measure(setting)
    print(machine())
    print(table(rows))
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
