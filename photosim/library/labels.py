"""Labels that a model assigns to the photos of a library: reading, searching and adding missing ones."""

from __future__ import annotations

import difflib
import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PIL.JpegImagePlugin import JpegImageFile

from photosim import settings
from photosim.clustering.cluster_labels import distinctive_labels
from photosim.errors import LabelError
from photosim.library.locks import WriteLock
from photosim.library.model_view import ModelView
from photosim.ml.preprocess import preprocess
from photosim.records import Label, LabelCount, Phase, Photo, Progress
from photosim.runtime.control import JobControl
from photosim.runtime.eta import EtaEstimator
from photosim.store.catalog import Catalog
from photosim.store.labels import LabelTable
from photosim.store.thumbnails import ThumbnailCache

_BATCH = 16  # photos through the model at once
_MAX_SUGGESTIONS = 5
_DISABLED = "Labels are off in this library. Turn them on with “photosim labels on”."


@dataclass(frozen=True, slots=True)
class LabelAssignments:
    """Pairs of a file id and an index into `names`, (N,) each; index -1 for a file without labels."""

    files: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    names: tuple[str, ...]

    def distinctive(self, clusters: Sequence[Sequence[int]]) -> list[tuple[str, ...]]:
        """Return, for each cluster of file ids, the labels that set it apart from all other photos, best first."""
        sizes = np.array([len(cluster) for cluster in clusters], np.int64)
        groups = _cluster_of_files(self.files, clusters, sizes)
        return [
            tuple(self.names[index] for index in indices)
            for indices in distinctive_labels(groups, self.labels, sizes)
        ]


