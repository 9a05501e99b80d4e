"""What finding duplicates costs a photo where many are alike: in series, in pictures of few shapes, in your own folders.

    python -m tests.benchmarks.bench_duplicate_cost FOLDER... [--photos 2000]

Each FOLDER becomes a library. From the photos of the first one, series of SERIES photos are made: each slightly shifted,
turned and zoomed, as by a hand that holds the camera, and in every second series something moves, too.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageEnhance

from photosim.library import Library
from photosim.store.duplicates import DuplicateTable
from tests.benchmarks.bench_duplicates import find
from tests.benchmarks.photos import SMALL, make_photos
from tests.benchmarks.processes import run
from tests.benchmarks.report import Row, machine, table
from tests.benchmarks.setting import say

MAX_MS = 6.0
"""Target: processor time a photo; indexing one of 12 megapixels takes 40 to 60."""

SERIES = 10
EDGE = 320  # pixels of the shorter edge, at least


def make_series(sources: Iterable[Path], folder: Path, count: int, seed: int = 5) -> Path:
    """Fill a folder with `count` photos in series of SERIES, and return it."""
    chance = random.Random(seed)
    paths = chance.sample(sorted(sources), 2 * (count // SERIES))
    folder.mkdir()
    for number, (path, other) in enumerate(zip(paths[::2], paths[1::2], strict=True)):
        scene, thing = (Image.open(each).convert("RGB") for each in (path, other))
        factor = max(EDGE / min(scene.size), 1)
        width, height = size = round(scene.width * factor), round(scene.height * factor)
        scene, thing = scene.resize(size), thing.resize((width // 3, height // 3))
        for shot in range(SERIES):
            picture = scene.copy()
            if number % 2:
                picture.paste(thing, (round(width * (0.1 + 0.05 * shot)), height // 3))
            picture = picture.rotate(chance.uniform(-1.5, 1.5), resample=Image.Resampling.BICUBIC)
            right, down, border = chance.uniform(-0.03, 0.03), chance.uniform(-0.03, 0.03), 0.05
            zoomed = border + chance.uniform(-0.02, 0.02)
            box = (zoomed + right) * width, (zoomed + down) * height
            end = (1 - zoomed + right) * width, (1 - zoomed + down) * height
            picture = picture.crop((round(box[0]), round(box[1]), round(end[0]), round(end[1])))
            picture = ImageEnhance.Brightness(picture).enhance(chance.uniform(0.95, 1.05))
            picture.save(folder / f"{number:04}-{shot}.jpg", quality=88)
    return folder


def cost_row(title: str, photos: Path, library_folder: Path) -> Row:
    """Return the processor time of finding the duplicates of a folder anew."""
    say(f"indexing {photos}")
    run("photosim", "index", photos, "--library", library_folder)
    library = Library.open(library_folder)
    try:
        index = library.models.active.index.get()
        seconds = find(library, index)[1]
        confirmed = len(DuplicateTable(library._catalog.database).pairs())
    finally:
        library.close()
    milliseconds = seconds * 1000 / len(index)
    return Row(
        f"{title}: processor time a photo of {len(index):,}",
        f"{milliseconds:.1f} ms",
        f"{confirmed / len(index):.2f} pairs a photo",
        bar=f"≤ {MAX_MS} ms",
        met=milliseconds <= MAX_MS,
    )


def main() -> int:
    """Measure; return exit status 1 if a target is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.bench_duplicate_cost", description=__doc__
    )
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--photos", type=int, default=2_000, help="of those that are made (%(default)s)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="photosim-bench-") as temporary:
        folder = Path(temporary)
        say(f"making {arguments.photos} photos of few shapes, and as many in series")
        sources = arguments.folders[0].rglob("*.jp*g")
        sets = {
            "few shapes": make_photos(folder / "small", arguments.photos, SMALL),
            "series": make_series(sources, folder / "series", arguments.photos),
            **{str(photos): photos for photos in arguments.folders},
        }
        rows = [
            cost_row(title, photos, folder / f"library-{number}")
            for number, (title, photos) in enumerate(sets.items())
        ]
    print(machine())
    print(table(rows))
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
