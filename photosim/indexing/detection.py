"""Passes over photos that are indexed already: for labels and objects that they lack, and for small objects."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np
from PIL.JpegImagePlugin import JpegImageFile

from photosim.errors import UnreadablePhotoError
from photosim.files.fspaths import is_unchanged
from photosim.imaging import decode
from photosim.indexing.reader import BATCH, WORKERS, Labels, Objects, Pixels, SupportsEmbed
from photosim.ml.model_spec import DETECTION_SIZE, ModelSpec
from photosim.ml.preprocess import preprocess
from photosim.records import Phase, Photo, Progress
from photosim.runtime.control import JobControl
from photosim.runtime.crash_journal import CrashJournal
from photosim.runtime.eta import EtaEstimator
from photosim.runtime.limits import enforce_limits
from photosim.store.catalog import Catalog
from photosim.store.labels import LabelTable
from photosim.store.objects import ObjectTable
from photosim.store.thumbnails import ThumbnailCache

_log = logging.getLogger(__name__)


class SupportsLookCloser(Protocol):
    """What `CloserPass` needs of an embedder."""

    def look_closer(self, picture: Pixels) -> Objects:
        """Find the objects in an upright RGB photo (H, W, 3), small ones too."""


@dataclass(frozen=True, slots=True)
class ThumbnailPass:
    """Labels the photos that are embedded but not labelled, and finds the objects in those not searched for them.

    Works on thumbnails, so that no photo is read again and drives may be offline; a photo without thumbnail gets its
    labels and objects when it is indexed next.
    """

    catalog: Catalog
    thumbnails: ThumbnailCache
    model: ModelSpec
    embedder: Callable[[], SupportsEmbed]

    def run(self, control: JobControl) -> Iterator[Progress]:
        """Add what is missing and yield progress; the caller holds the write lock. What was found by a cancellation stays.

        Raises ModelError when the model's file is damaged.
        """
        labels = LabelTable(self.catalog.database, self.model.id)
        objects = ObjectTable(self.catalog.database, self.model.id, self.model.object_dimensions)
        unlabelled = set(labels.unlabelled_photo_ids())
        undetected = set(objects.undetected_photo_ids()) if self.model.object_dimensions else set[int]()

        def process(photo_ids: Sequence[int]) -> int:
            with control.throttle.slot():
                found = self._detect(photo_ids)
            with self.catalog.database.transaction():
                labels.save({photo_id: found[photo_id][0] for photo_id in found.keys() & unlabelled})
                objects.save({photo_id: found[photo_id][1] for photo_id in found.keys() & undetected})
            return len(found)

        yield from _run(sorted(unlabelled | undetected), control, process)

    def _detect(self, photo_ids: Sequence[int]) -> dict[int, tuple[Labels, Objects]]:
        """Return labels and objects of these photos, leaving out those whose thumbnail is missing or damaged."""
        digests = self.catalog.digests(photo_ids)
        jpegs = self.thumbnails.get_many(digests.values())
        inputs, sizes = {}, []
        for photo_id, digest in digests.items():
            if digest not in jpegs:
                continue
            try:
                with JpegImageFile(io.BytesIO(jpegs[digest])) as image:
                    inputs[photo_id] = preprocess(image, self.model.preprocessing)
                    sizes.append(image.size)
            except (OSError, ValueError, SyntaxError):
                continue  # Pillow raises SyntaxError for data that is no JPEG at all
        if not inputs:
            return {}
        _, labels, objects = self.embedder().embed_label_and_detect(np.stack(list(inputs.values())), sizes)
        return dict(zip(inputs, zip(labels, objects, strict=True), strict=True))


@dataclass(frozen=True, slots=True)
class CloserPass:
    """Reads each photo once more, at the larger input of the detector, to find small objects too.

    Photos that were read so before are left out, and those that are offline or have changed are skipped.
    """

    catalog: Catalog
    model: ModelSpec
    embedder: Callable[[], SupportsLookCloser]
    journal: CrashJournal
    workers: int = WORKERS

    def run(self, control: JobControl) -> Iterator[Progress]:
        """Replace the objects of the photos and yield progress; the caller holds the write lock.

        Photos that may have ended the process before come last, one by one. Raises as `ThumbnailPass.run`.
        """
        objects = ObjectTable(self.catalog.database, self.model.id, self.model.object_dimensions)
        suspects = {photo.photo_id for path in self.journal.suspects if (photo := self.catalog.find(path))}
        photo_ids = objects.undetected_photo_ids(closer=True) if self.model.object_dimensions else []
        if photo_ids:  # a drive that is away may hold most of them
            online = [source.path for source in self.catalog.sources() if source.online]
            reachable = self.catalog.source_table.photo_ids(online)
            photo_ids = [photo_id for photo_id in photo_ids if photo_id in reachable]
        photo_ids.sort(key=lambda photo_id: photo_id in suspects)

        def process(batch: Sequence[int]) -> int:
            photos = self._photos(batch)
            others = [photo for photo in photos if photo.path not in self.journal.suspects]
            found = dict(zip((photo.photo_id for photo in others), pool.map(look, others), strict=True))
            for photo in photos:
                if photo.path in self.journal.suspects and not self.journal.is_blamed(photo.path):
                    found[photo.photo_id] = look(photo, alone=True)
                    self.journal.clear(photo.path)
            objects.save({key: value for key, value in found.items() if value is not None}, closer=True)
            return sum(value is not None for value in found.values())

        look = partial(self._look, control)
        with (
            enforce_limits(self.journal, control.limits, lambda: control.cancelled),
            ThreadPoolExecutor(self.workers, "reading") as pool,
        ):
            yield from _run(photo_ids, control, process)

    def _photos(self, photo_ids: Sequence[int]) -> list[Photo]:
        """Return a file of each of these photos that can be read and is unchanged."""
        files = self.catalog.files_by_photo(photo_ids)
        found = (next(filter(is_unchanged, files.get(photo_id, [])), None) for photo_id in photo_ids)
        return [photo for photo in found if photo is not None]

    def _look(self, control: JobControl, photo: Photo, *, alone: bool = False) -> Objects | None:
        """Return the objects in a photo, None if it cannot be read."""
        if control.cancelled:
            return None
        embedder = self.embedder()  # loaded first: its time and memory must not count as the photo's
        with control.throttle.slot(), self.journal.reading(photo.path, size=photo.size, alone=alone):
            try:
                loaded = decode.load(photo.path)
                picture = decode.decode(loaded, edge=DETECTION_SIZE, wait=True).picture
            except UnreadablePhotoError as error:
                _log.info("%s is not searched for objects: %s", photo.path, error)
                return None
            return embedder.look_closer(picture)


def _run(
    photo_ids: Sequence[int], control: JobControl, process: Callable[[Sequence[int]], int]
) -> Iterator[Progress]:
    """Process photos batch by batch, each saved at once, and yield progress until all are done or the job is cancelled.

    `process` returns how many of the photos it could process.
    """
    progress = Progress(Phase.DETECTING, total=len(photo_ids))
    yield progress
    estimator = EtaEstimator(control, len(photo_ids))
    for start in range(0, len(photo_ids), BATCH):
        if not control.wait_while_paused():
            break
        batch = photo_ids[start : start + BATCH]
        indexed = progress.indexed + process(batch)
        done = start + len(batch)
        progress = replace(progress, done=done, indexed=indexed, seconds_left=estimator.update(done))
        yield progress
    yield replace(progress, phase=Phase.DONE, seconds_left=None, cancelled=control.cancelled)
