"""Tell by its bytes what kind of photo a file is, open it with that kind's decoder, and say what is wrong."""

from __future__ import annotations

import functools
import warnings
from typing import IO, Protocol

from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from photosim.core.truncation import ends_early
from photosim.errors import UnreadablePhotoError

MAX_PIXELS = 250_000_000
"""Pixels of the largest photo that is read: above the 200 megapixels of today's largest phone cameras."""

# Some decoders of Pillow ask this before they take memory; they refuse what is above twice the value.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
# Pillow warns of odd files, thousands of times in a large library; what matters comes as an exception.
warnings.filterwarnings("ignore", module=r"PIL\.")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

_HEAD = 4096  # bytes that `sniff` looks at, far more than any signature needs

_PLAIN_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_BMP_HEADER_SIZES = frozenset({12, 40, 52, 56, 64, 108, 124})

_OTHER_KINDS = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"\x1f\x8b", "an archive"),
    (b"%!PS", "a PostScript document"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript document"),
    (b"8BPS", "a Photoshop document"),
    (b"#!", "a script"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL image"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
    (b"\0\x05\x16\x07", "a macOS companion file without a picture"),
    (b"\x1aE\xdf\xa3", "a video"),
)
_OTHER_TEXTS = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<svg", "a drawing (SVG)"),
    (b"<?xml", "an XML document"),
)


class _Opener(Protocol):
    def __call__(self, fp: IO[bytes], /) -> ImageFile: ...


_PILLOW_OPENERS: dict[str, _Opener] = {
    "AVIF": AvifImageFile,
    "BMP": BmpImageFile,
    "GIF": GifImageFile,
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "TIFF": TiffImageFile,
    "WebP": WebPImageFile,
}


def open_photo(stream: IO[bytes]) -> tuple[ImageFile, str]:
    """Open a photo, without decoding it, and give the name of its format ("JPEG", "HEIC", ...).

    The bytes decide, not the file's name. Only the eight formats of a photo library are tried, each with its
    own class and not through Pillow's list of all decoders (one of which starts Ghostscript).
    Raises UnreadablePhotoError if it is none of these or too large, and whatever a decoder may raise.
    """
    head = stream.read(_HEAD)
    name = sniff(head)
    if name is None:
        raise UnreadablePhotoError(_other_kind(head))
    stream.seek(0)
    opener = _heic_opener() if name == "HEIC" else _PILLOW_OPENERS[name]
    image = opener(stream)
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise UnreadablePhotoError(too_many_pixels(width * height))
    return image, name


def sniff(head: bytes) -> str | None:
    """Name the photo format that starts with these bytes, None if none does."""
    for signature, name in _PLAIN_SIGNATURES:
        if head.startswith(signature):
            return name
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WebP"
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES:
        return "BMP"
    if head[4:8] == b"ftyp":
        return _sniff_iso_media(head)
    return None


def too_many_pixels(pixels: int | None = None) -> str:
    """Say that a photo is above MAX_PIXELS."""
    limit = f"PhotoSim reads photos of up to {MAX_PIXELS // 1_000_000} megapixels"
    if pixels is None:
        return f"The photo is too large: {limit}."
    return f"The photo is too large: it has {pixels / 1e6:.0f} megapixels, and {limit}."


def unreadable_drive(error: Exception) -> str:
    """Say that the system cannot read a file."""
    reason = str(getattr(error, "strerror", None) or error).rstrip(".")
    return f"The file cannot be read from its drive: {reason}."


def why_undecodable(stream: IO[bytes], error: Exception) -> str:
    """Say in plain words why a decoder failed with `error` on the photo in `stream`."""
    if isinstance(error, Image.DecompressionBombError):
        return too_many_pixels()
    if isinstance(error, MemoryError):
        return "There is not enough free memory to decode this photo."
    if isinstance(error, OSError) and error.errno is not None:
        return unreadable_drive(error)
    try:
        stream.seek(0)
        name = sniff(stream.read(_HEAD)) or "image"
        early = "truncated" in str(error).lower() or isinstance(error, EOFError) or ends_early(stream, name)
    except OSError as failure:
        return unreadable_drive(failure)
    if early:
        return "The file ends too early: it was probably not copied or downloaded completely."
    return f"The {name} data cannot be decoded: the file is damaged or of an unusual kind."


def _sniff_iso_media(head: bytes) -> str | None:
    size = int.from_bytes(head[:4], "big")
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(size, len(head)), 4))]
    if brands[0] in _HEIC_BRANDS - {b"mif1", b"msf1"}:
        return "HEIC"
    if not _AVIF_BRANDS.isdisjoint(brands):
        return "AVIF"
    return None if _HEIC_BRANDS.isdisjoint(brands) else "HEIC"


@functools.cache
def _heic_opener() -> _Opener:
    """Load pillow-heif, for those who have such photos, and have it leave a file's other pictures alone."""
    import pillow_heif

    pillow_heif.options.THUMBNAILS = False
    pillow_heif.options.DEPTH_IMAGES = False
    pillow_heif.options.AUX_IMAGES = False
    opener: _Opener = pillow_heif.HeifImageFile
    return opener


def _other_kind(head: bytes) -> str:
    if not head.strip(b"\0"):
        return "The file holds only zeros: it was probably not copied or recovered completely."
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    kinds = [kind for signature, kind in _OTHER_KINDS if head.startswith(signature)]
    kinds += [kind for signature, kind in _OTHER_TEXTS if text.startswith(signature)]
    if not kinds and head[4:8] == b"ftyp" and len(head) >= 12:
        kinds.append("a video")
    if kinds:
        return f"The file is not a photo that PhotoSim reads: it is {kinds[0]}."
    return "The file is not a photo in any of the formats that PhotoSim reads."
