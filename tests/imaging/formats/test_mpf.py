"""The large preview behind a camera's JPEG: taken where it is the photo in small, and nowhere else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageStat
from PIL.JpegImagePlugin import JpegImageFile

from photosim.errors import UnreadablePhotoError
from photosim.imaging.decode import read_photo
from photosim.imaging.formats import mpf
from tests.support.camera_files import FULL_HD, VGA, camera_file
from tests.support.images import make_exif, make_scene

PHOTO, PREVIEW = (1600, 1200), (640, 480)
GAIN_MAP = 0x000000
EDGE = 320


def jpeg(image: Image.Image, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=88, **options)
    return target.getvalue()


def plain(color: str, size: tuple[int, int]) -> bytes:
    return jpeg(Image.new("RGB", size, color))


def taken(content: bytes, edge: int = EDGE) -> JpegImageFile | None:
    stream = io.BytesIO(content)
    return mpf.find_preview(JpegImageFile(stream), stream, edge)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("padding", [0, 100])
def test_the_smallest_preview_that_is_large_enough_is_taken(order: str, padding: int) -> None:
    behind = [(FULL_HD, plain("blue", (800, 600))), (VGA, plain("blue", PREVIEW))]
    content = camera_file(plain("blue", PHOTO), *behind, order=order, padding=padding)
    for edge, size in ((EDGE, PREVIEW), (700, (800, 600))):
        preview = taken(content, edge)
        assert preview is not None
        assert preview.size == size
    assert taken(content, 1000) is None


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param((GAIN_MAP, plain("red", PREVIEW)), id="another kind of picture"),
        pytest.param((VGA, plain("red", (640, 360))), id="other proportions"),
        pytest.param((VGA, plain("red", (300, 225))), id="too small"),
        pytest.param((VGA, plain("red", (1200, 900))), id="hardly smaller"),
        pytest.param((VGA, jpeg(Image.new("L", PREVIEW))), id="grey"),
        pytest.param((VGA, plain("red", PREVIEW)[:-900]), id="cut off"),
        pytest.param((VGA, b"this is no picture at all\xff\xd9"), id="no picture"),
    ],
)
def test_a_picture_that_is_not_the_photo_in_small_is_left_alone(behind: tuple[int, bytes]) -> None:
    assert taken(camera_file(plain("blue", PHOTO), behind)) is None


def test_a_photo_is_read_by_its_preview_upright_and_with_its_own_facts(tmp_path: Path) -> None:
    scene = make_scene(3, PHOTO)
    exif = make_exif(taken_at="2024:07:01 18:03:11", make="Canon", orientation=6)
    preview = jpeg(scene.resize(PREVIEW).point(lambda value: value // 2))  # darker, to be distinguished
    path = written(tmp_path / "a.jpg", camera_file(jpeg(scene, exif=exif), (VGA, preview)))
    decoded = read_photo(path)
    plainly = read_photo(written(tmp_path / "b.jpg", jpeg(scene, exif=exif)))
    assert decoded.facts == plainly.facts
    assert decoded.image.size == (240, 320)
    brightness = [ImageStat.Stat(one.convert("L")).mean[0] for one in (decoded.image, plainly.image)]
    assert brightness[0] == pytest.approx(brightness[1] / 2, abs=6)


def test_a_damaged_preview_costs_only_itself(tmp_path: Path) -> None:
    preview = bytearray(jpeg(make_scene(3, PREVIEW)))
    start = preview.index(b"\xff\xda")
    preview[start + 2 : start + 6] = b"\0\0\0\0"
    scene = make_scene(3, PHOTO)
    content = camera_file(jpeg(scene), (VGA, bytes(preview)))
    decoded = read_photo(written(tmp_path / "a.jpg", content))
    assert decoded.image.size == (400, 300)


def test_a_photo_that_was_cut_off_before_its_preview_says_so(tmp_path: Path) -> None:
    photo = jpeg(make_scene(3, PHOTO))
    content = camera_file(photo, (VGA, plain("blue", PREVIEW)))
    with pytest.raises(UnreadablePhotoError, match=r"^The file is incomplete"):
        read_photo(written(tmp_path / "a.jpg", content[: len(photo) // 2]))


def test_a_preview_without_a_profile_has_that_of_the_photo(tmp_path: Path) -> None:
    content = camera_file(
        jpeg(Image.new("RGB", PHOTO, "green"), icc_profile=b"a profile"), (VGA, plain("green", PREVIEW))
    )
    preview = taken(content)
    assert preview is not None
    assert preview.info["icc_profile"] == b"a profile"


@given(st.binary(max_size=200), st.integers(0, 150))
def test_an_index_of_nonsense_leads_nowhere(nonsense: bytes, at: int) -> None:
    content = bytearray(camera_file(plain("blue", PHOTO), (VGA, plain("red", PREVIEW))))
    begin = content.index(b"MPF\0") + 4 + at % 90
    room = content.index(b"\xff\xe0") - begin
    content[begin : begin + min(len(nonsense), room)] = nonsense[: max(0, room)]
    preview = taken(bytes(content))
    assert preview is None or preview.size == PREVIEW
