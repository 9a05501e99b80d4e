"""PNG files of which only the pixels can make a photo unreadable, not their ancillary chunks.

The chunks are read here, and Pillow's decoder is given the critical ones alone.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import IO, Any

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile, _Tile
from PIL.PngImagePlugin import PngImageFile

from photosim.imaging.color_coding import ColorCoding, from_code_points, from_gamma
from photosim.imaging.formats.png_pixels import SIGNATURE, Chunk, Pieces, decode_reduced, read_data

_CHUNK_TYPE = re.compile(rb"[A-Za-z]{4}")
_CRITICAL = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_COLOR_CHUNKS = frozenset({b"tRNS", b"iCCP", b"gAMA", b"cHRM", b"sRGB", b"cICP"})
_TEXT_CHUNKS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf"})
_RESYNC = re.compile(rb"IDAT|PLTE")
_RESYNC_BYTES = 16_000_000  # searched for the pixels behind a chunk of wrong length

_MAX_CHUNK_BYTES = 4_000_000
"""Larger ancillary chunks are skipped, and so is what a compressed one has beyond it."""

_MAX_TEXTS = 200  # chunks read for metadata: workflows of image generators have about ten
_XMP_KEYWORDS = frozenset({b"XML:com.adobe.xmp", b"Raw profile type xmp"})
_EXIF_KEYWORDS = frozenset({b"Raw profile type exif", b"Raw profile type APP1"})

_XMP_SIGNATURE = b"http://ns.adobe.com/xap/1.0/\0"  # of a JPEG's segment, which ImageMagick copies

_GREY, _RGB, _PALETTE = 0, 2, 3  # color types


class PngPhoto(PngImageFile):
    """A PNG file; its EXIF and XMP are available at once, wherever in the file they are.

    Of an animation, the picture that every decoder shows. 16-bit transparency of one color becomes an alpha channel.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._source = stream
        self._factor = 1
        found = _read_chunks(stream)
        self._pixel_chunks = [chunk for chunk in found if chunk.kind in _CRITICAL]
        self._depth, self._color_type = _depth_and_color_type(stream, self._pixel_chunks)
        colors = {
            chunk.kind: data
            for chunk in reversed(found)
            if chunk.kind in _COLOR_CHUNKS and (data := _checked_data(stream, chunk)) is not None
        }
        self._transparent = _transparent_value(colors.get(b"tRNS", b""), self._color_type, self._depth)
        super().__init__(Pieces(stream, self._pixel_chunks))  # type: ignore[arg-type]
        self._set_transparency(colors.get(b"tRNS", b""))
        self._set_colors(colors)
        self._set_metadata(stream, found)

    def getexif(self) -> Image.Exif:
        """Return the EXIF; unlike Pillow's, without decoding the pixels first."""
        return ImageFile.getexif(self)

    def draft(self, _mode: str | None, size: tuple[int, int] | None) -> None:
        """Have a large picture decoded at 1/2, 1/4 or less of its size, at least `size`, where that is possible."""
        factor = 1
        while size is not None and self.width >= 2 * factor * size[0] and self.height >= 2 * factor * size[1]:
            factor *= 2
        self._factor = factor

    def load(self) -> Any:
        """Decode the pixels."""
        is_first = bool(self.tile)
        if is_first and self._factor > 1 and (small := self._reduced()) is not None:
            self.im, self._mode, self._size, self.tile = small.im, small.mode, small.size, []
        result = super().load()
        if is_first and self._depth == 16 and self._transparent is not None:
            self._add_alpha(self._transparent)
            result = super().load()
        return result

    def _reduced(self) -> Image.Image | None:
        if self.info.get("interlace") or self._transparent is not None:
            return None
        data = read_data(self._source, (chunk for chunk in self._pixel_chunks if chunk.kind == b"IDAT"))
        return decode_reduced(data, self.size, self._depth, self._color_type, self._factor)

    def _set_transparency(self, chunk: bytes) -> None:
        """Set what Pillow calls transparency, in the values of its pixels."""
        if self._color_type == _PALETTE:
            if chunk:
                self.info["transparency"] = chunk[:256].ljust(256, b"\xff")
        elif self._transparent is not None and self._depth < 16:
            scaled = tuple(value * 255 // ((1 << self._depth) - 1) for value in self._transparent)
            self.info["transparency"] = scaled if self._color_type == _RGB else scaled[0]

    def _set_colors(self, chunks: dict[bytes, bytes]) -> None:
        """Set the profile or the color coding; of several chunks, the first that the standard prefers."""
        coding: ColorCoding | None = None
        code_points = chunks.get(b"cICP", b"")
        if len(code_points) >= 2 and code_points[1] != 2:  # 2: unspecified
            coding = from_code_points(code_points[0], code_points[1])
        elif profile := _profile(chunks.get(b"iCCP", b"")):
            self.info["icc_profile"] = profile
        elif b"sRGB" not in chunks:
            coding = _gamma_coding(chunks)
        if coding is not None:
            self.info["color_coding"] = coding

    def _set_metadata(self, stream: IO[bytes], chunks: list[Chunk]) -> None:
        texts = [chunk for chunk in chunks if chunk.kind in _TEXT_CHUNKS and chunk.length <= _MAX_CHUNK_BYTES]
        for chunk in texts[:_MAX_TEXTS]:
            data = _data(stream, chunk)
            if chunk.kind == b"eXIf":
                self.info.setdefault("exif", data)
                continue
            keyword = data[:80].split(b"\0", 1)[0]
            if keyword in _XMP_KEYWORDS:
                self._set_profile("xmp", _profile_text(keyword, _text(chunk.kind, data)))
            elif keyword in _EXIF_KEYWORDS:
                profile = _profile_text(keyword, _text(chunk.kind, data))
                is_xmp = profile.startswith(_XMP_SIGNATURE)
                self._set_profile("xmp" if is_xmp else "exif", profile.removeprefix(_XMP_SIGNATURE))

    def _set_profile(self, name: str, data: bytes) -> None:
        if data:
            self.info.setdefault(name, data)

    def _add_alpha(self, transparent: tuple[int, ...]) -> None:
        """Make the pixels of one 16-bit color transparent; Pillow keeps the upper bytes of three channels alone."""
        if self.mode == "I;16":
            values = np.asarray(self)
            mask = values == transparent[0]
            flat = Image.fromarray((values >> 8).astype(np.uint8))
            image = Image.merge("LA", [flat, _alpha(mask)])
        else:
            lower = PngImageFile(Pieces(self._source, self._pixel_chunks))  # type: ignore[arg-type]
            tile = lower.tile[0]
            lower.tile = [_Tile(tile.codec_name, tile.extents, tile.offset, "RGB;16L")]
            low, high = np.asarray(lower), np.asarray(self)
            wanted = np.array(transparent)
            mask = ((high == wanted >> 8) & (low == wanted & 0xFF)).all(axis=2)
            image = Image.merge("RGBA", [*self.split(), _alpha(mask)])
        self.im, self._mode = image.im, image.mode


def _read_chunks(stream: IO[bytes]) -> list[Chunk]:
    """Return the chunks of a file: those before the pixels, the pixels, and those after them as far as they are sound.

    Behind an ancillary chunk of wrong length, the palette or the pixels are searched for.
    """
    size = stream.seek(0, io.SEEK_END)
    chunks: list[Chunk] = []
    has_pixels = False
    at = len(SIGNATURE)
    while at + 8 <= size:
        stream.seek(at)
        header = stream.read(8)
        length, kind = int.from_bytes(header[:4], "big"), header[4:]
        ends_inside = at + 12 + length <= size
        if not _CHUNK_TYPE.fullmatch(kind) or not (ends_inside or kind == b"IDAT"):
            found = None if has_pixels or not chunks else _resync(stream, chunks, size)
            if found is None:
                break
            at = found
            continue
        chunks.append(Chunk(kind, at + 8, length))
        has_pixels |= kind == b"IDAT"
        at += 12 + length
        if kind == b"IEND":
            break
    return chunks


def _resync(stream: IO[bytes], chunks: list[Chunk], size: int) -> int | None:
    """Return where the palette or the pixels begin, after the last chunk whose checksum is right."""
    while chunks[-1].kind not in _CRITICAL and not _is_sound(stream, chunks[-1]):
        chunks.pop()
    last = chunks[-1]
    start = last.start + last.length + 4
    stream.seek(start)
    for match in _RESYNC.finditer(stream.read(_RESYNC_BYTES)):
        at = start + match.start() - 4
        stream.seek(max(0, at))
        if at > start and at + 12 + int.from_bytes(stream.read(4), "big") <= size:
            return at
    return None


def _is_sound(stream: IO[bytes], chunk: Chunk) -> bool:
    return chunk.length > _MAX_CHUNK_BYTES or _checked_data(stream, chunk) is not None


def _data(stream: IO[bytes], chunk: Chunk) -> bytes:
    stream.seek(chunk.start)
    return stream.read(chunk.length)


def _checked_data(stream: IO[bytes], chunk: Chunk) -> bytes | None:
    """Return the data of a chunk of reasonable length whose checksum is right."""
    if chunk.length > _MAX_CHUNK_BYTES:
        return None
    stream.seek(chunk.start)
    data = stream.read(chunk.length + 4)
    checksum = int.from_bytes(data[chunk.length :], "big")
    data = data[: chunk.length]
    return data if zlib.crc32(data, zlib.crc32(chunk.kind)) == checksum else None


def _depth_and_color_type(stream: IO[bytes], chunks: list[Chunk]) -> tuple[int, int]:
    header = (
        _data(stream, chunks[0]) if chunks and chunks[0].kind == b"IHDR" and chunks[0].length < 100 else b""
    )
    return (header[8], header[9]) if len(header) >= 10 else (8, _RGB)


def _transparent_value(chunk: bytes, color_type: int, depth: int) -> tuple[int, ...] | None:
    """Return the transparent grey value or color; only the bits of the depth count."""
    channels = {_GREY: 1, _RGB: 3}.get(color_type)
    if channels is None or len(chunk) < 2 * channels:
        return None
    return tuple(value & ((1 << depth) - 1) for value in struct.unpack_from(f">{channels}H", chunk))


def _alpha(transparent: np.ndarray[Any, np.dtype[np.bool_]]) -> Image.Image:
    return Image.fromarray(np.where(transparent, 0, 255).astype(np.uint8))


def _profile(chunk: bytes) -> bytes:
    """Return the ICC profile of an "iCCP" chunk, empty if it is missing, damaged or too large."""
    _, _, compressed = chunk.partition(b"\0")
    profile = _decompress(compressed[1:]) if compressed[:1] == b"\0" else b""
    return profile if len(profile) < _MAX_CHUNK_BYTES else b""


def _gamma_coding(chunks: dict[bytes, bytes]) -> ColorCoding | None:
    gamma = int.from_bytes(chunks.get(b"gAMA", b"")[:4], "big")
    chromaticities = chunks.get(b"cHRM", b"")
    primaries = None
    if len(chromaticities) >= 32:
        white_x, white_y, *rest = (value / 100_000 for value in struct.unpack_from(">8I", chromaticities))
        primaries = (rest[0], rest[1], rest[2], rest[3], rest[4], rest[5], white_x, white_y)
    return from_gamma(100_000 / gamma if gamma else None, primaries)


def _text(kind: bytes, data: bytes) -> bytes:
    """Return the text of a chunk after its keyword, empty if it is damaged."""
    _, _, rest = data.partition(b"\0")
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return _decompress(rest[1:])
    is_compressed = rest[:1] == b"\1"
    parts = rest[2:].split(b"\0", 2)  # language, translated keyword, text
    if len(parts) < 3:
        return b""
    return _decompress(parts[2]) if is_compressed else parts[2]


def _profile_text(keyword: bytes, text: bytes) -> bytes:
    """Return the bytes of a profile, which ImageMagick writes as lines of hexadecimal digits after name and length."""
    if not keyword.startswith(b"Raw profile"):
        return text
    lines = text.strip().split(b"\n", 2)
    digits = b"".join(lines[2].split()) if len(lines) == 3 else b""
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""


def _decompress(data: bytes) -> bytes:
    """Return at most _MAX_CHUNK_BYTES of decompressed data, empty if it is damaged."""
    try:
        return zlib.decompressobj().decompress(data, _MAX_CHUNK_BYTES)
    except zlib.error:
        return b""
