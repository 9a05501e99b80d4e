"""The large preview that cameras append to a JPEG: CIPA DC-007, the Multi-Picture Format.

Many cameras append one of about 1,600 pixels. It decodes in a tenth of the photo's time, since a decoder must read the
whole JPEG even for an eighth of its size.
"""

from __future__ import annotations

import io
import os
import struct
from typing import IO, NamedTuple

from PIL.JpegImagePlugin import JpegImageFile

from photosim.imaging.decoders import JpegPhoto

_PREVIEWS = range(0x010001, 0x010006)
"""Types of images that show the photo itself: "large thumbnails" of VGA, Full HD and larger."""

_TYPE_BITS = 0xFFFFFF
_ENTRIES_TAG = 0xB002
_ENTRY_BYTES = 16
_MAX_ENTRIES = 16  # cameras write two to four
_MAX_BYTES = 16 * 1024**2
_MAX_PADDING = 4096  # bytes between the end marker of an image and the next one
_END_MARKER = b"\xff\xd9"
_ASPECT_TOLERANCE = 0.01
"""1616 x 1080 counts as 3:2; letterboxed previews differ by more."""

_MIN_PIXEL_RATIO = 4
"""Pixels of the photo per pixel of the preview from which on the preview is faster."""


class _Entry(NamedTuple):
    kind: int
    start: int
    size: int


def find_preview(image: JpegImageFile, stream: IO[bytes], edge: int) -> JpegImageFile | None:
    """Return the smallest preview with at least `edge` pixels and the photo's proportions, or None.

    `image` is the photo, opened from `stream` and not decoded. Its orientation and color profile apply to the preview
    too. A truncated photo, or one whose index leads anywhere but to complete images after its own end marker, has no
    preview.
    """
    if max(image.size) <= edge or image.mode == "CMYK":
        return None
    length = stream.seek(0, os.SEEK_END)
    entries = _appended_images(image, length)
    if not entries or not _ends_before(stream, min(entry.start for entry in entries)):
        return None
    for entry in sorted(entries, key=lambda entry: entry.size):
        if entry.kind in _PREVIEWS and entry.size <= _MAX_BYTES:
            preview = _open_image(stream, entry)
            if preview is not None and _is_usable(preview, image, edge):
                for name in {"icc_profile", "color_coding"} & image.info.keys():
                    preview.info[name] = image.info[name]
                return preview
    return None


def _appended_images(image: JpegImageFile, length: int) -> list[_Entry]:
    """Return the images after the first one, by the index in `image`; none if the index is invalid."""
    index, base = image.info.get("mp"), image.info.get("mpoffset")
    if not isinstance(index, bytes) or not isinstance(base, int):
        return []
    try:
        entries = _entries(index)
    except struct.error:
        return []
    found = [_Entry(kind & _TYPE_BITS, base + offset, size) for kind, size, offset in entries[1:]]
    is_valid = all(base < entry.start and 0 < entry.size <= length - entry.start for entry in found)
    return found if is_valid else []


def _entries(index: bytes) -> list[tuple[int, int, int]]:
    """Return attribute, size and offset of each image. Raises struct.error."""
    order = ">" if index.startswith(b"MM") else "<"
    (first,) = struct.unpack_from(f"{order}I", index, 4)
    (count,) = struct.unpack_from(f"{order}H", index, first)
    for number in range(min(count, _MAX_ENTRIES)):
        tag, _, size, start = struct.unpack_from(f"{order}HHII", index, first + 2 + 12 * number)
        if tag == _ENTRIES_TAG:
            places = range(
                start, start + min(size // _ENTRY_BYTES, _MAX_ENTRIES) * _ENTRY_BYTES, _ENTRY_BYTES
            )
            return [struct.unpack_from(f"{order}III", index, place) for place in places]
    return []


def _ends_before(stream: IO[bytes], start: int) -> bool:
    """Return whether the photo's own end marker comes before the first appended image."""
    stream.seek(max(0, start - _MAX_PADDING))
    return _END_MARKER in stream.read(min(start, _MAX_PADDING))


def _open_image(stream: IO[bytes], entry: _Entry) -> JpegImageFile | None:
    stream.seek(entry.start)
    data = stream.read(entry.size)
    try:
        return JpegPhoto(io.BytesIO(data)) if _END_MARKER in data[-_MAX_PADDING:] else None
    except (OSError, SyntaxError, ValueError, struct.error):
        return None


def _is_usable(preview: JpegImageFile, image: JpegImageFile, edge: int) -> bool:
    (width, height), (small_width, small_height) = image.size, preview.size
    a, b = small_width * height, small_height * width  # equal for equal proportions
    return (
        preview.mode == image.mode
        and max(preview.size) >= edge
        and width * height >= _MIN_PIXEL_RATIO * small_width * small_height
        and abs(a - b) <= _ASPECT_TOLERANCE * max(a, b)
    )
