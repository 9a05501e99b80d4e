"""Export embeddings to a NumPy .npz file."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from photosim.files.operations.operation_log import OperationLog
from photosim.files.operations.output import write_output

_MEMBERS = {"paths.npy", "embeddings.npy"}


def write(
    file: Path,
    paths: Sequence[str],
    embeddings: npt.NDArray[np.float32],
    model: str,
    *,
    force: bool = False,
    log: OperationLog | None = None,
) -> None:
    """Write the arrays `paths` (N,), `embeddings` float32 (N, D) and `model`.

    An earlier export is replaced once the new one is complete. Raises PhotoSimError, also for any other file that exists
    unless `force` is set.
    """

    def save(stream: IO[bytes]) -> None:
        np.savez(stream, paths=np.array(paths, dtype=np.str_), embeddings=embeddings, model=np.array(model))

    write_output(file, save, is_replaceable=_is_export, force=force, log=log)


def _is_export(file: Path) -> bool:
    """Return whether a file is an earlier export."""
    try:
        with zipfile.ZipFile(file) as archive:
            return set(archive.namelist()) >= _MEMBERS
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return False
