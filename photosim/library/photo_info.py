"""What is known of a photo file, whether it is in the library or not, and what grid and viewer show of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from photosim import APP_NAME
from photosim.errors import PhotoSimError, UnreadablePhotoError
from photosim.files.fspaths import is_unchanged
from photosim.imaging import decode, turbojpeg
from photosim.imaging.color import Picture
from photosim.imaging.orientation import stored_orientation
from photosim.library.labels import LibraryLabels
from photosim.paths import absolute_path, is_folder, real_path
from photosim.records import Photo, PhotoInfo
from photosim.store.catalog import Catalog
from photosim.store.thumbnails import ThumbnailCache

_FULL_SIZE = 1 << 30
"""Edge in pixels that no photo has."""

_OWN_MARK = b"tEXtSoftware\0" + APP_NAME.encode()
_HEAD_BYTES = 200  # of a PNG file, with its first chunks


class PhotoInspector:
    """Reads photo files and looks them up in the library."""

    def __init__(
        self, catalog: Catalog, thumbnails: ThumbnailCache, labels: Callable[[], LibraryLabels]
    ) -> None:
        """`labels` returns the labels of the active model."""
        self._catalog, self._thumbnails, self._labels = catalog, thumbnails, labels

    def info(self, path: str | Path) -> PhotoInfo:
        """Return what is known of a file as it is now, or what the library knows of a file that can't be read."""
        absolute = absolute_path(path)
        photo = self._find(absolute)
        known_digest = None if photo is None else self._catalog.digest(photo.photo_id)
        try:
            decoded = decode.read_photo(absolute)
        except UnreadablePhotoError as error:
            digest, facts = known_digest, None if photo is None else photo.facts
            unreadable: str | None = str(error)
        else:
            digest, facts, unreadable = decoded.digest, decoded.facts, None
        labels = None
        if photo is not None and digest == known_digest and self._labels().enabled:
            labels = tuple(self._labels().labels_of(photo.photo_id))
        return PhotoInfo(
            path=str(absolute),
            facts=facts,
            orientation=None if unreadable else stored_orientation(absolute),
            digest=None if digest is None else digest.hex(),
            labels=labels,
            in_library=photo is not None or self._is_listed_as_unreadable(str(absolute)),
            unreadable=unreadable,
        )

    def write_thumbnail(self, path: str | Path, file: Path, *, force: bool = False) -> None:
        """Write what the grid shows of a photo as PNG. Raises UnreadablePhotoError, and PhotoSimError for `file`."""
        _write_png(file, self._thumbnail(absolute_path(path)), force=force)

    def write_view(self, path: str | Path, file: Path, *, force: bool = False) -> None:
        """Write what the viewer shows of a photo at full size as PNG; raises as `write_thumbnail`."""
        picture = decode.read_photo(absolute_path(path), edge=_FULL_SIZE).picture
        _write_png(file, picture, force=force)

    def _thumbnail(self, path: Path) -> Picture:
        photo = self._find(path)
        if photo is not None and is_unchanged(photo):
            digest = self._catalog.digest(photo.photo_id)
            jpeg = None if digest is None else self._thumbnails.get(digest)
            picture = None if jpeg is None else turbojpeg.decode_thumbnail(jpeg)
            if picture is not None:
                return picture
        jpeg = turbojpeg.encode_thumbnail(decode.read_photo(path).image)
        picture = turbojpeg.decode_thumbnail(jpeg)
        assert picture is not None
        return picture

    def _find(self, path: Path) -> Photo | None:
        return self._catalog.find(str(path)) or self._catalog.find(str(real_path(path)))

    def _is_listed_as_unreadable(self, path: str) -> bool:
        return any(file.path == path for file in self._catalog.unreadable())


def _write_png(file: Path, picture: Picture, *, force: bool) -> None:
    mark = PngInfo()
    mark.add_text("Software", APP_NAME)

    target = real_path(absolute_path(file))
    if is_folder(target):
        raise PhotoSimError(f"{file} is a folder. Name a file.")
    replaces = os.path.lexists(target)
    if replaces and not force and not _is_own_picture(target):
        raise PhotoSimError(
            f"{file} already exists and was not written by this command. Choose another name, or use --force to "
            "replace it."
        )
    try:
        number, part = tempfile.mkstemp(".part", ".photosim-", target.parent)
        try:
            with os.fdopen(number, "wb") as stream:
                Image.fromarray(picture).save(stream, "PNG", pnginfo=mark, compress_level=1)
            Path(part).replace(target)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise PhotoSimError(f"{file} can't be written: {error.strerror or error}.") from error


def _is_own_picture(file: Path) -> bool:
    """Return whether a file was written by `_write_png`, or is empty."""
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError:
        return False
    return not head or _OWN_MARK in head
