"""Read one photo file once, decode it once: its content's digest, its facts and an upright picture."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from xxhash import xxh3_128

from photosim.errors import UnreachablePhotoError, UnreadablePhotoError
from photosim.files.fspaths import long_path
from photosim.imaging import color, exif, file_types, mpf, turbojpeg
from photosim.imaging.color import Picture
from photosim.imaging.file_types import MAX_PIXELS
from photosim.imaging.jxl import JxlImageFile
from photosim.imaging.raw import RawPhoto
from photosim.records import RAW_FORMATS, PhotoFacts

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_PIXELS",
    "THUMBNAIL_EDGE",
    "THUMBNAIL_QUALITY",
    "DecodedPhoto",
    "LoadedFile",
    "decode",
    "digest_file",
    "jpeg_thumbnail",
    "load",
    "read_photo",
    "thumbnail_size",
]

THUMBNAIL_EDGE = 320
"""Longest side of a thumbnail in pixels."""

MAX_FILE_BYTES = 2 * 1024**3
"""Size of the largest file that is read: a photo of MAX_PIXELS with 16 bits a colour has 1.5 GB."""

_MAX_HELD_BYTES = 64 * 1024**2
"""Files up to this size are held in memory between hashing and decoding; larger ones are opened twice."""

_HASH_BLOCK = 1024**2  # bytes
_LARGE_PIXELS = 64_000_000
"""Photos above this take half a gigabyte and more while they are decoded: one of them at a time."""

THUMBNAIL_QUALITY = 80

_NOT_A_FILE = "This is not a file but a folder or a device."

_large_photo = threading.Lock()


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file's bytes, or None for a large file, and their digest (16 bytes, XXH3-128)."""

    path: str
    digest: bytes
    size: int
    data: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """A photo that was read: `picture` is upright RGB, its longest side from `edge` to below 2 `edge` pixels.

    A photo that is smaller than `edge` keeps its size. `digest` is that of the file's bytes (XXH3-128).
    """

    digest: bytes
    facts: PhotoFacts
    picture: Picture = field(repr=False)

    @property
    def image(self) -> Image.Image:
        """The picture as Pillow has it."""
        return Image.fromarray(self.picture)


def read_photo(path: str | Path, *, edge: int = THUMBNAIL_EDGE) -> DecodedPhoto:
    """Load and decode a photo. Raises UnreadablePhotoError, whose text is the reason, and nothing else."""
    return decode(load(path), edge=edge)


def load(path: str | Path) -> LoadedFile:
    """Read a file once and hash it. Raises UnreadablePhotoError."""
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > _MAX_HELD_BYTES:
            return LoadedFile(str(path), _hash(file), size, None)
        data = file.read()
        if not data:
            raise UnreadablePhotoError("The file is empty.")
        return LoadedFile(str(path), xxh3_128(data).digest(), len(data), data)


def digest_file(path: str | Path) -> bytes:
    """Hash a file's bytes without decoding them (16 bytes, XXH3-128). Raises UnreadablePhotoError."""
    with _opened(path) as file:
        return _hash(file)


def decode(loaded: LoadedFile, *, edge: int = THUMBNAIL_EDGE) -> DecodedPhoto:
    """Decode a photo that was loaded. Raises UnreadablePhotoError and nothing else. Safe in many threads."""
    if loaded.data is not None:
        facts, picture = _decode(io.BytesIO(loaded.data), edge)
    else:
        with _opened(loaded.path) as file:
            if os.fstat(file.fileno()).st_size != loaded.size:
                raise UnreadablePhotoError("The file changed while it was being read.")
            facts, picture = _decode(io.BufferedReader(file), edge)
    return DecodedPhoto(loaded.digest, facts, picture)


def jpeg_thumbnail(image: Image.Image, edge: int = THUMBNAIL_EDGE, quality: int = THUMBNAIL_QUALITY) -> bytes:
    """Encode a small RGB picture as a JPEG whose longest side is at most `edge` pixels, without metadata."""
    size = thumbnail_size(image.size, edge)
    if image.size != size:
        image = image.resize(size, Image.Resampling.HAMMING)
    return turbojpeg.encode(np.asarray(image), quality)


def thumbnail_size(size: tuple[int, int], edge: int = THUMBNAIL_EDGE) -> tuple[int, int]:
    """The width and height of a picture's thumbnail: those of the picture when it is no larger."""
    longest = max(size)
    if longest <= edge:
        return size
    width, height = (max(1, round(side * edge / longest)) for side in size)
    return width, height


def _decode(stream: IO[bytes], edge: int) -> tuple[PhotoFacts, Picture]:
    try:
        name = file_types.detect_format(stream)
        if name in RAW_FORMATS:
            return _raw(stream, name, edge)
        image = file_types.open_photo(stream, name)
        size = image.size
        with _turn_for(image.width * image.height):
            if name == "HEIC" and _takes_preview(image, edge):
                file_types.check_complete(stream, name)
            if name == "JPEG" and isinstance(image, JpegImageFile):
                return _jpeg(image, stream, edge)
            return _facts_and_picture(image, name, size, edge)
    except UnreadablePhotoError:
        raise
    except Exception as error:  # decoders raise errors of every kind on hostile bytes
        raise UnreadablePhotoError(file_types.decode_error_message(stream, error)) from error


