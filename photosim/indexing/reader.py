"""Reads many photos in parallel: bounded look-ahead, one decode each, batches through the model."""

from __future__ import annotations

import os
import queue
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from photosim.errors import UnreachablePhotoError, UnreadablePhotoError
from photosim.imaging import decode, turbojpeg
from photosim.ml.model_spec import Preprocessing
from photosim.ml.preprocess import preprocess_picture
from photosim.records import EmbeddedObject, FileEntry, Label, PhotoFacts
from photosim.runtime import trace
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
"""The same while the model loads, with those that wait for it, to keep all cores busy; 0.6 MB each."""

FIRST_BATCH = 4
"""Photos in the first batch: few, so that somebody who waits sees them soon."""

FLUSH_S = 5.0
"""Seconds without a result after which the photos read so far are saved: what is left may be slow or hostile."""

Pixels = npt.NDArray[np.uint8]
Vectors = npt.NDArray[np.float32]
Labels = tuple[Label, ...]
Objects = tuple[EmbeddedObject, ...]


class SupportsEmbed(Protocol):
    """What the reader needs of an embedder."""

    def resize(self, picture: Pixels, size: tuple[int, int], *, fine: bool = False) -> Pixels:
        """Resize an RGB picture (H, W, 3) to (width, height), faster than Pillow."""

    def embed(self, inputs: Pixels) -> Vectors:
        """Embed inputs, uint8 (N, S, S, 3), as unit vectors, float32 (N, D)."""

    def embed_label_and_detect(
        self, inputs: Pixels, sizes: Sequence[tuple[int, int]]
    ) -> tuple[Vectors, list[Labels], list[Objects]]:
        """Embed inputs of photos with these widths and heights, label each, and find the objects in it."""


@dataclass(frozen=True, slots=True)
class ReadResult:
    """Result of reading one file.

    `reason` is set for an unreadable file; with `retry` the next indexing reads it again although it is unchanged.
    `facts`, `thumbnail` (JPEG bytes), `vector` (float32 (D,)), `labels` and `objects` are None for known content; the
    last two also when labels are disabled.
    """

    entry: FileEntry
    digest: bytes | None = None
    facts: PhotoFacts | None = None
    thumbnail: bytes | None = None
    vector: npt.NDArray[np.float32] | None = None
    labels: Labels | None = None
    objects: Objects | None = None
    reason: str | None = None
    retry: bool = False


Decoded = tuple[ReadResult, Pixels | None]
"""What is known of a file, and its picture unless its content is known or it is unreadable."""


