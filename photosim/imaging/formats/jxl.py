"""JPEG XL through libjxl: the size is read without the decoder, and the pixels only on demand."""

from __future__ import annotations

import io
from typing import IO, Any

from PIL import Image
from PIL.ImageFile import ImageFile

from photosim.imaging.decoders import JpegPhoto
from photosim.imaging.formats import jxl_animation

_CODESTREAM = b"\xff\x0a"
_MAX_BOXES = 1000  # a photo has fewer than ten
_HEAD_BYTES = 64  # of a codestream: more than its size header

# Size header (ISO/IEC 18181-1): bits of a side by its selector, and ratios of width to height by their number.
_SIDE_BITS = (9, 13, 18, 30)
_RATIOS = ((1, 1), (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


class JxlImageFile(ImageFile):
    """A JPEG XL file; its EXIF is available after `load`.

    libjxl applies the orientation itself, whatever the EXIF says. A losslessly recompressed JPEG (`holds_jpeg`) is
    restored, and its EXIF orientation is still to be applied.
    """

    format = "JPEG XL"
    holds_jpeg = False

    def _open(self) -> None:
        self._size = read_size(self.fp)  # type: ignore[arg-type]
        self._mode = "RGB"  # until it is loaded
        self._draft_size: tuple[int, int] | None = None
        self._is_loaded = False

    def draft(self, mode: str | None, size: tuple[int, int] | None) -> None:
        """Request a reduced size; only a recompressed JPEG supports it."""
        del mode
        self._draft_size = size

    def load(self) -> Any:
        """Decode the first frame."""
        if not self._is_loaded:
            assert self.fp is not None
            self.fp.seek(0)
            file = jxl_animation.first_picture(self.fp.read())
            self.holds_jpeg, info, data, profile, boxes = _run_decoder(file)
            image = self._restore_jpeg(data) if self.holds_jpeg else _image(info, data)
            self.im, self._mode, self._size = image.im, image.mode, image.size
            self._set_info(image, profile, boxes)
            self._is_loaded = True
        return Image.Image.load(self)

    def _restore_jpeg(self, data: bytes) -> Image.Image:
        jpeg = JpegPhoto(io.BytesIO(data))
        if self._draft_size is not None:
            jpeg.draft(None, self._draft_size)
        jpeg.load()
        return jpeg

    def _set_info(self, image: Image.Image, profile: bytes | None, boxes: Any) -> None:
        info: dict[str | tuple[int, int], Any] = {
            name: image.info[name] for name in ("exif", "icc_profile") if name in image.info
        }
        if profile:
            info.setdefault("icc_profile", profile)
        for box in boxes or ():
            if bytes(box.box_type) == b"Exif":
                info.setdefault("exif", _exif_block(bytes(box.data)))
        self.info = info


def read_size(stream: IO[bytes]) -> tuple[int, int]:
    """Return (width, height) in pixels, before orientation. Raises ValueError without a size header."""
    stream.seek(0)
    head = stream.read(12)
    if not head.startswith(_CODESTREAM):
        head = _first_codestream(stream)
    else:
        head += stream.read(_HEAD_BYTES)
    if not head.startswith(_CODESTREAM):
        raise ValueError("no JPEG XL codestream")
    bits = _Bits(head[2:])
    small = bits.take(1)
    height = _side(bits, small)
    numerator, denominator = _RATIOS[ratio := bits.take(3)]
    return (height * numerator // denominator if ratio else _side(bits, small)), height


def _exif_block(box: bytes) -> bytes:
    """Return the EXIF block after its offset field, which some writers omit."""
    return box if box[:2] in {b"II", b"MM"} else box[4 + int.from_bytes(box[:4], "big") :]


def _run_decoder(data: bytes) -> Any:
    """Run libjxl. Raises ValueError for anything that the binding raises; its panics are BaseExceptions."""
    from pillow_jxl import Decoder  # lazily: few users have such photos

    try:
        # One thread: there are as many photos being decoded as cores.
        return Decoder(num_threads=0)(data)
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:
        raise ValueError("libjxl can't decode it") from error


def _side(bits: _Bits, small: int) -> int:
    return 8 * (bits.take(5) + 1) if small else bits.take(_SIDE_BITS[bits.take(2)]) + 1


class _Bits:
    """Reads integers of given widths from bytes, the lowest bit first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")

    def take(self, count: int) -> int:
        value = self._value & ((1 << count) - 1)
        self._value >>= count
        return value


def _first_codestream(stream: IO[bytes]) -> bytes:
    """Return the beginning of the codestream in a file of boxes, empty if there is none."""
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
            stream.seek(
                at + start + (4 if kind == b"jxlp" else 0)
            )  # a partial codestream begins with its number
            return stream.read(_HEAD_BYTES)
        if length < start:
            break
        at += length
    return b""


def _image(info: Any, data: bytes) -> Image.Image:
    size = info.width, info.height
    mode = "F" if info.mode == "F;16" else info.mode
    return Image.frombytes(mode, size, data)
