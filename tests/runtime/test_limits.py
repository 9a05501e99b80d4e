"""Limits: a process ends for a photo that takes too long or too much memory, and records the reason."""

from __future__ import annotations

import queue
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from photosim.records import Progress
from photosim.runtime.crash_journal import CRASHED, TOO_LONG, CrashJournal
from photosim.runtime.limits import EXIT_STATUS, Limits, _Watchdog, enforce_limits, memory_limit
from tests.support.program_script import write_program
from tests.support.timeouts import TIMEOUT_S


class LimitsDriver:
    """A journal with limits that end no process but record what the next one would find."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder, self._limits = folder, limits
        self.journal = CrashJournal(folder)
        self._statuses: queue.Queue[int] = queue.Queue()

    def __enter__(self) -> LimitsDriver:
        self._watching = enforce_limits(self.journal, self._limits, lambda: False, self._statuses.put)
        self._watching.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._watching.__exit__(None, None, None)

    def found(self) -> CrashJournal:
        """Wait for the exit; return the journal as the next process reads it."""
        assert self._statuses.get(timeout=TIMEOUT_S) == EXIT_STATUS
        return CrashJournal(Path(shutil.copytree(self._folder, self._folder / "next")))


WITHOUT_ALARM = "limits.faulthandler.dump_traceback_later = lambda *arguments, **options: None"
"""Code that leaves the end of a process to the thread that checks it: on a busy computer the alarm might be first."""

WITHOUT_THREAD = """
armed, set_alarm = threading.Event(), limits.faulthandler.dump_traceback_later
def set_and_tell(timeout, **options):
    set_alarm(timeout, **options)
    if timeout < 10:
        armed.set()
limits.faulthandler.dump_traceback_later = set_and_tell
limits._Watchdog._abort = lambda *arguments: None
"""
"""Code that leaves the end of a process to the alarm; `armed` is set once that is near."""

BY_KIND = {"hang": WITHOUT_ALARM, "hang holding the lock": WITHOUT_THREAD}


def read_in_a_process(folder: Path, body: str, limits: str, code: str = "") -> int:
    """Run `body` with limits in a child process while it reads a.jpg; return its exit status."""
    program = f"""
