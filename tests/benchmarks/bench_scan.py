"""Rescan of a hundred thousand unchanged files, compared with `find -printf` of the same tree."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from photosim.files.scan import scan
from photosim.indexing.pipeline import Pipeline
from photosim.records import FileEntry, PhotoFacts
from photosim.runtime.control import JobControl
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import ModelEmbeddings, pack_vector
from photosim.store.files.known_files import incomplete_photos
from photosim.store.thumbnails import ThumbnailCache
from tests.benchmarks.report import Row
from tests.benchmarks.setting import Setting, say

FILES, FOLDERS = 100_000, 200
ROUNDS = 5
RATIO = 3.0
MODEL = "model"


def measure(setting: Setting) -> Iterator[Row]:
    """Yield rows for the scan alone, and for the comparison with the library."""
    find = shutil.which("find")
    if find is None:
        say("find is not installed")
        return
    tree, library = setting.folder / "scanned", setting.folder / "scanned library"
    _make(tree)
    catalog, thumbnails = _known(tree, library)
    command = [find, str(tree), "-type", "f", "-printf", "%s %T@ %p\n"]
    rounds = [
        (
            _seconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)),
            _seconds(lambda: sum(len(part) for part in scan(tree))),
            _seconds(lambda: _rescan(tree, library, catalog, thumbnails)),
        )
        for _ in range(ROUNDS)
    ]
    for number, clock in enumerate(("on the clock", "processor time")):
        base, *ours = (statistics.median(one[number] for one in times) for times in zip(*rounds, strict=True))
        for what, seconds in zip(("the scan alone", "compared with the library"), ours, strict=True):
            ratio = seconds / base
            yield Row(
                f"{FILES:,} unchanged files, {what}, {clock}",
                f"{seconds:.2f} s",
                f"{base:.2f} s find -printf",
                f"{ratio:.2f}",
                f"≤ {RATIO:g}",
                ratio <= RATIO,
            )
    catalog.close()
    thumbnails.close()


def _make(tree: Path) -> None:
    say(f"creating {FILES:,} files")
    for number in range(FOLDERS):
        folder = tree / f"{number // 20:02}" / f"folder {number:03}"
        folder.mkdir(parents=True)
        for photo in range(FILES // FOLDERS):
            (folder / f"IMG_{photo:04}.JPG").touch()


def _known(tree: Path, library: Path) -> tuple[Catalog, ThumbnailCache]:
    """Return a library that has indexed all these files."""
    say("adding them to a library")
    library.mkdir()
    catalog, thumbnails = Catalog(library), ThumbnailCache(library)
    catalog.add_source(str(tree))
    vector = pack_vector(np.eye(1, 64, dtype=np.float32)[0])
    facts = PhotoFacts(40, 30, "JPEG")
    records, jpegs = [], {}
    for number, seen in enumerate(chain.from_iterable(scan(tree))):
        digest = number.to_bytes(16, "big")
        records.append(FileRecord(FileEntry(*seen), digest, facts, vector))
        jpegs[digest] = b"jpeg"
    catalog.save(str(tree), records, MODEL)
    thumbnails.add(jpegs)
    return catalog, thumbnails


def _rescan(tree: Path, library: Path, catalog: Catalog, thumbnails: ThumbnailCache) -> None:
    vectors = ModelEmbeddings(catalog.database, MODEL, 64)
    pipeline = Pipeline(
        library=library,
        catalog=catalog,
        thumbnails=thumbnails,
        reader=None,  # type: ignore[arg-type] - nothing is read
        index_builder=_Model(vectors),  # type: ignore[arg-type]
        duplicates=None,  # type: ignore[arg-type] - nothing is grouped
        control=JobControl(),
    )
    *_, last = pipeline._scan(tree, incomplete_photos(catalog.database, MODEL, thumbnails))
    assert pipeline._found == [], "every file must be known"
    assert last.unchanged == FILES


class _Model:
    def __init__(self, vectors: ModelEmbeddings) -> None:
        self.model, self.embeddings = MODEL, vectors


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Return wall and processor time of this process and its children."""
    started, used = time.perf_counter(), sum(os.times()[:4])
    work()
    return time.perf_counter() - started, sum(os.times()[:4]) - used
