"""What the photos of a library show, in a model's words: ask for labels, find by them, fill in those that lack."""

from __future__ import annotations

import difflib
import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL.JpegImagePlugin import JpegImageFile

from photosim import settings
from photosim.clustering.cluster_labels import distinctive_labels
from photosim.errors import LabelError
from photosim.library.model_view import ModelView
from photosim.ml.preprocess import preprocess
from photosim.records import Label, LabelCount, Phase, Photo, Progress
from photosim.runtime.control import JobControl
from photosim.runtime.eta import EtaEstimator
from photosim.store.catalog import Catalog
from photosim.store.labels import LabelTable
from photosim.store.thumbnails import ThumbnailCache

_BATCH = 16  # photos through the model at once
_NEAREST = 5  # known labels told beside an unknown one


@dataclass(frozen=True, slots=True)
class LabelAssignments:
    """Pairs of a file id and a place in the list of `names`, (N,) each; -1 for a file that bears none."""

    files: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    names: tuple[str, ...]

    def distinctive(self, clusters: Sequence[Sequence[int]]) -> list[tuple[str, ...]]:
        """For each cluster of file ids the labels that tell it from all other photos, the most distinctive first."""
        sizes = np.array([len(cluster) for cluster in clusters], np.int64)
        groups = _groups(self.files, clusters, sizes)
        return [
            tuple(self.names[place] for place in told)
            for told in distinctive_labels(groups, self.labels, sizes)
        ]


