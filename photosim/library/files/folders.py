"""The sources of a library: their status, their missing photos, and moving them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from photosim.errors import FolderError, LibraryLockedError, UnreadablePhotoError
from photosim.files import volumes
from photosim.files.fspaths import rebase, same_file, stat_stamp
from photosim.files.scan import check_folder
from photosim.files.volumes import Volume, VolumePath
from photosim.imaging.decode import digest_file
from photosim.library.locks import WriteLock
from photosim.paths import absolute_path, is_folder, real_path
from photosim.records import FolderStatus, Source
from photosim.store.catalog import Catalog
from photosim.store.files.sources import SampleFile, SourceLocation
from photosim.store.thumbnails import ThumbnailCache

_log = logging.getLogger(__name__)

_QUICK_SAMPLE = 5  # photos looked for at a source's path if the drive there has another identity
_SAMPLE = 40  # photos looked for at a source's new path
_COMPARED = 8  # photos of the sample whose content is compared
_MIN_FOUND, _MIN_EQUAL = (
    0.5,
    0.8,
)  # shares of the sample that must exist, and of the compared that must be equal


class SourceFolders:
    """Manages the sources of a library, from any thread.

    Methods that write raise LibraryLockedError while another PhotoSim writes.
    """

    def __init__(
        self,
        catalog: Catalog,
        thumbnails: ThumbnailCache,
        write_lock: WriteLock,
        mounted: Callable[[], list[Volume]] = volumes.mounted_volumes,
    ) -> None:
        """`mounted` returns the mounted drives."""
        self._catalog, self._thumbnails, self._write_lock = catalog, thumbnails, write_lock
        self._mounted = mounted

    def all(self) -> list[Source]:
        """Return all sources by path."""
        online = {status.path: status.online for status in self.statuses()}
        return [replace(source, online=online.get(source.path, False)) for source in self._catalog.sources()]

    def statuses(self) -> list[FolderStatus]:
        """Return the status of each source; fast enough to be called every few seconds."""
        drives = self._mounted()
        return [
            FolderStatus(
                path=source.path,
                online=self._is_online(source, drives),
                watched=source.watched,
                remote=volumes.is_remote(source.path, drives),
            )
            for source in self._catalog.source_table.all()
        ]

    def get(self, folder: str | Path) -> Source:
        """Return the source at this path. Raises FolderError if there is none."""
        path = absolute_path(folder)
        names = {str(folder), str(path), str(real_path(path))}
        for source in self._catalog.sources():
            if source.path in names:
                return source
        raise FolderError(f"The folder {folder} is not in this library.")

    def forget_missing(self, folder: str | Path) -> int:
        """Remove the missing photos of a source from the library; returns their number."""
        source = self.get(folder)
        with self._write_lock:
            removed = self._catalog.missing_files.delete(source.path)
            self._thumbnails.remove(self._catalog.delete_orphans())
        return removed

    def keep_missing(self, folder: str | Path) -> None:
        """Keep the missing photos of a source in the library, as they may be found again."""
        source = self.get(folder)
        with self._write_lock:
            self._catalog.missing_files.mark_kept(source.path)

    def set_watched(self, folder: str, watched: bool) -> None:
        """Set whether a source is watched for changes while the window is open."""
        self._catalog.source_table.set_watched(folder, watched)

    def move(self, old: str | Path, new: str | Path) -> str:
        """Change the path of a source to `new`, where its photos are now; returns the resolved path.

        Files keep their ids and embeddings. Raises FolderError if `old` is not a source, `new` does not exist, or the
        photos in it are not those of the source.
        """
        source, target = self.get(old), absolute_path(new)
        check_folder(target, new)
        path = str(real_path(target))
        self._check_same_photos(source.path, path)
        with self._write_lock:
            self._move(source.path, path)
        return path

    def update_drive_paths(self) -> list[tuple[str, str]]:
        """Update the paths of sources whose drive is mounted elsewhere now; returns the old and new paths.

        Changes nothing while another PhotoSim writes.
        """
        drives = self._mounted()
        found = [
            (source.path, new)
            for source in self._catalog.source_table.all()
            if (new := self._new_path(source, drives)) is not None
        ]
        if not found:
            return []
        try:
            with self._write_lock:
                for old, new in found:
                    _log.info("The drive of %s is now mounted at %s", old, new)
                    self._move(old, new)
        except LibraryLockedError:
            return []
        return found

    def prepare_index(self, folders: Sequence[Path]) -> list[Path]:
        """Add these folders unless they are in the library; returns what to scan for them, or for all online sources.

        The write lock is held. Raises FolderError for a folder that does not exist; if it was in an existing source,
        its nearest existing parent is scanned instead.
        """
        self.update_drive_paths()
        if folders:
            roots = [self._known_path(absolute_path(folder)) for folder in folders]
        else:
            roots = [Path(status.path) for status in self.statuses() if status.online]
        roots = _outermost(roots)
        library = self._catalog.database.path.parent
        for folder in roots:
            if folders and same_file(str(folder), str(library)):
                raise FolderError(
                    f"The folder {folder} is the folder of the library itself. Choose another one with --library."
                )
            if self._catalog.source_of(str(folder)) is None:
                check_folder(folder)
                self._catalog.add_source(str(folder))
        self._save_drives(roots)
        return roots

    def _known_path(self, folder: Path) -> Path:
        """Return the path by which the library knows a folder, which may be spelled differently or be a link."""
        if not is_folder(folder):
            folder = self._existing_parent(folder)
        path = real_path(folder)
        if self._catalog.source_of(str(path)) is not None:
            return path
        for source in self._catalog.source_table.all():
            if any(same_file(str(parent), source.path) for parent in (path, *path.parents)):
                return Path(source.path)
        return path

    def _existing_parent(self, folder: Path) -> Path:
        """Return the nearest existing parent inside an existing source. Raises FolderError if there is none."""
        source = self._catalog.source_of(str(folder))
        if source is not None and str(folder) != source and is_folder(source):
            return next(parent for parent in folder.parents if is_folder(parent))
        check_folder(folder)
        raise FolderError(f"The folder {folder} does not exist.")  # it appeared just now

    def _save_drives(self, folders: Sequence[Path]) -> None:
        """Save on which drives the sources of these folders are."""
        drives = self._mounted()
        sources = {self._catalog.source_of(str(folder)) for folder in folders}
        for source in self._catalog.source_table.all():
            location = volumes.volume_path_of(source.path, drives)
            if (
                source.path in sources
                and location is not None
                and location != _saved_location(source)
                and self._is_online(source, drives)
            ):
                self._catalog.source_table.set_location(source.path, location.volume, location.path)

    def _is_online(self, source: SourceLocation, drives: Sequence[Volume]) -> bool:
        """Check whether a source exists and is neither on another drive nor an empty mount point."""
        if not is_folder(source.path):
            return False
        saved, current = _saved_location(source), volumes.volume_path_of(source.path, drives)
        if saved is None or (current is not None and current.volume == saved.volume):
            return True
        # The identity of a drive can change, so the photos decide.
        return self._has_photos(source.path, source.path, _QUICK_SAMPLE)

    def _new_path(self, source: SourceLocation, drives: Sequence[Volume]) -> str | None:
        """Return where the drive of an offline source is mounted now with its photos, or None."""
        saved = _saved_location(source)
        if saved is None or self._is_online(source, drives):
            return None
        for path in volumes.mounted_paths(saved, drives):
            if path != source.path and Path(path).is_dir() and self._has_photos(source.path, path, _SAMPLE):
                return path
        return None

    def _has_photos(self, source: str, folder: str, count: int) -> bool:
        """Check whether any of `count` photos of a source exists in a folder at the same relative path."""
        sample = self._catalog.source_table.sample_files(source, count)
        return not sample or any(_exists(file, source, folder) for file in sample)

    def _check_same_photos(self, old: str, new: str) -> None:
        """Raise FolderError if a folder does not hold the photos of a source."""
        sample = self._catalog.source_table.sample_files(old, _SAMPLE, missing=True)
        found = [file for file in sample if _exists(file, old, new)]
        compared = found[:_COMPARED]
        equal = sum(_has_same_bytes(file, old, new) for file in compared)
        if len(found) < _MIN_FOUND * len(sample) or equal < _MIN_EQUAL * len(compared):
            raise FolderError(
                f"{new} does not contain the photos of {old}: {len(found)} of {len(sample)} sampled photos were found, "
                f"and {equal} of {len(compared)} compared ones are identical. Nothing was changed."
            )

    def _move(self, old: str, new: str) -> None:
        self._catalog.source_table.move(old, new)
        is_source = self._catalog.source_of(new) == new
        if is_source:
            self._catalog.add_source(new)  # merges the sources inside it
        self._thumbnails.remove(self._catalog.delete_orphans())
        location = volumes.volume_path_of(new, self._mounted())
        if is_source and location is not None:
            self._catalog.source_table.set_location(new, location.volume, location.path)


def _saved_location(source: SourceLocation) -> VolumePath | None:
    if source.volume is None or source.volume_path is None:
        return None
    return VolumePath(source.volume, source.volume_path)


def _exists(file: SampleFile, old: str, new: str) -> bool:
    """Check whether a file of the source `old` exists in `new` with the same size."""
    try:
        return stat_stamp(rebase(file.path, old, new))[0] == file.size
    except (OSError, ValueError):
        return False


def _has_same_bytes(file: SampleFile, old: str, new: str) -> bool:
    try:
        return digest_file(rebase(file.path, old, new)) == file.digest
    except UnreadablePhotoError:
        return False


def _outermost(folders: Sequence[Path]) -> list[Path]:
    """Return the folders in order, each once, without those inside another one."""
    unique = dict.fromkeys(folders)
    return [folder for folder in unique if not any(parent in unique for parent in folder.parents)]
