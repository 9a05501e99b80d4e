"""Known files that a scan did not find, and whether the user must confirm their removal."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_log = logging.getLogger(__name__)

CONFIRM_ABOVE_PHOTOS = 20
"""More missing photos than this may need confirmation; fewer are ordinary tidying up."""

CONFIRM_ABOVE_SHARE = 0.2
"""Share of a source's photos above which their removal needs confirmation: users rarely delete a fifth of their photos
at once, while a drive that is half copied, half mounted or failing loses far more."""


@dataclass
class MissingPhotos:
    """Collects the known files that a scan did not find."""

    files_by_source: dict[str, dict[str, int]] = field(default_factory=dict)
    """File ids by path, for each source."""

    _unplugged: set[str] = field(default_factory=set)

    def add(self, source: str, files: Mapping[str, int], *, are_all: bool = False) -> None:
        """Add files of a source that were not found: file ids by path; `are_all`: these are all its files.

        Then another folder or a link may be in its place.
        """
        self.files_by_source.setdefault(source, {}).update(files)
        if files and (are_all or self._looks_unplugged(source, files)):
            self._unplugged.add(source)

    def needs_confirmation(self, source: str, missing: int, photos: int) -> bool:
        """Check whether the user must confirm the removal of `missing` of the `photos` of a source."""
        many = missing > CONFIRM_ABOVE_PHOTOS and missing > CONFIRM_ABOVE_SHARE * photos
        if many or source in self._unplugged:
            _log.warning(
                "%d of %d photos of %s were not found and are kept as missing", missing, photos, source
            )
            return True
        return False

    def _looks_unplugged(self, source: str, files: Mapping[str, int]) -> bool:
        """Check whether the source, or a folder in it that held many photos, exists but is empty.

        That is what a mount point looks like without its drive.
        """
        if _is_empty(source):
            return True
        counts: Counter[str] = Counter(os.path.dirname(path) for path in files)  # noqa: PTH120 - many, as text
        missing_in: Counter[str] = Counter()
        cache: dict[str, str] = {}
        for folder, count in counts.items():
            missing_in[_nearest_existing(folder, cache)] += count
        return any(count > CONFIRM_ABOVE_PHOTOS and _is_empty(folder) for folder, count in missing_in.items())


def _nearest_existing(folder: str, cache: dict[str, str]) -> str:
    """Return the folder itself or its nearest existing parent; `cache` holds earlier results."""
    passed = []
    while folder not in cache:
        parent = os.path.dirname(folder)  # noqa: PTH120 - many, as text
        if parent == folder or Path(folder).is_dir():
            cache[folder] = folder
            break
        passed.append(folder)
        folder = parent
    for child in passed:
        cache[child] = cache[folder]
    return cache[folder]


def _is_empty(folder: str) -> bool:
    """Check whether a folder is empty; one that cannot be listed counts as empty."""
    try:
        return not any(Path(folder).iterdir())
    except OSError:
        return True
