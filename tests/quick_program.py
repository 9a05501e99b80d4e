"""The program as a script of its own whose model answers at once: for tests of what happens to its processes."""

from __future__ import annotations

import textwrap
from pathlib import Path

_ROOT = Path(__file__).parents[1]


def write_program(path: Path, body: str = "") -> Path:
    """Write the script, which runs `body` before the command; its indexing process is the same script."""
    path.write_text(
        f"""
import os, re, sys, time
sys.path.insert(0, {str(_ROOT)!r})
import pytest
from tests.indexing import embed_quickly
embed_quickly(pytest.MonkeyPatch())
from photosim import supervisor
supervisor.own_command = lambda: [sys.executable, {str(path)!r}]
{textwrap.dedent(body)}
from photosim.cli import main
sys.exit(main(sys.argv[1:]))
""",
        encoding="utf-8",
    )
    return path
