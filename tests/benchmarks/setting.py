"""What the benchmarks share, made when first asked for: photos, an indexed library, vectors, a search index."""

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

LARGE_COUNT, LARGE_DRAWN, SMALL_COUNT = 800, 160, 2000  # photos; a library's start-up is paid once
MANY = 100_000  # vectors
QUERIES = 1000
FRIEND = 0.35  # at most so much of a vector comes from a second photo
JITTER = 0.25  # at most so much of the difference of two others is added
GRAIN = 0.05  # length of the noise; a vector has length 1


@dataclass
class Setting:
    """The temporary folder of one run, and the person's own folder of photos if there is one."""

    folder: Path
    own_photos: Path | None = None
    large_count: int = LARGE_COUNT

    @cached_property
    def large(self) -> Path:
        """The 12-megapixel photos, or the person's own."""
        if self.own_photos is not None:
            return self.own_photos
        say(f"making {self.large_count} photos of 12 megapixels")
        return make_photos(self.folder / "large", self.large_count, LARGE, LARGE_DRAWN)

    @cached_property
    def small(self) -> Path:
        """Many small photos."""
        say(f"making {SMALL_COUNT} small photos")
        return make_photos(self.folder / "small", SMALL_COUNT, SMALL)

    @cached_property
    def library(self) -> Path:
        """A library of the small photos, or of the person's own."""
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
        """Vectors of unit length, (count, D), that lie as embeddings do.

        Each is a real one drawn a little towards another and moved a little as two others differ, with a
        grain of noise: so neighbours differ in the ways in which photos do.
        """
        real, chance = self.embeddings, np.random.default_rng(seed)
        one, other, start, end = chance.integers(0, len(real), (4, count))
        towards = FRIEND * chance.random((count, 1), np.float32) ** 2
        along = JITTER * chance.random((count, 1), np.float32)
        grain = GRAIN / np.sqrt(real.shape[1]) * chance.standard_normal((count, real.shape[1]), np.float32)
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
        """An index of `many`, its graph complete."""
        say(f"putting {MANY} vectors into the search index")
        return indexed(self.many)


def indexed(vectors: Vectors) -> NeighbourIndex:
    """A search index over these vectors, with a graph whatever their number."""
    index = NeighbourIndex("benchmark", vectors.shape[1], exact_below=1)
    index.add(np.arange(len(vectors)), vectors)
    started = time.perf_counter()
    index.merge_pending()
    say(f"{len(vectors)} vectors in the graph after {time.perf_counter() - started:.0f} s")
    return index


def say(what: str) -> None:
    """Tell the person who waits what goes on."""
    print(f"… {what}", file=sys.stderr, flush=True)
