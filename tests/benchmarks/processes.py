"""Run a command in a process, and measure its time and the memory of it and its children."""

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
SAMPLE_S = 0.1  # seconds between two samples of the memory


@dataclass(frozen=True, slots=True)
class Run:
    """One run: wall time in seconds, peak memory in bytes, and standard output.

    `processor`: processor time in seconds, including children; 0 if the system does not report it.
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
    """Run `python -m ARGUMENTS` in the project. Raises RuntimeError if it fails."""
    return run_command([sys.executable, "-m", *map(str, arguments)])


def run_command(command: list[str]) -> Run:
    """Run a command in the project. Raises RuntimeError if it fails."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    # Modules are compiled once, as those of an installed program: compiling takes 0.4 s of CPU time at each start.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started, processor_time = time.perf_counter(), _processor_time()
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    peak = _Peak(process.pid)
    output, errors = process.communicate()
    seconds = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{errors[-2000:]}")
    return Run(seconds, _processor_time() - processor_time, peak.stop(), output)


def _processor_time() -> float:
    """Return the processor time in seconds of finished children and their children."""
    times = os.times()
    return times.children_user + times.children_system


class _Peak:
    """Samples the memory of a process and its children."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """Stop, and return the peak of the sum of the resident sets in bytes."""
        self._stop.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while not self._stop.wait(SAMPLE_S):
            try:
                family = [self._process, *self._process.children(recursive=True)]
                self._peak = max(self._peak, sum(process.memory_info().rss for process in family))
            except psutil.Error:
                continue
