"""What a scan did not find any more, and whether the person is asked before it is forgotten."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_log = logging.getLogger(__name__)

CONFIRM_ABOVE_PHOTOS = 20
"""More missing photos than this can be worth a question; fewer are an evening's tidying up."""

CONFIRM_ABOVE_SHARE = 0.2
"""The share of a folder's photos from which on the question is asked: few people throw away every fifth photo
at once, while a drive that is half copied, half mounted or failing loses far more."""


@dataclass
class MissingPhotos:
    """The files that were known and not found, by the source that they belong to."""

    files_by_source: dict[str, dict[str, int]] = field(default_factory=dict)
    """File ids by path, for each source."""

    _emptied: set[str] = field(default_factory=set)

    def add(self, source: str, files: Mapping[str, int]) -> None:
        """Files of a source that were not found: file ids by path."""
        self.files_by_source.setdefault(source, {}).update(files)
        if files and self._looks_unplugged(source, files):
            self._emptied.add(source)

    def needs_confirmation(self, source: str, missing: int, photos: int) -> bool:
        """Whether so many missing photos, of those that a source had, are worth a question."""
        many = missing > CONFIRM_ABOVE_PHOTOS and missing > CONFIRM_ABOVE_SHARE * photos
        if many or source in self._emptied:
            _log.warning("%d of %d photos of %s are gone: they are kept as missing", missing, photos, source)
            return True
        return False

    def _looks_unplugged(self, source: str, files: Mapping[str, int]) -> bool:
        """Whether the source, or a folder in it that held many photos, is there but wholly empty.

        A mount point looks like that without its drive.
        """
        if _is_empty(source):
            return True
        counts: Counter[str] = Counter(os.path.dirname(path) for path in files)  # noqa: PTH120 - many, as text
        emptied: Counter[str] = Counter()
        nearest: dict[str, str] = {}
        for folder, count in counts.items():
            emptied[_nearest_existing(folder, nearest)] += count
        return any(count > CONFIRM_ABOVE_PHOTOS and _is_empty(folder) for folder, count in emptied.items())


def _nearest_existing(folder: str, known: dict[str, str]) -> str:
    """The folder itself, or the nearest above it that is there; `known` remembers the answers."""
    passed = []
    while folder not in known:
        parent = os.path.dirname(folder)  # noqa: PTH120 - many, as text
        if parent == folder or Path(folder).is_dir():
            known[folder] = folder
            break
        passed.append(folder)
        folder = parent
    for one in passed:
        known[one] = known[folder]
    return known[folder]


def _is_empty(folder: str) -> bool:
    """Whether a folder is there and holds nothing; one that cannot be listed counts as empty."""
    try:
        return not any(Path(folder).iterdir())
    except OSError:
        return True
