"""Atomic writes: a file holds the old content or the new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from photosim.paths import write_atomic


@pytest.mark.parametrize(
    ("content", "stored"), [("grün\n", "grün\n".encode()), (b"\xff\0", b"\xff\0"), ("", b"")]
)
def test_a_file_is_created_and_replaced(tmp_path: Path, content: str | bytes, stored: bytes) -> None:
    path = tmp_path / "file.json"
    for _ in range(2):
        write_atomic(path, content)
        assert path.read_bytes() == stored
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_write_that_fails_leaves_the_old_content_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "file.json"
    write_atomic(path, "old")

    def full_disk(new: Path, *_: object) -> None:
        new.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, step, full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_atomic(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_in_a_missing_folder_the_error_is_that_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomic(tmp_path / "missing" / "file.json", "text")
