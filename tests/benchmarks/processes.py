"""Runs a command as a process of its own: how long it took and how much memory it and its children held."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_S = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Run:
    """One run: wall time in seconds from start to exit, peak memory in bytes, and what it printed.

    `processor`: seconds of processor time of it and its children, 0 where the system does not tell.
    """

    seconds: float
    processor: float
    peak: int
    output: str

    @property
    def answer(self) -> Any:
        """The last printed line as JSON."""
        return json.loads(self.output.splitlines()[-1])


def run(*arguments: str | Path) -> Run:
    """Run `python -m ARGUMENTS` in the project; RuntimeError when it fails."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", *map(str, arguments)]
    started, worked = time.perf_counter(), _worked()
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    peak = _Peak(process.pid)
    output, errors = process.communicate()
    seconds = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{errors[-2000:]}")
    return Run(seconds, _worked() - worked, peak.stop(), output)


def _worked() -> float:
    """Seconds of processor time of the children that have ended, and of theirs."""
    times = os.times()
    return times.children_user + times.children_system


class _Peak:
    """Watches the memory of a process and its children, as the system counts what is theirs alone if it can."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """End the watch; gives the peak of the sum of the resident sets, in bytes."""
        self._stop.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while not self._stop.wait(SAMPLE_S):
            try:
                family = [self._process, *self._process.children(recursive=True)]
                self._peak = max(self._peak, sum(one.memory_info().rss for one in family))
            except psutil.Error:
                continue
