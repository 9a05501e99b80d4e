"""Read and decode a photo file once: the digest of its content, its metadata and an upright picture."""

from __future__ import annotations

import contextlib
import io
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from xxhash import xxh3_128

from photosim.errors import UnreadablePhotoError
from photosim.imaging import color, dates, exif, file_types, photo_files, turbojpeg
from photosim.imaging.color import Picture
from photosim.imaging.color_coding import ADOBE_RGB
from photosim.imaging.decoders import JpegPhoto
from photosim.imaging.file_types import MAX_PIXELS
from photosim.imaging.formats import mpf
from photosim.imaging.formats.jxl import JxlImageFile
from photosim.imaging.formats.raw import RawPhoto
from photosim.imaging.turbojpeg import THUMBNAIL_EDGE
from photosim.records import RAW_FORMATS, PhotoFacts

__all__ = [
    "MAX_PIXELS",
    "BusyError",
    "DecodedPhoto",
    "LoadedFile",
    "decode",
    "digest_file",
    "is_busy",
    "load",
    "read_photo",
]


_MAX_BUFFERED_BYTES = 32 * 1024**2
"""Files up to this size stay in memory between hashing and decoding; larger ones are opened twice."""

_LARGE_PIXELS = 64_000_000
"""Larger photos take half a gigabyte and more to decode: only one of them at a time."""

_large_photo_lock = threading.Lock()


class BusyError(Exception):
    """A large photo is being decoded, and this one is large too."""


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """The bytes of a file, None for a large one, and their digest (16 bytes, XXH3-128).

    `modified_at` is the time of the last change in seconds since the epoch, 0 if it is unknown.
    """

    path: str
    digest: bytes
    size: int
    data: bytes | None = field(repr=False)
    modified_at: float = 0


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """A decoded photo; `picture` is upright RGB, its longest side at least `edge` and less than 2 `edge` pixels.

    Photos smaller than `edge` keep their size. `digest` is the XXH3-128 of the file.
    """

    digest: bytes
    facts: PhotoFacts
    picture: Picture = field(repr=False)

    @property
    def image(self) -> Image.Image:
        """The picture as a Pillow image."""
        return Image.fromarray(self.picture)


def read_photo(
    path: str | Path, *, edge: int = THUMBNAIL_EDGE, max_pixels: int | None = None
) -> DecodedPhoto:
    """Load and decode a photo. Raises UnreadablePhotoError with the reason, and nothing else."""
    return decode(load(path), edge=edge, max_pixels=max_pixels)


def load(path: str | Path) -> LoadedFile:
    """Read and hash a file. Raises UnreadablePhotoError."""
    with photo_files.open_photo_file(path) as file:
        info = os.fstat(file.fileno())
        if info.st_size > _MAX_BUFFERED_BYTES:
            return LoadedFile(str(path), photo_files.hash_file(file), info.st_size, None, info.st_mtime)
        data = file.read()
        if not data:
            raise UnreadablePhotoError("The file is empty.")
        return LoadedFile(str(path), xxh3_128(data).digest(), len(data), data, info.st_mtime)


def digest_file(path: str | Path) -> bytes:
    """Hash a file without decoding it (16 bytes, XXH3-128). Raises UnreadablePhotoError."""
    with photo_files.open_photo_file(path) as file:
        return photo_files.hash_file(file)


def is_busy() -> bool:
    """Return whether a large photo is being decoded."""
    return _large_photo_lock.locked()


def decode(
    loaded: LoadedFile, *, edge: int = THUMBNAIL_EDGE, max_pixels: int | None = None, wait: bool = True
) -> DecodedPhoto:
    """Decode a loaded photo; thread-safe. Raises UnreadablePhotoError.

    A picture of more than `max_pixels` is made smaller than `edge`. A large photo waits until no other one is decoded,
    or with `wait` false raises BusyError.
    """
    size = _Size(edge, max_pixels, wait)
    if loaded.data is not None:
        facts, picture = _decode(io.BytesIO(loaded.data), size)
    else:
        with photo_files.open_photo_file(loaded.path) as file:
            if os.fstat(file.fileno()).st_size != loaded.size:
                raise UnreadablePhotoError("The file changed while it was being read.")
            facts, picture = _decode(io.BufferedReader(file), size)
    return DecodedPhoto(loaded.digest, _with_date(facts, loaded), picture)


