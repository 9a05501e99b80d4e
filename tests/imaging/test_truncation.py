"""Truncated files are distinguished from damaged ones."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosim.imaging.truncation import is_truncated
from tests.support.images import make_scene, save

SUFFIXES = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "GIF": ".gif",
    "WebP": ".webp",
    "TIFF": ".tif",
    "AVIF": ".avif",
    "HEIC": ".heic",
}


@pytest.mark.parametrize("name", SUFFIXES)
def test_a_whole_file_has_its_end_and_a_cut_one_has_not(tmp_path: Path, name: str) -> None:
    content = save(make_scene(1), tmp_path / f"a{SUFFIXES[name]}").read_bytes()
    assert not is_truncated(io.BytesIO(content), name)
    assert not is_truncated(io.BytesIO(content + bytes(1000)), name)
    for part in (0.3, 0.6, 0.95):
        assert is_truncated(io.BytesIO(content[: int(len(content) * part)]), name)


@pytest.mark.parametrize("options", [{}, {"big_tiff": True}, {"compression": "tiff_lzw"}])
def test_a_tiff_is_cut_if_its_directory_a_value_or_a_strip_is(
    tmp_path: Path, options: dict[str, object]
) -> None:
    content = save(make_scene(1), tmp_path / "a.tif", **options).read_bytes()
    assert not is_truncated(io.BytesIO(content), "TIFF")
    for missing in (1, 2, 30, 100, 300, len(content) - 8):
        assert is_truncated(io.BytesIO(content[:-missing]), "TIFF")


@settings(max_examples=150)
@given(
    st.sampled_from([*SUFFIXES, "BMP", "image"]),
    st.sampled_from([b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0"]),
    st.binary(max_size=200),
)
def test_any_bytes_give_an_answer(name: str, head: bytes, junk: bytes) -> None:
    assert is_truncated(io.BytesIO(head + junk), name) in {True, False}
