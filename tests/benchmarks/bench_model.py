"""Compare all models on this computer: python -m tests.benchmarks.bench_model [FOLDER] [--copies FOLDER].

The sub-folders of FOLDER are the classes. Retrieval is measured on its photos as precision at 10 and mean average
precision, each photo being a query among all others. Edited copies are measured on photos of FOLDER or of `--copies`
and ten edits of each, as the best F1 of pairs over all thresholds and as the recall at 99% precision. Without FOLDER,
photos are generated, which only shows that the benchmark runs. Time is processor time on one core, in batches, also
relative to layers 0 to 9 of the bundled YOLO11n. The last column is the least cosine between the vectors measured here
and those of `photosim export` after indexing FOLDER. Prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from photosim.errors import UnreadablePhotoError
from photosim.imaging import decode, turbojpeg
from photosim.library import Library
from photosim.ml.embedder import BATCH, Embedder
from photosim.ml.model_spec import ModelSpec
from photosim.ml.models import catalog
from photosim.ml.models.registry import ModelRegistry
from photosim.ml.preprocess import preprocess
from tests.benchmarks.edits import EDITS, edited
from tests.benchmarks.measures import Labels, Vectors, pairs, retrieval
from tests.benchmarks.report import machine
from tests.benchmarks.setting import say
from tests.support.images import make_scene

COPIED = 300  # photos
GENERATED_CLASSES, GENERATED_EACH, GENERATED_SCENES = 12, 12, 50  # if no folder is given
ROUNDS = 15  # of timing; the fastest counts
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
HEADINGS = (
    "model",
    "dimensions",
    "P@10",
    "mAP",
    "copies: best F1",
    "copies: recall at 99% precision",
    "ms per photo",
    "relative to backbone",
    "export",
)


@dataclass(frozen=True, slots=True)
class Photos:
    """Labelled photos, the class of each (N,), and photos to edit."""

    labelled: Sequence[Path]
    classes: Labels
    copied: Sequence[Path]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.bench_model",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, nargs="?", help="a folder whose sub-folders are the classes")
    parser.add_argument("--copies", type=Path, metavar="FOLDER", help="photos to make edited copies of")
    arguments = parser.parse_args()
    for folder in (arguments.folder, arguments.copies):
        if folder is not None and not folder.is_dir():
            parser.error(f"{folder} isn't a folder")
    with tempfile.TemporaryDirectory(prefix="photosim-bench-") as temporary:
        place = Path(temporary)
        if arguments.folder is None:
            say("generating photos")
            arguments.folder = generate_photos(place / "classes", GENERATED_CLASSES, GENERATED_EACH)
            arguments.copies = arguments.copies or generate_photos(place / "scenes", GENERATED_SCENES, 1)
        photos = find_photos(arguments.folder, arguments.copies)
        embedders = dict(_installed(ModelRegistry(), place))
        if not embedders:
            sys.exit("No model is installed.")
        costs = milliseconds([*embedders.values(), _backbone(place)])
        classes = len(np.unique(photos.classes))
        print(f"\n{machine()}; {len(photos.labelled):,} photos of {classes} classes;", end=" ")
        print(f"{len(photos.copied):,} photos with {EDITS} edited copies of each\n")
        print(f"| {' | '.join(HEADINGS)} |\n|---{'|---:' * (len(HEADINGS) - 1)}|")
        for (spec, embedder), cost in zip(embedders.items(), costs, strict=False):
            cells = row(spec, embedder, photos, place / spec.id)
            timed = (f"{cost:.1f}", f"{cost / costs[-1]:.2f}")
            print(f"| `{spec.id}` | {' | '.join((*cells[:-1], *timed, cells[-1]))} |", flush=True)


def row(spec: ModelSpec, embedder: Embedder, photos: Photos, library: Path) -> tuple[str, ...]:
    """Return the cells of one model, without its name and times."""
    say(f"{spec.title}: {len(photos.labelled):,} photos")
    vectors = embedded((opened(path, spec) for path in photos.labelled), embedder)
    same = retrieval(vectors, photos.classes)
    say(f"{spec.title}: {len(photos.copied) * (EDITS + 1):,} copies")
    copies = (edit for path in photos.copied for edit in edited(opened(path, spec)))
    groups = np.repeat(np.arange(len(photos.copied)), EDITS + 1)
    near = pairs(embedded(copies, embedder), groups)
    say(f"{spec.title}: indexing and exporting")
    agreement = exported(spec, photos.labelled, vectors, library)
    return (
        f"{spec.dimensions}",
        *(f"{value:.3f}" for value in (same.precision_at_10, same.mean_average_precision)),
        *(f"{value:.3f}" for value in (near.best_f1, near.recall_at_precision_99)),
        f"{agreement:.5f}",
    )


def find_photos(folder: Path, copies: Path | None) -> Photos:
    """Find the photos of a folder by sub-folder, and draw those to edit with a fixed seed."""
    folder = folder.resolve()
    labelled = [path for path in photos_below(folder) if len(path.relative_to(folder).parts) > 1]
    names = [path.relative_to(folder).parts[0] for path in labelled]
    if len(set(names)) < 2:
        sys.exit(f"{folder} needs at least two sub-folders, each with the photos of one class.")
    drawn = photos_below(copies) if copies else list(labelled)
    random.Random(0).shuffle(drawn)
    return Photos(labelled, np.unique(names, return_inverse=True)[1].astype(np.int64), drawn[:COPIED])


def photos_below(folder: Path) -> list[Path]:
    """Return the readable photos below a folder, sorted."""
    files = sorted(path for path in folder.resolve().rglob("*") if path.suffix.lower() in SUFFIXES)
    return [path for path in files if _is_readable(path)]


def generate_photos(folder: Path, scenes: int, each: int) -> Path:
    """Generate a folder for each of `scenes` scenes with `each` variants."""
    for scene in range(scenes):
        below = folder / f"scene {scene}"
        below.mkdir(parents=True)
        for variant in range(each):
            make_scene(scene, (640, 480), variant=variant).save(below / f"{variant}.jpg", quality=88)
    return folder


def opened(path: Path, spec: ModelSpec) -> Image.Image:
    """Decode a photo like indexing with this model does."""
    edge = max(turbojpeg.THUMBNAIL_EDGE, spec.preprocessing.edge)
    image: Image.Image = decode.read_photo(path, edge=edge).image
    return image


def embedded(pictures: Iterable[Image.Image], embedder: Embedder) -> Vectors:
    """Return the embeddings (N, D) of upright images."""
    rows, batch = [], []
    for picture in pictures:
        batch.append(preprocess(picture, embedder.spec.preprocessing))
        if len(batch) == BATCH:
            rows.append(embedder.embed(np.stack(batch)))
            batch.clear()
    if batch:
        rows.append(embedder.embed(np.stack(batch)))
    return np.concatenate(rows)


def exported(spec: ModelSpec, paths: Sequence[Path], vectors: Vectors, folder: Path) -> float:
    """Return the least cosine between these vectors and those exported from a library of the same photos."""
    library = Library.open(folder)
    try:
        library.use_model(spec.id)
        for _ in library.index([Path(os.path.commonpath(paths))]):
            pass
        library.exports.embeddings(folder / "export.npz")
    finally:
        library.close()
    with np.load(folder / "export.npz") as archive:
        theirs = dict(zip(archive["paths"].tolist(), archive["embeddings"], strict=True))
    return min(float(theirs[str(path)] @ vector) for path, vector in zip(paths, vectors, strict=True))


def milliseconds(embedders: Sequence[Embedder]) -> list[float]:
    """Return the milliseconds per photo of each embedder, the fastest of interleaved rounds."""
    say("timing")
    rng = np.random.default_rng(0)
    fastest = [float("inf")] * len(embedders)
    for _ in range(ROUNDS):
        for place, embedder in enumerate(embedders):
            photos = rng.integers(0, 256, (BATCH, *embedder.spec.preprocessing.shape), np.uint8)
            started = time.process_time()
            embedder.embed(photos)
            fastest[place] = min(fastest[place], (time.process_time() - started) / BATCH * 1000)
    return fastest


def _is_readable(path: Path) -> bool:
    try:
        decode.read_photo(path)
    except UnreadablePhotoError as error:
        say(f"{path} is skipped: {error}")
        return False
    return True


def _installed(registry: ModelRegistry, settings: Path) -> Iterator[tuple[ModelSpec, Embedder]]:
    """Yield the embedders of all installed models, alternatives included."""
    for model in registry.all():
        if model.installed:
            both = (model.spec, catalog.alternative_of(model.spec))
            for spec in (candidate for candidate in both if candidate is not None):
                yield spec, Embedder(spec, registry.weights_path(spec), settings)


def _backbone(settings: Path) -> Embedder:
    """Return an embedder of the last layer of YOLO11n's backbone."""
    spec = replace(catalog.MAX_POOLED, layers=(9,), dimensions=256)
    return Embedder(spec, ModelRegistry().weights_path(spec), settings)


if __name__ == "__main__":
    main()
