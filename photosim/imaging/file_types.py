"""Detect the format of a photo by its bytes, open it with the decoder of that format, and explain errors."""

from __future__ import annotations

import errno
import functools
import re
import warnings
from typing import IO, Protocol

from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.WebPImagePlugin import WebPImageFile

from photosim.errors import UnreadablePhotoError
from photosim.files.signatures import HEAD_BYTES, sniff
from photosim.imaging.decoders import AvifPhoto, JpegPhoto, TiffPhoto
from photosim.imaging.formats import tiff
from photosim.imaging.formats.jxl import JxlImageFile
from photosim.imaging.formats.png import PngPhoto
from photosim.imaging.truncation import is_truncated
from photosim.records import RAW_FORMATS

MAX_PIXELS = 250_000_000
"""Pixels of the largest supported photo: above the 200 megapixels of the largest phone cameras."""

# Some decoders of Pillow check this before they allocate memory; they refuse images above twice the value.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
# Pillow warns thousands of times in a large library; real errors are exceptions.
warnings.filterwarnings("ignore", module=r"PIL\.")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

TRUNCATED = "The file is incomplete (interrupted copy or download?)."

_OTHER_KINDS = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"PK\x05\x06", "a ZIP archive or an office document"),
    (b"Rar!", "an archive"),
    (b"BZh", "an archive"),
    (b"\xfd7zXZ\0", "an archive"),
    (b"\x28\xb5\x2f\xfd", "an archive"),
    (b"MSCF", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"\x1f\x8b", "an archive"),
    (b"%!PS", "a PostScript document"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript document"),
    (b"8BPS", "a Photoshop document"),
    (b"#!", "a script"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\0\0\x01\xba", "a video"),
    (b"\0\0\x01\xb3", "a video"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
    (b"\0\x05\x16\x07", "a macOS metadata file without a picture"),
    (b"\x1aE\xdf\xa3", "a video"),
)
_OTHER_TEXTS = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<script", "a web page"),
    (b"<svg", "an SVG drawing"),
    (b"<?php", "a script"),
    (b"@echo", "a script"),
    (b"<?xml", "an XML document"),
)
_SVG = re.compile(rb"<(?:[a-z0-9]+:)?svg[\s>]|<!doctype svg")
_TAR = 257, b"ustar"


class _Opener(Protocol):
    def __call__(self, fp: IO[bytes], /) -> ImageFile: ...


_OPENERS: dict[str, _Opener] = {
    "AVIF": AvifPhoto,
    "BMP": BmpImageFile,
    "GIF": GifImageFile,
    "JPEG": JpegPhoto,
    "JPEG XL": JxlImageFile,
    "PNG": PngPhoto,
    "TIFF": TiffPhoto,
    "WebP": WebPImageFile,
}


def detect_format(stream: IO[bytes]) -> str:
    """Return the format of a photo ("JPEG", "HEIC", "NEF", ...) by its bytes, not its name.

    Raises UnreadablePhotoError for any other file, and says what it is.
    """
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    name = sniff(head)
    if name is None:
        raise UnreadablePhotoError(_unsupported_message(head))
    if name == "TIFF":
        name = tiff.raw_format(stream) or name
    if name in RAW_FORMATS:
        check_complete(stream, name)  # the preview may be complete though the photo is not
    return name


def open_photo(stream: IO[bytes], name: str) -> ImageFile:
    """Open a photo of a format returned by `detect_format`, other than RAW, without decoding it.

    Only the decoder of that format is used, not Pillow's list of all of them (one starts Ghostscript). Raises
    UnreadablePhotoError if the photo is too large, and anything that the decoder raises.
    """
    stream.seek(0)
    opener = _heic_opener() if name == "HEIC" else _OPENERS[name]
    image = opener(stream)
    check_pixels(image.width * image.height)
    return image


def check_complete(stream: IO[bytes], name: str) -> None:
    """Raise UnreadablePhotoError if a file of format `name` is truncated."""
    if is_truncated(stream, name):
        raise UnreadablePhotoError(TRUNCATED)


def check_pixels(pixels: int) -> None:
    """Raise UnreadablePhotoError for more than MAX_PIXELS."""
    if pixels > MAX_PIXELS:
        raise UnreadablePhotoError(too_large_message(pixels))


def too_large_message(pixels: int | None = None) -> str:
    """Return the error message for a photo above MAX_PIXELS."""
    size = "" if pixels is None else f" ({pixels / 1e6:.0f} megapixels)"
    return (
        f"The photo is too large{size}. PhotoSim reads photos of up to {MAX_PIXELS // 1_000_000} megapixels."
    )


def read_error_message(error: Exception) -> str:
    """Return the error message for a file that the system cannot read."""
    if getattr(error, "errno", None) == errno.ELOOP:
        return "The file is a link that leads to itself."
    reason = str(getattr(error, "strerror", None) or error).rstrip(".")
    return f"The file can't be read from its drive: {reason}."


def decode_error_message(stream: IO[bytes], error: Exception) -> str:
    """Return the error message for a decoder that failed with `error` on the photo in `stream`."""
    if isinstance(error, Image.DecompressionBombError):
        return too_large_message()
    if isinstance(error, MemoryError):
        return "Not enough memory to decode the photo."
    if isinstance(error, OSError) and error.errno is not None:
        return read_error_message(error)
    try:
        stream.seek(0)
        name = sniff(stream.read(HEAD_BYTES)) or "image"
        name = tiff.raw_format(stream) or name if name == "TIFF" else name
        truncated = (
            "truncated" in str(error).lower() or isinstance(error, EOFError) or is_truncated(stream, name)
        )
    except OSError as failure:
        return read_error_message(failure)
    if truncated:
        return TRUNCATED
    return f"The {name} data can't be decoded. The file is damaged or uses unsupported features."


@functools.cache
def _heic_opener() -> _Opener:
    """Import pillow-heif on first use, and have it skip everything but the picture and its preview."""
    import pillow_heif

    pillow_heif.options.DEPTH_IMAGES = False
    pillow_heif.options.AUX_IMAGES = False
    opener: _Opener = pillow_heif.HeifImageFile
    return opener


def _unsupported_message(head: bytes) -> str:
    if not head.strip(b"\0"):
        return "The file contains only zeros (interrupted copy or recovery?)."
    kind = _other_kind(head)
    if kind is None:
        return "Not a supported photo format."
    return f"Not a supported photo format: this is {kind}."


def _other_kind(head: bytes) -> str | None:
    """Return what a file is that is no photo, as far as its first bytes tell."""
    text = head.removeprefix(b"\xef\xbb\xbf")
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = text.replace(b"\0", b"")[2:]  # UTF-16
    text = text.lstrip().lower()
    if text.startswith(b"<") and _SVG.search(text):
        return "an SVG drawing"
    kinds = [kind for signature, kind in _OTHER_KINDS if head.startswith(signature)]
    kinds += [kind for signature, kind in _OTHER_TEXTS if text.startswith(signature)]
    if head[_TAR[0] :].startswith(_TAR[1]):
        kinds.append("an archive")
    if (head[4:8] == b"ftyp" and len(head) >= 12) or (head.startswith(b"RIFF") and head[8:12] == b"AVI "):
        kinds.append("a video")
    return kinds[0] if kinds else None
