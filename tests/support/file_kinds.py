"""Photo files of every format, color profiles and orientations for several tests."""

from __future__ import annotations

import functools
import struct
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from tests.support.images import make_exif, make_scene, save
from tests.support.raw_files import make_dng

SIZE = (700, 500)
EXIF = make_exif(taken_at="2024:07:01 18:03:11", make="Canon", model="EOS R6", gps=(10.5, -20.25))

# name: (file suffix, mode, encoder options, maximal mean difference from the scene)
KINDS: dict[str, tuple[str, str, dict[str, Any], float]] = {
    "JPEG": (".jpg", "RGB", {}, 4),
    "JPEG progressive": (".jpg", "RGB", {"progressive": True}, 4),
    "JPEG CMYK": (".jpg", "CMYK", {}, 4),
    "PNG": (".png", "RGB", {}, 1),
    "PNG palette": (".png", "P", {}, 4),
    "PNG transparent": (".png", "RGBA", {}, 1),
    "WebP": (".webp", "RGB", {}, 4),
    "WebP lossless": (".webp", "RGBA", {"lossless": True}, 1),
    "GIF": (".gif", "P", {}, 4),
    "TIFF": (".tif", "RGB", {}, 1),
    "TIFF LZW": (".tif", "RGB", {"compression": "tiff_lzw"}, 1),
    "TIFF deflate CMYK": (".tif", "CMYK", {"compression": "tiff_adobe_deflate"}, 1),
    "TIFF JPEG": (".tif", "RGB", {"compression": "jpeg"}, 4),
    "TIFF BigTIFF": (".tif", "RGB", {"big_tiff": True}, 1),
    "BMP": (".bmp", "RGB", {}, 1),
    "BMP palette": (".bmp", "P", {}, 4),
    "AVIF": (".avif", "RGB", {}, 5),
    "HEIC": (".heic", "RGB", {}, 5),
    "JPEG XL": (".jxl", "RGB", {}, 5),
    "JPEG XL lossless": (".jxl", "RGBA", {"lossless": True, "effort": 3}, 1),
    "DNG": (".dng", "RGB", {}, 4),
    "NEF": (".nef", "RGB", {"make": "NIKON CORPORATION"}, 4),
}

STORED_TRANSPOSE = {  # by EXIF orientation: the inverse of what a viewer applies
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
SRGB_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@functools.cache
def encode_kind(kind: str, size: tuple[int, int] = SIZE, exif: bool = False) -> bytes:
    """Return the bytes of a photo file of one kind."""
    suffix, mode, options, _ = KINDS[kind]
    scene = make_scene(4, size)
    image = scene.quantize() if mode == "P" else scene.convert(mode)
    with tempfile.TemporaryDirectory() as folder:
        if suffix in {".dng", ".nef"}:
            return make_dng(Path(folder, "photo"), 4, size, **{**options, "preview": size[0]}).read_bytes()
        more = {"exif": EXIF} if exif else {}
        return save(image, Path(folder, f"photo{suffix}"), **options, **more).read_bytes()


def make_kind(folder: Path, kind: str, size: tuple[int, int] = SIZE, exif: bool = False) -> Path:
    folder.mkdir(exist_ok=True)
    return write(folder / f"photo{KINDS[kind][0]}", encode_kind(kind, size, exif))


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def mean_difference(one: Image.Image, other: Image.Image) -> float:
    """Return the mean absolute difference of two pictures of the same size, 0 to 255."""
    assert one.size == other.size
    assert one.mode == other.mode == "RGB"
    return float(np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).mean())


def display_p3() -> bytes:
    """Return a color profile with Display P3's primaries, made from Pillow's sRGB profile (same curve)."""
    profile = bytearray(SRGB_PROFILE)
    primaries = {
        b"rXYZ": (0.5151, 0.2412, -0.0011),
        b"gXYZ": (0.2920, 0.6922, 0.0419),
        b"bXYZ": (0.1571, 0.0666, 0.7841),
    }
    for entry in range(132, 132 + 12 * int.from_bytes(profile[128:132], "big"), 12):
        name, offset = (
            bytes(profile[entry : entry + 4]),
            int.from_bytes(profile[entry + 4 : entry + 8], "big"),
        )
        if name in primaries:
            fixed = (round(value * 65536) for value in primaries[name])
            profile[offset + 8 : offset + 20] = struct.pack(">3i", *fixed)
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "P3  ".encode("utf-16-be"))
