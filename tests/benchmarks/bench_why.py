"""CPU time of “Why similar?” for two photos of 12 megapixels: `python -m tests.benchmarks.bench_why`.

What the photo worker does once the model is loaded, in one thread.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from PIL import Image

from photosim.imaging import color_names
from photosim.ml.lazy_embedder import LazyEmbedder, explain_images, load_image
from photosim.ml.models.catalog import DEFAULT
from photosim.ml.models.registry import ModelRegistry
from tests.benchmarks.photos import LARGE, make_photos
from tests.benchmarks.report import Row, machine, table

PHOTOS, BAR_MS = 12, 150

_Value = TypeVar("_Value")


def measure(folder: Path) -> Iterator[Row]:
    """Yield the medians of each part and of all."""
    paths = sorted(make_photos(folder / "photos", PHOTOS, LARGE).iterdir())
    weights = ModelRegistry().weights_path(DEFAULT)
    embedder = LazyEmbedder(DEFAULT, weights, folder, lambda: "cpu")
    embedder()
    times: dict[str, list[float]] = {"decode both": [], "split the cosine": [], "colors in common": []}

    def timed(part: str, work: Callable[..., _Value], *arguments: object) -> _Value:
        started = time.process_time()
        value = work(*arguments)
        times[part].append((time.process_time() - started) * 1000)
        return value

    for first, second in itertools.pairwise(paths):
        images = timed("decode both", _decode, first, second)
        timed("split the cosine", explain_images, images, DEFAULT.preprocessing, embedder)
        timed("colors in common", _colors, *images)
    for part, values in times.items():
        yield Row(part, f"{statistics.median(values):.1f} ms")
    whole = statistics.median(map(sum, zip(*times.values(), strict=True)))
    yield Row("why two photos are similar, CPU", f"{whole:.1f} ms", bar=f"≤ {BAR_MS} ms", met=whole <= BAR_MS)


def _decode(first: Path, second: Path) -> tuple[Image.Image, Image.Image]:
    return load_image(first, None, DEFAULT.preprocessing), load_image(second, None, DEFAULT.preprocessing)


def _colors(first: Image.Image, second: Image.Image) -> object:
    return color_names.in_common(color_names.color_shares(first), color_names.color_shares(second))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        rows = list(measure(Path(temporary)))
    print(machine())
    print(table(rows))