@dataclass(frozen=True, slots=True)
class PhotoReader:
    """Reads and embeds photos; `is_known` checks whether the content with a digest is already saved.

    `embedder` loads the model on its first call. With `labels` photos are labelled too, and searched for objects.
    """

    preprocessing: Preprocessing
    is_known: Callable[[bytes], bool]
    embedder: Callable[[], SupportsEmbed]
    journal: CrashJournal
    labels: bool = False
    workers: int = WORKERS

    def read(self, entries: Sequence[FileEntry], control: JobControl) -> Iterator[list[ReadResult]]:
        """Read these files until cancelled, yielding batches to save as they are ready; a slow file holds up no other.

        Files that may have ended the process before are read last and one by one, so that no other file is lost.
        """
        with enforce_limits(self.journal, control.limits, lambda: control.cancelled):
            yield from self._read(entries, control)

    def _read(self, entries: Sequence[FileEntry], control: JobControl) -> Iterator[list[ReadResult]]:
        paths = set(self.journal.suspects)
        suspects = [entry for entry in entries if entry.path in paths]
        blamed = [entry for entry in suspects if self.journal.is_blamed(entry.path)]
        suspects = [entry for entry in suspects if not self.journal.is_blamed(entry.path)]
        others = [entry for entry in entries if entry.path not in paths] if paths else entries
        yield from self._read_suspects(blamed, control)
        if self.journal.suspects_first:
            yield from self._read_suspects(suspects, control)
        with ThreadPoolExecutor(1, "loading") as loading, ThreadPoolExecutor(self.workers, "reading") as pool:
            try:
                yield from _ReadAhead(self, others, control, pool, loading).batches()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        if not self.journal.suspects_first:
            yield from self._read_suspects(suspects, control)

    def _read_suspects(self, entries: Sequence[FileEntry], control: JobControl) -> Iterator[list[ReadResult]]:
        for entry in entries:
            if not control.wait_while_paused():
                return
            yield [self._read_alone(entry)]
            self.journal.clear(entry.path)

    def decode(self, entry: FileEntry, throttle: Throttle) -> Decoded:
        """Read and decode a file. Raises BusyError for a large photo while another one is decoded."""
        with throttle.slot(), trace.span("decode", 1), self.journal.reading(entry.path, size=entry.size):
            return self._read_pixels(entry, wait=False)

    def embed(self, batch: list[Decoded], throttle: Throttle) -> list[ReadResult]:
        """Embed the photos of a batch."""
        with throttle.slot(), trace.span("embed", len(batch)):
            return self._embed(batch)

    def _read_alone(self, entry: FileEntry) -> ReadResult:
        if self.journal.is_blamed(entry.path):
            return ReadResult(entry, reason=self.journal.reason(entry.path))
        self.embedder()  # loaded first: its time and memory must not count as the photo's
        with self.journal.reading(entry.path, size=entry.size, alone=True):
            return self._embed([self._read_pixels(entry, wait=True)])[0]

    def _read_pixels(self, entry: FileEntry, *, wait: bool) -> Decoded:
        try:
            loaded = decode.load(entry.path)
            if self.is_known(loaded.digest):
                return ReadResult(entry, loaded.digest), None
            edge = max(turbojpeg.THUMBNAIL_EDGE, self.preprocessing.edge)
            decoded = decode.decode(loaded, edge=edge, wait=wait)
        except UnreadablePhotoError as error:
            return ReadResult(entry, reason=str(error), retry=isinstance(error, UnreachablePhotoError)), None
        return ReadResult(entry, decoded.digest, decoded.facts), decoded.picture

    def _embed(self, batch: list[Decoded]) -> list[ReadResult]:
        pictures = [picture for _, picture in batch if picture is not None]
        if not pictures:
            return [result for result, _ in batch]
        resize = self.embedder().resize
        thumbnails = [encode_thumbnail(picture, resize) for picture in pictures]
        inputs = np.stack([preprocess_picture(picture, self.preprocessing, resize) for picture in pictures])
        sizes = [(picture.shape[1], picture.shape[0]) for picture in pictures]
        embedded = iter(zip(thumbnails, *self._embed_inputs(inputs, sizes), strict=True))
        return [
            result if picture is None else _with_embedding(result, *next(embedded))
            for result, picture in batch
        ]

    def _embed_inputs(
        self, inputs: Pixels, sizes: Sequence[tuple[int, int]]
    ) -> tuple[Vectors, Sequence[Labels | None], Sequence[Objects | None]]:
        if self.labels:
            return self.embedder().embed_label_and_detect(inputs, sizes)
        nothing = [None] * len(inputs)
        return self.embedder().embed(inputs), nothing, nothing


