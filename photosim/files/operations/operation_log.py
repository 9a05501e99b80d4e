"""The log of a file operation in flight, and the records that it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from photosim.files.state import FileState
from photosim.records import FileEntry


class LogKind(StrEnum):
    """What is done with the files of a photo."""

    COPY = "copy"
    MOVE = "move"
    RESTORE = "restore"
    TRASH = "trash"


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file that is to be moved, or copied, from `old` to `new`, and its state before.

    A copy is written to `part` first. `new` and `part` are empty for a file on its way to the trash, and, with `moves`
    false, for a copy that is removed when the files of its photo are restored. `origin` is the path that a file to be
    restored had at first. `note` is a text of the caller's, which a recovery gives back.
    """

    old: str
    new: str
    part: str
    moves: bool
    state: FileState
    origin: str = ""
    note: str = ""

    def moved(self, state: FileState) -> MovedFile:
        """Return the file as moved, or copied, with its state at the new place."""
        original = None if self.moves else self.state
        entry = state.entry(self.new)
        return MovedFile(
            self.old, entry, not self.moves, self.origin, state=state, original=original, note=self.note
        )


@dataclass(frozen=True, slots=True)
class MovedFile:
    """A file that was at `old`; now it, or with `copied` a copy of it, is `entry`.

    `state` is the file at its new place, None where that is not known; `original` the file that was copied. `origin` is
    set for a restored file: its path before it was moved or trashed. `note` is that of the planned file.
    """

    old: str
    entry: FileEntry
    copied: bool = False
    origin: str = ""
    state: FileState | None = None
    original: FileState | None = None
    note: str = ""


class OperationLog:
    """Receives each step before it is taken, so that a killed operation can be finished or undone; this one drops them."""

    def begin(self, kind: LogKind, files: Sequence[PlannedFile]) -> int:  # noqa: ARG002
        """Log that the files of a photo are about to be moved or copied; return its number."""
        return 0

    def copied(self, photo: int, copies: Mapping[str, FileState]) -> None:
        """Log that the copies, by their new paths, are complete and are about to get their names."""

    def trashed(self, photo: int, old: str, new: str) -> None:
        """Log where in the trash a file is."""

    def done(self, photo: int) -> None:
        """Log that all files of a photo are in their new places."""

    def end(self, photo: int) -> None:
        """Log that all files of a photo are where they were."""

    def part(self, path: str) -> None:
        """Log a file that is about to be written beside its place."""