import re, threading, time
from pathlib import Path
from photosim.runtime import limits
from photosim.runtime.crash_journal import CrashJournal
from photosim.runtime.limits import Limits, enforce_limits
{code}
journal = CrashJournal(Path({str(folder)!r}))
journal.enable_crash_log()
cancelled = threading.Event()
with journal.reading("a.jpg", alone=True), enforce_limits(journal, {limits}, cancelled.is_set):
{textwrap.indent(textwrap.dedent(body), "    ")}
"""
    return subprocess.run([sys.executable, "-c", program], check=False, timeout=TIMEOUT_S).returncode


def test_a_hang_ends_the_process_and_names_the_photo_and_the_time(tmp_path: Path) -> None:
    with (
        LimitsDriver(tmp_path, Limits(0.3, 10**12)) as ended,
        ended.journal.reading("a.jpg", size=200_000, alone=True),
    ):
        journal = ended.found()
    assert journal.suspects == ("a.jpg",)
    assert journal.is_blamed("a.jpg")
    assert journal.reason("a.jpg") == "Reading the photo took longer than 0 seconds."


def test_a_hang_that_lets_no_other_python_run_ends_the_process_all_the_same(tmp_path: Path) -> None:
    stuck = "re.match('(a+)+$', 'a' * 64 + 'b')"  # holds Python's lock, as some decoders do
    assert read_in_a_process(tmp_path, stuck, "Limits(0.5, 10**12)", WITHOUT_THREAD) != 0
    journal = CrashJournal(tmp_path)
    assert journal.is_blamed("a.jpg")
    assert journal.reason("a.jpg") == TOO_LONG


def test_a_hang_among_others_makes_suspects_and_no_culprit(tmp_path: Path) -> None:
    journal, statuses = CrashJournal(tmp_path), list[int]()
    watchdog = _Watchdog(journal, Limits(0.3, 10**12), lambda: False, statuses.append)
    with journal.reading("a.jpg"), journal.reading("b.jpg"):
        watchdog._check(0.4)
        journal = CrashJournal(Path(shutil.copytree(tmp_path, tmp_path / "next")))
    assert statuses == [EXIT_STATUS]
    assert journal.suspects == ("a.jpg", "b.jpg")
    assert not journal.is_blamed("a.jpg")
    assert not journal.is_blamed("b.jpg")


def test_too_much_memory_ends_the_process_and_says_how_much(tmp_path: Path) -> None:
    body = """
        held = []
        while True:
            held.append(bytearray(4_000_000)); time.sleep(0.01)
    """
    assert read_in_a_process(tmp_path, body, "Limits(50, 107_374_182)") == EXIT_STATUS
    journal = CrashJournal(tmp_path)
    assert journal.is_blamed("a.jpg")
    assert journal.reason("a.jpg") == "Reading the photo needed more than 0.1 GB of memory."


def test_many_quick_photos_take_together_as_long_as_they_like(tmp_path: Path) -> None:
    journal, statuses = CrashJournal(tmp_path), list[int]()
    watchdog = _Watchdog(journal, Limits(0.3, 10**12), lambda: False, statuses.append)
    for number in range(10):
        with journal.reading(f"{number}.jpg"):
            watchdog._check(0.08)
            watchdog._check(0.08)
    watchdog._check(0.6)
    assert statuses == []
    with journal.reading("slow.jpg"):
        for _ in range(4):
            watchdog._check(0.08)
    assert statuses == [EXIT_STATUS]


def test_after_a_cancel_a_photo_that_is_stuck_is_waited_for_only_a_little(tmp_path: Path) -> None:
    body = """
        import photosim.runtime.limits
        photosim.runtime.limits.CANCEL_TIMEOUT_S = 0.2
        cancelled.set()
        time.sleep(600)
    """
    assert read_in_a_process(tmp_path, body, "Limits(50, 10**12)") == EXIT_STATUS


def test_a_large_file_gets_the_time_that_a_slow_drive_needs() -> None:
    assert Limits(60, 0).timeout_for(0) == 60
    assert Limits(60, 0).timeout_for(500_000_000) == 560


def test_the_memory_limit_is_that_of_a_usual_computer() -> None:
    assert 2 * 1024**3 <= memory_limit() <= 8 * 1024**3


@pytest.mark.parametrize("kind", ["hang", "hang holding the lock", "memory", "crash"])
def test_a_photo_that_ends_the_worker_is_tried_once_more_alone_and_then_listed_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    from photosim.library import Library
    from photosim.runtime.control import JobControl
    from photosim.workers import supervisor
    from tests.support.photo_folders import make_photos

    photos = make_photos(tmp_path / "photos", 6)
    body, reason = {
        "hang": ("time.sleep(600)", "Reading the photo took longer than 1 seconds."),
        "hang holding the lock": ("armed.wait(); re.match('(a+)+$', 'a' * 64 + 'b')", TOO_LONG),
        "memory": ("grow()", "Reading the photo needed more than 0.5 GB of memory."),
        "crash": ("os.abort()", CRASHED),
    }[kind]
    bad = (2, 4) if kind == "crash" else (2,)
    with photos[2].open("ab") as file:
        file.write(bytes(100_000))  # the largest by far: only its time is limited to a second
    program = write_program(
        tmp_path / "program.py",
        f"""
import threading
from photosim.imaging import decode
from photosim.runtime import limits
real = decode.decode
def grow():
    held = []
    while True:
        held.append(bytearray(20_000_000)); time.sleep(0.005)
def hostile(loaded, **options):
    if loaded.path.endswith({tuple(f"photo-00{number}.jpg" for number in bad)}):
        with open({str(tmp_path / "tries")!r}, "a") as tries:
            tries.write(loaded.path[-7:-4] + " ")
        {body}
    return real(loaded, **options)
decode.decode = hostile
limits.Limits.default = classmethod(lambda cls: cls(1.0, 2**29))
limits.Limits.timeout_for = lambda self, size: 1.0 if {"hang" in kind} and size > 100_000 else 600.0
{BY_KIND.get(kind, "")}
""",
    )
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [sys.executable, str(program)])
    monkeypatch.setattr(supervisor, "RESTART_S", 0.0)
    reports: list[Progress] = list(
        supervisor.index(tmp_path / "library", [tmp_path / "photos"], JobControl(), "off")
    )
    assert (reports[-1].indexed, reports[-1].unreadable, reports[-1].unchanged) == (
        6 - len(bad),
        len(bad),
        0,
    )
    library = Library.open(tmp_path / "library")
    assert [one.path for one in library.unreadable()] == [str(photos[number]) for number in bad]
    assert {one.reason for one in library.unreadable()} == {reason}
    assert library.status().embedded == 6 - len(bad)
    tries = (tmp_path / "tries").read_text().split()
    counts = [tries.count(f"00{number}") for number in bad]
    # The one may end the process just before the other is decoded, which is then tried alone only.
    assert (max(counts), min(counts)) in ({(2, 2), (2, 1)} if len(bad) > 1 else {(2, 2)})
    assert [
        path.name for path in library.folder.iterdir() if path.name in ("reading.json", "crash.log")
    ] == []
    library.close()
