"""Cut a JPEG XL animation after its first picture: the decoder in use returns the last one.

Frame headers are those of ISO/IEC 18181-1; field names follow the standard.
"""

from __future__ import annotations

from dataclasses import dataclass

from photosim.errors import UnreadablePhotoError
from photosim.imaging.formats.jxl_header import (
    BitReader,
    EndOfDataError,
    ImageHeader,
    read_image_header,
    skip_extensions,
    skip_name,
)

_CODESTREAM = b"\xff\x0a"
_MAX_BOXES = 1000  # a photo has fewer than ten
_MAX_FRAMES = 64  # before the first picture: layers, references, low-frequency frames
_MAX_ENTRIES = 100_000  # of a table of contents

_REGULAR, _LOW_FREQUENCY, _REFERENCE_ONLY, _SKIP_PROGRESSIVE = range(4)  # frame types
_REPLACE, _ADD, _BLEND, _ADD_WEIGHTED, _MULTIPLY = range(5)  # blend modes
_USE_LF_FRAME = 0x20

# U32 distributions: (offset, bits) by selector.
_UPSAMPLING = ((1, 0), (2, 0), (4, 0), (8, 0))
_CROP = ((0, 8), (256, 11), (2304, 14), (18688, 30))
_ENTRY = ((0, 10), (1024, 14), (17408, 22), (4211712, 30))


class UnsupportedAnimationError(UnreadablePhotoError):
    """The file is an animation, and its first picture cannot be cut out."""


def first_picture(data: bytes) -> bytes:
    """Return a file with the first picture of an animation alone, other files as they are.

    Raises UnsupportedAnimationError.
    """
    stream = data if data.startswith(_CODESTREAM) else _codestream(data)
    if not stream.startswith(_CODESTREAM):
        return data
    bits = BitReader(stream)
    bits.position = 16
    try:
        image = read_image_header(bits)
    except (EndOfDataError, ValueError):
        return data  # libjxl knows better
    if image is None:
        return data
    try:
        cut = _cut(stream, bits, image)
    except (EndOfDataError, ValueError) as error:
        raise UnsupportedAnimationError("JPEG XL animations of this kind aren't supported.") from error
    return cut if data.startswith(_CODESTREAM) else _replace_codestream(data, cut)


@dataclass(slots=True)
class _FrameHeader:
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


def _cut(stream: bytes, bits: BitReader, image: ImageHeader) -> bytes:
    """Return the codestream up to its first picture, which becomes the last one."""
    if image.has_profile or image.has_preview:
        raise ValueError("frames behind a compressed profile or a preview")
    for _ in range(_MAX_FRAMES):
        frame = _read_frame_header(bits, image)
        if frame.is_last:
            return stream
        if frame.is_shown:
            return _as_last(stream, frame)
        bits.position = frame.end
    raise ValueError("too many frames")


def _as_last(stream: bytes, frame: _FrameHeader) -> bytes:
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


def _read_frame_header(bits: BitReader, image: ImageHeader) -> _FrameHeader:
    start = bits.position
    if bits.flag():
        return _FrameHeader(start, True, True, 0, 0, 0, 0)
    kind, is_modular, flags = bits.read(2), bits.flag(), bits.u64()
    is_ycbcr = not image.xyb and bits.flag()
    upsampling = 1
    if not flags & _USE_LF_FRAME:
        if is_ycbcr:
            bits.read(6)
        upsampling = bits.u32(_UPSAMPLING)
        for _ in range(image.extra_channels):
            bits.u32(_UPSAMPLING)
    group_shift = bits.read(2) if is_modular else 1
    if image.xyb and not is_modular:
        bits.read(6)
    passes = _read_passes(bits) if kind != _REFERENCE_ONLY else 1
    width, height, is_partial, level = image.width, image.height, False, 0
    if kind == _LOW_FREQUENCY:
        level = 1 + bits.read(2)
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
            bits.read(32)
        last_flag_at = bits.position
        is_last = bits.flag()
    reference = bits.read(2) if kind != _LOW_FREQUENCY and not is_last else 0
    is_referenced = not is_last and kind != _LOW_FREQUENCY and (duration == 0 or reference != 0)
    if kind == _REFERENCE_ONLY or (is_picture and is_referenced and mode == _REPLACE and not is_partial):
        bits.flag()  # saved before the color transform
    rest_at = bits.position
    skip_name(bits)
    _skip_filters(bits, is_modular)
    skip_extensions(bits)
    contents_at = bits.position
    scale = upsampling << (3 * level)
    groups = _group_count(-(-width // scale), -(-height // scale), 128 << group_shift, passes)
    end = _read_contents(bits, groups)
    return _FrameHeader(start, is_picture and duration > 0, is_last, last_flag_at, rest_at, contents_at, end)


def _read_passes(bits: BitReader) -> int:
    passes = bits.u32(((1, 0), (2, 0), (3, 0), (4, 3)))
    if passes != 1:
        downsampled = bits.u32(((0, 0), (1, 0), (2, 0), (3, 1)))
        bits.read(2 * (passes - 1))
        for _ in range(downsampled):
            bits.u32(_UPSAMPLING)
        for _ in range(downsampled):
            bits.u32(((0, 0), (1, 0), (2, 0), (0, 3)))
    return passes


def _read_blending(bits: BitReader, image: ImageHeader, is_partial: bool) -> int:
    mode = bits.u32(((0, 0), (1, 0), (2, 0), (3, 2)))
    uses_alpha = image.extra_channels > 0 and mode in (_BLEND, _ADD_WEIGHTED)
    if uses_alpha:
        bits.u32(((0, 0), (1, 0), (2, 0), (3, 3)))
    if uses_alpha or mode == _MULTIPLY:
        bits.flag()  # clamp
    if mode != _REPLACE or is_partial:
        bits.read(2)  # source
    return mode


def _skip_filters(bits: BitReader, is_modular: bool) -> None:
    if bits.flag():
        return
    if bits.flag() and bits.flag():  # Gaborish, with its own weights
        bits.read(6 * 16)
    if bits.read(2):  # iterations of the edge-preserving filter
        if not is_modular and bits.flag():
            bits.read(8 * 16)
        if bits.flag():
            bits.read(5 * 16)
        if bits.flag():
            bits.read((3 if is_modular else 4) * 16)
        if is_modular:
            bits.read(16)
    skip_extensions(bits)


def _group_count(width: int, height: int, group: int, passes: int) -> int:
    groups = -(-width // group) * -(-height // group)
    if groups == 1 and passes == 1:
        return 1
    return 2 + -(-width // (8 * group)) * -(-height // (8 * group)) + passes * groups


def _read_contents(bits: BitReader, groups: int) -> int:
    """Return where the frame ends, by its table of contents."""
    if groups > _MAX_ENTRIES or bits.flag():
        raise ValueError("a table of contents that is too large or permuted")
    bits.align()
    length = sum(bits.u32(_ENTRY) for _ in range(groups))
    bits.align()
    return bits.position + 8 * length


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
