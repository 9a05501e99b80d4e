"""Camera RAW files through LibRaw: the largest preview, or the sensor data developed at half size."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from PIL import Image

from photosim.imaging import exif
from photosim.imaging.decoders import JpegPhoto
from photosim.records import PhotoFacts

if TYPE_CHECKING:
    import rawpy

_ASPECT_TOLERANCE = 0.03
"""Relative difference allowed between the proportions of preview and photo; letterboxed ones differ by more."""

_UNSET_DATES = ("1970-01-01", "1969-12-31")
"""Dates that LibRaw writes into a preview, in any time zone, when the file has none."""

_EXIF_ORIENTATIONS = {0: 1, 1: 2, 2: 4, 3: 3, 4: 5, 5: 8, 6: 6, 7: 7}
"""EXIF's orientation by LibRaw's `flip`."""


class RawPhoto:
    """An open RAW file, used as a context manager; `size` is the upright (width, height) of the photo in pixels.

    Every method may raise anything that LibRaw raises on hostile bytes.
    """

    def __init__(self, stream: IO[bytes], name: str) -> None:
        import rawpy  # lazily: few users have such photos

        self._stream, self._name = stream, name
        self._raw = rawpy.RawPy()
        _open(self._raw, stream)
        sizes = self._raw.sizes
        crop = sizes.crop_width, sizes.crop_height
        visible = sizes.width, sizes.height
        # The preview shows the crop that was set in the camera; an invalid crop is ignored.
        is_valid = all(0 < part <= whole for part, whole in zip(crop, visible, strict=True))
        self._stored_size = crop if is_valid else visible
        self._orientation = _EXIF_ORIENTATIONS.get(sizes.flip, 1)
        self.size = self._stored_size[::-1] if self._orientation >= 5 else self._stored_size
        self.sensor_pixels = max(sizes.raw_width * sizes.raw_height, visible[0] * visible[1])
        self._preview: Image.Image | None = None

    def __enter__(self) -> RawPhoto:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._raw.close()

    def picture(self, edge: int) -> tuple[Image.Image, int]:
        """Return the undecoded preview or the developed photo, with the EXIF orientation to apply.

        The preview is used when it has at least `edge` pixels, or half of the photo's; a smaller one only when LibRaw
        can't develop the photo.
        """
        self._preview = preview = self._largest_preview()
        if preview is not None and self._is_usable(preview, edge):
            return preview, self._orientation_of(preview)
        try:
            # With the camera's white balance and orientation; half size needs no interpolation.
            pixels = self._raw.postprocess(half_size=True, use_camera_wb=True, output_bps=8)
        except Exception:
            if preview is None:
                raise
            return preview, self._orientation_of(preview)
        return Image.fromarray(pixels), 1

    def facts(self) -> PhotoFacts:
        """Return the metadata of the file, its preview and LibRaw, in this order. Call it after `picture`."""
        facts = PhotoFacts(*self.size, self._name)
        for found in self._metadata():
            missing = {field: value for field, value in found.items() if getattr(facts, field) is None}
            facts = replace(facts, **missing)
        return facts

    def _metadata(self) -> Iterator[dict[str, Any]]:
        with contextlib.suppress(Exception):
            yield exif.exif_fields(_read_exif(self._stream))
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
                return JpegPhoto(io.BytesIO(cast(bytes, found.data)))
            if found.format == rawpy.ThumbFormat.BITMAP:
                return Image.fromarray(cast(Any, found.data))
        return None

    def _is_usable(self, preview: Image.Image, edge: int) -> bool:
        long, short = max(self._stored_size), min(self._stored_size)
        aspect = max(preview.size) / max(1, min(preview.size))
        same_aspect = abs(aspect * short / max(1, long) - 1) <= _ASPECT_TOLERANCE
        return same_aspect and max(preview.size) >= min(edge, long // 2)

    def _orientation_of(self, preview: Image.Image) -> int:
        """Return the orientation to apply to the preview: 1 if it is upright already."""
        width, height = preview.size
        swaps_sides = self._orientation >= 5
        is_upright = (width < height) != (self._stored_size[0] < self._stored_size[1])
        return 1 if swaps_sides and is_upright else self._orientation


def _open(raw: rawpy.RawPy, stream: IO[bytes]) -> None:
    """Open a buffered file from memory, a larger one by its path."""
    path = getattr(getattr(stream, "raw", None), "name", None)
    if path is not None:
        with contextlib.suppress(UnicodeEncodeError):  # a name that is not Unicode
            raw.open_file(os.fspath(path))
            return
    stream.seek(0)
    raw.open_buffer(cast(BinaryIO, stream))


def _read_exif(stream: IO[bytes]) -> Image.Exif:
    """Read the EXIF of a file with the structure of a TIFF, whatever its signature."""
    stream.seek(0)
    head = stream.read(8)
    found = Image.Exif()
    found.endian = "<" if head.startswith(b"II") else ">"
    found.load_from_fp(stream, int.from_bytes(head[4:], "little" if found.endian == "<" else "big"))
    return found
