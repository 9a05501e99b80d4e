"""Small libraries in place of large ones that others are linked with, but of which PhotoSim calls nothing.

A stand-in has the name, the functions and the symbol versions that the system asks for while it loads the others. Its
functions end the program with a message, but for those that are called: while libraries are set up, and in
`gfortran.c`.
"""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from linux.needed import Entry, linked_with

_REPLACED = {
    "pillow_heif.libs": {"libx265": "encodes HEIC photos, which PhotoSim only reads"},
    "pillow.libs": {"libxcb": "takes pictures of the screen for Pillow"},
    "igraph.libs": {"libxml2": "reads graphs from XML files"},
    "numpy.libs": {"libgfortran": "is Fortran's run-time library; LAPACK calls four of its functions"},
}
"""By folder: beginnings of names, and what PhotoSim does without.

Only wheels' own copies, whose names nothing else asks for: a library of the system would find the stand-in in place of one
that it calls.
"""

_COPIES = {"rawpy.libs/libgomp": "torch/lib/libgomp.so.1"}
"""Beginnings of names of GCC's OpenMP, and which copy of it serves as well: theirs are 2 MB of padding."""

_CALLED = re.compile(r"x265_(api_get_\d+|cleanup)")
"""libheif asks x265 for a table of functions, to say the version, and frees it when it is unloaded."""

_NEVER_READ = {"xmlFree"}
"""Pointers that others use after a call of a function that is left out; here they are null."""

_WRITTEN = {"_gfortran_concat_string", "_gfortran_pow_r4_i8", "_gfortran_pow_r8_i8"}
_FORTRAN = Path(__file__).with_name("gfortran.c")
"""These are called, and are written there."""

_HEAD = """\
#include <stdio.h>
#include <stdlib.h>
static char nothing[4096]; /* an empty table of functions */
"""
_RETURNS = "void *{name}(void) {{ return nothing; }}\n"
_ENDS = (
    'void {name}(void) {{ fputs("{name}: the packaged PhotoSim comes without it.\\n", stderr); abort(); }}\n'
)

_DATA = "void *{name};\n"

_SYMBOL = re.compile(r"^(?:[0-9a-f]+)? +(\w) (\w+)(?:@+([\w.]+))?$", re.MULTILINE)


def with_stand_ins(entries: Sequence[Entry], work: Path) -> list[Entry]:
    """`entries` with stand-ins, made in `work`, where PhotoSim does not need the library."""
    files = {name: source for name, source, kind in entries if kind != "SYMLINK"}
    replaced = {name: PurePosixPath(name).name for name in files if _is_replaced(name)}
    others = [Path(source) for name, source in files.items() if name not in replaced]
    changed = {name: str(_stand_in(Path(files[name]), file, others, work)) for name, file in replaced.items()}
    for start, copy in _COPIES.items():
        changed |= {name: files[copy] for name in files if name.startswith(start) and copy in files}
    return [
        (name, source if kind == "SYMLINK" else changed.get(name, source), kind)
        for name, source, kind in entries
    ]


def _is_replaced(name: str) -> bool:
    path = PurePosixPath(name)
    return re.split(r"[-.]", path.name)[0] in _REPLACED.get(str(path.parent), ())


def _stand_in(source: Path, library: str, others: Sequence[Path], work: Path) -> Path:
    kind_of = {name: kind for kind, name, _ in _symbols(source, "--defined-only")}
    wanted = {
        name: version
        for other in others
        if library in linked_with(other)
        for _, name, version in _symbols(other, "--undefined-only")
        if name in kind_of
    }
    data = {name for name in wanted if kind_of[name] not in "TW"}
    if unknown := sorted(data - _NEVER_READ):
        raise SystemExit(f"{library} holds data that others use: {', '.join(unknown)}.")
    code, versions, made = work / f"{library}.c", work / f"{library}.map", work / library
    symbols = (
        (_DATA if name in data else _RETURNS if _CALLED.fullmatch(name) else _ENDS).format(name=name)
        for name in sorted(wanted.keys() - _WRITTEN)
    )
    code.write_text(_HEAD + "".join(symbols), encoding="utf-8")
    of_version: defaultdict[str, list[str]] = defaultdict(list)
    for name, version in sorted(wanted.items()):
        of_version[version].append(name)
    unversioned = of_version.pop("", [])
    versions.write_text(
        "".join(f"{version} {{ global: {'; '.join(names)}; }};\n" for version, names in of_version.items()),
        encoding="utf-8",
    )
    words = ["-shared", "-fPIC", "-O2", f"-Wl,-soname,{library}", "-Wl,--build-id=none"]
    if of_version and not unversioned:
        words.append(f"-Wl,--version-script={versions}")
    written = [_FORTRAN] if _WRITTEN & wanted.keys() else []
    subprocess.run(["cc", *words, "-o", made, code, *written], check=True)
    return made


def _symbols(path: Path, which: str) -> list[tuple[str, str, str]]:
    """The kind, name and version of the dynamic symbols of a library."""
    words = ["nm", "-D", "--with-symbol-versions", which, path]
    return _SYMBOL.findall(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
