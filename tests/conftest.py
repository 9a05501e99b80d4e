"""Every test runs without a display and with a home folder of its own."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from photosim.ml.models import model_check
from tests.support.clock import Clock

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"  # the server of the tests
os.environ["PHOTOSIM_DEVICE"] = "cpu"  # the same vectors on every computer, and no measuring of devices

# The same examples on every run, without a time limit; `pytest --hypothesis-profile=search` tries new ones.
settings.register_profile(
    "steady",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", settings.get_profile("steady"), derandomize=False, max_examples=2000)
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def isolated_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder for one test."""
    home = tmp_path_factory.mktemp("home")
    for name in (
        "HOME",
        "USERPROFILE",
        "XDG_DATA_HOME",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
        "LOCALAPPDATA",
        "APPDATA",
    ):
        monkeypatch.setenv(name, str(home))
    return home


@pytest.fixture(autouse=True)
def check_models_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check added models in the process of the test, which has PyTorch loaded, and knows a changed catalog."""
    monkeypatch.setattr(model_check, "check_in_child", model_check.check)


@pytest.fixture(autouse=True, scope="module")
def unfreeze_garbage() -> Iterator[None]:
    """Collect the garbage that loading a model has frozen, so that earlier tests leave nothing behind."""
    before = gc.get_freeze_count()
    yield
    if gc.get_freeze_count() > before:
        gc.unfreeze()
        gc.collect()
        gc.freeze()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock in the place of `time.monotonic` that only the test advances."""
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


@pytest.fixture(scope="session")
def best(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a small classification model with random weights; creating it imports PyTorch."""
    import torch

    from tests.support.checkpoints import make_model, save_checkpoint

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("own")
    return save_checkpoint(folder / "best.pt", make_model(folder), train_args={"imgsz": 64})
