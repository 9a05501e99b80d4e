"""Pictures of every mode, depth and color space become small upright sRGB."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photosim.imaging import color
from photosim.imaging.color import is_upright_srgb, shrink_factor, to_small_srgb, to_upright_srgb
from photosim.imaging.color_coding import PQ, from_code_points
from tests.support.file_kinds import SRGB_PROFILE, STORED_TRANSPOSE, display_p3, mean_difference
from tests.support.images import make_scene


@given(st.integers(1, 30_000), st.integers(1, 30_000), st.integers(1, 5_000))
def test_the_longest_side_ends_between_the_edge_and_twice_the_edge(
    width: int, height: int, edge: int
) -> None:
    factor = shrink_factor((width, height), edge)
    assert factor & (factor - 1) == 0
    longest = max(width, height)
    assert factor == 1 or edge <= longest / factor
    assert longest / factor < 2 * edge or longest < edge


@pytest.mark.parametrize("orientation", STORED_TRANSPOSE)
def test_all_eight_orientations_come_out_upright(orientation: int) -> None:
    upright = make_scene(1, (64, 48))
    stored = (
        upright if STORED_TRANSPOSE[orientation] is None else upright.transpose(STORED_TRANSPOSE[orientation])
    )
    assert to_small_srgb(stored, 1, orientation).tobytes() == upright.tobytes()


def test_the_picture_is_new_and_carries_no_metadata() -> None:
    scene = make_scene(1, (64, 48))
    scene.info = {"exif": b"x", "icc_profile": SRGB_PROFILE}
    small = to_small_srgb(scene, 1)
    assert small.info == {}
    small.paste((0, 0, 0), (0, 0, 64, 48))
    assert scene.getextrema() != ((0, 0), (0, 0), (0, 0))


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "RGB", "RGBA", "RGBa", "LA", "PA", "CMYK", "YCbCr", "HSV", "LAB"]
)
@pytest.mark.parametrize("factor", [1, 4])
def test_every_mode_becomes_rgb_and_looks_like_the_scene(
    mode: str, factor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(color, "_BAND_PIXELS", 256 * 24)  # several bands, the last one shorter
    scene = make_scene(5, (256, 190))
    step = {"RGBa": scene.convert("RGBA"), "P": scene.quantize(), "PA": scene.quantize()}.get(mode, scene)
    image = step.convert(mode)
    grey = mode in {"1", "L", "LA"}
    expected = (scene.convert("L") if grey else scene).reduce(factor).convert("RGB")
    limit = {"1": 60 if factor == 4 else 130, "P": 4, "PA": 4, "HSV": 4, "YCbCr": 3, "LAB": 6}.get(mode, 1)
    assert mean_difference(to_small_srgb(image, factor), expected) <= limit


def test_bands_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    image = make_scene(2, (203, 157)).convert("RGBA")
    whole = to_small_srgb(image, 4)
    assert whole.size == (51, 40)
    monkeypatch.setattr(color, "_BAND_PIXELS", 1)
    assert to_small_srgb(image, 4).tobytes() == whole.tobytes()


@pytest.mark.parametrize("factor", [1, 2])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "RGBa"])
def test_transparent_parts_become_white(mode: str, factor: int) -> None:
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 4, 8))
    small = to_small_srgb(image.convert("LA" if mode[0] == "L" else "RGBA").convert(mode), factor)
    assert small.getpixel((0, 0)) == (0, 0, 0)
    assert small.getpixel((small.width - 1, 0)) == (255, 255, 255)


def test_half_transparent_parts_are_blended() -> None:
    assert to_small_srgb(Image.new("RGBA", (4, 4), (255, 0, 0, 128)), 2).getpixel((0, 0)) == (255, 127, 127)


@pytest.mark.parametrize(
    ("image", "key"),
    [
        (Image.new("P", (4, 4), 7), 7),
        (Image.new("P", (4, 4), 1), bytes([255, 0])),
        (Image.new("RGB", (4, 4), (1, 2, 3)), (1, 2, 3)),
        (Image.new("L", (4, 4), 9), 9),
    ],
)
def test_a_transparent_color_becomes_white(image: Image.Image, key: object) -> None:
    image = image.copy()
    image.info["transparency"] = key
    assert to_small_srgb(image, 2).getpixel((0, 0)) == (255, 255, 255)


def ramp(dtype: str, low: float, high: float) -> Image.Image:
    """A grey ramp from left to right, 256 pixels wide."""
    return Image.fromarray(np.tile(np.linspace(low, high, 256).astype(dtype), (16, 1)))


@pytest.mark.parametrize(
    "image",
    [
        ramp("<u2", 0, 65535),
        ramp(">u2", 0, 65535),
        ramp("<i4", 0, 255),
        ramp("<i4", 0, 65535),
        ramp("<i4", -1000, 1_000_000),
        ramp("<f4", 0, 1),
        ramp("<f4", 0, 255),
        ramp("<f4", 0, 65535),
        ramp("<f4", -2, 7),
    ],
    ids=lambda image: f"{image.mode} {image.getpixel((0, 0))} {image.getpixel((255, 0))}",
)
@pytest.mark.parametrize("factor", [1, 2])
def test_deep_greys_are_scaled_and_not_clipped(image: Image.Image, factor: int) -> None:
    row = np.asarray(to_small_srgb(image, factor))[0, :, 0].astype(int)
    assert np.abs(row - np.linspace(0, 255, len(row))).max() <= 2


def test_a_dark_16_bit_photo_stays_dark() -> None:
    assert to_small_srgb(ramp("<u2", 6000, 6000), 1).getpixel((0, 0)) == (23, 23, 23)


@pytest.mark.parametrize(
    "values", [[float("nan")] * 4, [float("inf"), 0, 1, float("nan")], [3.0] * 4, [-5.0] * 4]
)
def test_absurd_floating_point_values_do_no_harm(values: list[float]) -> None:
    small = to_small_srgb(Image.fromarray(np.array([values], np.float32)), 1)
    assert small.size == (4, 1)
    assert small.mode == "RGB"


def test_a_lab_picture_is_converted_to_srgb() -> None:
    lab = Image.merge("LAB", [Image.new("L", (4, 4), value) for value in (137, 208, 195)])  # sRGB red
    assert to_small_srgb(lab, 2).getpixel((0, 0)) == pytest.approx((255, 0, 0), abs=12)


def with_profile(color: tuple[int, ...], profile: object, mode: str = "RGB") -> Image.Image:
    image = Image.new(mode, (4, 4), color)
    image.info["icc_profile"] = profile
    return image


def test_wide_gamut_colors_are_converted_to_srgb() -> None:
    red_in_p3 = (234, 51, 35)
    assert to_small_srgb(with_profile(red_in_p3, display_p3()), 1).getpixel((0, 0)) == pytest.approx(
        (255, 0, 0), abs=2
    )
    grey = to_small_srgb(with_profile((128, 128, 128), display_p3()), 1).getpixel((0, 0))
    assert grey == pytest.approx((128, 128, 128), abs=1)


def test_srgb_colors_are_taken_as_they_are() -> None:
    assert to_small_srgb(with_profile((234, 51, 35), SRGB_PROFILE), 1).getpixel((0, 0)) == (234, 51, 35)


@pytest.mark.parametrize(
    "profile",
    [b"", b"junk", SRGB_PROFILE[:200], b"\xff" * 3000, display_p3()[:300] + b"\0" * 300, "text", None],
    ids=["empty", "junk", "cut", "bytes", "zeros", "text", "none"],
)
@pytest.mark.parametrize("mode", ["RGB", "CMYK", "L"])
def test_a_broken_profile_is_ignored(profile: object, mode: str) -> None:
    color = {"RGB": (10, 20, 30), "CMYK": (245, 235, 225, 0), "L": 99}[mode]
    expected = {"RGB": (10, 20, 30), "CMYK": (10, 20, 30), "L": (99, 99, 99)}[mode]
    assert to_small_srgb(with_profile(color, profile, mode), 1).getpixel((0, 0)) == expected  # type: ignore[arg-type]


def test_a_profile_of_another_color_space_is_ignored() -> None:
    assert to_small_srgb(with_profile((0, 255, 255, 0), display_p3(), "CMYK"), 1).getpixel((0, 0)) == (
        255,
        0,
        0,
    )
    assert to_small_srgb(with_profile(99, display_p3(), "L"), 1).getpixel((0, 0)) == (99, 99, 99)  # type: ignore[arg-type]


@settings(max_examples=100)
@given(st.data())
def test_whatever_is_damaged_in_a_profile_a_picture_comes_out(data: st.DataObject) -> None:
    profile = bytearray(display_p3())
    for at in data.draw(st.lists(st.integers(0, len(profile) - 1), min_size=1, max_size=10)):
        profile[at] = data.draw(st.integers(0, 255))
    small = to_small_srgb(with_profile((10, 20, 30), bytes(profile)), 1)
    assert (small.mode, small.size) == ("RGB", (4, 4))


@pytest.mark.parametrize(
    ("mode", "profile", "orientation", "expected"),
    [
        ("RGB", None, 1, True),
        ("RGB", SRGB_PROFILE, 0, True),
        ("RGB", b"no profile", 1, True),
        ("RGB", None, 6, False),
        ("L", None, 1, False),
        ("RGB", display_p3(), 1, False),
    ],
)
def test_only_a_picture_of_which_nothing_would_change_is_taken_as_it_is(
    mode: str, profile: bytes | None, orientation: int, expected: bool
) -> None:
    image = make_scene(1, (64, 48)).convert(mode)
    image.info = {} if profile is None else {"icc_profile": profile}
    assert is_upright_srgb(image, orientation) == expected
    small = to_small_srgb(image, 1, orientation)
    assert (small.mode == mode and small.tobytes() == image.tobytes()) == expected


@pytest.mark.parametrize("orientation", range(9))
@pytest.mark.parametrize("profile", [None, display_p3()])
@pytest.mark.parametrize("transfer", [None, 8, PQ])
def test_a_picture_converted_in_bands_is_that_converted_as_a_whole(
    monkeypatch: pytest.MonkeyPatch, orientation: int, profile: bytes | None, transfer: int | None
) -> None:
    image = make_scene(1, (37, 53))
    image.info = {} if profile is None else {"icc_profile": profile}
    if transfer is not None:
        image.info["color_coding"] = from_code_points(9, transfer)
    whole = np.asarray(to_small_srgb(image.copy(), 1, orientation))
    monkeypatch.setattr(color, "_COPIED_PIXELS", 37 * 10)
    assert np.array_equal(to_upright_srgb(np.asarray(image), image.info, orientation), whole)