@dataclass
class _ReadAhead:
    """Reads files in a pool and hands their results on in the order in which they come."""

    reader: PhotoReader
    entries: Sequence[FileEntry]
    control: JobControl
    pool: ThreadPoolExecutor
    loading: ThreadPoolExecutor
    _model: Future[SupportsEmbed] | None = None
    _decoded: queue.SimpleQueue[tuple[FileEntry, Future[Decoded]] | None] = field(
        default_factory=queue.SimpleQueue
    )
    """Finished decodes; None when an embedding is finished, or the model loaded."""
    _embedded: queue.SimpleQueue[Future[list[ReadResult]]] = field(default_factory=queue.SimpleQueue)
    _decodes: int = 0
    _embeddings: int = 0
    _is_exhausted: bool = False
    _postponed: deque[FileEntry] = field(default_factory=deque)
    _batch: list[Decoded] = field(default_factory=list)
    _is_begun: bool = False
    """Whether the first batch is complete."""
    _unembedded: deque[list[Decoded]] = field(default_factory=deque)
    """Batches that wait for their turn, or for the model to be loaded."""

    def batches(self) -> Iterator[list[ReadResult]]:
        """Yield embedded batches."""
        remaining = iter(self.entries)
        while self.control.wait_while_paused():
            self._submit(remaining)
            if self._is_exhausted and not self._decodes and not self._postponed:
                break
            yield from self._next()
        self._flush()
        if self._model is not None and not self.control.cancelled:
            wait([self._model])
        self._embed_waiting()
        while self._embeddings:
            yield self._next_embedded()
            self._embed_waiting()

    def _submit(self, remaining: Iterator[FileEntry]) -> None:
        """Keep enough files decoding, and few decoded ones waiting for the model."""
        self._embed_waiting()
        # The pool takes its tasks in order, so more decodes than that would hold up the embeddings behind them.
        ahead = LOOK_AHEAD if self._is_begun else max(FIRST_BATCH, self.reader.workers)
        waiting = sum(map(len, self._unembedded))
        ahead = min(ahead, LOOK_AHEAD_LOADING - waiting)
        if self._postponed and not decode.is_busy():
            self._start(self._postponed.popleft())
        while self._decodes < ahead and self._embeddings <= self.reader.workers:
            entry = next(remaining, None)
            if entry is None:
                self._is_exhausted = True
                break
            self._start(entry)

    def _start(self, entry: FileEntry) -> None:
        self._decodes += 1
        future = self.pool.submit(self.reader.decode, entry, self.control.throttle)
        future.add_done_callback(lambda done: self._decoded.put((entry, done)))

    def _next(self) -> Iterator[list[ReadResult]]:
        """Handle the next result; flush the batch if there is none for a while."""
        if self._embeddings > self.reader.workers:
            yield self._next_embedded()
            return
        try:
            decoded = self._decoded.get(timeout=FLUSH_S)
        except queue.Empty:
            if not self._embeddings:
                self._flush()  # what is left may be slow or hostile
            return
        if decoded is None:
            if not self._embedded.empty():
                yield self._next_embedded()
            return
        self._decodes -= 1
        entry, future = decoded
        try:
            self._batch.append(future.result())
        except decode.BusyError:
            self._postponed.append(entry)
            return
        new = sum(pixels is not None for _, pixels in self._batch)
        if new and self._model is None:
            # In a thread of its own, since the pool's queue is full of photos to decode.
            self._model = self.loading.submit(self.reader.embedder)
            self._model.add_done_callback(lambda _: self._decoded.put(None))
        if new == (BATCH if self._is_begun else min(FIRST_BATCH, BATCH)) or len(self._batch) >= MAX_UNSAVED:
            self._flush()

    def _next_embedded(self) -> list[ReadResult]:
        self._embeddings -= 1
        return self._embedded.get().result()

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        if batch:
            self._is_begun = True
            self._unembedded.append(batch)

    def _embed_waiting(self) -> None:
        """Embed some of the batches that wait, unless the model is still loading or the job was cancelled."""
        if self.control.cancelled or (self._model is not None and not self._model.done()):
            return
        while self._unembedded and self._embeddings <= self.reader.workers:
            self._embeddings += 1
            batch = self._unembedded.popleft()
            future = self.pool.submit(self.reader.embed, batch, self.control.throttle)
            future.add_done_callback(self._finish_embedding)

    def _finish_embedding(self, future: Future[list[ReadResult]]) -> None:
        self._embedded.put(future)
        self._decoded.put(None)


def encode_thumbnail(picture: Pixels, resize: Callable[..., Pixels]) -> bytes:
    """Return the thumbnail of a picture (H, W, 3) as JPEG bytes; `resize` as in `SupportsEmbed`."""
    height, width = picture.shape[:2]
    size = turbojpeg.thumbnail_size((width, height))
    small = picture if size == (width, height) else resize(picture, size, fine=True)
    return turbojpeg.encode_jpeg(small, turbojpeg.THUMBNAIL_QUALITY)


def _with_embedding(
    result: ReadResult, thumbnail: bytes, vector: Vectors, labels: Labels | None, objects: Objects | None
) -> ReadResult:
    return replace(result, thumbnail=thumbnail, vector=vector, labels=labels, objects=objects)
