"""Find the pairs of photos of which one was made from the other, and the bursts, after the index was built."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from photosim.duplicates.groups import burst_links, bursts
from photosim.duplicates.results import METHOD_VERSION
from photosim.indexing.index_builder import IndexBuilder
from photosim.ml.closeness import common_similarities
from photosim.ml.model_spec import ModelSpec
from photosim.runtime import trace
from photosim.runtime.control import JobControl
from photosim.search.index import NeighbourIndex
from photosim.store.catalog import Catalog
from photosim.store.duplicates import DuplicateTable
from photosim.store.embeddings import ModelEmbeddings
from photosim.store.objects import ObjectTable
from photosim.store.thumbnails import ThumbnailCache

if TYPE_CHECKING:
    from photosim.duplicates.looks import Box
    from photosim.indexing.look_cache import LookCache

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_SAVED_PHOTOS = 128
"""Photos compared between two commits: one second of work."""

_READ_ROWS = 4096
"""Embeddings read at once."""

_READ_RUNS = 256
"""Bursts whose subjects are measured at once."""

_ANCHORS = 256
"""Photos that the others are ordered by."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DuplicateFinder:
    """Compares the photos that were not compared yet with all others; what it found is saved a part at a time."""

    catalog: Catalog
    thumbnails: ThumbnailCache
    embeddings: ModelEmbeddings
    model: ModelSpec

    def find(
        self, index: NeighbourIndex, control: JobControl, *, is_new_model: bool = False
    ) -> Iterator[tuple[int, int]]:
        """Compare the new photos of `index`, yielding (done, total).

        Pairs do not depend on the model; bursts do, so they are found anew with a new one, and if a shot was removed from the
        middle of one.
        """
        try:
            yield from self._find(index, control, is_new_model=is_new_model)
        except KeyError as error:
            # The next indexing embeds and compares the photo again.
            _log.warning("Not all photos were compared, as an embedding is damaged: %s", error)

    def _find(
        self, index: NeighbourIndex, control: JobControl, *, is_new_model: bool
    ) -> Iterator[tuple[int, int]]:
        table = DuplicateTable(self.catalog.database)
        unchecked = table.unchecked(index.ids, METHOD_VERSION)
        if len(unchecked):
            yield 0, len(unchecked)
        elif not (is_new_model or table.has_cut_bursts()):
            return
        # Imported late: OpenCV is loaded, which an unchanged folder does not need.
        from photosim.duplicates.signatures import SignatureSearch
        from photosim.indexing.look_cache import LookCache
        from photosim.indexing.pair_search import PairSearch

        with ThreadPoolExecutor(os.cpu_count(), "comparing") as pool:
            looks = LookCache(self.catalog, self.thumbnails, control, pool)
            # First, as the photos are compared anew if this run ends before its end.
            self._link_bursts(index, looks, control, is_new_model=is_new_model)
            if not len(unchecked):
                return
            unchecked = self._near_each_other(unchecked)
            looks.expect_sharpness(unchecked.tolist())
            compared, signatures = table.signatures(METHOD_VERSION)
            is_shown = np.isin(compared, index.ids)
            alike = SignatureSearch(compared[is_shown], list(compress(signatures, is_shown)))
            known = table.pairs(version=METHOD_VERSION)
            search = PairSearch(self.catalog, self.embeddings, self.model, index, looks, alike, known)
            for start in range(0, len(unchecked), _SAVED_PHOTOS):
                if not control.wait_while_paused():
                    return
                part = unchecked[start : start + _SAVED_PHOTOS]
                pairs, photos = search.compare(part), part.tolist()
                table.save(search.sharpness(photos), METHOD_VERSION, pairs, search.signatures(photos))
                yield start + len(part), len(unchecked)
        table.delete_outdated(METHOD_VERSION)

    def _link_bursts(
        self, index: NeighbourIndex, looks: LookCache, control: JobControl, *, is_new_model: bool
    ) -> None:
        """Save which photos of `index` follow each other in a burst, as this model sees them.

        Of two that do already, only a new model may think otherwise.
        """
        table, shown = DuplicateTable(self.catalog.database), set(index.ids.tolist())
        shots = (shot for shot in table.shots() if shot.photo_id in shown)
        linked = set() if is_new_model else set(table.burst_links())

        def similarities(first: Sequence[int], second: Sequence[int]) -> Floats:
            cosines = np.ones(len(first), np.float32)
            unknown = [row for row, pair in enumerate(zip(first, second, strict=True)) if pair not in linked]
            cosines[unknown] = self._cosines(
                [first[row] for row in unknown], [second[row] for row in unknown]
            )
            return cosines

        links = burst_links(shots, similarities)
        subjects = self._subject_sharpness(links, looks, control)
        if subjects is not None:
            table.replace_burst_links(links, subjects)

    def _subject_sharpness(
        self, links: Sequence[tuple[int, int]], looks: LookCache, control: JobControl
    ) -> dict[int, float] | None:
        """Return the sharpness of the subject of each burst in all its shots, by photo id; None if cancelled.

        Bursts without new shots are not looked at again.
        """
        from photosim.duplicates.subjects import common_subject

        table = DuplicateTable(self.catalog.database)
        known = table.subject_sharpness()
        former = {shot: number for number, run in enumerate(bursts(table.burst_links())) for shot in run}
        runs = bursts(links)
        changed = [run for run in runs if run[0] not in former or len({former.get(shot) for shot in run}) > 1]
        found = {shot: known[shot] for run in runs for shot in run if shot in known}
        objects = ObjectTable(self.catalog.database, self.model.id, self.model.object_dimensions)
        for start in range(0, len(changed), _READ_RUNS):
            if not control.wait_while_paused():
                return None
            some = changed[start : start + _READ_RUNS]
            shown = objects.of_photos([shot for run in some for shot in run])
            boxes: dict[int, Box] = {}
            for run in some:
                subject = common_subject([[one.object for one in shown.get(shot, ())] for shot in run])
                boxes.update(zip(run, subject or (), strict=False))
                for shot in run:
                    found.pop(shot, None)
            found |= looks.sharpness(list(boxes), boxes)
        return found

    def _cosines(self, first: Sequence[int], second: Sequence[int]) -> Floats:
        """Return the cosines (N,) of pairs of photos on the common scale."""
        found = [np.empty(0, np.float32)]
        for start in range(0, len(first), _READ_ROWS):
            part = slice(start, start + _READ_ROWS)
            one, other = (self.embeddings.vectors_of(ids[part]) for ids in (first, second))
            found.append(np.einsum("nd,nd->n", one, other))
        return common_similarities(np.concatenate(found), self.model).astype(np.float32)

    def _near_each_other(self, photo_ids: Ids) -> Ids:
        """Order photos (N,) so that similar ones are compared soon after each other, while their looks are kept."""
        step = -(-len(photo_ids) // _ANCHORS)
        anchors = self.embeddings.vectors_of(photo_ids[::step])
        anchors = anchors[_chained(anchors)].T
        nearest = [
            (self.embeddings.vectors_of(photo_ids[start : start + _READ_ROWS]) @ anchors).argmax(axis=1)
            for start in range(0, len(photo_ids), _READ_ROWS)
        ]
        return photo_ids[np.argsort(np.concatenate(nearest), kind="stable")]


def _chained(vectors: Floats) -> Ids:
    """Return an order of vectors (N, D) in which each is followed by the most similar one of those that are left."""
    cosines = vectors @ vectors.T
    order = [0]
    for _ in range(len(vectors) - 1):
        cosines[:, order[-1]] = -np.inf
        order.append(int(cosines[order[-1]].argmax()))
    return np.array(order, np.int64)


def group_photos(
    index_builder: IndexBuilder,
    duplicates: DuplicateFinder,
    control: JobControl,
    *,
    is_new_model: bool = False,
) -> Iterator[tuple[int, int]]:
    """Build the index, the clusters and the map, and find the duplicates; yields (done, total) of each step."""
    index = yield from index_builder.build(control, with_map=True)
    if not control.cancelled:
        with trace.span("find duplicates"):
            yield from duplicates.find(index, control, is_new_model=is_new_model)
