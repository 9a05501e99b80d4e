"""The archive that needs no installing: the folder that PyInstaller built, to be unpacked anywhere."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from identity import APP_NAME, __version__, epoch, machine

_NOTE = """\
Start PhotoSim with the file “photosim” in this folder, which may lie anywhere; with a word after it, it is also
the command line (“photosim --help”). It needs a desktop of Debian 12, Ubuntu 22.04 or as new. Its licence and those
of its parts lie in _internal/resources/licences.
"""


def build_tarball(program: Path, out: Path, *, quick: bool = False) -> Path:
    """Pack the folder `program`. Gives the file below `out`."""
    name = f"{APP_NAME}-{__version__}-linux-{machine()}"
    (program / "README.txt").write_text(_NOTE, encoding="utf-8")
    file = out / f"{name}.tar.xz"
    turned = "--x86 " if machine() == "x86_64" else ""
    words = ["tar", "--create", "--file", file, "--directory", program.parent, "--sort=name", "--format=gnu"]
    words += [f"--mtime=@{epoch()}", "--owner=0", "--group=0", "--numeric-owner", "--mode=go-w,a+rX"]
    words += [
        f"--transform=flags=r;s|^{program.name}|{name}|",
        f"--use-compress-program=xz --threads=2 {turned}--lzma2=preset={0 if quick else 6}",
    ]
    subprocess.run([str(word) for word in [*words, program.name]], check=True, env=os.environ)
    (program / "README.txt").unlink()
    return file
