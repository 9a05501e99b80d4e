"""The source of a package: what its licence asks to be offered beside it."""

from __future__ import annotations

import lzma
import subprocess
from pathlib import Path

from identity import APP_NAME, ROOT, __version__, commit


def build_source(out: Path) -> Path | None:
    """Pack the source at the last commit. Gives the file below `out`, or None outside a Git repository."""
    if not commit():
        return None
    name = f"{APP_NAME}-{__version__}-source"
    words = ["git", "-c", "tar.umask=0022", "archive", "--format=tar", f"--prefix={name}/", "HEAD"]
    archive = subprocess.run(words, cwd=ROOT, capture_output=True, check=True).stdout
    file = out / f"{name}.tar.xz"
    file.write_bytes(lzma.compress(archive))
    return file
