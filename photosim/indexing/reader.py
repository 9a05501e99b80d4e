"""Reads many photos in parallel: bounded look-ahead, one decode each, batches through the model."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from photosim.errors import UnreachablePhotoError, UnreadablePhotoError
from photosim.imaging import decode, turbojpeg
from photosim.ml.catalog import Preprocessing
from photosim.ml.preprocess import preprocess_picture
from photosim.records import FileEntry, Label, PhotoFacts
from photosim.runtime.control import JobControl
from photosim.runtime.crash_journal import CrashJournal
from photosim.runtime.limits import enforce_limits
from photosim.runtime.throttle import Throttle

BATCH = 16  # photos through the model at once: half as many take 1.1 times as long each, more are no faster on a CPU
MAX_UNSAVED = 64  # photos with known content that are saved in one commit

CORES = os.cpu_count() or 1
WORKERS = CORES + 1  # one more, since threads wait for the disk or for Python's lock

LOOK_AHEAD = max(BATCH, 8 * CORES)
"""Photos decoded ahead: few, so that little is lost when the process dies, but enough that a slow photo idles no core."""

LOOK_AHEAD_LOADING = max(LOOK_AHEAD, 128)
"""The same while the model loads, to keep all cores busy; 0.6 MB each."""

Pixels = npt.NDArray[np.uint8]
Vectors = npt.NDArray[np.float32]
Labels = tuple[Label, ...]


class SupportsEmbed(Protocol):
    """What the reader needs of an embedder."""

    def resize(self, picture: Pixels, size: tuple[int, int], *, fine: bool = False) -> Pixels:
        """Resize an RGB picture (H, W, 3) to (width, height), faster than Pillow."""

    def embed(self, inputs: Pixels) -> Vectors:
        """Embed inputs, uint8 (N, S, S, 3), as unit vectors, float32 (N, D)."""

    def embed_and_label(self, inputs: Pixels) -> tuple[Vectors, list[Labels]]:
        """Embed inputs, and label each."""


@dataclass(frozen=True, slots=True)
class ReadResult:
    """Result of reading one file.

    `reason` is set for an unreadable file; with `retry` the next indexing reads it again although it is unchanged.
    `facts`, `thumbnail` (JPEG bytes), `vector` (float32 (D,)) and `labels` are None for known content; `labels` also
    when labels are disabled.
    """

    entry: FileEntry
    digest: bytes | None = None
    facts: PhotoFacts | None = None
    thumbnail: bytes | None = None
    vector: npt.NDArray[np.float32] | None = None
    labels: Labels | None = None
    reason: str | None = None
    retry: bool = False


@dataclass(frozen=True, slots=True)
class PhotoReader:
    """Reads and embeds photos; `is_known` checks whether the content with a digest is already saved.

    `embedder` loads the model on its first call. With `labels` photos are labelled too.
    """

    preprocessing: Preprocessing
    is_known: Callable[[bytes], bool]
    embedder: Callable[[], SupportsEmbed]
    journal: CrashJournal
    labels: bool = False
    workers: int = WORKERS

    def read(self, entries: Sequence[FileEntry], control: JobControl) -> Iterator[list[ReadResult]]:
        """Read these files in this order until cancelled, yielding batches to save.

        Files that may have crashed the program before are read first and one by one, so that no other file is lost.
        """
        with enforce_limits(self.journal, control.limits, lambda: control.cancelled):
            yield from self._read(entries, control)

    def _read(self, entries: Sequence[FileEntry], control: JobControl) -> Iterator[list[ReadResult]]:
        suspects = set(self.journal.suspects)
        for entry in [entry for entry in entries if entry.path in suspects]:
            if not control.wait_while_paused():
                return
            yield [self._read_alone(entry)]
            self.journal.clear(entry.path)
        others = [entry for entry in entries if entry.path not in suspects] if suspects else entries
        with ThreadPoolExecutor(1, "loading") as loading, ThreadPoolExecutor(self.workers, "reading") as pool:
            try:
                yield from self._read_ahead(others, control, pool, loading)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _read_ahead(
        self,
        entries: Sequence[FileEntry],
        control: JobControl,
        pool: ThreadPoolExecutor,
        loading: ThreadPoolExecutor,
    ) -> Iterator[list[ReadResult]]:
        remaining = iter(entries)
        decoding: deque[Future[tuple[ReadResult, Pixels | None]]] = deque()
        embedding: deque[Future[list[ReadResult]]] = deque()
        batch: list[tuple[ReadResult, Pixels | None]] = []
        model: Future[SupportsEmbed] | None = None
        while control.wait_while_paused():
            ahead = LOOK_AHEAD if model is not None and model.done() else LOOK_AHEAD_LOADING
            while len(decoding) < ahead and (entry := next(remaining, None)) is not None:
                decoding.append(pool.submit(self._decode, entry, control.throttle))
            if not decoding:
                break
            batch.append(decoding.popleft().result())
            new = sum(pixels is not None for _, pixels in batch)
            if new and model is None:
                # In a thread of its own, since the pool's queue is full of photos to decode.
                model = loading.submit(self.embedder)
            if new == BATCH or len(batch) >= MAX_UNSAVED:
                embedding.append(pool.submit(self._embed_throttled, batch, control.throttle))
                batch = []
            while embedding and (len(embedding) > self.workers or embedding[0].done()):
                yield embedding.popleft().result()
        for done in embedding:
            yield done.result()
        if batch:
            yield self._embed_throttled(batch, control.throttle)

    def _decode(self, entry: FileEntry, throttle: Throttle) -> tuple[ReadResult, Pixels | None]:
        with throttle.slot(), self.journal.reading(entry.path, size=entry.size):
            return self._read_pixels(entry)

    def _read_alone(self, entry: FileEntry) -> ReadResult:
        if self.journal.is_blamed(entry.path):
            return ReadResult(entry, reason=self.journal.reason(entry.path))
        self.embedder()  # loaded first: its time and memory must not count as the photo's
        with self.journal.reading(entry.path, size=entry.size, alone=True):
            return self._embed([self._read_pixels(entry)])[0]

    def _read_pixels(self, entry: FileEntry) -> tuple[ReadResult, Pixels | None]:
        try:
            loaded = decode.load(entry.path)
            if self.is_known(loaded.digest):
                return ReadResult(entry, loaded.digest), None
            edge = max(turbojpeg.THUMBNAIL_EDGE, self.preprocessing.edge)
            decoded = decode.decode(loaded, edge=edge)
        except UnreadablePhotoError as error:
            return ReadResult(entry, reason=str(error), retry=isinstance(error, UnreachablePhotoError)), None
        return ReadResult(entry, decoded.digest, decoded.facts), decoded.picture

    def _embed_throttled(
        self, batch: list[tuple[ReadResult, Pixels | None]], throttle: Throttle
    ) -> list[ReadResult]:
        with throttle.slot():
            return self._embed(batch)

    def _embed(self, batch: list[tuple[ReadResult, Pixels | None]]) -> list[ReadResult]:
        pictures = [picture for _, picture in batch if picture is not None]
        if not pictures:
            return [result for result, _ in batch]
        resize = self.embedder().resize
        thumbnails = [encode_thumbnail(picture, resize) for picture in pictures]
        inputs = np.stack([preprocess_picture(picture, self.preprocessing, resize) for picture in pictures])
        embedded = iter(zip(thumbnails, *self._embed_inputs(inputs), strict=True))
        return [
            result if picture is None else _with_embedding(result, *next(embedded))
            for result, picture in batch
        ]

    def _embed_inputs(self, inputs: Pixels) -> tuple[Vectors, Sequence[Labels | None]]:
        if self.labels:
            return self.embedder().embed_and_label(inputs)
        return self.embedder().embed(inputs), [None] * len(inputs)


def encode_thumbnail(picture: Pixels, resize: Callable[..., Pixels]) -> bytes:
    """Return the thumbnail of a picture (H, W, 3) as JPEG bytes; `resize` as in `SupportsEmbed`."""
    height, width = picture.shape[:2]
    size = turbojpeg.thumbnail_size((width, height))
    small = picture if size == (width, height) else resize(picture, size, fine=True)
    return turbojpeg.encode_jpeg(small, turbojpeg.THUMBNAIL_QUALITY)


def _with_embedding(
    result: ReadResult, thumbnail: bytes, vector: npt.NDArray[np.float32], labels: Labels | None
) -> ReadResult:
    return replace(result, thumbnail=thumbnail, vector=vector, labels=labels)
