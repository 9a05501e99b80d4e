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

__all__ = ["APP_ID", "APP_NAME", "ROOT", "__version__", "epoch", "machine", "released"]


def epoch() -> int:
    """The moment that all files of a package bear, in seconds since 1970: that of the last commit, or as told."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    if told:
        return int(told)
    log = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    return int(log) if log.strip() else int((ROOT / "CHANGELOG.md").stat().st_mtime)


def released() -> date:
    """The day of that moment."""
    return datetime.fromtimestamp(epoch(), UTC).date()


def machine() -> str:
    """The kind of processor in the names of files: x86_64 or arm64."""
    return {"amd64": "x86_64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine())
