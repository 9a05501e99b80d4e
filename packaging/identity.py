"""What every script here needs to know of the program, read from the program itself."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from photosim import APP_ID, APP_NAME, __version__  # noqa: E402

__all__ = ["APP_ID", "APP_NAME", "HOMEPAGE", "MAINTAINER", "ROOT", "__version__"]
__all__ += ["commit", "epoch", "machine", "released"]

MAINTAINER = os.environ.get("PHOTOSIM_MAINTAINER") or "The PhotoSim contributors <noreply@photosim.invalid>"
"""Whom a package names as its maker: whoever builds packages for others says so in the environment."""

HOMEPAGE = os.environ.get("PHOTOSIM_HOMEPAGE", "")
"""Where packages and source are published, if anywhere: an address, or nothing."""


def epoch() -> int:
    """The moment that all files of a package bear, in seconds since 1970: that of the last commit, or as told."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    if told:
        return int(told)
    told = _last_commit("%ct")
    return int(told) if told else int((ROOT / "CHANGELOG.md").stat().st_mtime)


def commit() -> str:
    """The last commit of the source; nothing outside a Git repository."""
    return _last_commit("%H")


def released() -> date:
    """The day of that moment."""
    return datetime.fromtimestamp(epoch(), UTC).date()


def machine() -> str:
    """The kind of processor in the names of files: x86_64 or arm64."""
    return {"amd64": "x86_64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine())


def _last_commit(what: str) -> str:
    words = ["git", "log", "-1", f"--format={what}"]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