@dataclass(frozen=True, slots=True)
class LibraryLabels:
    """The labels of a library as its present model gives them; it may be asked from any thread.

    `writing` takes the library's lock. While labels are switched off nothing is told and nothing is made; what there
    is comes back with them.
    """

    folder: Path
    catalog: Catalog
    thumbnails: ThumbnailCache
    view: ModelView
    writing: Callable[[], AbstractContextManager[None]]

    @property
    def enabled(self) -> bool:
        """Whether labels are made and told in this library."""
        return settings.load(self.folder).labels

    def set_enabled(self, on: bool) -> None:
        """Make and tell labels from now on, or do not."""
        settings.save(self.folder, replace(settings.load(self.folder), labels=on))

    # --- asking ------------------------------------------------------------------------------------------

    def labels_of(self, photo_id: int) -> tuple[Label, ...]:
        """The labels of a photo, best first."""
        return self._labels.labels_of(photo_id) if self.enabled else ()

    def counts(self) -> list[LabelCount]:
        """The labels of the library with how many files bear each, most first."""
        return self._labels.counts() if self.enabled else []

    def files_with(self, *names: str) -> list[int]:
        """The ids of the files that bear all these labels, spelled as `counts` does; best first."""
        return (
            [file_id for file_id, _ in self._labels.files_with(list(dict.fromkeys(names)))]
            if self.enabled
            else []
        )

    def assignments_by_file(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], list[str]]:
        """All labels of all files: file ids (N,), places in the list of names (N,), and that list."""
        return (
            self._labels.assignments() if self.enabled else (np.zeros(0, np.int64), np.zeros(0, np.int64), [])
        )

    def find(self, words: Sequence[str], k: int | None = None) -> list[tuple[Photo, float]]:
        """The photo files that bear all these labels, with the lowest of their scores, best first.

        Capitals do not matter. Raises LabelError for a word that is no label of this library, with labels that are
        spelled like it, and when labels are switched off.
        """
        if not self.enabled:
            raise LabelError(
                "Labels are switched off in this library. “photosim labels on” switches them on."
            )
        found = self._labels.files_with(self._spelled(words))[:k]
        scores = dict(found)
        photos = self.catalog.photos_by_id(list(scores))
        return [(photo, scores[photo.file_id]) for photo in photos]

    def assignments(self) -> LabelAssignments:
        """All labels as words that tell groups of files apart."""
        files, labels, names = self._labels.assignments()
        asked = self._labels.labelled_file_ids()
        silent = asked[~np.isin(asked, files)]
        labels = np.append(labels, np.full(len(silent), -1, np.int64))
        return LabelAssignments(np.append(files, silent), labels, tuple(names))

    def unlabelled(self) -> int:
        """How many photos the model has embedded without being asked for labels."""
        return len(self._labels.unlabelled_photo_ids())

    # --- writing -----------------------------------------------------------------------------------------

    def label_missing(self, control: JobControl) -> Iterator[Progress]:
        """Ask the model for the labels of the photos that were embedded without them, and report as it goes.

        It looks at the thumbnails, so that no photo is read again and a drive may be away; a photo without one gets
        its labels when it is next indexed. Cancelled, it keeps what it has. Raises LabelError when labels are
        switched off, LibraryLockedError while another PhotoSim writes, ModelError when the model's file is damaged.
        """
        if not self.enabled:
            raise LabelError(
                "Labels are switched off in this library. “photosim labels on” switches them on."
            )
        with self.writing():
            lacking = self._labels.unlabelled_photo_ids()
            progress = Progress(Phase.ANALYZING, total=len(lacking))
            yield progress
            time_left = EtaEstimator(control, len(lacking))
            for first in range(0, len(lacking), _BATCH):
                if not control.wait_while_paused():
                    break
                batch = lacking[first : first + _BATCH]
                named = self._look_at(batch)
                self._labels.save(named)
                done = first + len(batch)
                left = time_left.update(done)
                progress = replace(
                    progress, done=done, indexed=progress.indexed + len(named), seconds_left=left
                )
                yield progress
            yield replace(progress, phase=Phase.DONE, seconds_left=None, cancelled=control.cancelled)

    # --- helpers -----------------------------------------------------------------------------------------

    @property
    def _labels(self) -> LabelTable:
        return LabelTable(self.catalog.database, self.view.model.id)

    def _spelled(self, words: Sequence[str]) -> list[str]:
        """The labels that a person's words mean."""
        known = {name.casefold(): name for name in self._labels.names()}
        spelled = []
        for word in words:
            name = known.get(" ".join(word.split()).casefold())
            if name is None:
                raise LabelError(self._unknown(word, list(known.values())))
            spelled.append(name)
        return list(dict.fromkeys(spelled))

    def _unknown(self, word: str, known: list[str]) -> str:
        if not known:
            return (
                f"No photo of this library has the label “{word}”: {self.view.model.title} has named nothing yet. "
                "“photosim labels fill” asks it about the photos that it knows."
            )
        key = word.casefold()
        inside = [name for name in known if key and key in name.casefold()]
        spelled = {name.casefold(): name for name in known}
        alike = [spelled[name] for name in difflib.get_close_matches(key, spelled, _NEAREST)]
        nearest = list(dict.fromkeys([*inside, *alike]))[:_NEAREST]
        if not nearest:
            return f"No photo of this library has the label “{word}”. “photosim labels” lists those that there are."
        return f"No photo of this library has the label “{word}”. Do you mean {_either(nearest)}?"

    def _look_at(self, photo_ids: Sequence[int]) -> dict[int, tuple[Label, ...]]:
        """The labels of these photos; those whose thumbnail is missing or damaged are left out."""
        inputs = {}
        for photo_id in photo_ids:
            digest = self.catalog.digest(photo_id)
            jpeg = None if digest is None else self.thumbnails.get(digest)
            if jpeg is None:
                continue
            try:
                with JpegImageFile(io.BytesIO(jpeg)) as image:
                    inputs[photo_id] = preprocess(image, self.view.model.preprocessing)
            except (OSError, ValueError, SyntaxError):  # Pillow's answer to what is no JPEG at all
                continue
        if not inputs:
            return {}
        _, named = self.view.embedder().embed_and_label(np.stack(list(inputs.values())))
        return dict(zip(inputs, named, strict=True))


def _groups(
    files: npt.NDArray[np.int64], clusters: Sequence[Sequence[int]], sizes: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The number of the cluster of each file, -1 for one in none."""
    members = np.fromiter(itertools.chain.from_iterable(clusters), np.int64, int(sizes.sum()))
    order = np.argsort(members)
    members, groups = members[order], np.repeat(np.arange(len(sizes)), sizes)[order]
    places = np.minimum(np.searchsorted(members, files), len(members) - 1)
    return np.where(members[places] == files, groups[places], -1)


def _either(names: Sequence[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
