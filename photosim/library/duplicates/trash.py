"""Moves the basket of duplicates to the trash, each photo verified just before, in one operation."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from photosim.duplicates.results import Basket
from photosim.errors import PhotoSimError
from photosim.files.bundles import PhotoFiles, collect_photo_files, total_size
from photosim.files.fspaths import clamp_time, is_inside, long_path
from photosim.files.operations.copying import TransferCancelled, TransferProgress
from photosim.files.operations.failures import KEPT_CHANGED, KEPT_UNAVAILABLE, describe_error
from photosim.files.operations.transfer import TransferFailure, TransferReport
from photosim.files.operations.trashing import MoveToTrash, Replacement
from photosim.files.state import FileState, is_online_only, is_same_state, read_state
from photosim.imaging.decode import digest_file
from photosim.library.duplicates.trash_notes import TrashNotes
from photosim.library.files.moves import FileOperations
from photosim.library.files.operations import FileOperation, OperationKind, OperationResult
from photosim.records import Photo
from photosim.store.catalog import Catalog

_CHANGED = "The file was edited or replaced in the meantime. Rescan its folder to compare it again."
_PROTECTED = "The photo is in a protected folder."
_LINK = "This is only a link to a photo."
_NOT_HERE = "The content of the file is not on this computer."


class _UnverifiedError(PhotoSimError):
    """A photo, or the one to keep in its place, is not as it was when it was reviewed."""


@dataclass(frozen=True, slots=True)
class PreparedTrash:
    """The operation that moves the verified photos of a basket to the trash, and why the others stay."""

    operation: FileOperation
    left_out: tuple[TransferFailure, ...] = ()
    is_cancelled: bool = False


class DuplicateTrash:
    """Verifies the photos of a basket and the ones to keep, and moves the former to the trash."""

    def __init__(
        self,
        catalog: Catalog,
        file_moves: FileOperations,
        notes: TrashNotes,
        protected: Callable[[], Collection[str]] = tuple,
    ) -> None:
        """`protected` returns the folders that the user has protected."""
        self._catalog, self._file_moves, self._notes = catalog, file_moves, notes
        self._protected = protected

    def run(
        self, basket: Basket, move_to_trash: MoveToTrash, progress: TransferProgress, *, inherit: bool = False
    ) -> OperationResult:
        """Verify the photos of a basket and move them to the trash; those that stay are among the failures.

        With `inherit`, side files, dates and named clusters go to the photo to keep. The result is undone, and its
        operation done again, as any other. Raises ReadOnlyLibraryError before anything is done.
        """
        self._catalog.database.check_writable()
        whole = _WholeProgress(progress)
        prepared = self.prepare(basket, whole, inherit=inherit)
        if prepared.is_cancelled:
            return OperationResult(prepared.operation, TransferReport(cancelled=True))
        if not prepared.operation.files:
            result = OperationResult(prepared.operation)
        else:
            result = self._file_moves.run(prepared.operation, move_to_trash, whole)
        failed = (*prepared.left_out, *result.report.failed)
        return replace(result, report=replace(result.report, failed=failed))

    def prepare(self, basket: Basket, progress: TransferProgress, *, inherit: bool = False) -> PreparedTrash:
        """Verify the photos of a basket; moves nothing.

        A photo goes if it has the stamp of its review and the content that the library knows, is in no protected
        folder, and if of each of its groups a photo stays that is there with its content.
        """
        photos = basket.photos
        bundles = collect_photo_files((photo.path, photo.raw_files) for photo in photos)
        verification = _Verification(self._catalog, basket, progress)
        progress.set_total(verification.size + total_size(bundles))
        files: list[PhotoFiles] = []
        expected: dict[str, FileState] = {}
        replacements: dict[str, Replacement] = {}
        left_out: list[TransferFailure] = []
        protected = self._protected()
        for photo, bundle in zip(photos, bundles, strict=True):
            try:
                if any(is_inside(photo.path, folder) for folder in protected):
                    raise _UnverifiedError(_PROTECTED)
                states = verification.states_of(photo, bundle)
                kept = verification.kept_for(photo)
            except TransferCancelled:
                return PreparedTrash(FileOperation(OperationKind.TRASH), is_cancelled=True)
            except (OSError, ValueError, PhotoSimError) as error:
                left_out.append(TransferFailure(photo.path, describe_error(error)))
                continue
            files.append(bundle)
            expected |= states
            replacements[bundle.photo] = self._replacement(photo, kept, inherit=inherit)
        operation = FileOperation(
            OperationKind.TRASH, files=tuple(files), expected=expected, replacements=replacements
        )
        return PreparedTrash(operation, tuple(left_out))

    def _replacement(self, photo: Photo, kept: Mapping[Photo, FileState], *, inherit: bool) -> Replacement:
        states = {one.path: state for one, state in kept.items()}
        heir = next(iter(kept)) if inherit else None
        return Replacement(
            states,
            heir=None if heir is None else PhotoFiles((heir.path, *heir.raw_files)),
            note=self._notes.note(photo.photo_id, None if heir is None else heir.photo_id),
        )


@dataclass
class _Verification:
    """Compares files with what the library knows of them; each photo to keep is read once."""

    catalog: Catalog
    basket: Basket
    progress: TransferProgress
    _kept: dict[int, FileState | str] = field(default_factory=dict)
    """The states of verified photos to keep, by file id, or why they do not count."""

    def __post_init__(self) -> None:
        photos = self.basket.photos
        self._trashed = {photo.file_id for photo in photos}
        self._trashed_paths = {os.path.realpath(long_path(photo.path)) for photo in photos}
        kept = {photo.file_id: photo for group in self.basket.groups for photo in group.kept}
        self._digests = self.catalog.digests(sorted({photo.photo_id for photo in (*photos, *kept.values())}))
        self._kept_in: dict[int, list[Sequence[Photo]]] = {}
        for group in self.basket.groups:
            for photo in group.trashed:
                self._kept_in.setdefault(photo.file_id, []).append(group.kept)
        self.size = sum(photo.size for photo in photos) + sum(photo.size for photo in kept.values())
        """Bytes to be read, at most."""

    def states_of(self, photo: Photo, bundle: PhotoFiles) -> dict[str, FileState]:
        """Return the states of all files of a photo. Raises an error unless they are as they were reviewed."""
        if os.path.islink(long_path(photo.path)):  # noqa: PTH114 - a path with any bytes
            raise _UnverifiedError(_LINK)
        states = {photo.path: self._verified(photo)}
        for path in bundle.files[1:]:
            raw = self.catalog.find(path) if path in photo.raw_files else None
            states[path] = read_state(path) if raw is None else self._verified(raw)
        return states

    def kept_for(self, photo: Photo) -> dict[Photo, FileState]:
        """Return a verified photo of each group of this one that stays. Raises PhotoSimError if there is none."""
        kept: dict[Photo, FileState] = {}
        for candidates in self._kept_in[photo.file_id]:
            reasons = []
            for candidate in candidates:
                state = self._kept_state(candidate)
                if isinstance(state, FileState):
                    kept[candidate] = state
                    break
                reasons.append(state)
            else:
                raise _UnverifiedError(reasons[0] if reasons else KEPT_UNAVAILABLE)
        return kept

    def _kept_state(self, photo: Photo) -> FileState | str:
        """Return the state of a photo that stays, with the content that the library knows, or why it does not count."""
        known = self._kept.get(photo.file_id)
        if isinstance(known, FileState) and not _is_same(photo.path, known):
            known = None
        if known is None:
            known = self._kept[photo.file_id] = self._read_kept(photo)
        return known

    def _read_kept(self, photo: Photo) -> FileState | str:
        if photo.file_id in self._trashed or os.path.realpath(long_path(photo.path)) in self._trashed_paths:
            return KEPT_UNAVAILABLE
        try:
            return self._verified(photo, of_review=False)
        except _UnverifiedError:
            return KEPT_CHANGED
        except (OSError, ValueError, PhotoSimError):
            return KEPT_UNAVAILABLE

    def _verified(self, photo: Photo, *, of_review: bool = True) -> FileState:
        """Return the state of a file with the content that the library knows, and the stamp too if `of_review`."""
        if self.progress.is_cancelled():
            raise TransferCancelled
        if is_online_only(os.stat(long_path(photo.path))):  # noqa: PTH116 - a path with any bytes
            raise PhotoSimError(_NOT_HERE)
        state = read_state(photo.path, follow_links=True)
        if of_review and (state.size, clamp_time(state.mtime_ns)) != (photo.size, photo.mtime_ns):
            raise _UnverifiedError(_CHANGED)
        digest = self._digests.get(photo.photo_id) or self.catalog.digest(photo.photo_id)
        if state.size != photo.size or digest_file(photo.path) != digest:
            raise _UnverifiedError(_CHANGED)
        self.progress.advance(0, state.size)
        return state


def _is_same(path: str, state: FileState) -> bool:
    try:
        return is_same_state(path, state, follow_links=True)
    except (OSError, ValueError):
        return False


class _WholeProgress(TransferProgress):
    """Shows verifying and moving as one: the number of bytes is set once, and what is read counts."""

    def __init__(self, progress: TransferProgress) -> None:
        self._progress, self._has_total = progress, False

    def set_total(self, size: int) -> None:
        if not self._has_total:
            self._progress.set_total(size)
        self._has_total = True

    def advance(self, photos: int, size: int) -> None:
        self._progress.advance(photos, size)

    def is_cancelled(self) -> bool:
        return self._progress.is_cancelled()
