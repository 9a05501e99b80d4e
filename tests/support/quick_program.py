"""The program as a script of its own whose model answers at once: for tests of what happens to its processes."""

from __future__ import annotations

import textwrap
from pathlib import Path

_ROOT = Path(__file__).parents[2]

GATE = "gate"
"""The file beside the script that lets it go on where it waits; the script makes it itself once it is cancelled."""

_WAIT = f"""
import itertools
from pathlib import Path
from photosim.runtime.control import JobControl
gate, to_cancel = Path(__file__).with_name({GATE!r}), JobControl.cancel
def wait():
    while not gate.exists():
        time.sleep(0.01)
def cancel(self):
    to_cancel(self)
    gate.touch()
JobControl.cancel = cancel
"""

WAITS_TO_READ = f"""
{_WAIT}
from photosim.imaging import decode
to_decode = decode.decode
def decode_later(loaded, **options):
    wait()
    return to_decode(loaded, **options)
decode.decode = decode_later
"""
"""A body: no photo is decoded until the gate is open."""

WAITS_TO_SAVE = f"""
{_WAIT}
from photosim.store.catalog import Catalog
save, batches = Catalog.save, itertools.count()
def save_later(self, *arguments):
    if next(batches):
        wait()
    return save(self, *arguments)
Catalog.save = save_later
"""
"""A body: only the first batch of results is saved until the gate is open."""


def write_program(path: Path, body: str = "") -> Path:
    """Write the script, which runs `body` before the command; its indexing process is the same script."""
    path.write_text(
        f"""
import os, re, sys, time
sys.path.insert(0, {str(_ROOT)!r})
import pytest
from tests.support.indexing import embed_quickly
embed_quickly(pytest.MonkeyPatch())
from photosim.workers import protocol
protocol.program_command = lambda: [sys.executable, {str(path)!r}]
{textwrap.dedent(body)}
from photosim.cli.main import main
sys.exit(main(sys.argv[1:]))
""",
        encoding="utf-8",
    )
    return path