class LibraryLabels:
    """The labels of one model in a library, usable from any thread.

    While labels are disabled, none are returned and none are added; existing ones are kept in the database.
    """

    def __init__(
        self, catalog: Catalog, thumbnails: ThumbnailCache, view: ModelView, write_lock: WriteLock
    ) -> None:
        self.view = view
        self._catalog, self._thumbnails, self._write_lock = catalog, thumbnails, write_lock
        self._table = LabelTable(catalog.database, view.model.id)

    @property
    def enabled(self) -> bool:
        """Whether labels are on in this library."""
        return settings.load(self.view.folder).labels

    def set_enabled(self, enabled: bool) -> None:
        """Turn labels on or off."""
        settings.update(self.view.folder, labels=enabled)

    def labels_of(self, photo_id: int) -> tuple[Label, ...]:
        """Return the labels of a photo, best first."""
        return self._table.labels_of(photo_id) if self.enabled else ()

    def counts(self) -> list[LabelCount]:
        """Return all labels with their numbers of files, most frequent first."""
        return self._table.counts() if self.enabled else []

    def files_with(self, *names: str) -> list[int]:
        """Return the ids of the files that have all these labels, best first; names exactly as `counts` has them."""
        if not self.enabled:
            return []
        return [file_id for file_id, _ in self._table.files_with(list(dict.fromkeys(names)))]

    def assignments_by_file(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], list[str]]:
        """Return all labels of all files: file ids (N,), indices into the list of names (N,), and that list."""
        if not self.enabled:
            return np.zeros(0, np.int64), np.zeros(0, np.int64), []
        return self._table.assignments()

    def find(self, words: Sequence[str], k: int | None = None) -> list[tuple[Photo, float]]:
        """Return the photo files that have all these labels, with the lowest of their scores, best first.

        Matching ignores case. Raises LabelError for an unknown label, suggesting similar ones, and when labels are
        disabled.
        """
        self._check_enabled()
        scores = dict(self._table.files_with(self._known_names(words))[:k])
        photos = self._catalog.photos_by_id(list(scores))
        return [(photo, scores[photo.file_id]) for photo in photos]

    def assignments(self) -> LabelAssignments:
        """Return the labels of all files, including files without any."""
        files, labels, names = self._table.assignments()
        labelled = self._table.labelled_file_ids()
        without = labelled[~np.isin(labelled, files)]
        labels = np.append(labels, np.full(len(without), -1, np.int64))
        return LabelAssignments(np.append(files, without), labels, tuple(names))

    def unlabelled(self) -> int:
        """Return how many embedded photos the model has not labelled yet."""
        return len(self._table.unlabelled_photo_ids())

    def label_missing(self, control: JobControl) -> Iterator[Progress]:
        """Label the photos that were embedded without labels, reporting progress.

        Works on thumbnails, so that no photo is read again and drives may be offline; a photo without thumbnail gets
        its labels when it is indexed next. Labels found before a cancellation are saved. Raises LabelError when labels
        are disabled, LibraryLockedError while another PhotoSim writes, ModelError when the model's file is damaged.
        """
        self._check_enabled()
        with self._write_lock:
            photo_ids = self._table.unlabelled_photo_ids()
            progress = Progress(Phase.ANALYZING, total=len(photo_ids))
            yield progress
            estimator = EtaEstimator(control, len(photo_ids))
            for first in range(0, len(photo_ids), _BATCH):
                if not control.wait_while_paused():
                    break
                batch = photo_ids[first : first + _BATCH]
                labels = self._label(batch)
                self._table.save(labels)
                done = first + len(batch)
                progress = replace(
                    progress,
                    done=done,
                    indexed=progress.indexed + len(labels),
                    seconds_left=estimator.update(done),
                )
                yield progress
            yield replace(progress, phase=Phase.DONE, seconds_left=None, cancelled=control.cancelled)

    def _check_enabled(self) -> None:
        if not self.enabled:
            raise LabelError(_DISABLED)

    def _known_names(self, words: Sequence[str]) -> list[str]:
        """Return the labels that these words mean, each once. Raises LabelError for an unknown one."""
        known = {name.casefold(): name for name in self._table.names()}
        names = []
        for word in words:
            name = known.get(" ".join(word.split()).casefold())
            if name is None:
                raise LabelError(self._unknown_label_message(word, list(known.values())))
            names.append(name)
        return list(dict.fromkeys(names))

    def _unknown_label_message(self, word: str, known: list[str]) -> str:
        if not known:
            return (
                f"No photo in this library has the label “{word}”: {self.view.model.title} has not labelled any photos "
                "yet. Run “photosim labels fill” to label them."
            )
        key = word.casefold()
        containing = [name for name in known if key and key in name.casefold()]
        by_key = {name.casefold(): name for name in known}
        similar = [by_key[name] for name in difflib.get_close_matches(key, by_key, _MAX_SUGGESTIONS)]
        suggestions = list(dict.fromkeys([*containing, *similar]))[:_MAX_SUGGESTIONS]
        if not suggestions:
            return (
                f"No photo in this library has the label “{word}”. Run “photosim labels” to list all labels."
            )
        return f"No photo in this library has the label “{word}”. Did you mean {_alternatives(suggestions)}?"

    def _label(self, photo_ids: Sequence[int]) -> dict[int, tuple[Label, ...]]:
        """Return the labels of these photos, leaving out those whose thumbnail is missing or damaged."""
        inputs = {}
        for photo_id in photo_ids:
            digest = self._catalog.digest(photo_id)
            jpeg = None if digest is None else self._thumbnails.get(digest)
            if jpeg is None:
                continue
            try:
                with JpegImageFile(io.BytesIO(jpeg)) as image:
                    inputs[photo_id] = preprocess(image, self.view.model.preprocessing)
            except (
                OSError,
                ValueError,
                SyntaxError,
            ):  # Pillow raises SyntaxError for data that is no JPEG at all
                continue
        if not inputs:
            return {}
        _, labels = self.view.embedder().embed_and_label(np.stack(list(inputs.values())))
        return dict(zip(inputs, labels, strict=True))


def _cluster_of_files(
    files: npt.NDArray[np.int64], clusters: Sequence[Sequence[int]], sizes: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the index of the cluster of each file, -1 for a file in none."""
    members = np.fromiter(itertools.chain.from_iterable(clusters), np.int64, int(sizes.sum()))
    order = np.argsort(members)
    members, indices = members[order], np.repeat(np.arange(len(sizes)), sizes)[order]
    places = np.minimum(np.searchsorted(members, files), len(members) - 1)
    return np.where(members[places] == files, indices[places], -1)


def _alternatives(names: Sequence[str]) -> str:
    """Return “a”, “b” or “c”."""
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
