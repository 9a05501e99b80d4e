"""Write a file for the user: beside its place first, and never over a file that is not ours."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from photosim.errors import PhotoSimError
from photosim.files.fspaths import long_path
from photosim.files.operations import renaming
from photosim.files.operations.copying import part_path
from photosim.files.operations.operation_log import OperationLog


def write_output(
    file: Path,
    write: Callable[[IO[bytes]], object],
    *,
    is_replaceable: Callable[[Path], bool] = lambda _: False,
    force: bool = False,
    log: OperationLog | None = None,
) -> None:
    """Write a file that the user asked for; what was there before stays until the new content is on the disk.

    `is_replaceable` tells whether an existing file may be replaced without `force`. A pipe or a terminal is written to
    as it is. Raises PhotoSimError.
    """
    try:
        target = Path(os.path.realpath(file))  # a link stays one, and leads to the new file
        mode = _mode(target)
        if mode is not None and (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)):
            with target.open("wb") as stream:
                write(stream)
            return
        if mode is not None:
            _check_replaceable(file, target, mode, is_replaceable, force=force)
        _write_beside(target, write, log or OperationLog(), replaces=mode is not None)
    except FileExistsError as error:
        raise PhotoSimError(f"{file} already exists. Use --force to replace it.") from error
    except OSError as error:
        raise PhotoSimError(f"{file} can't be written: {error.strerror or error}.") from error
    except ValueError as error:
        raise PhotoSimError(f"{file} can't be written: {error}.") from error


def _check_replaceable(
    file: Path, target: Path, mode: int, is_replaceable: Callable[[Path], bool], *, force: bool
) -> None:
    if stat.S_ISDIR(mode):
        raise PhotoSimError(f"{file} is a folder. Name a file.")
    if not stat.S_ISREG(mode):
        raise PhotoSimError(f"{file} is not a file. Name another one.")
    if not force and not is_replaceable(target):
        raise PhotoSimError(
            f"{file} already exists and was not written by this command. Choose another name, or use --force to "
            "replace it."
        )


def _write_beside(
    target: Path, write: Callable[[IO[bytes]], object], log: OperationLog, *, replaces: bool
) -> None:
    part = part_path(str(target.parent))
    log.part(part)
    try:
        with open(long_path(part), "xb") as stream:  # noqa: PTH123
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        if replaces:
            with suppress(OSError):
                os.chmod(long_path(part), stat.S_IMODE(target.stat().st_mode))  # noqa: PTH101
            os.replace(long_path(part), long_path(str(target)))  # noqa: PTH105
        else:
            renaming.rename_new(part, str(target))
    except BaseException:
        with suppress(OSError):
            os.remove(long_path(part))  # noqa: PTH107
        raise
    renaming.sync_folder(str(target.parent))


def _mode(path: Path) -> int | None:
    """Return the kind of file at a path, None where nothing is. Raises OSError for a path that cannot be read."""
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return None
