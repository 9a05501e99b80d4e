"""Processor time of each stage of indexing a photo, in one thread.

python -m tests.benchmarks.stages FOLDER [COUNT]

Calls the functions that indexing calls, with its batch size; prints the median milliseconds of each stage as JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np

from photosim.imaging import decode, turbojpeg
from photosim.indexing.reader import BATCH, Pixels, encode_thumbnail
from photosim.ml.devices import Device
from photosim.ml.embedder import Embedder
from photosim.ml.models import catalog
from photosim.ml.preprocess import preprocess_picture
from photosim.paths import resource_path
from photosim.records import FileEntry
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.embeddings import pack_vector
from photosim.store.thumbnails import ThumbnailCache

STAGES = ("read", "decode", "thumbnail", "resize", "embed", "labels", "objects", "store")
COUNT = 96  # photos measured: a whole number of batches

_Result = TypeVar("_Result")
_Arguments = ParamSpec("_Arguments")


class Stages:
    """Runs the stages of indexing and records their times."""

    def __init__(self, folder: Path) -> None:
        """`folder` is empty; it is used for Ultralytics' settings and a library."""
        self._spec = catalog.DEFAULT
        weights = catalog.weights_path(self._spec, resource_path("models"))
        self._embedder = Embedder(self._spec, weights, folder, device=Device.AUTO)
        self._catalog, self._thumbnails = Catalog(folder), ThumbnailCache(folder)
        self._source = str(folder / "photos")
        self._catalog.add_source(self._source)
        self.times: dict[str, list[float]] = {stage: [] for stage in STAGES}

    def run(self, paths: list[Path]) -> None:
        """Run every stage for one batch."""
        read, jpegs, inputs, sizes = [], {}, [], []
        edge = max(turbojpeg.THUMBNAIL_EDGE, self._spec.preprocessing.edge)
        resize = self._embedder.resize
        for path in paths:
            loaded = self._timed("read", 1, decode.load, path)
            decoded, picture = self._timed("decode", 1, _decoded, loaded, edge)
            jpegs[decoded.digest] = self._timed("thumbnail", 1, encode_thumbnail, picture, resize)
            inputs.append(
                self._timed("resize", 1, preprocess_picture, picture, self._spec.preprocessing, resize)
            )
            sizes.append((picture.shape[1], picture.shape[0]))
            read.append((FileEntry(str(Path(self._source, path.name)), loaded.size, 1), decoded))
        batch, photos = np.stack(inputs), len(paths)
        vectors = self._timed("embed", photos, self._embedder.embed, batch)
        self._timed("labels", photos, self._embedder.embed_and_label, batch)
        detect = self._embedder.embed_label_and_detect
        found = self._timed("objects", photos, detect, batch, sizes)
        records = [
            FileRecord(entry, decoded.digest, decoded.facts, pack_vector(vector), labels, objects)
            for (entry, decoded), vector, labels, objects in zip(read, vectors, *found[1:], strict=True)
        ]
        self._timed("store", photos, self._store, jpegs, records)

    def medians(self) -> dict[str, float]:
        """Return the milliseconds of processor time per photo of each stage."""
        found = {stage: statistics.median(stage_times) * 1000 for stage, stage_times in self.times.items()}
        # Labels and objects come from the same pass of the network as the embedding.
        found["objects"] -= found["labels"]
        found["labels"] -= found["embed"]
        return found

    def close(self) -> None:
        """Close the library."""
        self._catalog.close()
        self._thumbnails.close()

    def _store(self, jpegs: dict[bytes, bytes], records: list[FileRecord]) -> None:
        self._thumbnails.add(jpegs)
        added = self._catalog.save(self._source, records, self._spec.id)
        self._catalog.raw_pairs.update_near(added)

    def _timed(
        self,
        stage: str,
        photos: int,
        work: Callable[_Arguments, _Result],
        *arguments: _Arguments.args,
        **keywords: _Arguments.kwargs,
    ) -> _Result:
        started = time.thread_time()
        result = work(*arguments, **keywords)
        self.times[stage].append((time.thread_time() - started) / photos)
        return result


def _decoded(loaded: decode.LoadedFile, edge: int) -> tuple[decode.DecodedPhoto, Pixels]:
    decoded = decode.decode(loaded, edge=edge)
    return decoded, decoded.picture


def main() -> None:
    """Measure and print."""
    photos = sorted(path for path in Path(sys.argv[1]).rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    count = min(int(sys.argv[2]) if len(sys.argv) > 2 else COUNT, len(photos))
    selected = [photos[number * len(photos) // count] for number in range(count)]
    with tempfile.TemporaryDirectory(prefix="photosim-bench-") as folder:
        stages = Stages(Path(folder))
        stages.run(selected[:BATCH])
        for stage_times in stages.times.values():
            stage_times.clear()  # the first batch fills caches
        for first in range(0, count, BATCH):
            stages.run(selected[first : first + BATCH])
        print(json.dumps(stages.medians()))
        stages.close()


if __name__ == "__main__":
    main()
