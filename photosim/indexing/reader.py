"""Read many photos at once: bounded look-ahead, one decode each, batches through the model."""

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
MAX_UNSAVED = 64  # photos known by their content that wait for one commit

CORES = os.cpu_count() or 1
WORKERS = CORES + 1  # one more: somebody always waits for the disk or for Python

LOOK_AHEAD = max(BATCH, 8 * CORES)
"""Photos decoded ahead: few are lost when the process dies, and one slow photo still holds up no core."""

LOOK_AHEAD_LOADING = max(LOOK_AHEAD, 128)
"""As many while the model loads, 0.6 MB each: enough to go on meanwhile, whatever the folder holds."""

Pixels = npt.NDArray[np.uint8]
Vectors = npt.NDArray[np.float32]
Labelled = tuple[Label, ...]


class SupportsEmbed(Protocol):
    """What reading needs of an embedder."""

    def resize(self, picture: Pixels, size: tuple[int, int], *, fine: bool = False) -> Pixels:
        """Give an RGB picture (H, W, 3) another size (width, height): faster than Pillow does."""

    def embed(self, inputs: Pixels) -> Vectors:
        """Turn inputs, uint8 (N, S, S, 3), into unit vectors, float32 (N, D)."""

    def embed_and_label(self, inputs: Pixels) -> tuple[Vectors, list[Labelled]]:
        """The same, and what the model names in each."""


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What came of reading one file.

    `reason` is set for an unreadable file; `later`: it is to be tried again, though it has not changed. `facts`, `thumbnail` (JPEG bytes) and `vector` (float32 (D,)) are
    None when the content was known already, and so are `labels`, also when none are wanted.
    """

    entry: FileEntry
    digest: bytes | None = None
    facts: PhotoFacts | None = None
    thumbnail: bytes | None = None
    vector: npt.NDArray[np.float32] | None = None
    labels: Labelled | None = None
    reason: str | None = None
    retry: bool = False


@dataclass(frozen=True, slots=True)
class PhotoReader:
    """How photos are read: `is_known` tells whether a digest needs no decode, `embedder` loads the model.

    `labels`: the model is also asked what it names in them.
    """

    preprocessing: Preprocessing
    is_known: Callable[[bytes], bool]
    embedder: Callable[[], SupportsEmbed]
    journal: CrashJournal
    labels: bool = False
    workers: int = WORKERS

    def read(self, entries: Sequence[FileEntry], control: JobControl) -> Iterator[list[ReadResult]]:
        """Read these files, in this order, until the end or until cancelled; yields batches to keep.

        A file that crashed the program before is read alone, first, so that it takes no other with it.
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
        calm = [entry for entry in entries if entry.path not in suspects] if suspects else entries
        with ThreadPoolExecutor(1, "loading") as loading, ThreadPoolExecutor(self.workers, "reading") as pool:
            try:
                yield from self._read_ahead(calm, control, pool, loading)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _read_ahead(
        self,
        entries: Sequence[FileEntry],
        control: JobControl,
        pool: ThreadPoolExecutor,
        loading: ThreadPoolExecutor,
    ) -> Iterator[list[ReadResult]]:
        waiting = iter(entries)
        decoding: deque[Future[tuple[ReadResult, Pixels | None]]] = deque()
        embedding: deque[Future[list[ReadResult]]] = deque()
        batch: list[tuple[ReadResult, Pixels | None]] = []
        model: Future[SupportsEmbed] | None = None
        while control.wait_while_paused():
            ahead = LOOK_AHEAD if model is not None and model.done() else LOOK_AHEAD_LOADING
            while len(decoding) < ahead and (entry := next(waiting, None)) is not None:
                decoding.append(pool.submit(self._decode, entry, control.throttle))
            if not decoding:
                break
            batch.append(decoding.popleft().result())
            new = sum(pixels is not None for _, pixels in batch)
            if new and model is None:
                # In a thread of its own: all that was to be decoded goes before a batch in the pool.
                model = loading.submit(self.embedder)
            if new == BATCH or len(batch) >= MAX_UNSAVED:
                embedding.append(pool.submit(self._embed_in_turn, batch, control.throttle))
                batch = []
            while embedding and (len(embedding) > self.workers or embedding[0].done()):
                yield embedding.popleft().result()
        for done in embedding:
            yield done.result()
        if batch:
            yield self._embed_in_turn(batch, control.throttle)

    def _decode(self, entry: FileEntry, throttle: Throttle) -> tuple[ReadResult, Pixels | None]:
        with throttle.slot(), self.journal.reading(entry.path, size=entry.size):
            return self._read_pixels(entry)

    def _read_alone(self, entry: FileEntry) -> ReadResult:
        if self.journal.is_blamed(entry.path):
            return ReadResult(entry, reason=self.journal.reason(entry.path))
        self.embedder()  # its time and memory are not the photo's
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

    def _embed_in_turn(
        self, batch: list[tuple[ReadResult, Pixels | None]], throttle: Throttle
    ) -> list[ReadResult]:
        with throttle.slot():
            return self._embed(batch)

    def _embed(self, batch: list[tuple[ReadResult, Pixels | None]]) -> list[ReadResult]:
        pictures = [picture for _, picture in batch if picture is not None]
        if not pictures:
            return [outcome for outcome, _ in batch]
        resize = self.embedder().resize
        thumbnails = [thumbnail(picture, resize) for picture in pictures]
        inputs = np.stack([preprocess_picture(picture, self.preprocessing, resize) for picture in pictures])
        seen = iter(zip(thumbnails, *self._see(inputs), strict=True))
        return [outcome if picture is None else _with(outcome, *next(seen)) for outcome, picture in batch]

    def _see(self, inputs: Pixels) -> tuple[Vectors, Sequence[Labelled | None]]:
        if self.labels:
            return self.embedder().embed_and_label(inputs)
        return self.embedder().embed(inputs), [None] * len(inputs)


def thumbnail(picture: Pixels, resize: Callable[..., Pixels]) -> bytes:
    """The thumbnail's JPEG bytes of a picture (H, W, 3); `resize` as in `SupportsEmbed`."""
    height, width = picture.shape[:2]
    size = turbojpeg.thumbnail_size((width, height))
    small = picture if size == (width, height) else resize(picture, size, fine=True)
    return turbojpeg.encode_jpeg(small, turbojpeg.THUMBNAIL_QUALITY)


def _with(
    outcome: ReadResult, thumbnail: bytes, vector: npt.NDArray[np.float32], labels: Labelled | None
) -> ReadResult:
    return replace(outcome, thumbnail=thumbnail, vector=vector, labels=labels)
