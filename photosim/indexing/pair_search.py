"""Propose pairs of photos by their embeddings, and compare their thumbnails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from photosim.duplicates.candidates import MAX_MISSES, MIN_COSINE, NEIGHBOURS, is_alike, promising
from photosim.duplicates.geometry import align
from photosim.duplicates.groups import PhotoPair, pair_of
from photosim.duplicates.looks import PhotoLook
from photosim.duplicates.results import JudgedPair
from photosim.duplicates.signatures import SignatureSearch, signature
from photosim.indexing.look_cache import LookCache, SupportsDigests
from photosim.ml.closeness import copy_part, copy_similarities
from photosim.ml.model_spec import ModelSpec
from photosim.search.exact import NO_ID
from photosim.search.index import NeighbourIndex
from photosim.store.duplicates import CONFIRMED, MIN_STORED

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_REQUESTED_FACTOR = 2
"""Neighbours requested for each one needed, where the index is uncertain about their order or compares more of the
embeddings."""

_SIFTED_PHOTOS = 64
"""Photos whose squares are compared with those of their neighbours at once: 5 MB."""

_ALIGNED_PAIRS = 64
"""Pairs that are aligned at once: the looks of all of them are in memory."""

_MAX_PARTNERS = 32
"""Copies of a photo, the most certain ones, whose pairs with each other are proposed. A photo with more is in a group
whose centre has them all."""


class SupportsVectors(Protocol):
    """What is needed of the embeddings of a model."""

    def vectors_of(self, photo_ids: Ids) -> Floats:
        """Return the embeddings of these photos (N,) in this order, float32 (N, D), unit length."""


class PairSearch:
    """Finds the pairs of one indexing; what it has compared is not compared again."""

    def __init__(
        self,
        catalog: SupportsDigests,
        embeddings: SupportsVectors,
        model: ModelSpec,
        index: NeighbourIndex,
        looks: LookCache,
        signatures: SignatureSearch,
        known: Iterable[JudgedPair],
        *,
        grows: bool = True,
    ) -> None:
        """Search among the photos of `index`.

        `signatures` are of the photos that were compared before, `known` the pairs that are confirmed already. Photos that
        are compared join them unless `grows` is False: they are of another collection.
        """
        self._catalog, self._embeddings, self._model = catalog, embeddings, model
        self._index, self._looks, self._signatures = index, looks, signatures
        self._grows = grows
        self._compared: set[PhotoPair] = set()
        self._packed: dict[int, bytes] = {}  # of the photos that were compared last, which are saved next
        self._copies: dict[int, dict[int, float]] = {}
        for pair in known:
            self._add_copies(pair)

    def compare(self, photo_ids: Ids) -> list[JudgedPair]:
        """Compare photos (N,) with the most similar ones, and with the copies of their copies."""
        found = self._compare_nearest(photo_ids)
        proposed = self._alike(photo_ids) + self._copies_of_copies(found)
        while proposed := [pair for pair in dict.fromkeys(proposed) if pair not in self._compared]:
            judged = self._judge(proposed)
            found += judged
            proposed = self._copies_of_copies(judged)
        return found

    def sharpness(self, photo_ids: Sequence[int]) -> dict[int, float | None]:
        """Return the sharpness of photos by their ids, None without a thumbnail."""
        known = self._looks.sharpness(photo_ids)
        return {photo_id: known.get(photo_id) for photo_id in photo_ids}

    def signatures(self, photo_ids: Sequence[int]) -> dict[int, bytes]:
        """Return the signatures of photos by their ids, of those with a thumbnail."""
        known = {photo: self._packed[photo] for photo in photo_ids if photo in self._packed}
        squares = self._looks.squares([photo for photo in photo_ids if photo not in known])
        return known | {photo: signature(square) for photo, square in squares.items()}

    def _alike(self, photo_ids: Ids) -> list[PhotoPair]:
        """Return the pairs of photos (N,) and of those compared before whose signatures are alike."""
        signatures = self._packed = self.signatures(photo_ids.tolist())
        photos, packed = list(signatures), list(signatures.values())
        if self._grows:
            self._signatures.add(np.array(photos, np.int64), packed)
        pairs = [
            pair_of(photo, other)
            for photo, others in zip(photos, self._signatures.nearest(packed), strict=True)
            for other in others
            if other != photo
        ]
        pairs = [pair for pair in dict.fromkeys(pairs) if pair not in self._compared]
        squares = self._looks.squares({photo for pair in pairs for photo in pair})
        return [
            pair
            for pair in pairs
            if squares.keys() >= set(pair) and is_alike(squares[pair[0]], squares[pair[1]])
        ]

    def _compare_nearest(self, photo_ids: Ids) -> list[JudgedPair]:
        """Compare photos (N,) with those most similar, the best first, until MAX_MISSES are none of their copies.

        What is compared does not depend on which photos were compared before.
        """
        found: list[JudgedPair] = []
        queues = [_Queue(pairs) for pairs in self._promising(photo_ids, *self._nearest(photo_ids))]
        while queues := [queue for queue in queues if queue.next_pairs()]:
            asked = [queue.next_pairs() for queue in queues]
            new = dict.fromkeys(pair for pairs in asked for pair in pairs if pair not in self._compared)
            found += self._judge(list(new))
            for queue, pairs in zip(queues, asked, strict=True):
                queue.advance(sum(second not in self._copies.get(first, ()) for first, second in pairs))
        return found

    def _nearest(self, photo_ids: Ids) -> tuple[Ids, Floats]:
        """Return the photos (N, K) that are most similar to photos (N,), and their cosines (N, K) on the common scale.

        Those that are no candidates have a cosine of -1, and are last.
        """
        vectors = self._embeddings.vectors_of(photo_ids)
        is_certain = self._index.is_exact and self._model.copy_dimensions == self._model.dimensions
        requested = 1 + NEIGHBOURS * (1 if is_certain else _REQUESTED_FACTOR)
        found = self._index.search_approximate(vectors, min(requested, len(self._index)))
        others, places = np.unique(found, return_inverse=True)
        is_photo = others != NO_ID
        parts = np.zeros((len(others), self._model.copy_dimensions), np.float32)
        parts[is_photo] = copy_part(self._embeddings.vectors_of(others[is_photo]), self._model)
        own = copy_part(vectors, self._model)
        cosines = np.einsum("nd,nkd->nk", own, parts[places.reshape(found.shape)])
        cosines = copy_similarities(cosines, self._model).astype(np.float32)
        cosines[(found == photo_ids[:, np.newaxis]) | (found == NO_ID) | (cosines < MIN_COSINE)] = -1
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :NEIGHBOURS]
        return np.take_along_axis(found, order, axis=1), np.take_along_axis(cosines, order, axis=1)

    def _promising(self, photo_ids: Ids, nearest: Ids, cosines: Floats) -> Iterator[list[PhotoPair]]:
        """Yield for each of photos (N,) the pairs with those of its nearest ones (N, K) that are worth a look."""
        for start in range(0, len(photo_ids), _SIFTED_PHOTOS):
            part = slice(start, start + _SIFTED_PHOTOS)
            photos, others = photo_ids[part].tolist(), nearest[part]
            squares = self._looks.squares([*photos, *others[cosines[part] > 0].tolist()])
            for photo, row, their_cosines in zip(photos, others.tolist(), cosines[part], strict=True):
                columns = [
                    column
                    for column, other in enumerate(row)
                    if their_cosines[column] > 0 and other in squares
                ]
                if photo in squares and columns:
                    stacked = np.stack([squares[row[column]] for column in columns])
                    order = promising(their_cosines[columns], squares[photo], stacked)
                    yield [pair_of(photo, row[columns[place]]) for place in order.tolist()]

    def _judge(self, pairs: list[PhotoPair]) -> list[JudgedPair]:
        self._compared.update(pairs)
        judged: list[JudgedPair] = []
        for start in range(0, len(pairs), _ALIGNED_PAIRS):
            part = pairs[start : start + _ALIGNED_PAIRS]
            photos = {photo for pair in part for photo in pair}
            tasks = _tasks(part, self._looks.looks(photos), self._catalog.digests(sorted(photos)))
            judged += [pair for pair in self._looks.map(_judged, tasks) if pair is not None]
        for pair in judged:
            if pair.confidence >= CONFIRMED:
                self._add_copies(pair)
        return judged

    def _add_copies(self, pair: JudgedPair) -> None:
        self._copies.setdefault(pair.first, {})[pair.second] = pair.confidence
        self._copies.setdefault(pair.second, {})[pair.first] = pair.confidence

    def _copies_of_copies(self, judged: Iterable[JudgedPair]) -> list[PhotoPair]:
        """Return the pairs that have a copy in common by those of these pairs that are confirmed."""
        proposed: dict[PhotoPair, None] = {}
        for pair in judged:
            if pair.confidence < CONFIRMED:
                continue
            for one, other in ((pair.first, pair.second), (pair.second, pair.first)):
                for copy in self._partners(one):
                    if copy != other and copy not in self._copies[other]:
                        proposed[pair_of(other, copy)] = None
        return list(proposed)

    def _partners(self, photo: int) -> list[int]:
        copies = self._copies[photo]
        return sorted(copies, key=lambda copy: (-copies[copy], copy))[:_MAX_PARTNERS]


@dataclass(slots=True)
class _Queue:
    """The candidates of a photo, the most similar first."""

    pairs: list[PhotoPair]
    misses: int = 0

    def next_pairs(self) -> list[PhotoPair]:
        """Return the pairs to compare next: as many as may all be misses."""
        return self.pairs[: max(MAX_MISSES - self.misses, 0)]

    def advance(self, misses: int) -> None:
        """Go on behind the next pairs, of which `misses` were none of the same photo."""
        del self.pairs[: MAX_MISSES - self.misses]
        self.misses += misses


@dataclass(frozen=True, slots=True)
class _Task:
    """Two photos to compare, ordered by content, so that the result does not depend on their ids."""

    pair: PhotoPair
    one: PhotoLook
    other: PhotoLook
    is_reversed: bool


def _tasks(
    pairs: Sequence[PhotoPair], looks: Mapping[int, PhotoLook], digests: Mapping[int, bytes]
) -> list[_Task]:
    """Return the comparisons of pairs of which both photos have a look."""
    tasks = []
    for first, second in pairs:
        if first in looks and second in looks:
            is_reversed = digests[first] > digests[second]
            one, other = (second, first) if is_reversed else (first, second)
            tasks.append(_Task((first, second), looks[one], looks[other], is_reversed))
    return tasks


def _judged(task: _Task) -> JudgedPair | None:
    """Return how two photos show the same, None if they hardly do."""
    alignment = align(task.one, task.other)
    if alignment is None or alignment.confidence < MIN_STORED:
        return None
    relation = alignment.relation(task.other)
    return JudgedPair(*task.pair, alignment.confidence, relation.inverse if task.is_reversed else relation)
