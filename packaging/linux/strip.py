"""Take the symbol tables out of the packaged program's libraries, which nobody reads who does not mend them."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

_LOAD = 1
"""The ELF type of a part of the file that is put into memory."""

_HEADERS = 1 << 16
"""Bytes within which the table of those parts lies."""


def strip(folder: Path) -> None:
    """Strip every library below `folder`, in place."""
    for path in elf_files(folder):
        _strip(path)


def elf_files(folder: Path) -> Iterator[Path]:
    """Every program and library below a folder, links left out."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def loads(path: Path) -> bool:
    """Whether the parts of a 64-bit ELF file lie where the system can map them into memory."""
    with path.open("rb") as file:
        data = file.read(_HEADERS)
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for start in range(table, table + size * count, size):
        kind, _, offset, address, _, _, _, alignment = struct.unpack_from("<IIQQQQQQ", data, start)
        if kind == _LOAD and (address - offset) % max(alignment, 1):
            return False
    return True


def _strip(path: Path) -> None:
    """Strip one file, unless that spoils it, as it does some that patchelf has been at."""
    smaller = path.with_name(f"{path.name}.smaller")
    done = subprocess.run(
        ["strip", "--strip-unneeded", "-o", smaller, path], capture_output=True, check=False
    )
    if done.returncode == 0 and loads(smaller) and smaller.stat().st_size < path.stat().st_size:
        shutil.copymode(path, smaller)
        smaller.replace(path)
    smaller.unlink(missing_ok=True)
