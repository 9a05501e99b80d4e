"""What is known of a photo file, whether it is in the library or not, and what grid and viewer show of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from photosim import APP_NAME
from photosim.errors import UnreadablePhotoError
from photosim.files.fspaths import is_unchanged
from photosim.files.operations.operation_log import OperationLog
from photosim.files.operations.output import write_output
from photosim.imaging import decode, turbojpeg
from photosim.imaging.color import Picture
from photosim.imaging.orientation import stored_orientation
from photosim.library.labels import LibraryLabels
from photosim.paths import absolute_path, real_path
from photosim.records import Photo, PhotoFacts, PhotoInfo
from photosim.store.catalog import Catalog
from photosim.store.thumbnails import ThumbnailCache

ReadPicture = Callable[[Path, int], Picture]
"""Returns the pixels (H, W, 3) of a photo, its longest side at least so many pixels (0: its own)."""

_OWN_MARK = b"tEXtSoftware\0" + APP_NAME.encode()
_HEAD_BYTES = 200  # of a PNG file, with its first chunks


class FileFacts(Protocol):
    """What a photo file holds besides its pixels."""

    @property
    def digest(self) -> bytes:
        """The XXH3-128 of the file."""

    @property
    def facts(self) -> PhotoFacts:
        """The metadata."""

    @property
    def orientation(self) -> int | None:
        """How the pixels are stored, EXIF's 1 to 8."""


ReadFacts = Callable[[Path], FileFacts]
"""Reads a file. Raises UnreadablePhotoError."""


class PhotoInspector:
    """Reads photo files and looks them up in the library."""

    def __init__(
        self,
        catalog: Catalog,
        thumbnails: ThumbnailCache,
        labels: Callable[[], LibraryLabels],
        journal: Callable[[], AbstractContextManager[OperationLog]],
    ) -> None:
        """`labels` returns the labels of the active model, `journal` opens a journal for files to be written."""
        self._catalog, self._thumbnails, self._labels = catalog, thumbnails, labels
        self._journal = journal

    def info(self, path: str | Path, read: ReadFacts | None = None) -> PhotoInfo:
        """Return what is known of a file as it is now, or what the library knows of a file that can't be read.

        `read` reads the file in another process; by default that is done here.
        """
        absolute = absolute_path(path)
        photo = self._find(absolute)
        known_digest = None if photo is None else self._catalog.digest(photo.photo_id)
        unreadable: str | None = None
        orientation: int | None = None
        try:
            reading = (read or _read_facts)(absolute)
        except UnreadablePhotoError as error:
            digest, facts = known_digest, None if photo is None else photo.facts
            unreadable = str(error)
        else:
            digest, facts, orientation = reading.digest, reading.facts, reading.orientation
        labels = None
        if photo is not None and digest == known_digest and self._labels().enabled:
            labels = tuple(self._labels().labels_of(photo.photo_id))
        return PhotoInfo(
            path=str(absolute),
            facts=facts,
            orientation=orientation,
            digest=None if digest is None else digest.hex(),
            labels=labels,
            in_library=photo is not None or self._is_listed_as_unreadable(str(absolute)),
            unreadable=unreadable,
        )

    def write_thumbnail(
        self, path: str | Path, file: Path, read: ReadPicture, *, force: bool = False
    ) -> None:
        """Write what the grid shows of a photo as PNG. Raises UnreadablePhotoError, and PhotoSimError for `file`."""
        self._write_png(file, self._thumbnail(absolute_path(path), read), force=force)

    def write_view(self, path: str | Path, file: Path, read: ReadPicture, *, force: bool = False) -> None:
        """Write what the viewer shows of a photo at full size as PNG. Raises as `write_thumbnail`."""
        self._write_png(file, read(absolute_path(path), 0), force=force)

    def _write_png(self, file: Path, picture: Picture, *, force: bool) -> None:
        with self._journal() as log:
            write_picture(file, picture, force=force, log=log)

    def _thumbnail(self, path: Path, read: ReadPicture) -> Picture:
        photo = self._find(path)
        if photo is not None and is_unchanged(photo):
            digest = self._catalog.digest(photo.photo_id)
            jpeg = None if digest is None else self._thumbnails.get(digest)
            picture = None if jpeg is None else turbojpeg.decode_thumbnail(jpeg)
            if picture is not None:
                return picture
        jpeg = turbojpeg.encode_thumbnail(Image.fromarray(read(path, turbojpeg.THUMBNAIL_EDGE)))
        picture = turbojpeg.decode_thumbnail(jpeg)
        assert picture is not None
        return picture

    def _find(self, path: Path) -> Photo | None:
        return self._catalog.find(str(path)) or self._catalog.find(str(real_path(path)))

    def _is_listed_as_unreadable(self, path: str) -> bool:
        return any(file.path == path for file in self._catalog.unreadable())


def write_picture(file: Path, picture: Picture, *, force: bool, log: OperationLog) -> None:
    """Write a picture as PNG. Raises PhotoSimError, also for a file that exists and was not written by this function."""

    def save(stream: IO[bytes]) -> None:
        mark = PngInfo()
        mark.add_text("Software", APP_NAME)
        Image.fromarray(picture).save(stream, "PNG", pnginfo=mark, compress_level=1)

    write_output(file, save, is_replaceable=_is_own_picture, force=force, log=log)


def _is_own_picture(file: Path) -> bool:
    """Return whether a file was written by `write_picture`, or is empty."""
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError:
        return False
    return not head or _OWN_MARK in head


class _Reading(NamedTuple):
    digest: bytes
    facts: PhotoFacts
    orientation: int | None


def _read_facts(path: Path) -> _Reading:
    decoded = decode.read_photo(path)
    return _Reading(decoded.digest, decoded.facts, stored_orientation(path))
