"""hnswlib for every processor: its wheel is made where it is installed, for the processor that is there.

    python packaging/portable.py build/portable

The packaged program goes to other computers. So it is made once more without the builder's own instructions, and
PyInstaller takes it from there.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

_WIDE = re.compile(r"%[yz]mm\d")
"""Registers that the oldest 64-bit processors do not have (AVX, AVX-512)."""


def portable_hnswlib(folder: Path) -> Path:
    """Make hnswlib, at the version that is installed, below `folder`; gives it. An import finds it there."""
    version = metadata.version("hnswlib")
    if not (folder / f"hnswlib-{version}.dist-info").is_dir():
        made = folder.with_name(f"{folder.name}.new")
        for path in (folder, made):
            shutil.rmtree(path, ignore_errors=True)
        # The mark that the linker puts in depends on the name of the folder that pip builds in.
        same = {"LDFLAGS": "-Wl,--build-id=none"} if sys.platform == "linux" else {}
        words = (
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--no-cache-dir",
            "--no-binary=hnswlib",
        )
        subprocess.run(
            [sys.executable, "-m", "pip", "install", *words, f"--target={made}", f"hnswlib=={version}"],
            env=os.environ | {"HNSWLIB_NO_NATIVE": "1"} | same,
            check=True,
        )
        made.rename(folder)
    for library in folder.glob("hnswlib*.so"):
        if runs_everywhere(library) is False:
            raise SystemExit(f"{library} needs a processor like this one: HNSWLIB_NO_NATIVE was not heeded.")
    return folder


def runs_everywhere(library: Path) -> bool | None:
    """Whether no instruction in it needs a newer processor; None where that cannot be seen."""
    if platform.machine() not in {"x86_64", "AMD64"} or shutil.which("objdump") is None:
        return None
    listing = subprocess.run(["objdump", "-d", library], capture_output=True, text=True, check=True).stdout
    return _WIDE.search(listing) is None


if __name__ == "__main__":
    print(portable_hnswlib(Path(sys.argv[1])))
