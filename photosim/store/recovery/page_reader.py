"""Reads rows from the pages of a SQLite file that SQLite may refuse to open.

Format: https://www.sqlite.org/fileformat2.html. Nothing in the file is trusted: numbers that lead nowhere are skipped.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

PAGE_BYTES = 4096
"""Page size of our files, whatever a damaged header says."""

Value = int | float | bytes | None

_TABLE_LEAF, _TABLE_INTERIOR, _INDEX_LEAF, _INDEX_INTERIOR = 13, 5, 10, 2
_INTERIOR = {_TABLE_INTERIOR, _INDEX_INTERIOR}
_HEADER_BYTES = 100
_FREE_LIST_OFFSET = 32
_INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8)
_REAL, _ZERO, _ONE, _FIRST_BLOB = 7, 8, 9, 12
_MAX_TABLE_LOCAL = PAGE_BYTES - 35
_MAX_INDEX_LOCAL = (PAGE_BYTES - 12) * 64 // 255 - 23
_MIN_LOCAL = (PAGE_BYTES - 12) * 32 // 255 - 23
_OVERFLOW_BYTES = PAGE_BYTES - 4

_LOG_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_LOG_MAGIC = 0x377F0682  # the last bit is set if the checksums are big-endian
_UINT32 = 0xFFFFFFFF


class Row(NamedTuple):
    """A stored record.

    `types` has a letter for each value: N null, I integer, R real, T text, B blob. Texts are bytes, which need not be
    UTF-8. `rowid` is None in indexes and in tables without row ids.
    """

    rowid: int | None
    types: str
    values: tuple[Value, ...]


@dataclass
class PageReader:
    """Context manager for the pages of a file, numbered from 1, as its write-ahead log has changed them."""

    path: Path
    page_count: int = 0
    _file: bytes | mmap.mmap = b""
    _log: bytes = b""
    _frames: dict[int, int] = field(default_factory=dict)
    """Offsets of pages in the log, by page number."""

    def __enter__(self) -> PageReader:
        """Map the file. Raises OSError."""
        with self.path.open("rb") as file, suppress(ValueError):  # an empty file cannot be mapped
            self._file = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        log = self.path.with_name(f"{self.path.name}-wal")
        if log.is_file():
            self._log = log.read_bytes()
            self._frames = _committed_frames(self._log)
        self.page_count = max(-(-len(self._file) // PAGE_BYTES), *self._frames, 0)
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the file."""
        if isinstance(self._file, mmap.mmap):
            self._file.close()
        self._file = self._log = b""

    def page(self, number: int) -> bytes:
        """Return a page; what lies behind the end of the file is zero."""
        if number in self._frames:
            start = self._frames[number]
            return self._log[start : start + PAGE_BYTES]
        start = (number - 1) * PAGE_BYTES
        return self._file[start : start + PAGE_BYTES].ljust(PAGE_BYTES, b"\0")

    def schema_rows(self) -> list[Row]:
        """Return the rows of `sqlite_master` that can be read, as far as they are reachable from the first page."""
        return [row for number in self._reachable([1]) for row in self.rows(number, _TABLE_LEAF)]

    def numbers(self, roots: Iterable[int]) -> list[int]:
        """Return the numbers of all pages that may hold rows: first those reachable from these roots, in key order.

        Free pages, which may hold deleted rows, are left out.
        """
        reachable = self._reachable(roots)
        known = {1, *reachable}
        free = self._free_pages()
        others = [n for n in range(2, self.page_count + 1) if n not in known and n not in free]
        return [*reachable, *others]

    def table_rows(self, numbers: Iterable[int]) -> Iterator[list[Row]]:
        """Yield the rows of each of these pages that is a leaf of a table with row ids."""
        for number in numbers:
            if rows := self.rows(number, _TABLE_LEAF):
                yield rows

    def index_rows(self, numbers: Iterable[int]) -> Iterator[list[Row]]:
        """Yield the rows of each of these pages that belongs to an index, or to a table without row ids."""
        for number in numbers:
            if rows := self.rows(number, _INDEX_LEAF, _INDEX_INTERIOR):
                yield rows

    def rows(self, number: int, *kinds: int) -> list[Row]:
        """Return the rows that can be read of a page, if it is of one of these kinds."""
        page = self.page(number)
        start = _HEADER_BYTES if number == 1 else 0
        kind = page[start]
        if kind not in kinds:
            return []
        rows = []
        child_bytes = 4 if kind == _INDEX_INTERIOR else 0
        for offset in _cell_offsets(page, start):
            try:
                row = self._row(page, offset + child_bytes, has_rowid=kind == _TABLE_LEAF)
            except (IndexError, struct.error):
                continue
            if row is not None:
                rows.append(row)
        return rows

    def _row(self, page: bytes, at: int, *, has_rowid: bool) -> Row | None:
        size, at = _varint(page, at)
        rowid: int | None = None
        if has_rowid:
            rowid, at = _varint(page, at)
        payload = self._payload(page, at, size, _MAX_TABLE_LOCAL if has_rowid else _MAX_INDEX_LOCAL)
        record = None if payload is None else _record(payload)
        return None if record is None else Row(rowid, *record)

    def _payload(self, page: bytes, at: int, size: int, max_local: int) -> bytes | None:
        """Return the `size` bytes of a record whose first part is at this offset; None if they are incomplete."""
        if not 0 < size <= self.page_count * PAGE_BYTES:
            return None
        if size <= max_local:
            payload = page[at : at + size]
            return payload if len(payload) == size else None
        local = _MIN_LOCAL + (size - _MIN_LOCAL) % _OVERFLOW_BYTES
        if local > max_local:
            local = _MIN_LOCAL
        if at + local + 4 > PAGE_BYTES:
            return None
        parts, rest = [page[at : at + local]], size - local
        following = int.from_bytes(page[at + local : at + local + 4], "big")
        while rest > 0:
            if not 1 < following <= self.page_count:
                return None
            overflow = self.page(following)
            following = int.from_bytes(overflow[:4], "big")
            parts.append(overflow[4 : 4 + rest])
            rest -= len(parts[-1])
        return b"".join(parts)

    def _reachable(self, roots: Iterable[int]) -> list[int]:
        """Return these pages and all pages below them, in key order."""
        found: dict[int, None] = {}
        pending = [root for root in roots if 0 < root <= self.page_count][::-1]
        while pending:
            number = pending.pop()
            if number in found:
                continue
            page = self.page(number)
            start = _HEADER_BYTES if number == 1 else 0
            if page[start] not in {_TABLE_LEAF, _INDEX_LEAF, *_INTERIOR}:
                continue
            found[number] = None
            if page[start] in _INTERIOR:
                below = [int.from_bytes(page[at : at + 4], "big") for at in _cell_offsets(page, start)]
                below.append(int.from_bytes(page[start + 8 : start + 12], "big"))
                pending += [child for child in reversed(below) if 1 < child <= self.page_count]
        return list(found)

    def _free_pages(self) -> set[int]:
        """Return the pages in the list of free ones, as far as it can be followed."""
        free: set[int] = set()
        trunk = int.from_bytes(self.page(1)[_FREE_LIST_OFFSET : _FREE_LIST_OFFSET + 4], "big")
        while 1 < trunk <= self.page_count and trunk not in free:
            page = self.page(trunk)
            following, count = struct.unpack_from(">II", page)
            if following > self.page_count or count > PAGE_BYTES // 4 - 2:
                break
            free.add(trunk)
            free.update(struct.unpack_from(f">{count}I", page, 8))
            trunk = following
        return free


