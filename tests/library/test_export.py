"""Exporting embeddings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photosim.errors import PhotoSimError
from photosim.library import export


def test_the_file_holds_what_was_written_under_the_name_that_was_asked_for(tmp_path: Path) -> None:
    rows = np.eye(2, 3, dtype=np.float32)
    export.write(tmp_path / "all.bin", ["/a.jpg", "/é.jpg"], rows, "model")
    with np.load(tmp_path / "all.bin") as exported:
        assert list(exported["paths"]) == ["/a.jpg", "/é.jpg"]
        assert np.array_equal(exported["embeddings"], rows)
        assert str(exported["model"]) == "model"


def test_a_file_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    with pytest.raises(PhotoSimError, match="cannot be written"):
        export.write(tmp_path / "nowhere" / "all.npz", [], np.empty((0, 3), np.float32), "model")
