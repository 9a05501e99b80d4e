"""JPEG XL: the size before the decoder, the pixels after it."""

from __future__ import annotations

import io
from pathlib import Path

import pillow_jxl  # noqa: F401 - registers its encoder with Pillow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photosim.errors import UnreadablePhotoError
from photosim.imaging import file_types
from photosim.imaging.decode import read_photo
from photosim.imaging.formats import jxl
from tests.support.file_kinds import STORED_TRANSPOSE, encode_kind, mean_difference, write
from tests.support.images import make_exif, make_jpeg, make_scene


def packed(image: Image.Image, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, "JXL", effort=1, **options)
    return target.getvalue()


@pytest.mark.parametrize("in_boxes", [False, True])
@pytest.mark.parametrize(
    "size",
    [(320, 240), (321, 77), (8, 8), (256, 256), (1200, 1000), (9001, 5), (1, 1), (1920, 1080), (300, 200)],
)
def test_the_size_is_read_before_anything_is_decoded(size: tuple[int, int], in_boxes: bool) -> None:
    data = packed(Image.new("RGB", size, (90, 120, 30)), use_container=in_boxes)
    assert jxl.read_size(io.BytesIO(data)) == size


def test_a_photo_above_the_limit_of_pixels_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_types, "MAX_PIXELS", 300 * 199)
    monkeypatch.setattr(jxl, "_run_decoder", lambda _: pytest.fail("it was decoded"))
    path = write(tmp_path / "a.jxl", packed(make_scene(1, (300, 200))))
    with pytest.raises(UnreadablePhotoError, match=r"^The photo is too large"):
        read_photo(path)


@pytest.mark.parametrize("orientation", STORED_TRANSPOSE)
def test_a_jpeg_packed_without_loss_is_turned_by_its_exif(tmp_path: Path, orientation: int) -> None:
    upright = make_scene(4, (640, 480))
    turn = STORED_TRANSPOSE[orientation]
    stored = upright if turn is None else upright.transpose(turn)
    source = tmp_path / "a.jpg"
    stored.save(source, quality=90, exif=make_exif(orientation=orientation, model="X"))
    with Image.open(source) as opened, pytest.warns(UserWarning, match="JPEG reconstruction"):
        opened.save(tmp_path / "a.jxl")
    decoded = read_photo(tmp_path / "a.jxl", edge=160)
    assert (decoded.facts.width, decoded.facts.height) == (640, 480)
    assert (decoded.facts.format, decoded.facts.camera) == ("JPEG XL", "X")
    assert mean_difference(decoded.image, upright.reduce(4)) < 4


def test_other_pictures_are_not_turned_by_an_exif_that_the_format_overrules(tmp_path: Path) -> None:
    exif = make_exif(orientation=6, model="X")
    path = write(tmp_path / "a.jxl", packed(make_scene(4, (64, 48)), exif=exif, use_container=True))
    decoded = read_photo(path)
    assert decoded.image.size == (64, 48)
    assert decoded.facts.camera == "X"


def test_an_exif_box_counts_with_and_without_the_offset_before_it() -> None:
    block = make_exif(model="X").removeprefix(b"Exif\0\0")
    assert jxl._exif_block(block) == block
    assert jxl._exif_block(b"\0\0\0\0" + block) == block
    assert jxl._exif_block(b"\0\0\0\6Exif\0\0" + block) == block
    assert jxl._exif_block(b"") == b""


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "F"])
def test_grey_transparent_and_deep_pictures_are_read(tmp_path: Path, mode: str) -> None:
    scene = make_scene(4, (64, 48)).convert("L" if mode in {"L", "LA", "F"} else "RGB").convert(mode)
    decoded = read_photo(write(tmp_path / "a.jxl", packed(scene, lossless=True)))
    assert decoded.image.mode == "RGB"
    assert decoded.image.size == (64, 48)


def test_a_photo_that_was_cut_off_or_damaged_is_refused_with_a_sentence(tmp_path: Path) -> None:
    in_boxes, bare = encode_kind("JPEG XL"), packed(make_scene(4, (700, 500)))
    with pytest.raises(UnreadablePhotoError, match=r"^The file is incomplete"):
        read_photo(write(tmp_path / "a.jxl", in_boxes[:-100]))
    for content in (bare[:-100], bare[:12], bare[:3], bare[:40] + bytes(200)):
        with pytest.raises(UnreadablePhotoError, match=r"^The JPEG XL data can't be decoded"):
            read_photo(write(tmp_path / "a.jxl", content))


def test_a_panic_of_the_decoder_is_an_unreadable_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Panic(BaseException):
        pass

    def panics(**_: object) -> None:
        raise Panic("called unwrap on a None")

    monkeypatch.setattr("pillow_jxl.Decoder", panics)
    with pytest.raises(UnreadablePhotoError, match=r"^The JPEG XL data can't be decoded"):
        read_photo(write(tmp_path / "a.jxl", encode_kind("JPEG XL")))


@given(st.binary(max_size=120), st.sampled_from([b"", b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"]))
def test_whatever_the_bytes_there_is_a_size_or_a_refusal(junk: bytes, head: bytes) -> None:
    try:
        width, height = jxl.read_size(io.BytesIO(head + junk))
    except ValueError:
        return
    assert 0 < height <= 2**30
    assert 0 <= width <= 2**31


def test_a_jpeg_beside_it_is_read_as_before(tmp_path: Path) -> None:
    assert read_photo(make_jpeg(tmp_path / "a.jxl")).facts.format == "JPEG"
