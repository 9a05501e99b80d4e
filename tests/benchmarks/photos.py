"""Generate photos: large ones like those of a camera, and small ones."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops

from tests.support.images import make_scene

LARGE = (4000, 3000)  # pixels: 12 megapixels
SMALL = (640, 480)  # pixels
SERIES = 4  # photos of each scene
GRAIN = 8.5  # standard deviation of the sensor's noise; with QUALITY it makes large JPEGs of 3 to 4 MB
QUALITY = 88


def make_photos(folder: Path, count: int, size: tuple[int, int], drawn: int | None = None) -> Path:
    """Fill a folder with `count` JPEGs of this size, in series of one scene, and return it.

    Only `drawn` of them (default: all) are rendered; the others are copies with a few bytes appended, which are
    different files for PhotoSim and take the same time to read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = min(count, drawn or count)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(partial(_make_photo, folder, size), range(drawn), chunksize=8))
    for number in range(drawn, count):
        original = _file(folder, number % drawn).read_bytes()
        _file(folder, number).write_bytes(original + number.to_bytes(4, "big"))
    return folder


def _make_photo(folder: Path, size: tuple[int, int], number: int) -> None:
    quarter = (min(size[0], 1000), min(size[1], 750))
    scene = make_scene(number // SERIES, quarter, variant=number % SERIES)
    rng = np.random.default_rng(number)
    grain = ImageChops.offset(_grain(size), *(int(step) for step in rng.integers(0, 999, 2)))
    photo = ImageChops.add(scene.resize(size, Image.Resampling.BICUBIC), grain, 1, -128)
    photo.save(_file(folder, number), quality=QUALITY)


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number:05d}.jpg"


@cache
def _grain(size: tuple[int, int]) -> Image.Image:
    """Return sensor noise around 128, mostly of luminance and slightly blurred."""
    rng = np.random.default_rng(size[0])
    noise = rng.standard_normal((size[1], size[0]), np.float32)
    noise += np.roll(noise, 1, 0) * 0.5 + np.roll(noise, 1, 1) * 0.5
    plane = Image.fromarray(np.clip(128 + GRAIN * noise, 0, 255).astype(np.uint8))
    return Image.merge("RGB", (plane, plane, ImageChops.offset(plane, 7, 3)))
