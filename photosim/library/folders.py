"""The folders of a library: where they are now, photos of them that are missing, and moving them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from photosim.errors import FolderError, LibraryLockedError, UnreadablePhotoError
from photosim.files import volumes
from photosim.files.fspaths import rebase, same_file, stat_stamp
from photosim.files.volumes import Volume, VolumePath
from photosim.imaging.decode import digest_file
from photosim.library.locks import WriteLock
from photosim.records import FolderStatus, Source
from photosim.store.catalog import Catalog
from photosim.store.sources import SampleFile, SourceLocation
from photosim.store.thumbnails import ThumbnailCache

_log = logging.getLogger(__name__)

_GLANCE = 5  # photos looked for where another drive lies at a folder's path
_SAMPLE, _COMPARED = 40, 8  # photos looked for in a folder's new place, and how many of these are read
_FOUND_SHARE, _SAME_SHARE = 0.5, 0.8
"""So much of the sample must be in the new place, and of what is read there so much must be unchanged."""


class SourceFolders:
    """What can be done with the folders that were added; every method may be called from any thread.

    `mounted` lists the drives. Methods that write raise LibraryLockedError while another PhotoSim writes.
    """

    def __init__(
        self,
        catalog: Catalog,
        thumbnails: ThumbnailCache,
        write_lock: WriteLock,
        mounted: Callable[[], list[Volume]] = volumes.mounted_volumes,
    ) -> None:
        self._catalog, self._thumbnails, self._write_lock = catalog, thumbnails, write_lock
        self._mounted = mounted

    # --- asking ------------------------------------------------------------------------------------------

    def all(self) -> list[Source]:
        """The folders that were added, by path."""
        online = {standing.path: standing.online for standing in self.statuses()}
        return [replace(source, online=online.get(source.path, False)) for source in self._catalog.sources()]

    def statuses(self) -> list[FolderStatus]:
        """How each added folder stands now; quick enough to be asked every few seconds."""
        drives = self._mounted()
        return [
            FolderStatus(
                one.path, self._is_there(one, drives), one.watched, volumes.is_remote(one.path, drives)
            )
            for one in self._catalog.source_table.all()
        ]

    def get(self, folder: str | Path) -> Source:
        """The added folder at this path. Raises FolderError when it was not added."""
        path = Path(folder).expanduser()
        names = {str(folder), str(path.absolute()), str(path.resolve())}
        for source in self._catalog.sources():
            if source.path in names:
                return source
        raise FolderError(f"The folder {folder} was not added to this library.")

    # --- missing photos ----------------------------------------------------------------------------------

    def forget_missing(self, folder: str | Path) -> int:
        """Forget the missing photos of an added folder, which the person deleted; returns how many these were."""
        source = self.get(folder)
        with self._write_lock:
            forgotten = self._catalog.missing_files.delete(source.path)
            self._thumbnails.remove(self._catalog.delete_orphans())
        return forgotten

    def keep_missing(self, folder: str | Path) -> None:
        """Keep the missing photos of an added folder, and ask no more about them; they may come back."""
        source = self.get(folder)
        with self._write_lock:
            self._catalog.missing_files.mark_kept(source.path)

    # --- watching ----------------------------------------------------------------------------------------

    def set_watched(self, folder: str, watched: bool) -> None:
        """Choose whether a folder is watched for changes while the window is open."""
        self._catalog.source_table.set_watched(folder, watched)

    # --- moving ------------------------------------------------------------------------------------------

    def move(self, old: str | Path, new: str | Path) -> str:
        """Let an added folder lie at `new`, where its photos are now; returns its path there.

        Its files keep their ids and embeddings. Raises FolderError when `old` was not added, `new` is not there,
        or the photos found in it are not those of the folder.
        """
        source, target = self.get(old), Path(new).expanduser()
        if not target.is_dir():
            raise FolderError(
                f"The folder {new} {'is not a folder' if target.exists() else 'does not exist'}."
            )
        path = str(target.resolve())
        self._check_same(source.path, path)
        with self._write_lock:
            self._move(source.path, path)
        return path

    def update_drive_paths(self) -> list[tuple[str, str]]:
        """Find the folders whose drive is mounted elsewhere now; returns their old and new paths.

        While another PhotoSim writes nothing is moved.
        """
        drives = self._mounted()
        found = [
            (one.path, new)
            for one in self._catalog.source_table.all()
            if (new := self._elsewhere(one, drives)) is not None
        ]
        if not found:
            return []
        try:
            with self._write_lock:
                for old, new in found:
                    _log.info("The drive of %s is mounted elsewhere now: %s", old, new)
                    self._move(old, new)
        except LibraryLockedError:
            return []
        return found

    # --- indexing ----------------------------------------------------------------------------------------

    def prepare_index(self, folders: Sequence[Path]) -> list[Path]:
        """What to scan for these folders (none: all that are there), added where they are new.

        The library's lock is held. Raises FolderError for a folder that is not there, unless it lay in an
        added folder that is: then what is left around it is scanned.
        """
        self.update_drive_paths()
        if folders:
            wanted = [self._own_name(folder.expanduser()) for folder in folders]
        else:
            wanted = [Path(standing.path) for standing in self.statuses() if standing.online]
        wanted = _outermost(wanted)
        for folder in wanted:
            if self._catalog.source_of(str(folder)) is None:
                self._catalog.add_source(str(folder))
        self._remember_drives(wanted)
        return wanted

    # --- helpers -----------------------------------------------------------------------------------------

    def _own_name(self, folder: Path) -> Path:
        """A folder by the path that the library knows it by, however it is spelt."""
        if not folder.is_dir():
            folder = self._left_around(folder)
        path = folder.resolve()
        if self._catalog.source_of(str(path)) is not None:
            return path
        for source in self._catalog.source_table.all():
            if any(same_file(str(place), source.path) for place in (path, *path.parents)):
                return Path(source.path)
        return path

    def _left_around(self, folder: Path) -> Path:
        source = self._catalog.source_of(str(folder))
        if source is not None and str(folder) != source and Path(source).is_dir():
            return next(place for place in folder.parents if place.is_dir())
        reason = "is not a folder" if folder.exists() else "does not exist"
        raise FolderError(f"The folder {folder} {reason}.")

    def _remember_drives(self, folders: Sequence[Path]) -> None:
        drives = self._mounted()
        homes = {self._catalog.source_of(str(folder)) for folder in folders}
        for one in self._catalog.source_table.all():
            place = volumes.volume_path_of(one.path, drives)
            if (
                one.path in homes
                and place is not None
                and place != _place(one)
                and self._is_there(one, drives)
            ):
                self._catalog.source_table.set_location(one.path, place.volume, place.path)

    def _is_there(self, one: SourceLocation, drives: Sequence[Volume]) -> bool:
        """Whether a folder is there, and not another drive or an empty mount point in its place."""
        if not Path(one.path).is_dir():
            return False
        remembered, now = _place(one), volumes.volume_path_of(one.path, drives)
        if remembered is None or (now is not None and now.volume == remembered.volume):
            return True
        # A drive can get another mark without being another drive: its photos tell.
        return self._agrees(one.path, one.path, _GLANCE)

    def _elsewhere(self, one: SourceLocation, drives: Sequence[Volume]) -> str | None:
        remembered = _place(one)
        if remembered is None or self._is_there(one, drives):
            return None
        for path in volumes.mounted_paths(remembered, drives):
            if path != one.path and Path(path).is_dir() and self._agrees(one.path, path, _SAMPLE):
                return path
        return None

    def _agrees(self, old: str, new: str, count: int) -> bool:
        """Whether some photo of a folder, of `count` looked for, is found in another place."""
        sample = self._catalog.source_table.sample_files(old, count)
        return not sample or any(_is_found(one, old, new) for one in sample)

    def _check_same(self, old: str, new: str) -> None:
        sample = self._catalog.source_table.sample_files(old, _SAMPLE, missing=True)
        found = [one for one in sample if _is_found(one, old, new)]
        compared = found[:_COMPARED]
        same = sum(_has_same_bytes(one, old, new) for one in compared)
        if len(found) < _FOUND_SHARE * len(sample) or same < _SAME_SHARE * len(compared):
            raise FolderError(
                f"The photos in {new} are not those of {old}: of {len(sample)} that were looked for "
                f"{len(found)} are there, and of {len(compared)} that were compared {same} are the same. "
                "Nothing was changed."
            )

    def _move(self, old: str, new: str) -> None:
        self._catalog.source_table.move(old, new)
        home = self._catalog.source_of(new)
        if home == new:
            self._catalog.add_source(new)  # it takes over the folders inside it
        self._thumbnails.remove(self._catalog.delete_orphans())
        place = volumes.volume_path_of(new, self._mounted())
        if home == new and place is not None:
            self._catalog.source_table.set_location(new, place.volume, place.path)


def _place(one: SourceLocation) -> VolumePath | None:
    return None if one.volume is None or one.volume_path is None else VolumePath(one.volume, one.volume_path)


def _is_found(sample: SampleFile, old: str, new: str) -> bool:
    try:
        return stat_stamp(rebase(sample.path, old, new))[0] == sample.size
    except (OSError, ValueError):
        return False


def _has_same_bytes(sample: SampleFile, old: str, new: str) -> bool:
    try:
        return digest_file(rebase(sample.path, old, new)) == sample.digest
    except UnreadablePhotoError:
        return False


def _outermost(folders: Sequence[Path]) -> list[Path]:
    """The folders without those that lie in another of them, in order, each once."""
    unique = dict.fromkeys(folders)
    return [folder for folder in unique if not any(parent in unique for parent in folder.parents)]
