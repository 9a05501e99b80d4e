"""Exporting embeddings."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from photosim.errors import PhotoSimError
from photosim.library.export import npz


def test_the_file_holds_what_was_written_under_the_name_that_was_asked_for(tmp_path: Path) -> None:
    rows = np.eye(2, 3, dtype=np.float32)
    npz.write(tmp_path / "all.bin", ["/a.jpg", "/é.jpg"], rows, "model")
    with np.load(tmp_path / "all.bin") as exported:
        assert list(exported["paths"]) == ["/a.jpg", "/é.jpg"]
        assert np.array_equal(exported["embeddings"], rows)
        assert str(exported["model"]) == "model"


def test_a_file_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    with pytest.raises(PhotoSimError, match="can't be written"):
        npz.write(tmp_path / "nowhere" / "all.npz", [], np.empty((0, 3), np.float32), "model")


ROWS = np.eye(2, 3, dtype=np.float32)


def write(file: Path, *, force: bool = False) -> None:
    npz.write(file, ["/a.jpg", "/b.jpg"], ROWS, "model", force=force)


def test_an_earlier_export_is_replaced_only_by_a_complete_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "all.npz"
    write(file)
    before = file.read_bytes()

    def fill_disk(stream: IO[bytes], **_: object) -> None:
        stream.write(b"PK")
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(np, "savez", fill_disk)
        with pytest.raises(PhotoSimError, match="No space left"):
            write(file)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["all.npz"]
    npz.write(file, [], np.empty((0, 3), np.float32), "model")
    with np.load(file) as exported:
        assert len(exported["paths"]) == 0


@pytest.mark.parametrize("content", [b"", b"\xff\xd8 a photo", b"PK\x03\x04 a damaged archive"])
def test_a_file_that_is_no_export_is_replaced_only_by_force(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "precious.jpg"
    file.write_bytes(content)
    with pytest.raises(PhotoSimError, match="--force"):
        write(file)
    assert file.read_bytes() == content
    write(file, force=True)
    with np.load(file) as exported:
        assert len(exported["paths"]) == 2


def test_another_archive_of_arrays_is_no_export(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", weights=ROWS)
    with pytest.raises(PhotoSimError, match="--force"):
        write(tmp_path / "other.npz")


def test_a_file_that_appears_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "all.npz"
    monkeypatch.setattr(np, "savez", lambda *_, **__: file.write_bytes(b"another program's"))
    with pytest.raises(PhotoSimError, match="already exists"):
        write(file)
    assert file.read_bytes() == b"another program's"
    assert [path.name for path in tmp_path.iterdir()] == ["all.npz"]


def test_a_link_stays_and_a_folder_is_told(tmp_path: Path) -> None:
    write(tmp_path / "real.npz")
    (tmp_path / "link.npz").symlink_to("real.npz")
    write(tmp_path / "link.npz")
    assert (tmp_path / "link.npz").is_symlink()
    (tmp_path / "folder").mkdir()
    with pytest.raises(PhotoSimError, match="is a folder"):
        write(tmp_path / "folder", force=True)
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(PhotoSimError, match="is not a file"):
        write(tmp_path / "round")


def test_a_name_of_the_greatest_length_is_written(tmp_path: Path) -> None:
    write(tmp_path / ("a" * 251 + ".npz"))
    with pytest.raises(PhotoSimError, match="can't be written"):
        write(tmp_path / ("a" * 252 + ".npz"))
    assert len(list(tmp_path.iterdir())) == 1
