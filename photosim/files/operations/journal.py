"""A journal of file operations in flight, to finish or take back what a kill or a power cut left of them.

Each operation has a file of its own with one JSON object a line, which its process holds locked. A journal that nobody
has locked is of an operation that was killed.
"""

from __future__ import annotations

import json
import logging
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from filelock import FileLock, Timeout

from photosim.files.operations.operation_log import LogKind, MovedFile, OperationLog, PlannedFile
from photosim.files.operations.recovery import (
    UnfinishedPhoto,
    UnreachableFolderError,
    recover_photo,
    remove_part,
)
from photosim.files.state import FileState
from photosim.paths import read_regular

_FOLDER = "operations"
_SUFFIX, _LOCK_SUFFIX = ".journal", ".lock"
_MAX_AGE_S = 90 * 24 * 3600.0
"""For this long an operation waits for a drive that is not connected."""

_log = logging.getLogger(__name__)

Record = Callable[[LogKind, Sequence[MovedFile]], object]
"""Records the files of photos for which an operation is done."""


class OperationJournal(OperationLog):
    """Writes the steps of one operation; a context manager that deletes the journal at the end."""

    def __init__(self, library: Path) -> None:
        """Raises OSError where the library's folder cannot be written."""
        folder = library / _FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        self._path = folder / f"{uuid.uuid4().hex}{_SUFFIX}"
        self._lock = _lock_of(self._path)
        self._lock.acquire(timeout=0)
        self._file = self._path.open("xb")
        self._photos = 0
        self._write({"started": time.time()})

    def __enter__(self) -> OperationJournal:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        _delete(self._path)
        _release(self._lock, delete=True)

    def begin(self, kind: LogKind, files: Sequence[PlannedFile]) -> int:
        self._photos += 1
        planned = [
            [file.old, file.new, file.part, file.moves, _to_json(file.state), file.origin, file.note]
            for file in files
        ]
        # One renaming cannot be cut in two. Everything else is logged on the disk before it is done.
        is_atomic = len(files) == 1 and files[0].moves and _is_one_drive(files[0])
        self._write({"begin": self._photos, "kind": kind.value, "files": planned}, sync=not is_atomic)
        return self._photos

    def copied(self, photo: int, copies: Mapping[str, FileState]) -> None:
        states = {path: _to_json(state) for path, state in copies.items()}
        self._write({"copied": photo, "states": states}, sync=True)

    def trashed(self, photo: int, old: str, new: str) -> None:
        self._write({"trashed": photo, "old": old, "new": new})

    def done(self, photo: int) -> None:
        self._write({"done": photo})

    def end(self, photo: int) -> None:
        self._write({"end": photo})

    def part(self, path: str) -> None:
        self._write({"part": path}, sync=True)

    def _write(self, line: Mapping[str, Any], *, sync: bool = False) -> None:
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()
        if sync:
            os.fsync(self._file.fileno())


def recover_operations(library: Path, record: Record) -> int:
    """Finish or take back what killed operations left; returns how many there were.

    `record` gets the files of photos that are done. An operation on a drive that is not connected waits for it.
    """
    recovered = 0
    for path in sorted(
        {file.with_suffix(_SUFFIX) for file in (library / _FOLDER).glob(f"*{_LOCK_SUFFIX}")}
        | set((library / _FOLDER).glob(f"*{_SUFFIX}"))
    ):
        with _locked(path) as is_ours:
            if is_ours and path.exists() and _recover(path, record):
                _delete(path)
                recovered += 1
    return recovered


@dataclass
class _Contents:
    """What a journal tells; photos whose files are back in their old places are left out."""

    started: float
    photos: dict[int, UnfinishedPhoto] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)


def _recover(path: Path, record: Record) -> bool:
    """Recover one operation; return whether its journal is needed no more."""
    contents = _read(path)
    for part in contents.parts:
        remove_part(part)
    is_finished = True
    moved: dict[LogKind, list[MovedFile]] = {}
    for photo in contents.photos.values():
        try:
            files = recover_photo(photo, contents.started)
        except (OSError, UnreachableFolderError) as error:
            _log.warning("An interrupted operation cannot be recovered yet: %s", error)
            is_finished = False
        else:
            moved.setdefault(photo.kind, []).extend(files)
    for kind, files in moved.items():
        if files:
            record(kind, files)
    return is_finished or time.time() - contents.started > _MAX_AGE_S


def _read(path: Path) -> _Contents:
    """Read a journal, up to a line that was not written to its end."""
    contents = _Contents(path.stat().st_mtime)
    for line in read_regular(path).splitlines():
        try:
            _apply(json.loads(line), contents)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            break
    return contents


def _apply(line: Mapping[str, Any], contents: _Contents) -> None:
    photos = contents.photos
    match line:
        case {"started": float(started)}:
            contents.started = started
        case {"begin": int(number), "kind": kind, "files": files}:
            planned = tuple(
                PlannedFile(old, new, part, bool(moves), _from_json(state), origin, *note)
                for old, new, part, moves, state, origin, *note in files  # older journals have no notes
            )
            photos[number] = UnfinishedPhoto(LogKind(kind), planned)
        case {"copied": int(number), "states": states}:
            copies = {path: _from_json(state) for path, state in states.items()}
            photos[number] = replace(photos[number], copies=copies)
        case {"trashed": int(number), "old": str(old), "new": str(new)}:
            photos[number] = replace(photos[number], trashed={**photos[number].trashed, old: new})
        case {"done": int(number)}:
            photos[number] = replace(photos[number], is_done=True)
        case {"end": int(number)}:
            del photos[number]
        case {"part": str(part)}:
            contents.parts.append(part)
        case _:
            raise ValueError(line)


def _to_json(state: FileState) -> list[Any]:
    *numbers, sample = astuple(state)
    return [*numbers, sample.hex()]


def _from_json(values: Sequence[Any]) -> FileState:
    size, mtime_ns, ctime_ns, device, inode, sample = values
    return FileState(int(size), int(mtime_ns), int(ctime_ns), int(device), int(inode), bytes.fromhex(sample))


def _is_one_drive(file: PlannedFile) -> bool:
    if not file.new:
        return True
    try:
        return os.stat(os.path.dirname(file.new)).st_dev == file.state.device  # noqa: PTH116, PTH120
    except OSError:
        return False


def _lock_of(path: Path) -> FileLock:
    return FileLock(path.with_suffix(_LOCK_SUFFIX))


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Lock a journal; yield whether that succeeded: no running process has it then."""
    lock = _lock_of(path)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        yield False
        return
    try:
        yield True
    finally:
        _release(lock, delete=not path.exists())


def _release(lock: FileLock, *, delete: bool) -> None:
    if delete and os.name != "nt":  # on Windows, releasing it deletes its file
        with suppress(OSError):
            os.remove(lock.lock_file)  # noqa: PTH107
    lock.release(force=True)


def _delete(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
