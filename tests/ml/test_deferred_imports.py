"""PyTorch works as ever without the parts that are loaded only when something uses them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from photosim.ml.deferred_imports import DEFERRED

_EMBED = """
import json, sys, types
from pathlib import Path
import numpy as np
from photosim.ml.models import catalog
from photosim.ml.deferred_imports import DEFERRED, import_torch
from photosim.ml.preprocess import preprocess
from photosim.paths import resource_path
from tests.support.images import make_scene

if sys.argv[1] == "deferred":
    import_torch()
    import_torch()
from photosim.ml.embedder import Embedder

spec = catalog.FINE
embedder = Embedder(spec, catalog.weights_path(spec, resource_path("models")), Path(sys.argv[2]))
photos = np.stack([preprocess(make_scene(seed), spec.preprocessing) for seed in range(3)])
vectors, labels, objects = embedder.embed_label_and_detect(photos, [(320, 240)] * 3)
names = sorted(DEFERRED & sys.modules.keys())
pending = [name for name in names if type(sys.modules[name]) is not types.ModuleType]
import torch
doubled = torch.vmap(lambda row: row * 2)(torch.ones(2, 1)).flatten().tolist()
either = torch.cond(torch.tensor(True), lambda x: x + 1, lambda x: x - 1, (torch.zeros(1),)).tolist()
used = torch.export.export.__name__, torch.compiler.is_compiling(), doubled, either
print(json.dumps([vectors.tolist(), list(map(str, labels)), pending, used]))
"""


def _embed(how: str, folder: Path) -> list[Any]:
    finished = subprocess.run(
        [sys.executable, "-c", _EMBED, how, folder],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return list(json.loads(finished.stdout.splitlines()[-1]))


def test_vectors_and_labels_are_the_same_and_what_was_deferred_is_there_when_it_is_used(
    tmp_path: Path,
) -> None:
    vectors, labels, pending, used = _embed("deferred", tmp_path)
    plain_vectors, plain_labels, nothing, plain_used = _embed("plain", tmp_path)
    assert (vectors, labels, used) == (plain_vectors, plain_labels, plain_used)
    assert used == ["export", False, [2.0, 2.0], [1.0]]
    assert not nothing
    assert set(pending) >= DEFERRED - {"pynvml"}  # which may be missing


@pytest.mark.skipif(sys.platform != "linux", reason="lists the libraries of a process as Linux does")
def test_the_library_of_pytorch_is_loaded_ahead_of_its_modules() -> None:
    load = (
        "import sys; from pathlib import Path; from photosim.ml.deferred_imports import load_library; load_library();"
        "print('libtorch_cpu' in Path('/proc/self/maps').read_text(), 'torch' in sys.modules)"
    )
    finished = subprocess.run([sys.executable, "-c", load], capture_output=True, text=True, check=True)
    assert finished.stdout.split() == ["True", "False"]


_LOAD_EACH_FIRST = """
import os, sys
from photosim.ml.deferred_imports import import_torch

import_torch()
for name in ("torch._higher_order_ops", "torch._meta_registrations", "torch.compiler", "torch.func"):
    if not os.fork():
        getattr(sys.modules[name], "any_name", None)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.wait()[1]) == 0, name
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux forks cheaply")
def test_each_deferred_module_can_be_the_first_that_is_used() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", _LOAD_EACH_FIRST], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