def _cell_offsets(page: bytes, start: int) -> list[int]:
    """Return the offsets of a page's cells, whose header is at `start`, leaving out impossible ones."""
    first = start + (12 if page[start] in _INTERIOR else 8)
    count = min(int.from_bytes(page[start + 3 : start + 5], "big"), (PAGE_BYTES - first) // 2)
    offsets = struct.unpack_from(f">{count}H", page, first)
    return [offset for offset in offsets if first < offset < PAGE_BYTES - 2]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the signed integer at an offset and the offset after it. Raises IndexError."""
    value = data[at]
    if value < 0x80:
        return value, at + 1
    value &= 0x7F
    for place in range(at + 1, at + 8):
        byte = data[place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    value = value << 8 | data[at + 8]
    return value - (1 << 64) if value >> 63 else value, at + 9


def _record(payload: bytes) -> tuple[str, tuple[Value, ...]] | None:
    """Parse a record, whose types and values must fill it exactly."""
    header_bytes, at = _varint(payload, 0)
    position = header_bytes
    if not at <= header_bytes <= len(payload):
        return None
    types: list[str] = []
    values: list[Value] = []
    while at < header_bytes:
        serial, at = _varint(payload, at)
        if serial < 0:
            return None
        parse, size = _parser(serial)
        if parse is None or position + size > len(payload):
            return None
        letter, convert = parse
        types.append(letter)
        values.append(convert(payload[position : position + size]))
        position += size
    if not types or at != header_bytes or position != len(payload):
        return None
    return "".join(types), tuple(values)


_Parser = tuple[str, Callable[[bytes], Value]]


def _integer(data: bytes) -> int:
    return int.from_bytes(data, "big", signed=True)


def _real(data: bytes) -> float:
    return float(struct.unpack(">d", data)[0])


def _parser(serial: int) -> tuple[_Parser | None, int]:
    """Return the parser and the number of bytes of values of a serial type; None for one that does not exist."""
    if serial >= _FIRST_BLOB:
        return ("T" if serial % 2 else "B", bytes), (serial - _FIRST_BLOB) // 2
    if serial == 0:
        return ("N", lambda _: None), 0
    if serial < len(_INTEGER_BYTES):
        return ("I", _integer), _INTEGER_BYTES[serial]
    if serial == _REAL:
        return ("R", _real), 8
    if serial in {_ZERO, _ONE}:
        return ("I", lambda _: serial - _ZERO), 0
    return None, 0


def _committed_frames(log: bytes) -> dict[int, int]:
    """Return where a write-ahead log has the last committed version of each page, up to the first damaged frame."""
    if len(log) < _LOG_HEADER_BYTES:
        return {}
    magic, _, page_bytes = struct.unpack_from(">3I", log)
    if magic & ~1 != _LOG_MAGIC or page_bytes != PAGE_BYTES:
        return {}
    order = ">" if magic & 1 else "<"
    checksum = _log_checksum(log[: _LOG_HEADER_BYTES - 8], (0, 0), order)
    if struct.unpack_from(">2I", log, _LOG_HEADER_BYTES - 8) != checksum:
        return {}
    salts = log[16:24]
    committed: dict[int, int] = {}
    pending: dict[int, int] = {}
    frame_bytes = _FRAME_HEADER_BYTES + PAGE_BYTES
    for start in range(_LOG_HEADER_BYTES, len(log) - frame_bytes + 1, frame_bytes):
        header, content = log[start : start + _FRAME_HEADER_BYTES], start + _FRAME_HEADER_BYTES
        number, pages_after_commit = struct.unpack_from(">2I", header)
        checksum = _log_checksum(header[:8] + log[content : content + PAGE_BYTES], checksum, order)
        if header[8:16] != salts or struct.unpack_from(">2I", header, 16) != checksum:
            break
        pending[number] = content
        if pages_after_commit:
            committed.update(pending)
            pending.clear()
    return committed


def _log_checksum(data: bytes, seed: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = seed
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = first + even + second & _UINT32
        second = second + odd + first & _UINT32
    return first, second
