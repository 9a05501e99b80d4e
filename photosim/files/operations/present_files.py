"""Which photos a folder has already, by the bytes of their files."""

from __future__ import annotations

import filecmp
import os
from contextlib import suppress
from pathlib import Path

from photosim.files.bundles import PhotoFiles
from photosim.files.fspaths import long_path


class PresentFiles:
    """The files that were in the target folders of a transfer when each was listed first."""

    def __init__(self) -> None:
        self._by_size: dict[Path, dict[int, list[str]]] = {}

    def may_have(self, photo: PhotoFiles, folder: Path) -> bool:
        """Whether there are files of the same sizes as those of a photo in a folder."""
        return all(self._of_same_size(path, folder) for path in photo.files)

    def have(self, photo: PhotoFiles, folder: Path) -> bool:
        """Whether there are files with the same bytes as those of a photo in a folder."""
        return all(
            any(_is_same(path, other) for other in self._of_same_size(path, folder)) for path in photo.files
        )

    def _of_same_size(self, path: str, folder: Path) -> list[str]:
        if folder not in self._by_size:
            files: dict[int, list[str]] = {}
            with suppress(OSError), os.scandir(long_path(str(folder))) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False):
                        files.setdefault(entry.stat(follow_symlinks=False).st_size, []).append(entry.path)
            self._by_size[folder] = files
        try:
            size = os.stat(long_path(path)).st_size  # noqa: PTH116
        except OSError:
            return []
        return self._by_size[folder].get(size, [])


def _is_same(path: str, other: str) -> bool:
    try:
        return filecmp.cmp(long_path(path), other, shallow=False)
    except OSError:
        return False
