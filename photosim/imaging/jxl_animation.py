"""Cut a JPEG XL animation after its first picture: the decoder in use returns the last one.

The headers are those of ISO/IEC 18181-1; field names follow the standard.
"""

from __future__ import annotations

from dataclasses import dataclass

_CODESTREAM = b"\xff\x0a"
_MAX_BOXES = 1000  # a photo has fewer than ten
_MAX_FRAMES = 64  # before the first picture: layers, references, low-frequency frames
_MAX_ENTRIES = 100_000  # of a table of contents
_MAX_EXTRA_CHANNELS = 256

_REGULAR, _LOW_FREQUENCY, _REFERENCE_ONLY, _SKIP_PROGRESSIVE = range(4)  # frame types
_REPLACE, _ADD, _BLEND, _ADD_WEIGHTED, _MULTIPLY = range(5)  # blend modes
_USE_LF_FRAME = 0x20
_ALPHA, _SPOT_COLOR, _CFA = 0, 2, 5  # types of extra channels
_GREY, _XYB = 1, 2  # colour spaces
_CUSTOM = 2  # white point, primaries

_RATIOS = ((1, 1), (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))

# U32 distributions: (offset, bits) by selector.
_SIDE = ((1, 9), (1, 13), (1, 18), (1, 30))
_ENUM = ((0, 0), (1, 0), (2, 4), (18, 6))
_NAME_LENGTH = ((0, 0), (0, 4), (16, 5), (48, 10))
_UPSAMPLING = ((1, 0), (2, 0), (4, 0), (8, 0))
_CROP = ((0, 8), (256, 11), (2304, 14), (18688, 30))
_ENTRY = ((0, 10), (1024, 14), (17408, 22), (4211712, 30))


class UnsupportedAnimationError(ValueError):
    """The file is an animation, and its first picture cannot be cut out."""


def first_picture(data: bytes) -> bytes:
    """Return a file with the first picture of an animation alone, other files as they are.

    Raises UnsupportedAnimationError.
    """
    stream = data if data.startswith(_CODESTREAM) else _codestream(data)
    if not stream.startswith(_CODESTREAM):
        return data
    bits = _Bits(stream)
    bits.at = 16
    try:
        image = _read_image_header(bits)
    except (_EndError, ValueError):
        return data  # libjxl knows better
    if image is None:
        return data
    try:
        cut = _cut(stream, bits, image)
    except (_EndError, ValueError) as error:
        raise UnsupportedAnimationError("the animation cannot be cut") from error
    return cut if data.startswith(_CODESTREAM) else _replace_codestream(data, cut)


@dataclass(slots=True)
class _Image:
    """What frames need to know of the header of an animation."""

    width: int
    height: int
    xyb: bool = False
    extra_channels: int = 0
    has_timecodes: bool = False
    has_preview: bool = False
    has_profile: bool = False


@dataclass(slots=True)
class _Frame:
    """A frame's header; positions are in bits."""

    start: int
    is_shown: bool
    is_last: bool
    last_flag_at: int
    rest_at: int
    """Where the fields begin that follow those which only a frame before the last has."""
    contents_at: int
    """Where the table of contents begins."""
    end: int


class _EndError(Exception):
    """The data ends within a header."""


