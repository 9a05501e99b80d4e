"""The data of ICU without the languages' names, formats and encodings: Qt only sorts words and changes their case with it.

The library holds one table of contents, sorted by name, and the items it points to ("Common data" in ICU's guide,
`source/common/ucmndata.h`). What is kept is copied as it is; an item that is missing is to ICU a language without data.
"""

from __future__ import annotations

import fnmatch
import re
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from linux.needed import Entry

_KEPT = (
    "coll/*",  # how each language sorts
    *("cnvalias.icu", "ulayout.icu"),  # names of encodings, properties of characters
    "*.nrm",  # normal forms, which sorting needs
    "root.res",
    "res_index.res",
    "likelySubtags.res",
    "supplementalData.res",
    "timezoneTypes.res",
    "keyTypeData.res",
    "metadata.res",
    "zoneinfo64.res",
    "zone/root.res",
    "zone/pool.res",
    "zone/res_index.res",
    "pool.res",
)
"""Items, by their names below the folder of the version; Qt has its own formats of dates and numbers."""

_LIBRARY = "libicudata.so."
_MAGIC = b"\xda\x27"
_KIND = b"CmnD"
_ALIGNMENT = 16

_SOURCE = """\
.section .rodata
.balign {alignment}
.global {name}
.type {name}, @object
{name}: .incbin "{data}"
.size {name}, .-{name}
.section .note.GNU-stack,"",@progbits
"""


def with_small_icu(entries: Sequence[Entry], work: Path) -> list[Entry]:
    """`entries` with a smaller library of ICU's data, made in `work`."""
    return [
        (name, str(_smaller(Path(source), work)), kind)
        if PurePosixPath(name).name.startswith(_LIBRARY) and kind != "SYMLINK"
        else (name, source, kind)
        for name, source, kind in entries
    ]


def _smaller(library: Path, work: Path) -> Path:
    name, address, size = _data_symbol(library)
    file = library.read_bytes()
    # The data lies in the part of the file that is mapped to its own offset.
    data = file[address : address + size] if size else file[address:]
    content = work / f"{library.name}.dat"
    content.write_bytes(selected(data))
    source = work / f"{library.name}.s"
    source.write_text(_SOURCE.format(name=name, data=content, alignment=_ALIGNMENT), encoding="utf-8")
    made = work / library.name
    words = ["-shared", "-nostdlib", f"-Wl,-soname,{library.name}", "-Wl,--build-id=none"]
    subprocess.run(["cc", *words, "-o", made, source], check=True)
    return made


def selected(data: bytes) -> bytes:
    """ICU's common data with the kept items alone; a ValueError for other data."""
    header_size, magic = struct.unpack_from("<H2s", data)
    if magic != _MAGIC or data[12:16] != _KIND:
        raise ValueError("This is no common data of ICU.")
    (count,) = struct.unpack_from("<I", data, header_size)
    places = [struct.unpack_from("<II", data, header_size + 4 + 8 * row) for row in range(count)]
    ends = [place for _, place in places[1:]] + [len(data) - header_size]
    items = []
    for (name_at, place), end in zip(places, ends, strict=True):
        start = header_size + name_at
        name = data[start : data.index(b"\0", start)]
        if is_kept(name.decode("ascii").partition("/")[2]):
            items.append((name, data[header_size + place : header_size + end]))
    return data[:header_size] + _table(items)


def is_kept(name: str) -> bool:
    """Whether the item with this name below the folder of the version is kept."""
    # fnmatch's "*" matches "/" too.
    return any(fnmatch.fnmatch(name, kept) and name.count("/") == kept.count("/") for kept in _KEPT)


def _table(items: Sequence[tuple[bytes, bytes]]) -> bytes:
    names = b"".join(name + b"\0" for name, _ in items)
    name_at = 4 + 8 * len(items)
    place = _aligned(name_at + len(names))
    rows, content = [struct.pack("<I", len(items))], bytearray()
    for name, item in items:
        rows.append(struct.pack("<II", name_at, place + len(content)))
        name_at += len(name) + 1
        content += item + bytes(_aligned(len(item)) - len(item))
    table = b"".join(rows) + names
    return table + bytes(place - len(table)) + bytes(content)


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _data_symbol(library: Path) -> tuple[str, int, int]:
    words = ["nm", "-D", "--defined-only", "--print-size", library]
    listing = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found = re.search(r"^([0-9a-f]+)(?: ([0-9a-f]+))? \w (icudt\d+_dat)$", listing, re.MULTILINE)
    if found is None:
        raise SystemExit(f"{library} holds no data of ICU.")
    return found[3], int(found[1], 16), int(found[2] or "0", 16)
