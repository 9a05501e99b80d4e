"""Shared data of the benchmarks, created on first use: photos, an indexed library, vectors, a search index."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosim.search.index import NeighbourIndex
from tests.benchmarks.photos import LARGE, SMALL, make_photos
from tests.benchmarks.processes import run

Vectors = npt.NDArray[np.float32]

LARGE_COUNT, LARGE_DRAWN, SMALL_COUNT = 480, 480, 2000  # photos
FEW_COUNT = 120  # a day's photos: starting counts for most
MANY = 100_000  # vectors
QUERIES = 1000
MAX_BLEND = 0.35  # largest share of a second photo in a vector
MAX_OFFSET = 0.25  # largest share of the difference of two others
NOISE = 0.05  # length of the noise; a vector has length 1


@dataclass
class Setting:
    """The temporary folder of one run, and the user's folder of photos if given."""

    folder: Path
    own_photos: Path | None = None
    large_count: int = LARGE_COUNT

    @cached_property
    def large(self) -> Path:
        """The 12-megapixel photos, or the user's."""
        if self.own_photos is not None:
            return self.own_photos
        say(f"generating {self.large_count} photos of 12 megapixels")
        return make_photos(self.folder / "large", self.large_count, LARGE, LARGE_DRAWN)

    @cached_property
    def few_large(self) -> Path:
        """FEW_COUNT of the 12-megapixel photos, or the user's."""
        if self.own_photos is not None:
            return self.own_photos
        folder = self.folder / "few"
        folder.mkdir()
        for photo in sorted(self.large.iterdir())[:FEW_COUNT]:
            (folder / photo.name).hardlink_to(photo)
        return folder

    @cached_property
    def small(self) -> Path:
        """Many small photos."""
        say(f"generating {SMALL_COUNT} small photos")
        return make_photos(self.folder / "small", SMALL_COUNT, SMALL)

    @cached_property
    def library(self) -> Path:
        """A library of the small photos, or of the user's."""
        folder = self.folder / "library"
        photos = self.own_photos or self.small
        say(f"indexing {photos}")
        run("photosim", "index", photos, "--library", folder)
        return folder

    @cached_property
    def embeddings(self) -> Vectors:
        """The real embeddings of that library, (N, D)."""
        file = self.folder / "embeddings.npz"
        run("photosim", "export", file, "--library", self.library)
        with np.load(file) as archive:
            return np.asarray(archive["embeddings"], np.float32)

    def vectors(self, count: int, seed: int) -> Vectors:
        """Return unit vectors (count, D) distributed like embeddings.

        Each is a real one blended with another, offset by a share of the difference of two others, with noise: so
        neighbours differ like those of photos.
        """
        real, chance = self.embeddings, np.random.default_rng(seed)
        one, other, start, end = chance.integers(0, len(real), (4, count))
        towards = MAX_BLEND * chance.random((count, 1), np.float32) ** 2
        along = MAX_OFFSET * chance.random((count, 1), np.float32)
        grain = NOISE / np.sqrt(real.shape[1]) * chance.standard_normal((count, real.shape[1]), np.float32)
        vectors = (
            real[one] * (1 - towards) + real[other] * towards + (real[end] - real[start]) * along + grain
        )
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    @cached_property
    def many(self) -> Vectors:
        """MANY vectors."""
        return self.vectors(MANY, seed=1)

    @cached_property
    def queries(self) -> Vectors:
        """Vectors that are in no index."""
        return self.vectors(QUERIES, seed=2)

    @cached_property
    def search_index(self) -> NeighbourIndex:
        """An index of `many` with a complete graph."""
        say(f"inserting {MANY} vectors into the search index")
        return indexed(self.many)


def indexed(vectors: Vectors) -> NeighbourIndex:
    """Return an index of these vectors with a graph, whatever their number."""
    index = NeighbourIndex("benchmark", vectors.shape[1], exact_below=1)
    index.add(np.arange(len(vectors)), vectors)
    started = time.perf_counter()
    index.merge_pending()
    say(f"{len(vectors)} vectors in the graph after {time.perf_counter() - started:.0f} s")
    return index


def say(what: str) -> None:
    """Print progress to standard error."""
    print(f"… {what}", file=sys.stderr, flush=True)
