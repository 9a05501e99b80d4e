"""What in the packaged program weighs what: a table for whoever wants to make it smaller.

python packaging/sizes.py dist/photosim
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

_SMALLEST = 1_000_000
"""Bytes below which a part goes into the last row."""

_PARTS = (
    ("torch/lib/libtorch_cpu", "PyTorch: operators"),
    ("torch", "PyTorch: the rest"),
    ("PySide6/Qt/lib/libicu", "Qt: ICU, the languages' data"),
    ("PySide6", "Qt"),
    ("shiboken6", "Qt"),
    ("libpyside6", "Qt"),
    ("libshiboken6", "Qt"),
    ("numpy.libs", "NumPy: OpenBLAS"),
    ("numpy", "NumPy"),
    ("pillow_heif.libs/libx265", "pillow-heif: x265, linked by libheif"),
    ("pillow_heif", "pillow-heif"),
    ("_pillow_heif", "pillow-heif"),
    ("pillow.libs", "Pillow"),
    ("PIL", "Pillow"),
    ("rawpy", "rawpy: LibRaw"),
    ("pillow_jxl", "JPEG XL"),
    ("igraph", "igraph"),
    ("hnswlib", "hnswlib"),
    ("cv2", "OpenCV"),
    ("resources/models", "PhotoSim: models"),
    ("resources/licences", "Licences"),
    ("resources", "PhotoSim: icons, theme"),
    ("libpython", "Python"),
    ("python3", "Python"),
    ("base_library.zip", "Python"),
)
"""Beginnings of paths inside `_internal` and what they belong to; the first that fits counts."""


LARGEST_FOLDER, LARGEST_DEB = 560_000_000, 165_000_000
"""Bytes that the program installed on Linux and its Debian package may have at most."""


def check_size(path: Path, largest: int) -> None:
    """Raise SystemExit if a file or folder is larger than promised."""
    size = size_of(path)
    if size > largest:
        raise SystemExit(f"{path.name} has {size / 1e6:.1f} MB; {largest / 1e6:.0f} MB are promised.")


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files if file.is_file() and not file.is_symlink())


def table(program: Path) -> str:
    """The table, heaviest first, in Markdown."""
    inside = program / "_internal"
    weights: Counter[str] = Counter()
    for path in program.rglob("*"):
        if path.is_file() and not path.is_symlink():
            weights[_part(path, inside)] += path.stat().st_size
    total = sum(weights.values())
    light = sum(size for size in weights.values() if size < _SMALLEST)
    rows = [(part, size) for part, size in weights.most_common() if size >= _SMALLEST]
    rows += [("Everything else", light), ("**Together**", total)]
    lines = [f"| {part} | {size / 1e6:.1f} |" for part, size in rows]
    return "\n".join(("| part | MB installed |", "|---|---:|", *lines)) + "\n"


def _part(path: Path, inside: Path) -> str:
    if not path.is_relative_to(inside):
        return "Python's modules, PhotoSim among them"
    name = path.relative_to(inside).as_posix()
    return next(
        (part for start, part in _PARTS if name.startswith(start)), "System libraries and small modules"
    )


if __name__ == "__main__":
    sys.stdout.write(table(Path(sys.argv[1])))
