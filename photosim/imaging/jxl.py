"""JPEG XL through libjxl: the size is read before a decoder starts, and the pixels when they are asked for."""

from __future__ import annotations

import io
from typing import IO, Any

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

_CODESTREAM = b"\xff\x0a"
_MAX_BOXES = 1000  # a photo has fewer than ten
_HEAD = 64  # bytes of a codestream that hold its size, and more

# ISO/IEC 18181-1, size header: bits of a side by its selector, and width to height by the ratio's number.
_SIDE_BITS = (9, 13, 18, 30)
_RATIOS = ((1, 1), (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


class JxlImageFile(ImageFile):
    """A JPEG XL file; its EXIF is known once it is loaded.

    libjxl turns it upright, whatever its EXIF says; `holds_jpeg` tells of a JPEG that was packed without loss:
    that one is unpacked again and turned by its EXIF.
    """

    format = "JPEG XL"
    holds_jpeg = False

    def _open(self) -> None:
        self._size = read_size(self.fp)  # type: ignore[arg-type]
        self._mode = "RGB"  # until it is loaded
        self._wanted: tuple[int, int] | None = None
        self._is_loaded = False

    def draft(self, mode: str | None, size: tuple[int, int] | None) -> None:
        """Ask for a smaller picture; only a packed JPEG answers to it."""
        del mode
        self._wanted = size

    def load(self) -> Any:
        """Decode the first picture."""
        if not self._is_loaded:
            assert self.fp is not None
            self.fp.seek(0)
            self.holds_jpeg, facts, data, profile, boxes = _decoded(self.fp.read())
            picture = self._unpacked(data) if self.holds_jpeg else _picture(facts, data)
            self.im, self._mode, self._size = picture.im, picture.mode, picture.size
            self._describe(picture, profile, boxes)
            self._is_loaded = True
        return Image.Image.load(self)

    def _unpacked(self, data: bytes) -> Image.Image:
        jpeg = JpegImageFile(io.BytesIO(data))
        if self._wanted is not None:
            jpeg.draft(None, self._wanted)
        jpeg.load()
        return jpeg

    def _describe(self, picture: Image.Image, profile: bytes | None, boxes: Any) -> None:
        kept: dict[str | tuple[int, int], Any] = {
            name: picture.info[name] for name in ("exif", "icc_profile") if name in picture.info
        }
        if profile:
            kept.setdefault("icc_profile", profile)
        for box in boxes or ():
            if bytes(box.box_type) == b"Exif":
                kept.setdefault("exif", _exif_block(bytes(box.data)))
        self.info = kept


def read_size(stream: IO[bytes]) -> tuple[int, int]:
    """Read (width, height) in pixels, before any turn. Raises ValueError where there is no size header."""
    stream.seek(0)
    head = stream.read(12)
    if not head.startswith(_CODESTREAM):
        head = _first_codestream(stream)
    else:
        head += stream.read(_HEAD)
    if not head.startswith(_CODESTREAM):
        raise ValueError("no JPEG XL codestream")
    bits = _Bits(head[2:])
    small = bits.take(1)
    height = _side(bits, small)
    across, down = _RATIOS[ratio := bits.take(3)]
    return (height * across // down if ratio else _side(bits, small)), height


def _exif_block(box: bytes) -> bytes:
    """The block behind the offset that stands before it, or as it is where a writer left the offset out."""
    return box if box[:2] in {b"II", b"MM"} else box[4 + int.from_bytes(box[:4], "big") :]


def _decoded(data: bytes) -> Any:
    """Run libjxl. Raises ValueError, whatever the binding raises: a panic of its own is no usual exception."""
    from pillow_jxl import Decoder  # late: few people have such photos

    try:
        return Decoder(num_threads=0)(
            data
        )  # one thread: as many photos are decoded at once as there are cores
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:
        raise ValueError("libjxl cannot decode it") from error


def _side(bits: _Bits, small: int) -> int:
    return 8 * (bits.take(5) + 1) if small else bits.take(_SIDE_BITS[bits.take(2)]) + 1


class _Bits:
    """Numbers of some bits each, the lowest first."""

    def __init__(self, data: bytes) -> None:
        self._left = int.from_bytes(data, "little")

    def take(self, count: int) -> int:
        value = self._left & ((1 << count) - 1)
        self._left >>= count
        return value


def _first_codestream(stream: IO[bytes]) -> bytes:
    """The start of the codestream in a file of boxes, empty if there is none."""
    at = 0
    for _ in range(_MAX_BOXES):
        stream.seek(at)
        header = stream.read(16)
        if len(header) < 8:
            break
        length, kind, start = int.from_bytes(header[:4], "big"), header[4:8], 8
        if length == 1:
            length, start = int.from_bytes(header[8:16], "big"), 16
        if kind in {b"jxlc", b"jxlp"}:
            stream.seek(at + start + (4 if kind == b"jxlp" else 0))  # a part has its number first
            return stream.read(_HEAD)
        if length < start:
            break
        at += length
    return b""


def _picture(facts: Any, data: bytes) -> Image.Image:
    size = facts.width, facts.height
    mode = facts.mode.removesuffix(";16") if facts.mode == "F;16" else facts.mode
    return Image.frombytes(mode, size, data)
