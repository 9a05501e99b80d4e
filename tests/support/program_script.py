"""The program as a script with a fake model, for tests of its processes: a test can add code that runs before it."""

from __future__ import annotations

import textwrap
from pathlib import Path

_ROOT = Path(__file__).parents[2]

GATE = "gate"
"""Name of the file beside the script that ends its waiting; cancelling the job creates it too."""

_WAIT = f"""
import itertools
from pathlib import Path
from photosim.runtime.control import JobControl
gate, original_cancel = Path(__file__).with_name({GATE!r}), JobControl.cancel
def wait():
    while not gate.exists():
        time.sleep(0.01)
def cancel(self):
    original_cancel(self)
    gate.touch()
JobControl.cancel = cancel
"""

WAIT_BEFORE_DECODING = f"""
{_WAIT}
from photosim.imaging import decode
original_decode = decode.decode
def decode_later(loaded, **options):
    wait()
    return original_decode(loaded, **options)
decode.decode = decode_later
"""
"""Code for `write_program`: no photo is decoded until the gate exists."""

WAIT_BEFORE_SAVING = f"""
{_WAIT}
from photosim.store.catalog import Catalog
original_save, batches = Catalog.save, itertools.count()
def save_later(self, *arguments):
    if next(batches):
        wait()
    return original_save(self, *arguments)
Catalog.save = save_later
"""
"""Code for `write_program`: only the first batch of results is saved until the gate exists."""

WAIT_BEFORE_KEEPING = f"""
{_WAIT}
from photosim.store.comparisons.contents import ComparisonStore
original_save, batches = ComparisonStore.save, itertools.count()
def save_later(self, *arguments):
    if next(batches) > 1:
        wait()
    return original_save(self, *arguments)
ComparisonStore.save = save_later
"""
"""Code for `write_program`: of a compared folder only the first batch is kept until the gate exists."""


def write_program(path: Path, code: str = "") -> Path:
    """Write the script, which runs `code` before the command; its child processes run the same script."""
    path.write_text(
        f"""
import os, re, sys, time
sys.path.insert(0, {str(_ROOT)!r})
import pytest
from tests.support.indexing import use_fake_embedder
use_fake_embedder(pytest.MonkeyPatch())
from photosim.workers import protocol
protocol.program_command = lambda: [sys.executable, {str(path)!r}]
{textwrap.dedent(code)}
from photosim.cli.main import main
sys.exit(main(sys.argv[1:]))
""",
        encoding="utf-8",
    )
    return path
