"""Colors that are told by code points, chromaticities or a gamma come out as sRGB."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photosim.imaging import color_coding
from photosim.imaging.color import to_small_srgb
from photosim.imaging.color_coding import (
    ADOBE_RGB,
    HLG,
    PQ,
    ColorCoding,
    from_code_points,
    from_gamma,
    hdr_coding_in_profile,
)
from photosim.imaging.decode import LoadedFile, decode
from tests.support.file_kinds import mean_difference
from tests.support.images import make_scene
from tests.support.png_files import make_png

Floats = npt.NDArray[np.float64]

TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]).T
TO_P3 = np.array([[0.8225, 0.1774, 0], [0.0332, 0.9669, 0], [0.0171, 0.0724, 0.9108]]).T
TO_ADOBE_RGB = np.array([[0.7152, 0.2848, 0], [0, 1, 0], [0, 0.0412, 0.9588]]).T


def linear(image: Image.Image) -> Floats:
    signal = np.asarray(image) / 255
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)


def srgb(light: Floats) -> Floats:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light.clip(0) ** (1 / 2.4) - 0.055)


def pq(light: Floats) -> Floats:
    """Encode light, 1 being white paper of 203 nits."""
    power = (light * 203 / 10_000).clip(0, 1) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def hlg(light: Floats) -> Floats:
    scene = (light * 0.265).clip(0, 1)
    upper = 0.17883277 * np.log((12 * scene - 0.28466892).clip(1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), upper)


def picture(signal: Floats) -> Image.Image:
    return Image.fromarray((signal.clip(0, 1) * 255 + 0.5).astype(np.uint8))


SCENE = make_scene(3, (160, 120))
CODED: dict[str, tuple[Callable[[Floats], Floats], tuple[int, int, int]]] = {
    "PQ": (lambda light: pq(light @ TO_BT2020), (9, PQ, 9)),
    "HLG": (lambda light: hlg(light @ TO_BT2020), (9, HLG, 9)),
    "Display P3": (lambda light: srgb(light @ TO_P3), (12, 13, 6)),
    "BT.2020": (lambda light: srgb(light @ TO_BT2020), (9, 14, 9)),
    "linear": (lambda light: light, (1, 8, 6)),
    "sRGB": (srgb, (1, 13, 6)),
}


def decoded(data: bytes) -> Image.Image:
    return decode(LoadedFile("photo", bytes(16), len(data), data)).image


@pytest.mark.parametrize("name", CODED)
@pytest.mark.parametrize("container", ["HEIC", "AVIF", "PNG"])
def test_a_scene_looks_the_same_in_every_coding(name: str, container: str) -> None:
    encode, (primaries, transfer, matrix) = CODED[name]
    coded = picture(encode(linear(SCENE)))
    file = io.BytesIO()
    if container == "PNG":
        file.write(make_png(coded, before=[(b"cICP", bytes([primaries, transfer, 0, 1]))]))
    else:
        import pillow_heif

        nclx: dict[str, Any] = {
            "color_primaries": primaries,
            "transfer_characteristics": transfer,
            "matrix_coefficients": matrix,
            "full_range_flag": 1,
        }
        if container == "HEIC":
            pillow_heif.from_pillow(coded).save(file, quality=95, chroma=444, **nclx)
        else:
            coded.save(file, "AVIF", quality=95, subsampling="4:4:4", speed=8)
            data = file.getvalue()
            at = data.index(b"colrnclx")
            file = io.BytesIO(data[: at + 8] + struct.pack(">HH", primaries, transfer) + data[at + 12 :])
    limit = {"linear": 4, "PQ": 4, "HLG": 4}.get(name, 3)
    assert mean_difference(decoded(file.getvalue()), SCENE) <= limit + (0 if container == "PNG" else 2)


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_highlights_are_compressed_and_keep_their_order_and_hue(transfer: int) -> None:
    encode = pq if transfer == PQ else hlg
    light = np.linspace(0.01, 3.5, 200)[None, :, None] * np.array([1.0, 0.5, 0.25])
    coding = from_code_points(1, transfer)
    assert coding is not None
    row = np.asarray(coding.to_srgb(picture(encode(np.repeat(light, 20, axis=0)))))[0].astype(int)
    assert (np.diff(row[:, 0]) >= 0).all()
    assert 250 <= row[-1, 0] <= 255
    assert row[100, 0] < 252  # not clipped, though brighter than paper
    assert row[:, 0][190] > row[:, 1][190] > row[:, 2][190]


def test_a_single_bright_pixel_does_not_darken_the_picture() -> None:
    coding = from_code_points(1, PQ)
    assert coding is not None
    signal = picture(pq(linear(SCENE)))
    signal.putpixel((5, 5), (255, 255, 255))
    assert mean_difference(coding.to_srgb(signal), SCENE) <= 4


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_what_is_transparent_is_white_in_high_dynamic_range_too(transfer: int) -> None:
    image = Image.new("RGBA", (8, 8), (100, 100, 100, 0))
    image.info["color_coding"] = from_code_points(9, transfer)
    assert min(to_small_srgb(image, 1).getpixel((0, 0))) >= 252  # type: ignore[arg-type, type-var]


def test_unspecified_and_unknown_code_points_are_srgb() -> None:
    for points in [(2, 2), (1, 1), (1, 13), (2, 13), (0, 0), (99, 200), (1, 6)]:
        assert from_code_points(*points) is None


def test_a_gamma_near_srgbs_and_absurd_values_change_nothing() -> None:
    near = (0.6401, 0.3299, 0.3, 0.6, 0.1499, 0.06, 0.3127, 0.329)
    for gamma in (None, 2.2, 100_000 / 45_455, 1e9, 1e-9):
        assert from_gamma(gamma, near) is None
        assert from_gamma(gamma, (0.0,) * 8) is None
        assert from_gamma(gamma, (0.3,) * 8) is None


def test_a_linear_picture_becomes_brighter() -> None:
    coding = from_gamma(1.0, None)
    assert coding is not None
    assert coding.to_srgb(Image.new("L", (2, 2), 55)).getpixel((0, 0)) == pytest.approx((128,) * 3, abs=1)


def test_adobe_rgb_that_a_camera_tells_by_exif_alone_is_converted() -> None:
    coded = picture((linear(SCENE) @ TO_ADOBE_RGB).clip(0, 1) ** (1 / 2.19921875))
    exif = Image.Exif()
    exif[271] = "Canon"
    exif.get_ifd(34665)[40961] = 65535
    exif.get_ifd(34665)[40965] = {1: "R03"}
    file = io.BytesIO()
    coded.save(file, "JPEG", quality=97, subsampling=0, exif=exif)
    assert mean_difference(decoded(file.getvalue()), SCENE) <= 3
    assert mean_difference(coded, SCENE) > 5
    assert ADOBE_RGB.white_level == 255


def test_the_code_points_in_a_profile_of_high_dynamic_range_count() -> None:
    tag = b"cicp" + bytes(4) + bytes([9, PQ, 0, 1])
    profile = bytes(128) + struct.pack(">I4sII", 1, b"cicp", 144, 12) + tag
    assert hdr_coding_in_profile(profile) == from_code_points(9, PQ)
    assert hdr_coding_in_profile(profile[:-3]) is None
    assert hdr_coding_in_profile(profile.replace(bytes([9, PQ]), bytes([9, 13]))) is None


@settings(max_examples=200)
@given(st.tuples(*[st.floats(-1, 2)] * 8), st.one_of(st.none(), st.floats(0, 10)), st.binary(max_size=60))
def test_whatever_a_file_says_a_picture_comes_out(
    primaries: color_coding.Chromaticities, gamma: float | None, profile: bytes
) -> None:
    hdr_coding_in_profile(bytes(128) + profile)
    coding = from_gamma(gamma, primaries)
    if coding is not None:
        assert isinstance(coding, ColorCoding)
        assert coding.to_srgb(Image.new("RGB", (2, 2), (10, 200, 30))).size == (2, 2)