@dataclass(frozen=True, slots=True)
class _Size:
    """The wanted size, as `decode` describes it."""

    edge: int
    max_pixels: int | None
    wait: bool

    def edge_of(self, size: tuple[int, int]) -> int:
        """Return the edge for a photo, or a smaller one whose shrink factor leaves at most `max_pixels`."""
        factor = 1
        while self.max_pixels is not None and size[0] * size[1] > self.max_pixels * factor**2:
            factor *= 2
        return min(self.edge, max(1, max(size) // factor))


def _with_date(facts: PhotoFacts, loaded: LoadedFile) -> PhotoFacts:
    """Return facts with a date from the file's name or time where the metadata has none."""
    if facts.taken_at is not None:
        return facts
    date, source = dates.date_in_name(loaded.path), "name"
    if date is None:
        date, source = dates.date_of_time(loaded.modified_at), "file"
    return facts if date is None else replace(facts, taken_at=date, taken_from=source)


def _decode(stream: IO[bytes], wanted: _Size) -> tuple[PhotoFacts, Picture]:
    try:
        name = file_types.detect_format(stream)
        if name in RAW_FORMATS:
            return _decode_raw(stream, name, wanted)
        image = file_types.open_photo(stream, name)
        size = image.size
        edge = wanted.edge_of(size)
        with _large_photo_slot(image.width * image.height, wanted.wait):
            if name == "HEIC" and _draft_heic_preview(image, edge):
                file_types.check_complete(stream, name)
            if name == "JPEG" and isinstance(image, JpegImageFile):
                return _decode_jpeg(image, stream, edge)
            return _decode_other(image, name, size, edge)
    except (UnreadablePhotoError, BusyError):
        raise
    except Exception as error:  # decoders raise all kinds of errors on hostile bytes
        raise UnreadablePhotoError(file_types.decode_error_message(stream, error)) from error


def _decode_jpeg(image: JpegImageFile, stream: IO[bytes], edge: int) -> tuple[PhotoFacts, Picture]:
    """Decode a JPEG, from the preview in the file where it is large enough."""
    orientation = exif.read_orientation(image)
    facts = exif.read_facts(image, image.size[::-1] if orientation >= 5 else image.size, "JPEG")
    if "icc_profile" not in image.info and exif.is_adobe_rgb(image):
        image.info["color_coding"] = ADOBE_RGB
    preview = mpf.find_preview(image, stream, edge)
    if preview is not None:
        # The preview may be damaged and the photo itself intact.
        with contextlib.suppress(OSError, ValueError, SyntaxError):
            _draft(preview, edge)
            return facts, _upright(preview, edge, orientation)
    _draft(image, edge)
    if isinstance(image, JpegPhoto):
        image.check_scans()
    data = photo_files.content(stream)
    pixels = None if data is None else turbojpeg.decode_pixels(image, data)
    if pixels is None:
        return facts, _upright(image, edge, orientation)
    if color.shrink_factor(image.size, edge) > 1:
        picture = Image.fromarray(pixels)
        picture.info = image.info
        return facts, _upright(picture, edge, orientation)
    if not color.is_upright_srgb(image, orientation):
        pixels = color.to_upright_srgb(pixels, image.info, orientation)
    return facts, pixels


def _decode_other(
    image: ImageFile, name: str, size: tuple[int, int], edge: int
) -> tuple[PhotoFacts, Picture]:
    if name == "JPEG XL" or (name == "PNG" and size[0] * size[1] > _LARGE_PIXELS):
        _draft(image, edge)
    if name == "JPEG XL":
        image.load()  # the EXIF block may be compressed
    if isinstance(image, JxlImageFile) and not image.holds_jpeg:
        size = image.size  # upright, and known only now
    orientation = 1 if _is_turned_by_decoder(image, name) else exif.read_orientation(image)
    facts = exif.read_facts(image, size[::-1] if orientation >= 5 else size, name)
    return facts, _upright(image, edge, orientation)


def _is_turned_by_decoder(image: ImageFile, name: str) -> bool:
    """Return whether the decoder applies the orientation: Pillow for TIFF, libheif and libjxl for theirs."""
    return name in {"TIFF", "HEIC"} or (isinstance(image, JxlImageFile) and not image.holds_jpeg)


def _decode_raw(stream: IO[bytes], name: str, wanted: _Size) -> tuple[PhotoFacts, Picture]:
    with RawPhoto(stream, name) as photo:
        file_types.check_pixels(photo.sensor_pixels)
        with _large_photo_slot(photo.sensor_pixels, wanted.wait):
            image, orientation = photo.picture(wanted.edge)
            file_types.check_pixels(image.width * image.height)
            edge = wanted.edge_of(image.size)
            if isinstance(image, JpegImageFile):
                _draft(image, edge)
            return photo.facts(), _upright(image, edge, orientation)


def _draft(image: ImageFile, edge: int) -> None:
    """Have a JPEG decoded at the smallest size that is sufficient."""
    factor = color.shrink_factor(image.size, edge)
    image.draft(None, (max(1, image.width // factor), max(1, image.height // factor)))


def _draft_heic_preview(image: ImageFile, edge: int) -> bool:
    """Have the preview of a HEIC decoded where it is large enough; return whether there is one.

    pillow-heif ensures that its proportions, orientation, depth and colors are those of the photo.
    """
    longest = max(image.size)
    size = (max(1, image.width * edge // longest), max(1, image.height * edge // longest))
    return longest > edge and image.draft(None, size) is not None


def _upright(image: Image.Image, edge: int, orientation: int) -> Picture:
    image.load()
    return np.array(color.to_small_srgb(image, color.shrink_factor(image.size, edge), orientation))


@contextlib.contextmanager
def _large_photo_slot(pixel_count: int, wait: bool) -> Iterator[None]:
    """Hold a lock that only one large photo holds at a time; none for other photos. Raises BusyError."""
    if pixel_count <= _LARGE_PIXELS:
        yield
        return
    if not _large_photo_lock.acquire(blocking=wait):
        raise BusyError
    try:
        yield
    finally:
        _large_photo_lock.release()
