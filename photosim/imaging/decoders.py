"""Pillow's decoders of JPEG, TIFF and AVIF: bounded, and mended where pixels are wrong or metadata cost the photo."""

from __future__ import annotations

import io
import re
from typing import IO

from PIL.AvifImagePlugin import AvifImageFile
from PIL.ExifTags import Base
from PIL.ImageFile import _Tile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import (
    COMPRESSION,
    PHOTOMETRIC_INTERPRETATION,
    PLANAR_CONFIGURATION,
    STRIPOFFSETS,
    TILEOFFSETS,
    TiffImageFile,
)

from photosim.imaging.color_coding import from_code_points
from photosim.imaging.formats import iso_media

_CHUNKY, _PLANES = 1, 2  # values of PlanarConfiguration
_UNCOMPRESSED = 1
_RGB, _CMYK = 2, 5  # values of PhotometricInterpretation


_EXIF_ITEM = re.compile(rb"(infe.{8}(?:..)?)Exif", re.DOTALL)
"""The entry of an item with EXIF; the number before its type has two or four bytes."""

_MAX_META_BYTES = 4_000_000

_MAX_OFFSET_BYTES = 16_000_000
"""Of all strips or tiles: 250 megapixels in tiles of 16 by 16 need 4 to 8 MB. Pillow reads each by itself."""

_MAX_HEADER_READS = 200_000
"""Pillow reads four times for each segment of a JPEG; extended XMP may have some thousands of them."""


_MAX_SCANS = 500
"""Progressive photos have about ten; with every bit of every coefficient in a scan of its own there were some hundreds."""

_SCAN_OR_END = re.compile(rb"\xff[\xda\xd9]")
_BLOCK_BYTES = 1 << 20


class JpegPhoto(JpegImageFile):
    """A JPEG file whose header has an end: Pillow skips fill bytes and junk one by one, and keeps all comments."""

    def _open(self) -> None:
        file = self.fp
        assert file is not None
        self.fp = _CountedReads(file)  # type: ignore[assignment]
        super()._open()
        self._first_scan = file.tell()
        self.fp = file

    def load_prepare(self) -> None:
        """Prepare for decoding. Raises SyntaxError for more scans than any encoder writes."""
        self.check_scans()
        super().load_prepare()

    def check_scans(self) -> None:
        """Raise SyntaxError for more scans than any encoder writes: each takes as long as a whole photo.

        The pixels of a photo in one scan end with it, whatever follows.
        """
        assert self.fp is not None
        self.fp.seek(max(0, self._first_scan - 12))
        head = self.fp.read(12)
        is_partial = head[2:7] == b"\xff\xda\x00\x08\x01" or head[:5] == b"\xff\xda\x00\x0a\x02"
        if not self.info.get("progressive") and not (is_partial and self.layers > 1):
            return
        count, end = 1, b""
        while block := self.fp.read(_BLOCK_BYTES):
            for found in _SCAN_OR_END.finditer(end + block):
                if found[0] == b"\xff\xd9":
                    return
                count += 1
                if count > _MAX_SCANS:
                    raise SyntaxError("more scans than any encoder writes")
            end = b"\xff" if block.endswith(b"\xff") else b""


class _CountedReads:
    """A file that can be read a limited number of times. Raises SyntaxError, as Pillow does for damaged headers."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._left = file, _MAX_HEADER_READS
        self.tell = file.tell

    def read(self, size: int = -1) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise SyntaxError("the header has no end")
        return self._file.read(size)


class TiffPhoto(TiffImageFile):
    """A TIFF file; uncompressed colors in separate planes are read by libtiff.

    Pillow's own reader takes planes of 16 bits for planes of 8 bits, and fails on additional planes.
    """

    def _setup(self) -> None:
        tags = self.tag_v2
        if any(len(tags._tagdata.get(tag, b"")) > _MAX_OFFSET_BYTES for tag in (STRIPOFFSETS, TILEOFFSETS)):
            raise SyntaxError("more strips or tiles than any encoder writes")
        in_planes = (
            tags.get(PLANAR_CONFIGURATION) == _PLANES
            and tags.get(COMPRESSION, _UNCOMPRESSED) == _UNCOMPRESSED
            and tags.get(PHOTOMETRIC_INTERPRETATION) in (_RGB, _CMYK)
        )
        if not in_planes:
            super()._setup()
            return
        tags[PLANAR_CONFIGURATION] = _CHUNKY  # so that the mode of all samples is determined
        super()._setup()
        tags[PLANAR_CONFIGURATION] = self._planar_configuration = _PLANES
        raw_mode: str = self.tile[0].args[0]  # type: ignore[index]
        raw_mode = raw_mode.removesuffix(";R").replace("RGBX", "RGB")  # libtiff reverses bits itself
        if raw_mode.endswith((";16L", ";16B")):
            raw_mode = raw_mode[:-1] + "N"  # in the order of the processor
        width, height = tags[Base.ImageWidth], tags[Base.ImageLength]
        self.tile = [_Tile("libtiff", (0, 0, width, height), 0, (raw_mode, False, tags.offset))]
        self.use_load_libtiff = True


class AvifPhoto(AvifImageFile):
    """An AVIF file, with its color coding; damaged EXIF does not matter."""

    def _open(self) -> None:
        assert self.fp is not None
        try:
            super()._open()
        except Exception:
            # Both libavif and Pillow refuse the photo then. Without EXIF, the orientation is that of the container.
            self.fp.seek(0)
            data = self.fp.read()
            without_exif = _EXIF_ITEM.sub(rb"\1skip", data[:_MAX_META_BYTES]) + data[_MAX_META_BYTES:]
            if without_exif == data:
                raise
            self.fp = io.BytesIO(without_exif)
            super()._open()
        points = iso_media.code_points(self.fp) if "icc_profile" not in self.info else None
        if points is not None:
            self.info["color_coding"] = from_code_points(*points)
