"""Code that is never called is left out of a library, and all the rest works as before."""

from __future__ import annotations

import platform
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64"
    or sys.platform != "linux"
    or any(shutil.which(tool) is None for tool in ("c++", "nm", "objdump", "strip")),
    reason="needs a compiler on 64-bit Linux",
)

SOURCE = """
#include <stdexcept>
#define LONG(name) extern "C" int name() { asm volatile(".skip 100000, 0x90"); return 1; }
static int state = 40;
LONG(unused_first)
LONG(unused_second)
extern "C" int between() { return ++state; }
LONG(unused_third)
extern "C" int small_unused() { return 2; }
extern "C" int thrown(int number) { if (number) throw std::runtime_error("no"); return number; }
extern "C" int caught() { try { return thrown(1); } catch (const std::exception &) { return 7; } }
LONG(last)
"""
"""`last` is as long as those that are left out, and stays."""

UNUSED = re.compile("unused")


@pytest.fixture
def trim(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PACKAGING))
    from linux import trim

    return trim


@pytest.fixture
def library(tmp_path: Path) -> Path:
    source, made = tmp_path / "code.cpp", tmp_path / "code.so"
    source.write_text(SOURCE)
    words = ["-shared", "-fPIC", "-O1", "-fno-toplevel-reorder", "-falign-functions=16"]
    subprocess.run(["c++", *words, "-o", made, source], check=True)
    return made


def call(library: Path, *functions: str) -> subprocess.CompletedProcess[str]:
    calls = ", ".join(f"library.{name}()" for name in functions)
    script = f"import ctypes; library = ctypes.CDLL({str(library)!r}); print({calls})"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


def test_only_what_is_unused_is_left_out(trim: ModuleType, library: Path) -> None:
    ranges = trim.unused_code(library, UNUSED)
    assert len(ranges) == 2
    sizes = [end - start for start, end in ranges]
    assert 190_000 < sizes[0] < 200_100
    assert 90_000 < sizes[1] < 100_100
    subprocess.run(["strip", "--strip-unneeded", library], check=True)
    before = library.stat().st_size
    trim.trim(library, ranges)
    assert library.stat().st_size < before - sum(sizes) + 10_000
    answer = call(library, "between", "between", "caught", "last")
    assert (answer.stdout, answer.stderr) == ("41 42 7 1\n", "")
    for name in ("unused_second", "unused_third"):
        assert call(library, name).returncode == -signal.SIGSEGV


def test_other_programs_still_read_what_the_library_needs(trim: ModuleType, library: Path) -> None:
    def needs() -> list[str]:
        words = ["objdump", "-p", "-T", library]
        listing = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        return [line for line in listing.splitlines() if "NEEDED" in line or "caught" in line]

    before = needs()
    trim.trim(library, trim.unused_code(library, UNUSED))
    assert needs() == before
    assert len(before) >= 2


def test_a_library_without_such_functions_keeps_all_code(trim: ModuleType, library: Path) -> None:
    assert trim.unused_code(library, re.compile("nothing")) == []


def test_a_range_outside_the_code_is_refused(trim: ModuleType, library: Path) -> None:
    with pytest.raises(SystemExit, match=r"code\.so"):
        trim.trim(library, [(1 << 40, (1 << 40) + 4096)])
