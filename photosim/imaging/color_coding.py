"""Convert pictures whose colors are described by code points or chromaticities, instead of an ICC profile, to sRGB.

HEIC, AVIF and PNG use the code points of ITU-T H.273 ("nclx", "cICP"), PNG also a gamma and chromaticities. Pictures
of high dynamic range (PQ and HLG of ITU-R BT.2100) are tone mapped.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

Chromaticities = tuple[float, float, float, float, float, float, float, float]
"""x and y of red, green, blue and white (CIE 1931)."""

_D65 = 0.3127, 0.3290
_SRGB_PRIMARIES: Chromaticities = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, *_D65)
_ADOBE_RGB_PRIMARIES: Chromaticities = (0.64, 0.33, 0.21, 0.71, 0.15, 0.06, *_D65)

_PRIMARIES: dict[int, Chromaticities] = {  # H.273, table 2
    1: _SRGB_PRIMARIES,
    4: (0.67, 0.33, 0.21, 0.71, 0.14, 0.08, 0.310, 0.316),
    5: (0.64, 0.33, 0.29, 0.60, 0.15, 0.06, *_D65),
    6: (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, *_D65),
    7: (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, *_D65),
    8: (0.681, 0.319, 0.243, 0.692, 0.145, 0.049, 0.310, 0.316),
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, *_D65),
    10: (1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1 / 3, 1 / 3),
    11: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351),
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, *_D65),
    22: (0.630, 0.340, 0.295, 0.605, 0.155, 0.077, *_D65),
}

# H.273, table 3. Curves that are not named here, those of cameras for television and sRGB's, are shown alike: they stand
# for a display of gamma 2.2.
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}
PQ, _SMPTE_428, HLG = 16, 17, 18
HDR_TRANSFERS = frozenset({PQ, HLG})

_REFERENCE_WHITE_NITS = 203
"""Luminance of white paper in PQ (ITU-R BT.2408); what is brighter are highlights."""

_REFERENCE_WHITE_HLG = 0.265
"""Scene light of white paper in HLG: 75 percent of the signal (ITU-R BT.2408)."""

_KNEE = 0.75
"""Linear light up to which tone mapping changes nothing; 1 is white paper."""

_LOWEST_PEAK = 1.1
"""Linear light up to which the brightest parts count as white paper, and what exceeds it as noise."""

_PEAK_PERCENTILE = 99.9
_PEAK_SAMPLES = 250_000
_BAND_PIXELS = 1_000_000

_ADOBE_RGB_GAMMA = 2.19921875
_SRGB_GAMMA = 2.2
_GAMMA_TOLERANCE = 0.05  # relative: such a gamma is sRGB's
_MIN_GAMMA, _MAX_GAMMA = 0.8, 5.0
_PRIMARIES_TOLERANCE = 0.003
_MIN_WHITE_Y = 0.05

_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

Values = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ColorCoding:
    """What the values of a picture stand for: chromaticities, and a transfer function by its code or as a gamma."""

    primaries: Chromaticities
    transfer: int | None = None
    gamma: float = 1.0

    @property
    def white_level(self) -> int:
        """The 8-bit value of white paper."""
        return {PQ: 148, HLG: 191}.get(self.transfer or 0, 255)

    def to_srgb(self, image: Image.Image) -> Image.Image:
        """Convert an L or RGB image to sRGB, tone mapped where its dynamic range is high."""
        pixels = np.asarray(image.convert("RGB"))
        table, matrix = _linear_table(self.transfer, self.gamma), _matrix_to_srgb(self.primaries)
        peak = _peak(pixels, table) if self.transfer in HDR_TRANSFERS else 1.0
        result = np.empty_like(pixels)
        rows = max(1, _BAND_PIXELS // pixels.shape[1])
        for top in range(0, len(pixels), rows):
            light = table[pixels[top : top + rows]]
            if peak > _LOWEST_PEAK:
                _tone_map(light, peak)
            light = light @ matrix
            np.clip(light, 0, 1, out=light)
            light *= 65535
            light += 0.5
            result[top : top + rows] = _srgb_table()[light.astype(np.uint16)]
        return Image.fromarray(result)


ADOBE_RGB = ColorCoding(_ADOBE_RGB_PRIMARIES, gamma=_ADOBE_RGB_GAMMA)
"""What cameras mean by the color space "R03" of DCF."""


def from_code_points(primaries: int, transfer: int) -> ColorCoding | None:
    """Return the coding for code points of H.273; None for sRGB, and for values that are unspecified or unknown."""
    found = _PRIMARIES.get(primaries, _SRGB_PRIMARIES)
    if transfer in _GAMMAS:
        return ColorCoding(found, gamma=_GAMMAS[transfer])
    if transfer in HDR_TRANSFERS or transfer == _SMPTE_428:
        return ColorCoding(found, transfer)
    return None if found == _SRGB_PRIMARIES else ColorCoding(found, 13)


def from_gamma(gamma: float | None, primaries: Chromaticities | None) -> ColorCoding | None:
    """Return the coding for the exponent of a display and chromaticities; None for sRGB and for absurd values."""
    if primaries is None or not _is_plausible(primaries) or _are_near(primaries, _SRGB_PRIMARIES):
        primaries = _SRGB_PRIMARIES
    plausible = gamma is not None and _MIN_GAMMA <= gamma <= _MAX_GAMMA
    if not plausible or abs((gamma or 0) / _SRGB_GAMMA - 1) <= _GAMMA_TOLERANCE:
        return None if primaries == _SRGB_PRIMARIES else ColorCoding(primaries, 13)
    return ColorCoding(primaries, gamma=gamma or _SRGB_GAMMA)


def hdr_coding_in_profile(profile: bytes) -> ColorCoding | None:
    """Return the coding that the "cicp" tag of an ICC profile (version 4.4) names, if it is of high dynamic range.

    The tables of such a profile map to a display of one brightness, or are missing.
    """
    for entry in range(132, min(132 + 12 * int.from_bytes(profile[128:132], "big"), 132 + 12 * 100), 12):
        if profile[entry : entry + 4] == b"cicp":
            start = int.from_bytes(profile[entry + 4 : entry + 8], "big")
            tag = profile[start : start + 12]
            if len(tag) == 12 and tag.startswith(b"cicp") and tag[9] in HDR_TRANSFERS:
                return from_code_points(tag[8], tag[9])
    return None


def _is_plausible(primaries: Chromaticities) -> bool:
    """Return whether the chromaticities span a gamut that contains their white."""
    if not all(-0.5 < value < 1.5 for value in primaries) or primaries[7] < _MIN_WHITE_Y:
        return False
    try:
        with np.errstate(all="ignore"):
            matrix = _matrix_to_srgb(primaries)
    except np.linalg.LinAlgError:
        return False
    return bool(np.isfinite(matrix).all() and np.abs(matrix).max() < 10)


def _are_near(one: Chromaticities, other: Chromaticities) -> bool:
    return all(abs(a - b) <= _PRIMARIES_TOLERANCE for a, b in zip(one, other, strict=True))


@functools.lru_cache(maxsize=16)
def _linear_table(transfer: int | None, gamma: float) -> Values:
    """Return linear light by 8-bit value; 1 is white paper."""
    signal = np.arange(256) / 255
    if transfer == PQ:  # SMPTE ST 2084
        power = signal ** (1 / 78.84375)
        light = ((power - 0.8359375).clip(0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
        light *= 10_000 / _REFERENCE_WHITE_NITS
    elif transfer == HLG:
        # Scene light, without the system gamma of HLG displays: as cameras develop their JPEGs of the same scene.
        upper = (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
        light = np.where(signal <= 0.5, signal**2 / 3, upper) / _REFERENCE_WHITE_HLG
    elif transfer == _SMPTE_428:
        light = signal**2.6 * (52.37 / 48)
    elif transfer is not None:
        light = np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)
    else:
        light = signal**gamma
    return light.astype(np.float32)


@functools.lru_cache(maxsize=16)
def _matrix_to_srgb(primaries: Chromaticities) -> Values:
    """Return the matrix (3, 3) by which rows of linear RGB become linear sRGB."""
    return (np.linalg.inv(_to_d65_xyz(_SRGB_PRIMARIES)) @ _to_d65_xyz(primaries)).T.astype(np.float32)


def _to_d65_xyz(primaries: Chromaticities) -> npt.NDArray[np.float64]:
    """Return the matrix (3, 3) of linear RGB to XYZ, adapted to the white of sRGB (Bradford)."""
    columns = np.array([[x, y, 1 - x - y] for x, y in zip(primaries[::2], primaries[1::2], strict=True)]).T
    white = columns[:, 3] / columns[1, 3]
    matrix = columns[:, :3] * np.linalg.solve(columns[:, :3], white)
    d65 = np.array([_D65[0] / _D65[1], 1, (1 - sum(_D65)) / _D65[1]])
    scale = (_BRADFORD @ d65) / (_BRADFORD @ white)
    adapted: npt.NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ np.diag(scale) @ _BRADFORD @ matrix
    return adapted


def _peak(pixels: npt.NDArray[np.uint8], table: Values) -> float:
    """Return the linear light of the brightest parts of a picture (H, W, 3), apart from single pixels."""
    step = max(1, round((pixels.shape[0] * pixels.shape[1] / _PEAK_SAMPLES) ** 0.5))
    return float(np.percentile(table[pixels[::step, ::step].max(axis=2)], _PEAK_PERCENTILE))


def _tone_map(light: Values, peak: float) -> None:
    """Compress highlights in place, so that `peak` becomes 1 and all up to _KNEE stays.

    The upper part is Reinhard's curve with a white point ("Photographic tone reproduction", SIGGRAPH 2002), applied
    to the largest of red, green and blue, so that the hue stays.
    """
    brightest = light.max(axis=2, keepdims=True)
    excess = (brightest - _KNEE) / (1 - _KNEE)
    largest = (peak - _KNEE) / (1 - _KNEE)
    compressed = _KNEE + (1 - _KNEE) * excess * (1 + excess / largest**2) / (1 + excess)
    light *= np.where(brightest > _KNEE, compressed / np.maximum(brightest, _KNEE), 1)


@functools.cache
def _srgb_table() -> npt.NDArray[np.uint8]:
    """Return the 8-bit sRGB value by linear light in 65,535ths."""
    light = np.arange(65536) / 65535
    signal = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return (signal * 255 + 0.5).astype(np.uint8)
