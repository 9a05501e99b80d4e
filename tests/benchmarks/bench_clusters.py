"""Compare clustering methods: python -m tests.benchmarks.bench_clusters FOLDER_OF_CLASS_FOLDERS [--others FOLDER].

Two labelled sets: the photos of FOLDER, whose sub-folders are the classes, and edited copies of some photos (of the
other folder if given), each photo and its copies being a class, among photos without copies. Uses the default
embedding. Needs scikit-learn. Prints Markdown.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import igraph
import numpy as np
import numpy.typing as npt
from PIL import Image
from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans
from sklearn.metrics import homogeneity_completeness_v_measure

from photosim.clustering import leiden, mutual_graph
from photosim.imaging.decode import read_photo
from photosim.ml.embedder import Embedder
from photosim.ml.models.catalog import DEFAULT
from photosim.ml.preprocess import preprocess
from photosim.paths import resource_path
from photosim.records import DEFAULT_LEVEL
from photosim.search.exact import Vectors, top_k
from tests.benchmarks.edits import edited
from tests.support.clusters import cluster_levels

Labels = npt.NDArray[np.int64]
"""The class or cluster of each photo, NO_CLASS if it has none."""

NO_CLASS = -1
COPIED, OTHERS = 300, 800  # photos
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
HEADINGS = (
    "method",
    "clusters",
    "largest",
    "median",
    "unclustered",
    "of partnered, clustered",
    "homogeneity",
    "completeness",
    "V-measure",
    "V, all",
    "others clustered",
    "s",
)


@dataclass(frozen=True)
class Labelled:
    """Photos whose class is known: `vectors` (N, D), `labels` (N,), NO_CLASS for a photo without copies."""

    name: str
    vectors: Vectors
    labels: Labels

    @cached_property
    def has_partner(self) -> npt.NDArray[np.bool_]:
        """Whether each photo (N,) has a partner: one that the coarsest level would put it together with."""
        graph = mutual_graph.mutual_graph(
            np.arange(len(self.vectors)), self.vectors, None, leiden.NEIGHBOURS, DEFAULT.thresholds[0]
        )
        return graph.has_partner(leiden.LEVELS[0].min_cosine)


def main() -> None:
    """Print a table for each of the two sets."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_clusters", description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder whose sub-folders are the classes")
    parser.add_argument(
        "--others", type=Path, help="a folder of unlabelled photos of many kinds (default: FOLDER itself)"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="photosim-bench-") as settings:
        embedder = Embedder(DEFAULT, resource_path("models", DEFAULT.file), Path(settings))
        sets = (
            by_folder(arguments.folder, embedder),
            copies(arguments.others or arguments.folder, embedder),
        )
    for labelled in sets:
        print(f"\n{labelled.name}\n")
        print("| " + " | ".join(HEADINGS) + " |")
        print("|---" + "|---:" * (len(HEADINGS) - 1) + "|")
        for name, method in methods(labelled):
            started = time.perf_counter()
            found = method()
            print("| " + " | ".join([name, *scores(labelled, found, time.perf_counter() - started)]) + " |")


def methods(labelled: Labelled) -> Iterator[tuple[str, Callable[[], Labels]]]:
    """Yield the methods with their names; each returns the cluster of each photo (N,)."""
    vectors = labelled.vectors
    classes = len(np.unique(labelled.labels[labelled.labels >= 0]))
    for level in range(len(leiden.LEVELS)):
        is_default = level == DEFAULT_LEVEL
        name = f"PhotoSim, level {level + 1}"
        yield (
            f"**{name} (default)**" if is_default else name,
            lambda level=level: photosim_clusters(vectors, level),
        )
    yield "Leiden, modularity, no minimum cosine", lambda: modularity(vectors)
    for smallest in (3, 5, 10):
        yield (
            f"HDBSCAN, at least {smallest}",
            lambda smallest=smallest: HDBSCAN(min_cluster_size=smallest, copy=True).fit_predict(vectors),
        )
    yield (
        "HDBSCAN, at least 3, leaves",
        lambda: HDBSCAN(min_cluster_size=3, cluster_selection_method="leaf", copy=True).fit_predict(vectors),
    )
    for number, why in ((classes, "the number of classes"), (round(len(vectors) ** 0.5), "square root of N")):
        yield (
            f"k-means, k = {number} ({why})",
            lambda number=number: KMeans(number, n_init=3, random_state=0).fit_predict(vectors),
        )
    similar = DEFAULT.thresholds[2]
    yield f"average linkage, cosine ≥ {similar}", lambda: linkage(vectors, similar)


