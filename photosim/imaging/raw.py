"""A camera's RAW file through LibRaw: its largest preview, or the sensor's data at half the size."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from photosim.imaging import exif
from photosim.records import PhotoFacts

if TYPE_CHECKING:
    import rawpy

_SAME_ASPECT = 0.03
"""Share by which a preview's proportions may differ from the photo's; one with black bars differs by more."""

_UNSET_DATES = ("1970-01-01", "1969-12-31")
"""What LibRaw writes into a preview, in any time zone, when the file has no date."""

_EXIF_OF_TURNS = {0: 1, 1: 2, 2: 4, 3: 3, 4: 5, 5: 8, 6: 6, 7: 7}
"""EXIF's orientation for LibRaw's `flip`."""


class RawPhoto:
    """A RAW file that is open; `size` is (width, height) in pixels of what the camera's picture shows, upright.

    A context manager. Everything may raise whatever LibRaw raises on hostile bytes.
    """

    def __init__(self, stream: IO[bytes], name: str) -> None:
        import rawpy  # late: few people have such photos

        self._stream, self._name = stream, name
        self._raw = rawpy.RawPy()
        _open(self._raw, stream)
        sizes = self._raw.sizes
        crop = sizes.crop_width, sizes.crop_height
        visible = sizes.width, sizes.height
        # A crop chosen in the camera is what its preview shows; one that makes no sense is left unused.
        self._stored = (
            crop if all(0 < part <= whole for part, whole in zip(crop, visible, strict=True)) else visible
        )
        self._orientation = _EXIF_OF_TURNS.get(sizes.flip, 1)
        self.size = self._stored[::-1] if self._orientation >= 5 else self._stored
        self.sensor_pixels = max(sizes.raw_width * sizes.raw_height, visible[0] * visible[1])
        self._preview: Image.Image | None = None

    def __enter__(self) -> RawPhoto:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._raw.close()

    def picture(self, edge: int) -> tuple[Image.Image, int]:
        """Give the preview, not yet decoded, or the developed photo, and EXIF's orientation to turn it by.

        The preview is taken when it is as large as `edge` asks, or as half the photo; a smaller one only when
        LibRaw cannot develop the photo.
        """
        self._preview = preview = self._largest_preview()
        if preview is not None and self._shows_the_photo(preview, edge):
            return preview, self._turn_of(preview)
        try:
            # As the camera would: its white balance, its turn; half the size needs no interpolation.
            pixels = self._raw.postprocess(half_size=True, use_camera_wb=True, output_bps=8)
        except Exception:
            if preview is None:
                raise
            return preview, self._turn_of(preview)
        return Image.fromarray(pixels), 1

    def facts(self) -> PhotoFacts:
        """What the file says of itself: in its own directory, in its preview, to LibRaw. Call it after `picture`."""
        facts = PhotoFacts(*self.size, self._name)
        for found in self._told():
            missing = {field: value for field, value in found.items() if getattr(facts, field) is None}
            facts = replace(facts, **missing)
        return facts

    def _told(self) -> Iterator[dict[str, Any]]:
        with contextlib.suppress(Exception):
            yield exif.exif_fields(_own_exif(self._stream))
        if self._preview is not None:
            with contextlib.suppress(Exception):
                found = exif.exif_fields(self._preview.getexif())
                unset = (found["taken_at"] or "").startswith(_UNSET_DATES)
                yield {**found, "taken_at": None} if unset else found
        with contextlib.suppress(Exception):
            yield {"lens": exif.clean_text(self._raw.lens.model)}

    def _largest_preview(self) -> Image.Image | None:
        import rawpy

        with contextlib.suppress(Exception):
            found = self._raw.extract_thumb()
            if found.format == rawpy.ThumbFormat.JPEG:
                return JpegImageFile(io.BytesIO(cast(bytes, found.data)))
            if found.format == rawpy.ThumbFormat.BITMAP:
                return Image.fromarray(cast(Any, found.data))
        return None

    def _shows_the_photo(self, preview: Image.Image, edge: int) -> bool:
        long, short = max(self._stored), min(self._stored)
        aspect = max(preview.size) / max(1, min(preview.size))
        same = abs(aspect * short / max(1, long) - 1) <= _SAME_ASPECT
        return same and max(preview.size) >= min(edge, long // 2)

    def _turn_of(self, preview: Image.Image) -> int:
        """How the preview must be turned: not at all when it stands upright already."""
        width, height = preview.size
        turned = self._orientation >= 5
        stands = (width < height) == (self._stored[0] < self._stored[1])
        return 1 if turned and not stands else self._orientation


def _open(raw: rawpy.RawPy, stream: IO[bytes]) -> None:
    """Open a file that is held in memory from there, a larger one from its drive."""
    path = getattr(getattr(stream, "raw", None), "name", None)
    if path is not None:
        with contextlib.suppress(UnicodeEncodeError):  # a name that is not Unicode
            raw.open_file(os.fspath(path))
            return
    stream.seek(0)
    raw.open_buffer(cast(BinaryIO, stream))


def _own_exif(stream: IO[bytes]) -> Image.Exif:
    """The directory of a file that is built like a TIFF, whatever its makers wrote in the place of "TIFF"."""
    stream.seek(0)
    head = stream.read(8)
    found = Image.Exif()
    found.endian = "<" if head.startswith(b"II") else ">"
    found.load_from_fp(stream, int.from_bytes(head[4:], "little" if found.endian == "<" else "big"))
    return found
