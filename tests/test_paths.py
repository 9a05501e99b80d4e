"""Arguments of any bytes, and atomic writes: a file holds the old content or the new one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.paths import JSON_ARGUMENTS, decode_arguments, encode_arguments, write_atomic

ARGUMENTS = st.lists(st.binary(max_size=20).map(os.fsdecode) | st.just(JSON_ARGUMENTS))


@given(arguments=ARGUMENTS)
def test_arguments_of_any_bytes_survive_as_unicode(arguments: list[str]) -> None:
    arguments = ["worker", *arguments]
    encoded = encode_arguments(arguments)
    for argument in encoded:
        assert argument.encode() == os.fsencode(argument)
    assert decode_arguments(encoded) == arguments
    if all(character < "\udc80" or character > "\udcff" for argument in arguments for character in argument):
        assert encoded == arguments, "as a user would write them"


@pytest.mark.parametrize("argument", ["", "a", "1", "[]", '"a'])
def test_arguments_that_were_not_encoded_so_are_refused(argument: str) -> None:
    with pytest.raises(ValueError):
        decode_arguments([JSON_ARGUMENTS, argument])


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
