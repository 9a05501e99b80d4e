"""Every model on this computer side by side: python -m tests.benchmarks.bench_model [FOLDER] [--copies FOLDER].

FOLDER holds labelled photos: its sub-folders are the kinds. How well a model finds photos of one kind is measured on
them, as precision among the 10 nearest and as mean average precision, each photo looked up among all the others. How
well it finds edited copies is measured on photos of FOLDER, or of the one named by `--copies`, and ten edits of each:
as the best F1 over all thresholds, and as the recall at 99% precision, of pairs. Without FOLDER photos are made, which
shows that it runs and says little of yours. Time is processor time on one core, in batches, beside the layers of the
YOLO11n in the box that the smallest embedding runs (0 to 9). The last column holds `photosim export`, after indexing
FOLDER, against the vectors measured here: the least cosine of a photo. Prints Markdown.
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
from photosim.ml import catalog
from photosim.ml.catalog import ModelSpec
from photosim.ml.embedder import BATCH, Embedder
from photosim.ml.preprocess import preprocess
from photosim.ml.registry import ModelRegistry
from tests.benchmarks.edits import EDITS, edited
from tests.benchmarks.measures import Labels, Vectors, pairs, retrieval
from tests.benchmarks.report import machine
from tests.benchmarks.setting import say
from tests.support.images import make_scene

COPIED = 300  # photos
MADE_KINDS, MADE_EACH, MADE_SCENES = 12, 12, 50  # made where no photos are given
ROUNDS = 15  # of timing; the fastest counts
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
HEADINGS = (
    *("model", "dimensions", "P@10", "mAP", "copies: best F1", "copies: recall at 99% precision"),
    *("ms a photo", "of the backbone", "export"),
)


@dataclass(frozen=True, slots=True)
class Photos:
    """What is measured on: labelled photos, the kind of each (N,), and photos to make copies of."""

    labelled: Sequence[Path]
    kinds: Labels
    copied: Sequence[Path]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.bench_model",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, nargs="?", help="a folder whose sub-folders are the kinds")
    parser.add_argument("--copies", type=Path, metavar="FOLDER", help="photos to make edited copies of")
    arguments = parser.parse_args()
    for folder in (arguments.folder, arguments.copies):
        if folder is not None and not folder.is_dir():
            parser.error(f"there is no folder {folder}")
    with tempfile.TemporaryDirectory(prefix="photosim-bench-") as temporary:
        place = Path(temporary)
        if arguments.folder is None:
            say("no folder was named: making photos")
            arguments.folder = made(place / "kinds", MADE_KINDS, MADE_EACH)
            arguments.copies = arguments.copies or made(place / "scenes", MADE_SCENES, 1)
        photos = found(arguments.folder, arguments.copies)
        embedders = dict(_present(ModelRegistry(), place))
        if not embedders:
            sys.exit("There is no model on this computer.")
        costs = milliseconds([*embedders.values(), _backbone(place)])
        kinds = len(np.unique(photos.kinds))
        print(f"\n{machine()}; {len(photos.labelled):,} photos of {kinds} kinds;", end=" ")
        print(f"{len(photos.copied):,} photos with {EDITS} edited copies of each\n")
        print(f"| {' | '.join(HEADINGS)} |\n|---{'|---:' * (len(HEADINGS) - 1)}|")
        for (entry, embedder), cost in zip(embedders.items(), costs, strict=False):
            cells = row(entry, embedder, photos, place / entry.id)
            timed = (f"{cost:.1f}", f"{cost / costs[-1]:.2f}")
            print(f"| `{entry.id}` | {' | '.join((*cells[:-1], *timed, cells[-1]))} |", flush=True)


def row(entry: ModelSpec, embedder: Embedder, photos: Photos, library: Path) -> tuple[str, ...]:
    """The cells of one model, its name and times left out."""
    say(f"{entry.title}: {len(photos.labelled):,} photos")
    vectors = embedded((opened(path, entry) for path in photos.labelled), embedder)
    same = retrieval(vectors, photos.kinds)
    say(f"{entry.title}: {len(photos.copied) * (EDITS + 1):,} copies")
    copies = (edit for path in photos.copied for edit in edited(opened(path, entry)))
    groups = np.repeat(np.arange(len(photos.copied)), EDITS + 1)
    near = pairs(embedded(copies, embedder), groups)
    say(f"{entry.title}: indexing and exporting")
    agreement = exported(entry, photos.labelled, vectors, library)
    return (
        f"{entry.dimensions}",
        *(f"{value:.3f}" for value in (same.precision_at_10, same.mean_average_precision)),
        *(f"{value:.3f}" for value in (near.best_f1, near.recall_at_precision_99)),
        f"{agreement:.5f}",
    )


def found(folder: Path, copies: Path | None) -> Photos:
    """The photos of a folder by sub-folder, and those that copies are made of, drawn with a fixed seed."""
    folder = folder.resolve()
    labelled = [path for path in photos_below(folder) if len(path.relative_to(folder).parts) > 1]
    names = [path.relative_to(folder).parts[0] for path in labelled]
    if len(set(names)) < 2:
        sys.exit(f"{folder} has no two sub-folders of photos: each is to hold the photos of one kind.")
    drawn = photos_below(copies) if copies else list(labelled)
    random.Random(0).shuffle(drawn)
    return Photos(labelled, np.unique(names, return_inverse=True)[1].astype(np.int64), drawn[:COPIED])


def photos_below(folder: Path) -> list[Path]:
    """The photo files below a folder that can be read, in a fixed order."""
    files = sorted(path for path in folder.resolve().rglob("*") if path.suffix.lower() in SUFFIXES)
    return [path for path in files if _is_readable(path)]


def made(folder: Path, scenes: int, each: int) -> Path:
    """So many scenes, each photographed several times: a folder for each."""
    for scene in range(scenes):
        below = folder / f"scene {scene}"
        below.mkdir(parents=True)
        for variant in range(each):
            make_scene(scene, (640, 480), variant=variant).save(below / f"{variant}.jpg", quality=88)
    return folder


def opened(path: Path, entry: ModelSpec) -> Image.Image:
    """The photo as an indexing with this model sees it."""
    edge = max(turbojpeg.THUMBNAIL_EDGE, entry.preprocessing.edge)
    image: Image.Image = decode.read_photo(path, edge=edge).image
    return image


def embedded(pictures: Iterable[Image.Image], embedder: Embedder) -> Vectors:
    """The embeddings (N, D) of upright pictures."""
    rows, batch = [], []
    for picture in pictures:
        batch.append(preprocess(picture, embedder.spec.preprocessing))
        if len(batch) == BATCH:
            rows.append(embedder.embed(np.stack(batch)))
            batch.clear()
    if batch:
        rows.append(embedder.embed(np.stack(batch)))
    return np.concatenate(rows)


def exported(entry: ModelSpec, paths: Sequence[Path], vectors: Vectors, folder: Path) -> float:
    """The least cosine between these vectors and those that a library of the same photos exports."""
    library = Library.open(folder)
    try:
        library.use_model(entry.id)
        for _ in library.index([Path(os.path.commonpath(paths))]):
            pass
        library.export(folder / "export.npz")
    finally:
        library.close()
    with np.load(folder / "export.npz") as archive:
        theirs = dict(zip(archive["paths"].tolist(), archive["embeddings"], strict=True))
    return min(float(theirs[str(path)] @ vector) for path, vector in zip(paths, vectors, strict=True))


def milliseconds(embedders: Sequence[Embedder]) -> list[float]:
    """The processor time of one photo with each, the fastest of rounds that take turns."""
    say("timing")
    chance = np.random.default_rng(0)
    fastest = [float("inf")] * len(embedders)
    for _ in range(ROUNDS):
        for place, embedder in enumerate(embedders):
            side = embedder.spec.preprocessing.size
            photos = chance.integers(0, 256, (BATCH, side, side, 3), np.uint8)
            started = time.process_time()
            embedder.embed(photos)
            fastest[place] = min(fastest[place], (time.process_time() - started) / BATCH * 1000)
    return fastest


def _is_readable(path: Path) -> bool:
    try:
        decode.read_photo(path)
    except UnreadablePhotoError as error:
        say(f"{path} is left out: {error}")
        return False
    return True


def _present(shelf: ModelRegistry, settings: Path) -> Iterator[tuple[ModelSpec, Embedder]]:
    """The embeddings of every model that is here, a model's second one after its first."""
    for model in shelf.all():
        if model.installed:
            both = (model.spec, catalog.alternative_of(model.spec))
            for entry in (one for one in both if one is not None):
                yield entry, Embedder(entry, shelf.weights_path(entry), settings)


def _backbone(settings: Path) -> Embedder:
    """YOLO11n's backbone with the least that makes an embedding of it."""
    entry = replace(catalog.MAX_POOLED, layers=(9,), dimensions=256)
    return Embedder(entry, ModelRegistry().weights_path(entry), settings)


if __name__ == "__main__":
    main()
