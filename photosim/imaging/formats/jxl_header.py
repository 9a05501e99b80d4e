"""Read the image header of a JPEG XL codestream (ISO/IEC 18181-1); field names follow the standard."""

from __future__ import annotations

from dataclasses import dataclass

_MAX_EXTRA_CHANNELS = 256

_ALPHA, _SPOT_COLOR, _CFA = 0, 2, 5  # types of extra channels
_GREY, _XYB = 1, 2  # color spaces
_CUSTOM = 2  # white point, primaries

_RATIOS = ((1, 1), (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))

# U32 distributions: (offset, bits) by selector.
_SIDE = ((1, 9), (1, 13), (1, 18), (1, 30))
_ENUM = ((0, 0), (1, 0), (2, 4), (18, 6))
_NAME_LENGTH = ((0, 0), (0, 4), (16, 5), (48, 10))


@dataclass(slots=True)
class ImageHeader:
    """What frames need to know of the header of an animation."""

    width: int
    height: int
    xyb: bool = False
    extra_channels: int = 0
    has_timecodes: bool = False
    has_preview: bool = False
    has_profile: bool = False


class EndOfDataError(Exception):
    """The data ends within a header."""


class BitReader:
    """Reads fields from bytes, the lowest bit first. Raises EndOfDataError behind the last byte."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0
        """In bits."""

    def read(self, count: int) -> int:
        """Read an unsigned integer of `count` bits."""
        first, last = self.position >> 3, (self.position + count + 7) >> 3
        if last > len(self.data):
            raise EndOfDataError
        value = int.from_bytes(self.data[first:last], "little") >> (self.position & 7)
        self.position += count
        return value & ((1 << count) - 1)

    def flag(self) -> bool:
        """Read a field of one bit."""
        return bool(self.read(1))

    def u32(self, distributions: tuple[tuple[int, int], ...]) -> int:
        """Read a U32 field by its distributions: (offset, bits) by selector."""
        offset, count = distributions[self.read(2)]
        return offset + self.read(count)

    def u64(self) -> int:
        """Read a U64 field."""
        selector = self.read(2)
        if selector < 3:
            return (0, 1, 17)[selector] + self.read((0, 4, 8)[selector])
        value, shift = self.read(12), 12
        while self.flag():
            if shift == 60:
                return value | self.read(4) << shift
            value |= self.read(8) << shift
            shift += 8
        return value

    def align(self) -> None:
        """Go to the next byte boundary."""
        self.position = (self.position + 7) & ~7


def read_image_header(bits: BitReader) -> ImageHeader | None:
    """Read the headers before the first frame; return None for a still picture.

    Raises EndOfDataError, or ValueError for more extra channels than are supported.
    """
    width, height = _read_size(bits)
    image = ImageHeader(width, height)
    if bits.flag() or not bits.flag():  # all defaults, or no extra fields: no animation
        return None
    bits.read(3)  # orientation
    if bits.flag():
        _read_size(bits)  # intrinsic size
    image.has_preview = bits.flag()
    if image.has_preview:
        return image if _preview_is_followed_by_animation(bits) else None
    if not bits.flag():
        return None
    bits.u32(((100, 0), (1000, 0), (1, 10), (1, 30)))  # ticks per second
    bits.u32(((1, 0), (1001, 0), (1, 8), (1, 10)))
    bits.u32(((0, 0), (0, 3), (0, 16), (0, 32)))  # loops
    image.has_timecodes = bits.flag()
    _skip_bit_depth(bits)
    bits.flag()  # 16-bit buffers
    image.extra_channels = bits.u32(((0, 0), (1, 0), (2, 4), (1, 12)))
    if image.extra_channels > _MAX_EXTRA_CHANNELS:
        raise ValueError("too many channels")
    for _ in range(image.extra_channels):
        _skip_extra_channel(bits)
    image.xyb = bits.flag()
    image.has_profile = _skip_color_encoding(bits)
    if not bits.flag():  # tone mapping
        bits.read(16 + 16 + 1 + 16)
    skip_extensions(bits)
    if not bits.flag():  # transforms
        if image.xyb and not bits.flag():
            bits.read(16 * 16)
        weights = bits.read(3)
        for bit, count in enumerate((15, 55, 210)):
            if weights >> bit & 1:
                bits.read(16 * count)
    bits.align()
    return image


def _read_size(bits: BitReader) -> tuple[int, int]:
    small = bits.flag()
    height = 8 * (bits.read(5) + 1) if small else bits.u32(_SIDE)
    ratio = bits.read(3)
    if ratio:
        return height * _RATIOS[ratio][0] // _RATIOS[ratio][1], height
    return (8 * (bits.read(5) + 1) if small else bits.u32(_SIDE)), height


def _preview_is_followed_by_animation(bits: BitReader) -> bool:
    in_eighths = bits.flag()
    side = ((16, 0), (32, 0), (1, 5), (33, 9)) if in_eighths else ((1, 6), (65, 8), (321, 10), (1345, 12))
    bits.u32(side)
    if not bits.read(3):
        bits.u32(side)
    return bits.flag()


def _skip_bit_depth(bits: BitReader) -> None:
    if bits.flag():  # floating point
        bits.u32(((32, 0), (16, 0), (24, 0), (1, 6)))
        bits.read(4)
    else:
        bits.u32(((8, 0), (10, 0), (12, 0), (1, 6)))


def _skip_extra_channel(bits: BitReader) -> None:
    if bits.flag():
        return
    kind = bits.u32(_ENUM)
    _skip_bit_depth(bits)
    bits.u32(((0, 0), (3, 0), (4, 0), (1, 3)))
    skip_name(bits)
    if kind == _ALPHA:
        bits.flag()
    elif kind == _SPOT_COLOR:
        bits.read(4 * 16)
    elif kind == _CFA:
        bits.u32(((1, 0), (0, 2), (3, 4), (19, 8)))


def _skip_color_encoding(bits: BitReader) -> bool:
    """Skip the color encoding; return whether an ICC profile follows the headers."""
    if bits.flag():
        return False
    has_profile = bits.flag()
    space = bits.u32(_ENUM)
    if has_profile:
        return True
    if space != _XYB:
        if bits.u32(_ENUM) == _CUSTOM:
            _skip_chromaticity(bits)
        if space != _GREY and bits.u32(_ENUM) == _CUSTOM:
            for _ in range(3):
                _skip_chromaticity(bits)
        if bits.flag():
            bits.read(24)  # gamma
        else:
            bits.u32(_ENUM)
    bits.u32(_ENUM)  # rendering intent
    return False


def _skip_chromaticity(bits: BitReader) -> None:
    for _ in range(2):
        bits.u32(((0, 19), (524288, 19), (1048576, 20), (2097152, 21)))


def skip_name(bits: BitReader) -> None:
    """Skip the name of a channel or frame."""
    bits.read(8 * bits.u32(_NAME_LENGTH))


def skip_extensions(bits: BitReader) -> None:
    """Skip the extensions at the end of a header."""
    extensions = bits.u64()
    lengths = [bits.u64() for bit in range(64) if extensions >> bit & 1]
    bits.read(sum(lengths))
