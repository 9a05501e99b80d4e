"""Finding originals: how many images lead to the photo that they were made from, and how many to one that is not theirs.

    python -m tests.benchmarks.bench_origin FOLDER [--queries 100] [--seed 3]

FOLDER holds photos. Five sixths of them are indexed; of the rest, whose originals are not in the library, images are made
in the same ways. A find counts if the photo is the first of the originals, for a collage each of its four is one.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from photosim.duplicates.image_parts import area, common_area
from photosim.duplicates.looks import Box
from photosim.library import Library
from photosim.library.search.origin import PICTURE_EDGE, Family
from tests.benchmarks.processes import run
from tests.benchmarks.report import Row, machine, table
from tests.benchmarks.setting import say

FOUND, FALSE = 0.9, 0.01
"""Targets: share of the images whose original is first, and of those without one for which any is named."""

Photos = Mapping[Path, Box]
"""The photos in an image, each with the part of it that is shown."""

Made = tuple[Image.Image, Photos]
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


def crop(paths: list[Path], chance: random.Random, least: float = 0.3, most: float = 0.7) -> Made:
    """A crop to a share of each side."""
    photo = opened(paths[0])
    width, height = chance.uniform(least, most), chance.uniform(least, most)
    x, y = chance.uniform(0, 1 - width), chance.uniform(0, 1 - height)
    return cropped(photo, (x, y, width, height)), {paths[0]: (x, y, width, height)}


def screenshot(paths: list[Path], chance: random.Random) -> Made:
    """The photo on a telephone: bars with some text above and below."""
    photo = opened(paths[0])
    width = photo.width
    above, below = round(width * chance.uniform(0.1, 0.5)), round(width * chance.uniform(0.1, 0.5))
    color = chance.choice(["black", "white", "#202428"])
    image = Image.new("RGB", (width, above + photo.height + below), color)
    image.paste(photo, (0, above))
    text = "black" if color == "white" else "white"
    draw = ImageDraw.Draw(image)
    draw.text((width * 0.04, above * 0.2), "12:41", fill=text)
    draw.text((width * 0.8, above * 0.2), "87%", fill=text)
    return image, {paths[0]: WHOLE}


def collage(paths: list[Path], chance: random.Random) -> Made:
    """Four photos, cropped to a common shape, with or without lines between them."""
    cell, gap = 360, chance.choice([0, 0, 8])
    image = Image.new("RGB", (2 * cell + 3 * gap, 2 * cell + 3 * gap), "white")
    shown: dict[Path, Box] = {}
    for number, path in enumerate(paths[:4]):
        photo = opened(path)
        edge = min(photo.size)
        box = (
            (photo.width - edge) / 2 / photo.width,
            (photo.height - edge) / 2 / photo.height,
            edge / photo.width,
            edge / photo.height,
        )
        row, column = divmod(number, 2)
        place = (gap + column * (cell + gap), gap + row * (cell + gap))
        image.paste(ImageOps.fit(photo, (cell, cell)), place)
        shown[path] = box
    return image, shown


def frame(paths: list[Path], chance: random.Random) -> Made:
    """A frame of one color."""
    photo = opened(paths[0])
    border = round(min(photo.size) * chance.uniform(0.05, 0.15))
    color = tuple(chance.randrange(256) for _ in range(3))
    return ImageOps.expand(photo, border, color), {paths[0]: WHOLE}


def mirror(paths: list[Path], _: random.Random) -> Made:
    """The mirrored photo."""
    return ImageOps.mirror(opened(paths[0])), {paths[0]: WHOLE}


def messenger(paths: list[Path], chance: random.Random) -> Made:
    """A smaller copy, strongly compressed."""
    photo = opened(paths[0])
    photo.thumbnail((max(photo.size) // 2,) * 2)
    stream = io.BytesIO()
    photo.save(stream, "JPEG", quality=chance.randrange(30, 60))
    return Image.open(stream).convert("RGB"), {paths[0]: WHOLE}


KINDS: Mapping[str, Callable[[list[Path], random.Random], Made]] = {
    "crops to 30-70% of the sides": crop,
    "crops to 30-40%": lambda paths, chance: crop(paths, chance, 0.3, 0.4),
    "screenshots": screenshot,
    "collages of four": collage,
    "frames": frame,
    "mirrored": mirror,
    "messenger copies": messenger,
}


def opened(path: Path) -> Image.Image:
    """Open a photo, upright and in RGB."""
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def cropped(photo: Image.Image, box: Box) -> Image.Image:
    """Crop a photo to a box in fractions."""
    x, y, width, height = box
    sides = (x * photo.width, y * photo.height, (x + width) * photo.width, (y + height) * photo.height)
    return photo.crop(tuple(map(round, sides)))


def iou(one: Box, other: Box) -> float:
    """Return the common area of two boxes as a share of the area of both."""
    common = common_area(one, other)
    return common / (area(one) + area(other) - common)


def find(library: Library, file: Path) -> Family:
    """Find the family of an image file, in this process."""
    with Image.open(file) as image:
        size = image.size
        image.thumbnail((PICTURE_EDGE, PICTURE_EDGE))
        picture = np.asarray(image.convert("RGB"))
    view = library.models.active
    objects = view.embedder().detect(picture, with_unnamed=True) if library.objects.enabled else ()
    return library.origin.find(str(file), picture, size, view.embed_example, objects)


def measure(
    library: Library, known: list[Path], unknown: list[Path], folder: Path, queries: int, seed: int
) -> list[Row]:
    """Make images of photos in the library and of others, and search for their originals."""
    rows: list[Row] = []
    all_false = all_unknown = 0
    for kind, make in KINDS.items():
        chance = random.Random(f"{seed} {kind}")
        found = wanted = false = placed = 0
        count = queries // 4 if make is collage else queries
        start = time.process_time()
        for _ in range(count):
            image, shown = make(chance.sample(known, 4), chance)
            family = find(library, saved(image, folder))
            first = {Path(each.photo.path): each.placed.box for each in family.originals[: len(shown)]}
            wanted += len(shown)
            found += sum(path in first for path in shown)
            placed += sum(path in first and iou(first[path], box) >= 0.7 for path, box in shown.items())
        seconds = (time.process_time() - start) / count
        for _ in range(count):
            image, _ = make(chance.sample(unknown, 4), chance)
            family = find(library, saved(image, folder))
            false += bool(family.originals or family.versions)
        all_false, all_unknown = all_false + false, all_unknown + count
        place = f"{placed / wanted:.0%} in the right place (IoU ≥ 0.7), {seconds:.2f} s of CPU time each"
        rows.append(Row(kind, f"{found / wanted:.1%}", place, "", f"≥ {FOUND:.0%}", found / wanted >= FOUND))
        say(f"{kind}: {found / wanted:.1%}, {place}; false {false} of {count}")
    share = all_false / all_unknown
    text = f"{all_false} of {all_unknown}"
    rows.append(Row("false finds", f"{share:.1%}", text, "", f"≤ {FALSE:.0%}", share <= FALSE))
    return rows


def saved(image: Image.Image, folder: Path) -> Path:
    """Save an image as a JPEG that no search has seen."""
    file = folder / f"{len(list(folder.iterdir()))}.jpg"
    image.save(file, quality=85)
    return file


def main() -> int:
    """Run the benchmark; returns 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--queries", type=int, default=100, help="images of each kind (%(default)s)")
    parser.add_argument("--seed", type=int, default=3, help="of the draw of photos and edits (%(default)s)")
    arguments = parser.parse_args()
    paths = sorted(path for path in arguments.folder.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg"})
    unknown = paths[::6]
    known = [path for path in paths if path not in set(unknown)]
    with tempfile.TemporaryDirectory(prefix="photosim-bench-") as temporary:
        photos, images = Path(temporary, "photos"), Path(temporary, "images")
        photos.mkdir()
        images.mkdir()
        copies = [photos / f"{number}.jpg" for number in range(len(known))]
        for copy, path in zip(copies, known, strict=True):
            copy.write_bytes(path.read_bytes())
        say(f"indexing {len(copies)} photos")
        run("photosim", "index", photos, "--library", Path(temporary, "library"))
        library = Library.open(Path(temporary, "library"))
        try:
            rows = measure(library, copies, unknown, images, arguments.queries, arguments.seed)
        finally:
            library.close()
    print(machine())
    print(table(rows))
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
