"""Leave out of a library the code of functions that PhotoSim never calls, where it cannot be built without them.

The part of the file that holds the code becomes several, between which nothing is mapped: a call of a function that is
left out ends the process. The addresses of all others stay. Only whole pages are left out, and only where many functions
of one kind follow each other.
"""

from __future__ import annotations

import re
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

TRIMMED = {
    "torch/lib/libtorch_cpu.so": re.compile(
        # oneDNN's products of matrices of 8-bit integers, and its recurrent networks
        r"_ZNK?4dnnl4impl3cpu3x64\d+jit_\w*(u8_copy|s8u8s32|rnn|lstm|gru)"
        # FBGEMM's convolutions and sums of 8-bit integers, without its conversions of numbers, which others call
        r"|_Z\w*6fbgemm\w*(depthwise_[23]d|[rR]equantize|EmbeddingSpMDM|fbgemmPacked)"
        # images sampled at points of a grid
        r"|_Z\w*[gG]rid_?[sS]ampl"
    )
}
"""By library: the functions that are left out, by their mangled names. No YOLO that PhotoSim reads calls them."""

_PAGE = 4096
_FEWEST = 8
"""Pages below which a range stays: each costs an entry in a table, and a mapping."""

_PADDING = 64
"""Bytes that may lie between two functions that follow each other."""

_SYMBOL = re.compile(r"^([0-9a-f]+) (?:([0-9a-f]+) )?([A-Za-z]) (\S+)$", re.MULTILINE)
_FUNCTION = "tTwWi"
"""Kinds of symbols, as nm names them."""


_LOAD, _TABLE, _EXECUTABLE, _NOTHING_IN_FILE = 1, 6, 1, 8
_PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")
_SECTION_HEADER = struct.Struct("<IIQQQQIIQQ")

Range = tuple[int, int]
"""From an address to the one after the last."""


class _Part(NamedTuple):
    """A program header of a 64-bit ELF file."""

    kind: int
    flags: int
    offset: int
    address: int
    physical: int
    size: int
    memory: int
    alignment: int


def trim(library: Path, ranges: Sequence[Range]) -> None:
    """Take the code at these addresses out of a 64-bit ELF library, in place."""
    data = library.read_bytes()
    (table, sections) = struct.unpack_from("<QQ", data, 32)
    (size, count, _, section_count) = struct.unpack_from("<HHHH", data, 54)
    parts = [_Part(*_PROGRAM_HEADER.unpack_from(data, table + size * row)) for row in range(count)]
    code = next(part for part in parts if part.kind == _LOAD and part.flags & _EXECUTABLE)
    if not all(code.address <= start < end <= code.address + code.size for start, end in ranges):
        raise SystemExit(f"{library.name}: the code to leave out lies in several parts.")
    taken = [(start - code.address + code.offset, end - code.address + code.offset) for start, end in ranges]

    def moved(offset: int) -> int:
        return offset - sum(min(offset, end) - start for start, end in taken if start < offset)

    headers = []
    for part in parts:
        pieces = _between(part, ranges) if part is code else [part]
        # The entry for the table itself would name the old one.
        headers += [piece._replace(offset=moved(piece.offset)) for piece in pieces if piece.kind != _TABLE]
    edges = [0, *(edge for pair in taken for edge in pair), len(data)]
    made = bytearray(b"".join(data[edges[at] : edges[at + 1]] for at in range(0, len(edges), 2)))
    for row in range(section_count):
        place = moved(sections) + _SECTION_HEADER.size * row
        header = list(_SECTION_HEADER.unpack_from(made, place))
        kind, offset, length = header[1], header[4], header[5]
        header[4] = moved(offset)
        if kind != _NOTHING_IN_FILE:
            header[5] = moved(offset + length) - moved(offset)
        _SECTION_HEADER.pack_into(made, place, *header)
    made += bytes(-len(made) % _PAGE)
    struct.pack_into("<QQ", made, 32, len(made), moved(sections))
    struct.pack_into("<H", made, 56, len(headers))
    library.write_bytes(made + b"".join(_PROGRAM_HEADER.pack(*header) for header in headers))


def _between(code: _Part, ranges: Sequence[Range]) -> list[_Part]:
    """The parts that are left of one without the ranges."""
    edges = [code.address, *(edge for pair in ranges for edge in pair), code.address + code.size]
    return [
        code._replace(
            offset=start - code.address + code.offset,
            address=start,
            physical=start,
            size=end - start,
            memory=end - start,
        )
        for start, end in zip(edges[::2], edges[1::2], strict=True)
        if start < end
    ]


def unused_code(library: Path, unused: re.Pattern[str]) -> list[Range]:
    """The ranges of whole pages that only functions with these names fill; the library must have its symbols."""
    words = ["nm", "--defined-only", "--print-size", "--numeric-sort", library]
    listing = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    ranges: list[Range] = []
    start = end = kept_until = 0
    for found in _SYMBOL.finditer(listing):
        address = int(found[1], 16)
        last = address + int(found[2] or "0", 16)
        if found[3] not in _FUNCTION or not unused.match(found[4]):
            end = min(end, address)  # a function that is kept may begin where one that is not does
            kept_until = max(kept_until, last)
            continue
        if address > end + _PADDING or kept_until > end:
            ranges.append((start, end))
            start = max(address, kept_until)
        end = max(end, last)
    ranges.append((start, end))
    pages = [(-(-start // _PAGE) * _PAGE, end // _PAGE * _PAGE) for start, end in ranges]
    return [(start, end) for start, end in pages if end - start >= _FEWEST * _PAGE]
