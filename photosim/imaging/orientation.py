"""How the pixels of a photo are stored in its file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO

from photosim.errors import UnreadablePhotoError
from photosim.imaging import exif, file_types, photo_files
from photosim.imaging.formats.raw import RawPhoto
from photosim.imaging.turbojpeg import THUMBNAIL_EDGE
from photosim.records import RAW_FORMATS


def stored_orientation(path: str | Path) -> int | None:
    """Return the orientation in which a photo is stored, EXIF's 1 (upright) to 8; None if that can't be read."""
    try:
        with photo_files.open_photo_file(path) as file:
            return _orientation(io.BufferedReader(file))
    except UnreadablePhotoError:
        return None
    except Exception:  # decoders raise all kinds of errors on hostile bytes
        return None


def _orientation(stream: IO[bytes]) -> int:
    name = file_types.detect_format(stream)
    if name in RAW_FORMATS:
        with RawPhoto(stream, name) as photo:
            return photo.picture(THUMBNAIL_EDGE)[1]
    image = file_types.open_photo(stream, name)
    original = image.info.get("original_orientation")  # where the decoder has turned the pixels already
    return original if isinstance(original, int) and 1 <= original <= 8 else exif.read_orientation(image)
