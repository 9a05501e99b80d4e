"""Compares the photos of a folder with those of a library, or of another folder, by what was read of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from photosim.duplicates.comparison import ComparedPhoto, Counterpart, candidate_of, judge, of_same_shot
from photosim.duplicates.keep_rules import KeepRule
from photosim.duplicates.results import CopyRelation, JudgedPair
from photosim.duplicates.signatures import SignatureSearch, signature
from photosim.duplicates.verdict_index import VerdictIndex
from photosim.files.bundles import EditedPhotos
from photosim.indexing.compared_photos import THEIRS, BothCollections, FolderPhotos, PhotoCollection
from photosim.indexing.look_cache import LookCache
from photosim.indexing.pair_search import PairSearch
from photosim.ml.model_spec import ModelSpec
from photosim.records import Photo
from photosim.runtime.control import JobControl
from photosim.search.index import NeighbourIndex
from photosim.store.duplicates import CONFIRMED

COMPARISON_VERSION = 1
"""Increase it when results change, so that folders are judged anew."""

_PART = 128
"""Photos compared between two reports."""

_NEAREST = 5
"""Most similar photos that are looked at for the nearest one that is present."""

_READ_ROWS = 1024
"""Pairs of embeddings read at once."""

Ids = npt.NDArray[np.int64]


@dataclass
class FolderComparison:
    """Judges the photos of a folder; `index` has those of ours, of which `pairs` are copies of each other."""

    theirs: FolderPhotos
    ours: PhotoCollection
    model: ModelSpec
    index: NeighbourIndex
    verdicts: VerdictIndex
    rules: Sequence[KeepRule]
    control: JobControl
    signatures: SignatureSearch | None = None
    """Those of ours; None to compute them."""

    pairs: Sequence[JudgedPair] = ()
    results: list[ComparedPhoto] = field(default_factory=list, init=False)
    """What was found, in the order of the files, once `run` has ended without being cancelled."""

    _edited: EditedPhotos = field(default_factory=EditedPhotos, init=False)

    def run(self) -> Iterator[tuple[int, int]]:
        """Judge all photos, yielding (done, total). Raises KeyError if an embedding is gone."""
        judged: dict[int, _Found] = {}
        both = BothCollections(self.theirs, self.ours)
        with ThreadPoolExecutor(os.cpu_count(), "comparing") as pool:
            looks = LookCache(both, both, self.control, pool)
            identical = self._identical()
            ids = self.theirs.ids
            to_compare = ids[~np.isin(ids, list(identical))]
            total = len(ids)
            yield len(identical), total
            signatures = self.signatures
            if signatures is None:
                squares = looks.squares(self.index.ids.tolist() if len(to_compare) else ())
                signatures = SignatureSearch(
                    np.array(list(squares), np.int64), list(map(signature, squares.values()))
                )
            search = PairSearch(
                both,
                both,
                self.model,
                self.index,
                looks,
                signatures,
                self.pairs,
                grows=False,
            )
            for start in range(0, len(to_compare), _PART):
                if not self.control.wait_while_paused():
                    return
                part = to_compare[start : start + _PART]
                judged |= self._compare(part, search.compare(part))
                yield len(identical) + len(judged), total
        judged |= {photo_id: _Found(identical=ours) for photo_id, ours in identical.items()}
        self.results = self._results(judged)

    def _identical(self) -> dict[int, int]:
        """Return the photos of ours with the same bytes by the ids of theirs, of those that have a file."""
        digests = self.theirs.digests(self.theirs.ids.tolist())
        known = self.ours.known(list(digests.values()))
        files = self.ours.files(list(known.values()))
        return {
            photo_id: known[digest]
            for photo_id, digest in digests.items()
            if digest in known and known[digest] in files
        }

    def _compare(self, photo_ids: Ids, pairs: Sequence[JudgedPair]) -> dict[int, _Found]:
        """Return which of ours each of these photos (N,) is the same as, and which is the nearest."""
        digests = BothCollections(self.theirs, self.ours).digests(
            sorted({photo for pair in pairs for photo in (pair.first, pair.second)})
        )
        found = {photo_id: _Found() for photo_id in photo_ids.tolist()}
        for pair in pairs:
            if pair.second in found and pair.first < THEIRS:
                one, other = digests.get(pair.first), digests[pair.second]
                if one is None or self.verdicts.are_different(one, other):
                    continue
                if self.verdicts.are_same(one, other):
                    found[pair.second].said.add(pair.first)
                elif pair.confidence < CONFIRMED:
                    continue
                found[pair.second].same[pair.first] = pair.confidence, pair.relation
        if len(self.index):
            vectors = self.theirs.vectors_of(photo_ids)
            nearest, cosines = self.index.search(vectors, min(_NEAREST, len(self.index)))
            present = self.ours.files(sorted(set(nearest[nearest >= 0].tolist())))
            for row, photo_id in enumerate(photo_ids.tolist()):
                for other, cosine in zip(nearest[row].tolist(), cosines[row].tolist(), strict=True):
                    if other in present:
                        found[photo_id].nearest = other, min(cosine, 1.0)
                        break
        return found

    def _results(self, judged: Mapping[int, _Found]) -> list[ComparedPhoto]:
        wanted = {photo for found in judged.values() for photo in found.photos}
        files = self.ours.files(sorted(wanted))
        digests, cosines = self.ours.digests(sorted(wanted)), self._cosines(judged)
        edited = self._edited.among(file.path for photos in files.values() for file in photos)
        edited |= self._edited.among(photo.path for photo in self.theirs.photos)
        results = []
        for photo in self.theirs.photos:
            found = judged[photo.photo_id]
            counterparts: list[Counterpart] = []
            owner: dict[int, tuple[int, Photo]] = {}
            for ours, (confidence, relation) in found.counterparts.items():
                for file in files.get(ours, ()):
                    owner[file.file_id] = ours, file
                    candidate = candidate_of(file, has_edits=file.path in edited)
                    counterparts.append(
                        Counterpart(
                            candidate,
                            file.facts,
                            confidence,
                            relation,
                            is_identical=ours == found.identical,
                            is_said=ours in found.said,
                        )
                    )
            itself = [counterpart for counterpart in counterparts if counterpart.candidate.path == photo.path]
            theirs = candidate_of(photo, has_edits=photo.path in edited)
            judgement = judge(theirs, itself or of_same_shot(photo.facts, counterparts), self.rules)
            digest = self.theirs.digest(photo.photo_id)
            if judgement.match is None:
                nearest, similarity = found.nearest
                first = next(iter(files.get(nearest, ())), None)
                results.append(
                    ComparedPhoto(
                        photo,
                        digest,
                        judgement.state,
                        None if first is None else first.path,
                        digests.get(nearest),
                        0.0 if first is None else similarity,
                    )
                )
                continue
            match = judgement.match
            ours, file = owner[match.candidate.file_id]
            results.append(
                ComparedPhoto(
                    photo,
                    digest,
                    judgement.state,
                    file.path,
                    digests.get(ours),
                    cosines.get((photo.photo_id, ours), 1.0),
                    match.confidence,
                    match.is_identical,
                    judgement.reasons,
                    match.relation,
                )
            )
        return results

    def _cosines(self, judged: Mapping[int, _Found]) -> dict[tuple[int, int], float]:
        """Return the cosines of theirs and ours that show the same, by both ids, but for those with the same bytes."""
        pairs = [(theirs, ours) for theirs, found in judged.items() for ours in found.same]
        cosines: dict[tuple[int, int], float] = {}
        for start in range(0, len(pairs), _READ_ROWS):
            part = pairs[start : start + _READ_ROWS]
            theirs, ours = np.array(part, np.int64).T
            products = np.einsum("nd,nd->n", self.theirs.vectors_of(theirs), self.ours.vectors_of(ours))
            cosines |= dict(zip(part, np.clip(products, -1, 1).tolist(), strict=True))
        return cosines


@dataclass
class _Found:
    """What was found for a photo: the one with the same bytes, the same photos with confidence and relation, the nearest."""

    identical: int | None = None
    same: dict[int, tuple[float, CopyRelation | None]] = field(default_factory=dict)
    said: set[int] = field(default_factory=set)
    """Those of the same photos of which the user said so."""

    nearest: tuple[int, float] = (0, 0.0)

    @property
    def counterparts(self) -> Mapping[int, tuple[float, CopyRelation | None]]:
        """The photos of ours that show the same."""
        return self.same if self.identical is None else {self.identical: (1.0, None)}

    @property
    def photos(self) -> set[int]:
        """All photos of ours that it is about."""
        return {*self.counterparts, self.nearest[0]} - {0}
