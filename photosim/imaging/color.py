"""Convert decoded images of any mode, depth and color space to small upright sRGB pictures."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from photosim.imaging.color_coding import HDR_TRANSFERS, ColorCoding, from_code_points, hdr_coding_in_profile

Picture = npt.NDArray[np.uint8]
"""RGB pixels (H, W, 3)."""

Color = tuple[int, int, int]

_BACKGROUND: Color = (255, 255, 255)
"""The color behind transparent pixels."""

_BAND_PIXELS = 4_000_000
"""Pixels converted at a time, so that a large picture is in memory only once at full size."""

_COPIED_PIXELS = 1_000_000
"""The same for pictures of which several copies are made, one for each step."""

_MAX_PROFILE_BYTES = 4_000_000
"""Larger color profiles are ignored; those of printing presses have one to three megabytes."""

_DIRECT_MODES = frozenset({"L", "RGB", "CMYK"})
"""Modes that are reduced as they are and converted to sRGB afterwards."""

_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


_SIDEWAYS = frozenset({5, 6, 7, 8})
"""Orientations by which rows become columns."""

_FROM_THE_END = frozenset({3, 4, 6, 7})
"""Orientations by which the first row becomes the last row or column."""


def shrink_factor(size: tuple[int, int], edge: int) -> int:
    """Return the largest power of two that leaves the longest side at least `edge` pixels, or 1.

    JPEG decoders scale by powers of two: with the same factors, the same photo in two formats or sizes gives nearly
    the same picture.
    """
    return 1 << max(0, (max(size) // edge).bit_length() - 1)


def to_small_srgb(image: Image.Image, factor: int, orientation: int = 1) -> Image.Image:
    """Return a decoded image as a new upright RGB picture of 1/`factor` of its size.

    `orientation` is EXIF's, 1 to 8. Transparent pixels become white, grey values are scaled to 8 bits, and colors
    are converted to sRGB if the image has a readable color profile or another description of its colors.
    """
    coding = _coding(image)
    if coding is None or image.mode == "CMYK":
        small = _convert_to_srgb(_reduce(image, factor, _BACKGROUND), _profile(image))
    else:
        small = coding.to_srgb(_reduce(image, factor, (coding.white_level,) * 3))
    method = _TRANSPOSE.get(orientation)
    if method is not None:
        small = small.transpose(method)
    small.info = {}
    return small


def to_upright_srgb(pixels: Picture, info: dict[str | tuple[int, int], Any], orientation: int) -> Picture:
    """Return what `to_small_srgb` makes of RGB pixels with a factor of 1, without further copies of the whole."""
    height, width = pixels.shape[:2]
    image = Image.new("RGB", (1, 1))
    image.info = info
    coding = _coding(image)
    # Tone mapping depends on the brightest parts of the whole picture.
    is_hdr = coding is not None and coding.transfer in HDR_TRANSFERS
    rows = height if is_hdr else max(1, _COPIED_PIXELS // width)
    result = np.empty((width, height, 3) if orientation in _SIDEWAYS else pixels.shape, np.uint8)
    for top in range(0, height, rows):
        band = Image.fromarray(pixels[top : top + rows])
        band.info = dict(info)
        upright = np.asarray(to_small_srgb(band, 1, orientation))
        first = height - top - band.height if orientation in _FROM_THE_END else top
        if orientation in _SIDEWAYS:
            result[:, first : first + band.height] = upright
        else:
            result[first : first + band.height] = upright
    return result


def is_upright_srgb(image: Image.Image, orientation: int) -> bool:
    """Return whether `to_small_srgb` with factor 1 would only copy this image."""
    profile = _profile(image)
    return (
        image.mode == "RGB"
        and orientation not in _TRANSPOSE
        and "transparency" not in image.info
        and _coding(image) is None
        and (profile is None or _srgb_transform(profile, "RGB") is None)
    )


def _profile(image: Image.Image) -> bytes | None:
    profile = image.info.get("icc_profile")
    return profile if isinstance(profile, bytes) else None


def _coding(image: Image.Image) -> ColorCoding | None:
    """Return how the colors are coded if that is told by other means than a profile alone, and is not sRGB."""
    coding = image.info.get("color_coding")
    if isinstance(coding, ColorCoding):
        return coding
    nclx = image.info.get("nclx_profile")  # of pillow-heif
    if isinstance(nclx, dict):
        return from_code_points(nclx.get("color_primaries", 2), nclx.get("transfer_characteristics", 2))
    profile = _profile(image)
    return None if profile is None else hdr_coding_in_profile(profile)


def _reduce(image: Image.Image, factor: int, background: Color) -> Image.Image:
    """Return 1/`factor` of an image as L, RGB or CMYK; transparent pixels have the background color."""
    if image.mode in _DIRECT_MODES and "transparency" not in image.info:
        return image if factor == 1 else image.reduce(factor)
    convert = _converter(image, background)
    if factor == 1:
        return convert(image)
    width, height = image.size
    rows = factor * max(1, _BAND_PIXELS // (width * factor))
    tops = range(0, height, rows)
    bands = [convert(image.crop((0, top, width, min(top + rows, height)))).reduce(factor) for top in tops]
    small = Image.new(bands[0].mode, (bands[0].width, sum(band.height for band in bands)))
    for top, band in zip(tops, bands, strict=True):
        small.paste(band, (0, top // factor))
    return small


def _converter(image: Image.Image, background: Color) -> Callable[[Image.Image], Image.Image]:
    """Return a function that converts bands of this image to L or RGB."""
    mode = image.mode
    if mode.startswith("I") or mode == "F":
        low, high = _grey_range(image)
        return functools.partial(_grey_8_bits, low=low, high=high)
    if mode in {"LA", "PA", "RGBA", "RGBa"} or "transparency" in image.info:
        return functools.partial(_flatten, background=background)
    return functools.partial(Image.Image.convert, mode="L" if mode == "1" else "RGB")


def _flatten(image: Image.Image, background: Color) -> Image.Image:
    """Put an image with transparency on the background color."""
    layer = image.convert("RGBA")
    flat = Image.new("RGB", image.size, background)
    flat.paste(layer, mask=layer.getchannel("A"))
    return flat


def _grey_range(image: Image.Image) -> tuple[float, float]:
    """Return the values of black and white: those of the bit depth, or else the extremes of the image."""
    if image.mode.startswith("I;16"):
        bits = getattr(image, "tag_v2", {}).get(258, (16,))[0]  # TIFF's BitsPerSample
        return 0, 2 ** min(bits, 16) - 1
    low, high = _finite_extremes(image)
    for white in (1, 255, 65535) if image.mode == "F" else (255, 65535):
        if low >= 0 and high <= white:
            return 0, white
    return low, high


def _finite_extremes(image: Image.Image) -> tuple[float, float]:
    rows = max(1, _BAND_PIXELS // image.width)
    lows, highs = [], []
    for top in range(0, image.height, rows):
        band = np.asarray(image.crop((0, top, image.width, min(top + rows, image.height))))
        band = band[np.isfinite(band)]
        if band.size:
            lows.append(float(band.min()))
            highs.append(float(band.max()))
    return (min(lows), max(highs)) if lows else (0.0, 1.0)


def _grey_8_bits(image: Image.Image, low: float, high: float) -> Image.Image:
    values = np.nan_to_num(np.asarray(image).astype(np.float32), nan=low, posinf=high, neginf=low)
    values -= low
    values *= 255 / max(high - low, 1e-30)
    return Image.fromarray((values.clip(0, 255) + 0.5).astype(np.uint8))


def _convert_to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return a new RGB image, converted to sRGB if the profile is readable and not sRGB itself."""
    transform = None if profile is None or image.mode == "L" else _srgb_transform(profile, image.mode)
    return image.convert("RGB") if transform is None else transform.apply(image)


def _srgb_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    return _cached_srgb_transform(profile, mode) if len(profile) <= _MAX_PROFILE_BYTES else None


@functools.lru_cache(maxsize=16)
def _cached_srgb_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return a thread-safe color transform; None if none is needed or the profile is broken."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if mode == "RGB" and "srgb" in (source.profile.profile_description or "").lower():
            return None
        return ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.NOCACHE | ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except Exception:
        return None