class _Bits:
    """Reads fields from bytes, the lowest bit first."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> int:
        first, last = self.at >> 3, (self.at + count + 7) >> 3
        if last > len(self.data):
            raise _EndError
        value = int.from_bytes(self.data[first:last], "little") >> (self.at & 7)
        self.at += count
        return value & ((1 << count) - 1)

    def flag(self) -> bool:
        return bool(self.take(1))

    def u32(self, distributions: tuple[tuple[int, int], ...]) -> int:
        offset, count = distributions[self.take(2)]
        return offset + self.take(count)

    def u64(self) -> int:
        selector = self.take(2)
        if selector < 3:
            return (0, 1, 17)[selector] + self.take((0, 4, 8)[selector])
        value, shift = self.take(12), 12
        while self.flag():
            if shift == 60:
                return value | self.take(4) << shift
            value |= self.take(8) << shift
            shift += 8
        return value

    def align(self) -> None:
        self.at = (self.at + 7) & ~7


def _read_image_header(bits: _Bits) -> _Image | None:
    """Read the headers before the first frame; return None for a still picture."""
    width, height = _read_size(bits)
    image = _Image(width, height)
    if bits.flag() or not bits.flag():  # all defaults, or no extra fields: no animation
        return None
    bits.take(3)  # orientation
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
        bits.take(16 + 16 + 1 + 16)
    _skip_extensions(bits)
    if not bits.flag():  # transforms
        if image.xyb and not bits.flag():
            bits.take(16 * 16)
        weights = bits.take(3)
        for bit, count in enumerate((15, 55, 210)):
            if weights >> bit & 1:
                bits.take(16 * count)
    bits.align()
    return image


def _read_size(bits: _Bits) -> tuple[int, int]:
    small = bits.flag()
    height = 8 * (bits.take(5) + 1) if small else bits.u32(_SIDE)
    ratio = bits.take(3)
    if ratio:
        return height * _RATIOS[ratio][0] // _RATIOS[ratio][1], height
    return (8 * (bits.take(5) + 1) if small else bits.u32(_SIDE)), height


def _preview_is_followed_by_animation(bits: _Bits) -> bool:
    in_eighths = bits.flag()
    side = ((16, 0), (32, 0), (1, 5), (33, 9)) if in_eighths else ((1, 6), (65, 8), (321, 10), (1345, 12))
    bits.u32(side)
    if not bits.take(3):
        bits.u32(side)
    return bits.flag()


def _skip_bit_depth(bits: _Bits) -> None:
    if bits.flag():  # floating point
        bits.u32(((32, 0), (16, 0), (24, 0), (1, 6)))
        bits.take(4)
    else:
        bits.u32(((8, 0), (10, 0), (12, 0), (1, 6)))


def _skip_extra_channel(bits: _Bits) -> None:
    if bits.flag():
        return
    kind = bits.u32(_ENUM)
    _skip_bit_depth(bits)
    bits.u32(((0, 0), (3, 0), (4, 0), (1, 3)))
    _skip_name(bits)
    if kind == _ALPHA:
        bits.flag()
    elif kind == _SPOT_COLOR:
        bits.take(4 * 16)
    elif kind == _CFA:
        bits.u32(((1, 0), (0, 2), (3, 4), (19, 8)))


def _skip_color_encoding(bits: _Bits) -> bool:
    """Skip the colour encoding; return whether an ICC profile follows the headers."""
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
            bits.take(24)  # gamma
        else:
            bits.u32(_ENUM)
    bits.u32(_ENUM)  # rendering intent
    return False


def _skip_chromaticity(bits: _Bits) -> None:
    for _ in range(2):
        bits.u32(((0, 19), (524288, 19), (1048576, 20), (2097152, 21)))


def _skip_name(bits: _Bits) -> None:
    bits.take(8 * bits.u32(_NAME_LENGTH))


def _skip_extensions(bits: _Bits) -> None:
    extensions = bits.u64()
    lengths = [bits.u64() for bit in range(64) if extensions >> bit & 1]
    bits.take(sum(lengths))


def _cut(stream: bytes, bits: _Bits, image: _Image) -> bytes:
    """Return the codestream up to its first picture, which becomes the last one."""
    if image.has_profile or image.has_preview:
        raise ValueError("frames behind a compressed profile or a preview")
    for _ in range(_MAX_FRAMES):
        frame = _read_frame(bits, image)
        if frame.is_last:
            return stream
        if frame.is_shown:
            return _as_last(stream, frame)
        bits.at = frame.end
    raise ValueError("too many frames")


def _as_last(stream: bytes, frame: _Frame) -> bytes:
    """Return the codestream up to this frame, with its header changed to that of a last frame."""
    before = frame.last_flag_at - frame.start
    start = frame.start >> 3
    header = int.from_bytes(stream[start : (frame.contents_at + 7) >> 3], "little")
    rest = (header >> (frame.rest_at - frame.start)) & ((1 << (frame.contents_at - frame.rest_at)) - 1)
    header = header & ((1 << before) - 1) | 1 << before | rest << (before + 1)
    length = before + 1 + frame.contents_at - frame.rest_at
    # Before the table of contents stands the flag of a permutation, 0, and then the next byte begins.
    contents = (frame.contents_at + 1 + 7) >> 3
    return (
        stream[:start] + header.to_bytes((length + 1 + 7) >> 3, "little") + stream[contents : frame.end >> 3]
    )


def _read_frame(bits: _Bits, image: _Image) -> _Frame:
    start = bits.at
    if bits.flag():
        return _Frame(start, True, True, 0, 0, 0, 0)
    kind, is_modular, flags = bits.take(2), bits.flag(), bits.u64()
    is_ycbcr = not image.xyb and bits.flag()
    upsampling = 1
    if not flags & _USE_LF_FRAME:
        if is_ycbcr:
            bits.take(6)
        upsampling = bits.u32(_UPSAMPLING)
        for _ in range(image.extra_channels):
            bits.u32(_UPSAMPLING)
    group_shift = bits.take(2) if is_modular else 1
    if image.xyb and not is_modular:
        bits.take(6)
    passes = _read_passes(bits) if kind != _REFERENCE_ONLY else 1
    width, height, is_partial, level = image.width, image.height, False, 0
    if kind == _LOW_FREQUENCY:
        level = 1 + bits.take(2)
    elif bits.flag():
        x = y = 0
        if kind != _REFERENCE_ONLY:
            x, y = (_unpack_signed(bits.u32(_CROP)) for _ in range(2))
        width, height = bits.u32(_CROP), bits.u32(_CROP)
        is_partial = x > 0 or y > 0 or x + width < image.width or y + height < image.height
    is_picture = kind in (_REGULAR, _SKIP_PROGRESSIVE)
    mode, duration, is_last, last_flag_at = _REPLACE, 0, False, 0
    if is_picture:
        mode = _read_blending(bits, image, is_partial)
        for _ in range(image.extra_channels):
            _read_blending(bits, image, is_partial)
        duration = bits.u32(((0, 0), (1, 0), (0, 8), (0, 32)))
        if image.has_timecodes:
            bits.take(32)
        last_flag_at = bits.at
        is_last = bits.flag()
    reference = bits.take(2) if kind != _LOW_FREQUENCY and not is_last else 0
    is_referenced = not is_last and kind != _LOW_FREQUENCY and (duration == 0 or reference != 0)
    if kind == _REFERENCE_ONLY or (is_picture and is_referenced and mode == _REPLACE and not is_partial):
        bits.flag()  # saved before the colour transform
    rest_at = bits.at
    _skip_name(bits)
    _skip_filters(bits, is_modular)
    _skip_extensions(bits)
    contents_at = bits.at
    scale = upsampling << (3 * level)
    groups = _group_count(-(-width // scale), -(-height // scale), 128 << group_shift, passes)
    end = _read_contents(bits, groups)
    return _Frame(start, is_picture and duration > 0, is_last, last_flag_at, rest_at, contents_at, end)


def _read_passes(bits: _Bits) -> int:
    passes = bits.u32(((1, 0), (2, 0), (3, 0), (4, 3)))
    if passes != 1:
        downsampled = bits.u32(((0, 0), (1, 0), (2, 0), (3, 1)))
        bits.take(2 * (passes - 1))
        for _ in range(downsampled):
            bits.u32(_UPSAMPLING)
        for _ in range(downsampled):
            bits.u32(((0, 0), (1, 0), (2, 0), (0, 3)))
    return passes


def _read_blending(bits: _Bits, image: _Image, is_partial: bool) -> int:
    mode = bits.u32(((0, 0), (1, 0), (2, 0), (3, 2)))
    uses_alpha = image.extra_channels > 0 and mode in (_BLEND, _ADD_WEIGHTED)
    if uses_alpha:
        bits.u32(((0, 0), (1, 0), (2, 0), (3, 3)))
    if uses_alpha or mode == _MULTIPLY:
        bits.flag()  # clamp
    if mode != _REPLACE or is_partial:
        bits.take(2)  # source
    return mode


def _skip_filters(bits: _Bits, is_modular: bool) -> None:
    if bits.flag():
        return
    if bits.flag() and bits.flag():  # Gaborish, with its own weights
        bits.take(6 * 16)
    if bits.take(2):  # iterations of the edge-preserving filter
        if not is_modular and bits.flag():
            bits.take(8 * 16)
        if bits.flag():
            bits.take(5 * 16)
        if bits.flag():
            bits.take((3 if is_modular else 4) * 16)
        if is_modular:
            bits.take(16)
    _skip_extensions(bits)


def _group_count(width: int, height: int, group: int, passes: int) -> int:
    groups = -(-width // group) * -(-height // group)
    if groups == 1 and passes == 1:
        return 1
    return 2 + -(-width // (8 * group)) * -(-height // (8 * group)) + passes * groups


def _read_contents(bits: _Bits, groups: int) -> int:
    """Return where the frame ends, by its table of contents."""
    if groups > _MAX_ENTRIES or bits.flag():
        raise ValueError("a table of contents that is too large or permuted")
    bits.align()
    length = sum(bits.u32(_ENTRY) for _ in range(groups))
    bits.align()
    return bits.at + 8 * length


def _unpack_signed(value: int) -> int:
    return -(value + 1 >> 1) if value & 1 else value >> 1


def _boxes(data: bytes) -> list[tuple[bytes, bytes, bytes]]:
    """Return kind, content and all bytes of the boxes of a file."""
    found: list[tuple[bytes, bytes, bytes]] = []
    at = 0
    while len(found) < _MAX_BOXES and at + 8 <= len(data):
        length, start = int.from_bytes(data[at : at + 4], "big"), 8
        if length == 1:
            length, start = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        length = length or len(data) - at
        if length < start:
            break
        found.append((data[at + 4 : at + 8], data[at + start : at + length], data[at : at + length]))
        at += length
    return found


def _codestream(data: bytes) -> bytes:
    return b"".join(
        content if kind == b"jxlc" else content[4:]
        for kind, content, _ in _boxes(data)
        if kind in {b"jxlc", b"jxlp"}
    )


def _replace_codestream(data: bytes, stream: bytes) -> bytes:
    kept = [box for kind, _, box in _boxes(data) if kind not in {b"jxlc", b"jxlp", b"jxli"}]
    return b"".join([*kept, (len(stream) + 8).to_bytes(4, "big"), b"jxlc", stream])
