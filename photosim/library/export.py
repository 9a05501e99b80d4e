"""Export embeddings to a NumPy .npz file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosim.errors import PhotoSimError


def write(file: Path, paths: Sequence[str], embeddings: npt.NDArray[np.float32], model: str) -> None:
    """Write the arrays `paths` (N,), `embeddings` float32 (N, D) and `model`. Raises PhotoSimError."""
    try:
        with file.open("wb") as stream:
            np.savez(
                stream,
                paths=np.array(paths, dtype=np.str_),
                embeddings=embeddings,
                model=np.array(model),
            )
    except OSError as error:
        raise PhotoSimError(f"{file} cannot be written: {error.strerror}.") from error