def photosim_clusters(vectors: Vectors, level: int) -> Labels:
    """Cluster like PhotoSim."""
    labels = np.full(len(vectors), NO_CLASS)
    levels = cluster_levels(vectors, same_cosine=DEFAULT.thresholds[0])
    for number, rows in enumerate(levels[level]):
        labels[rows] = number
    return labels


def modularity(vectors: Vectors) -> Labels:
    """Leiden maximizing modularity on mutual nearest neighbours weighted by cosine."""
    found = top_k(vectors, np.arange(len(vectors)), vectors, leiden.NEIGHBOURS + 1)[0]
    pairs = mutual_graph._mutual_pairs(found)
    weights = np.einsum("ed,ed->e", vectors[pairs[:, 0]], vectors[pairs[:, 1]])
    igraph.set_random_number_generator(random.Random(0))
    graph = igraph.Graph(n=len(vectors), edges=pairs)
    found = graph.community_leiden(objective_function="modularity", weights=weights.tolist(), n_iterations=-1)
    return without_small(np.array(found.membership))


def linkage(vectors: Vectors, least: float) -> Labels:
    """Agglomerative clustering with a fixed threshold."""
    method = AgglomerativeClustering(None, distance_threshold=1 - least, metric="cosine", linkage="average")
    return without_small(method.fit_predict(vectors))


def without_small(labels: Labels) -> Labels:
    """Set labels of clusters smaller than PhotoSim's minimum to NO_CLASS."""
    return np.where(np.bincount(labels)[labels] >= leiden.MIN_SIZE, labels, NO_CLASS)


def scores(labelled: Labelled, found: Labels, seconds: float) -> Iterator[str]:
    """Yield the cells of one row of the table, from `clusters` on.

    Homogeneity, completeness and V-measure are of the labelled photos in clusters; `V, all` is of all labelled photos,
    where one in no cluster is its own cluster.
    """
    sizes = np.bincount(found[found >= 0]) if (found >= 0).any() else np.zeros(1, np.int64)
    sizes = sizes[sizes > 0] if sizes.any() else sizes
    real = labelled.labels >= 0
    both = real & (found >= 0)
    alone = np.where(found >= 0, found, found.max() + 1 + np.arange(len(found)))
    yield f"{np.count_nonzero(sizes):,}"
    yield f"{sizes.max():,}"
    yield f"{np.median(sizes):.0f}"
    yield f"{np.mean(found[real] < 0):.0%}"
    yield f"{np.mean(found[real & labelled.has_partner] >= 0):.0%}"
    for value in homogeneity_completeness_v_measure(labelled.labels[both], found[both]):
        yield f"{value:.3f}"
    yield f"{homogeneity_completeness_v_measure(labelled.labels[real], alone[real])[2]:.3f}"
    yield "" if real.all() else f"{np.mean(found[~real] >= 0):.0%}"
    yield f"{seconds:.1f}"


def by_folder(folder: Path, embedder: Embedder) -> Labelled:
    """Return the photos of a folder, with their sub-folders as classes."""
    paths = photos_below(folder)
    names = sorted({path.relative_to(folder).parts[0] for path in paths})
    labels = np.array([names.index(path.relative_to(folder).parts[0]) for path in paths])
    name = f"{len(paths):,} photos of {len(names)} classes by folder"
    return Labelled(name, embedded((opened(path) for path in paths), embedder), labels)


def copies(folder: Path, embedder: Embedder) -> Labelled:
    """Return some photos with edited copies of each, among photos without copies."""
    drawn = photos_below(folder)
    random.Random(0).shuffle(drawn)
    copied, others = drawn[:COPIED], drawn[COPIED : COPIED + OTHERS]
    pictures = (edit for path in copied for edit in edited(opened(path)))
    vectors = [embedded(pictures, embedder), embedded((opened(path) for path in others), embedder)]
    each = len(vectors[0]) // max(len(copied), 1)
    labels = np.concatenate([np.repeat(np.arange(len(copied)), each), np.full(len(others), NO_CLASS)])
    name = f"{len(copied)} photos with {each - 1} edited copies of each, among {len(others)} others"
    return Labelled(name, np.concatenate(vectors), labels)


def photos_below(folder: Path) -> list[Path]:
    """Return the photo files below a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def opened(path: Path) -> Image.Image:
    """Decode a photo like indexing does."""
    return read_photo(path).image


def embedded(pictures: Iterable[Image.Image], embedder: Embedder) -> Vectors:
    """Return the embeddings (N, D) of upright images."""
    inputs = (preprocess(picture, embedder.spec.preprocessing) for picture in pictures)
    rows = [embedder.embed(batch[None]) for batch in inputs]
    return np.concatenate(rows) if rows else np.empty((0, embedder.spec.dimensions), np.float32)


if __name__ == "__main__":
    warnings.filterwarnings("ignore", module="sklearn")
    main()
