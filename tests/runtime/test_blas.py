"""A process that indexes multiplies matrices in the threads that call NumPy."""

from __future__ import annotations

import subprocess
import sys

import pytest

_MULTIPLY = """
import os
from photosim.runtime.blas import use_one_blas_thread
use_one_blas_thread()
import numpy as np
np.ones((512, 512)) @ np.ones((512, 512))
print(len(os.listdir("/proc/self/task")))
"""

_WORKER = """
import os, sys, types
def main(*arguments, **keywords):
    print("numpy" in sys.modules, os.environ["OPENBLAS_NUM_THREADS"])
    sys.exit()
sys.modules["photosim.workers.index_worker"] = types.SimpleNamespace(main=main)
from photosim.cli.main import main as command
command(["worker"])
"""


def _run(script: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return finished.stdout.split()


@pytest.mark.skipif(sys.platform != "linux", reason="counts the threads of a process as Linux does")
def test_a_product_of_matrices_starts_no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _run(_MULTIPLY, monkeypatch) == ["1"]


def test_the_index_process_is_set_up_before_it_imports_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _run(_WORKER, monkeypatch) == ["False", "1"]
