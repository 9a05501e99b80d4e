"""Which libraries the packaged program on Linux has to bring: those that something in it is linked with."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

Entry = tuple[str, str, str]
"""What PyInstaller puts into the folder: the path there, the file it comes from, and the kind of thing it is."""

_FROM_SYSTEM = frozenset(
    (
        *("libX11.so.6", "libX11-xcb.so.1", "libxcb.so.1", "libXau.so.6", "libXdmcp.so.6"),
        *("libfontconfig.so.1", "libfreetype.so.6", "libexpat.so.1", "libharfbuzz.so.0", "libuuid.so.1"),
        *("libglib-2.0.so.0", "libgthread-2.0.so.0", "libdbus-1.so.3", "libz.so.1"),
        *("libgcc_s.so.1", "libstdc++.so.6", "libmvec.so.1"),
        # Kerberos, which Qt links for proxies: it reads the system's settings, and other libraries of the system use it.
        *(
            "libgssapi_krb5.so.2",
            "libkrb5.so.3",
            "libk5crypto.so.3",
            "libkrb5support.so.0",
            "libcom_err.so.2",
        ),
        "libkeyutils.so.1",
    )
)
"""Libraries of every desktop, which have to fit its drivers, fonts and settings; after AppImage's list of them."""

_LIBRARY_FOLDERS = (
    *(".", "PySide6/Qt/lib"),
    *("igraph.libs", "numpy.libs", "pillow.libs", "pillow_heif.libs"),
)
"""Where PyInstaller puts what others are linked with, and Qt and the wheels their own."""


def without_unneeded(entries: Sequence[Entry]) -> list[Entry]:
    """`entries` without what every system has, and without what then nothing left is linked with."""
    kept = {name: source for name, source, kind in entries if kind != "SYMLINK" and name not in _FROM_SYSTEM}
    links = {name: linked_with(Path(source)) for name, source in kept.items()}
    while True:
        wanted = frozenset[str]().union(*links.values())
        unneeded = [name for name in links if _is_library(name) and PurePosixPath(name).name not in wanted]
        if not unneeded:
            break
        for name in unneeded:
            del links[name]
    return [
        entry
        for entry in entries
        if entry[0] in links or (entry[2] == "SYMLINK" and _target(entry[0], entry[1]) in links)
    ]


def linked_with(path: Path) -> frozenset[str]:
    """The names of the libraries that a program or library is linked with; none for any other file."""
    listing = subprocess.run(["objdump", "-p", path], capture_output=True, text=True, check=False).stdout
    return frozenset(re.findall(r"^\s*NEEDED\s+(\S+)$", listing, re.MULTILINE))


def _is_library(name: str) -> bool:
    """Whether it is only there for others to be linked with; Python's own is opened by name."""
    path = PurePosixPath(name)
    return (
        str(path.parent) in _LIBRARY_FOLDERS
        and path.name.startswith("lib")
        and not path.name.startswith("libpython")
    )


def _target(name: str, link: str) -> str:
    return str(PurePosixPath(name).parent / link)