def _jpeg(image: JpegImageFile, stream: IO[bytes], edge: int) -> tuple[PhotoFacts, Picture]:
    """A JPEG, by the preview behind it where it has one that will do."""
    orientation = exif.read_orientation(image)
    facts = exif.read_facts(image, image.size[::-1] if orientation >= 5 else image.size, "JPEG")
    preview = mpf.find_preview(image, stream, edge)
    if preview is not None:
        with contextlib.suppress(
            OSError, ValueError, SyntaxError
        ):  # a damaged one: the photo itself may be whole
            _draft(preview, edge)
            return facts, _upright(preview, edge, orientation)
    _draft(image, edge)
    quick = turbojpeg.decode_pixels(image, stream.getvalue()) if isinstance(stream, io.BytesIO) else None
    if quick is None:
        return facts, _upright(image, edge, orientation)
    if color.shrink_factor(image.size, edge) == 1 and color.is_upright_srgb(image, orientation):
        return facts, quick
    picture = Image.fromarray(quick)
    picture.info = image.info
    return facts, _upright(picture, edge, orientation)


def _facts_and_picture(
    image: ImageFile, name: str, size: tuple[int, int], edge: int
) -> tuple[PhotoFacts, Picture]:
    if name == "JPEG XL":
        _draft(image, edge)
    if name in {"PNG", "JPEG XL"}:
        image.load()  # its EXIF block may stand behind the pixels, or be packed
    if isinstance(image, JxlImageFile) and not image.holds_jpeg:
        size = image.size  # upright, and known only now
    orientation = 1 if _stands_upright(image, name) else exif.read_orientation(image)
    facts = exif.read_facts(image, size[::-1] if orientation >= 5 else size, name)
    return facts, _upright(image, edge, orientation)


def _stands_upright(image: ImageFile, name: str) -> bool:
    """Whether the decoder turns the picture: Pillow turns a TIFF while it loads it, libheif and libjxl theirs."""
    return name in {"TIFF", "HEIC"} or (isinstance(image, JxlImageFile) and not image.holds_jpeg)


def _raw(stream: IO[bytes], name: str, edge: int) -> tuple[PhotoFacts, Picture]:
    with RawPhoto(stream, name) as photo:
        file_types.check_pixels(photo.sensor_pixels)
        with _turn_for(photo.sensor_pixels):
            image, orientation = photo.picture(edge)
            file_types.check_pixels(image.width * image.height)
            if isinstance(image, JpegImageFile):
                _draft(image, edge)
            return photo.facts(), _upright(image, edge, orientation)


def _draft(image: ImageFile, edge: int) -> None:
    """Have a JPEG decoded no larger than it is needed."""
    factor = color.shrink_factor(image.size, edge)
    image.draft(None, (max(1, image.width // factor), max(1, image.height // factor)))


def _takes_preview(image: ImageFile, edge: int) -> bool:
    """Have the preview in a HEIC decoded, as phones write it, where it is large enough and a copy of the photo.

    pillow-heif sees to it that its proportions, turn, depth and colours are those of the photo.
    """
    longest = max(image.size)
    wanted = (max(1, image.width * edge // longest), max(1, image.height * edge // longest))
    return longest > edge and image.draft(None, wanted) is not None


def _upright(image: Image.Image, edge: int, orientation: int) -> Picture:
    image.load()
    return np.array(color.to_small_srgb(image, color.shrink_factor(image.size, edge), orientation))


def _turn_for(pixel_count: int) -> contextlib.AbstractContextManager[object]:
    """Wait for other large photos before a large one, for nobody before others."""
    return _large_photo if pixel_count > _LARGE_PIXELS else contextlib.nullcontext()


@contextlib.contextmanager
def _opened(path: str | Path) -> Iterator[io.FileIO]:
    """Open a regular file of a size that is read; all that the system may answer becomes a plain reason."""
    try:
        with io.FileIO(long_path(str(path)), opener=_without_waiting) as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise UnreadablePhotoError(_NOT_A_FILE)
            if facts.st_size > MAX_FILE_BYTES:
                raise UnreadablePhotoError(
                    f"The file is too large: PhotoSim reads files of up to {MAX_FILE_BYTES // 1024**3} GB."
                )
            yield file
    except IsADirectoryError as error:
        raise UnreadablePhotoError(_NOT_A_FILE) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UnreadablePhotoError("The file is not there just now.") from error
    except PermissionError as error:
        raise UnreachablePhotoError("Permission denied: this user may not read the file.") from error
    except MemoryError as error:
        raise UnreachablePhotoError("There is not enough free memory to read the file.") from error
    except (OSError, ValueError) as error:
        raise UnreachablePhotoError(file_types.read_error_message(error)) from error


def _without_waiting(path: str, flags: int) -> int:
    """Open as usual; but opening a pipe that took a photo's place would wait for a writer for ever."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _hash(file: io.FileIO) -> bytes:
    digest = xxh3_128()
    block = memoryview(bytearray(_HASH_BLOCK))
    total = 0
    while count := file.readinto(block):
        digest.update(block[:count])
        total += count
    if total == 0:
        raise UnreadablePhotoError("The file is empty.")
    return digest.digest()
