"""Choosing a device, with simulated devices."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from photosim.ml import devices
from photosim.ml.devices import REFERENCE, ComputeTarget, Device, Run, batch_size, choose_target
from photosim.ml.embedder import Embedder
from photosim.ml.models.catalog import MAX_POOLED, weights_path
from photosim.ml.preprocess import preprocess
from photosim.paths import resource_path
from tests.support.images import make_scene

Pixels = npt.NDArray[np.uint8]
CUDA, MPS, HALF = ComputeTarget(Device.CUDA), ComputeTarget(Device.MPS), ComputeTarget(dtype=torch.bfloat16)


class FakeNetwork:
    """A network that runs on every target with an offset added to its vectors, and records its runs."""

    def __init__(self, **errors: float | None) -> None:
        self.errors, self.ran = errors, list[ComputeTarget]()

    def __call__(self, target: ComputeTarget) -> Run:
        def run(batch: Pixels) -> npt.NDArray[np.float32]:
            self.ran.append(target)
            error = 0.0 if target == REFERENCE else self.errors[str(target.device)]
            if error is None:
                raise RuntimeError("not implemented")
            rows = np.random.default_rng(0).normal(size=(len(batch), 64))
            rows += error * np.random.default_rng(1).normal(size=rows.shape)
            return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

        return run


@pytest.fixture(autouse=True)
def available(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the available devices; none at first."""
    names: set[str] = set()
    monkeypatch.setattr(devices, "_has_cuda", lambda: "cuda" in names)
    monkeypatch.setattr(devices, "_has_mps", lambda: "mps" in names)
    monkeypatch.setattr(devices, "_has_bfloat16_instructions", lambda: "bfloat16" in names)
    return names


def choose(
    network: FakeNetwork, requested: Device = Device.AUTO, cache_file: Path | None = None
) -> ComputeTarget:
    return choose_target(requested, (32, 32, 3), network, "model", cache_file)


def test_without_other_devices_the_processor_is_used_and_nothing_is_tried() -> None:
    network = FakeNetwork()
    assert choose(network) == REFERENCE
    assert network.ran == []


@pytest.mark.parametrize("target", [CUDA, MPS])
def test_a_graphics_processor_is_used_when_it_gives_the_same_vectors(
    target: ComputeTarget, available: set[str]
) -> None:
    available.add(str(target.device))
    assert choose(FakeNetwork(cuda=0.01, mps=0.01)) == target
    assert choose(FakeNetwork(cuda=0.01, mps=0.01), target.device) == target


@pytest.mark.parametrize("error", [0.2, None, float("nan")])
def test_a_device_that_gives_other_vectors_or_fails_is_not_used_and_logged(
    error: float | None, available: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    available.add("cuda")
    assert choose(FakeNetwork(cuda=error)) == REFERENCE
    assert choose(FakeNetwork(cuda=error), Device.CUDA) == REFERENCE
    assert "is not used" in caplog.text


def test_a_requested_device_that_is_missing_is_logged(
    available: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert choose(FakeNetwork(), Device.MPS) == REFERENCE
    assert "can't use mps" in caplog.text


def test_the_processor_can_be_requested_whatever_is_available(available: set[str]) -> None:
    available |= {"cuda", "mps", "bfloat16"}
    network = FakeNetwork(cuda=0, mps=0, cpu=0)
    assert choose(network, Device.CPU) == REFERENCE
    assert network.ran == []


def test_bfloat16_is_measured_once_for_each_model_and_used_where_it_is_faster(
    available: set[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    available.add("bfloat16")
    seconds = iter([3.0, 1.0, 2.6, 2.0, 4.0, 2.0, *[1.0] * 6])
    monkeypatch.setattr(devices, "_seconds", lambda _run, _probes: next(seconds))
    cache_file, network = tmp_path / "cache" / "devices.json", FakeNetwork(cpu=0.01)
    assert choose(network, cache_file=cache_file) == HALF
    ran = len(network.ran)
    assert choose(network, cache_file=cache_file) == HALF
    assert len(network.ran) == ran
    assert choose_target(Device.AUTO, (32, 32, 3), network, "another model", cache_file) == REFERENCE
    assert sorted(json.loads(cache_file.read_text("utf-8")).values()) == [False, True]


def test_bfloat16_that_gives_other_vectors_is_not_used_however_fast(
    available: set[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    available.add("bfloat16")
    monkeypatch.setattr(devices, "_seconds", lambda *_: pytest.fail("timed for nothing"))
    (tmp_path / "devices.json").write_text("damaged")
    assert choose(FakeNetwork(cpu=0.2), cache_file=tmp_path / "devices.json") == REFERENCE


def test_the_batch_on_a_graphics_processor_follows_its_free_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    free = iter([0, 4 << 30, 80 << 30, 80 << 30, 80 << 30])
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (next(free), 80 << 30))
    assert [batch_size(CUDA, (224, 224, 3)) for _ in range(3)] == [16, 64, 256]
    assert batch_size(CUDA, (448, 448, 3)) > batch_size(CUDA, (640, 640, 3))
    assert batch_size(MPS, (224, 224, 3)) == 16


def test_the_processor_takes_batches_that_need_the_same_memory_in_both_number_formats() -> None:
    half = ComputeTarget(dtype=torch.bfloat16)
    assert batch_size(half, (224, 224, 3)) == 2 * batch_size(REFERENCE, (224, 224, 3)) == 16


@pytest.fixture(scope="module")
def photos() -> Pixels:
    return np.stack([preprocess(make_scene(seed), MAX_POOLED.preprocessing) for seed in range(5)])


def test_bfloat16_gives_the_vectors_of_float32_but_for_a_little(
    config: Path, photos: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = weights_path(MAX_POOLED, resource_path("models"))
    plain = Embedder(MAX_POOLED, weights, config).embed(photos)
    monkeypatch.setattr(devices, "choose_target", lambda *_: HALF)
    rows = Embedder(MAX_POOLED, weights, config, device=Device.AUTO).embed(photos)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    assert (rows * plain).sum(axis=1).min() >= devices.MIN_COSINE
    assert not np.array_equal(rows, plain)


def test_when_the_memory_is_full_fewer_photos_go_through_at_once(
    config: Path, photos: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = Embedder(MAX_POOLED, weights_path(MAX_POOLED, resource_path("models")), config)
    expected, forward, sizes = embedder.embed(photos), embedder._network.run, list[int]()

    def run_out_of_memory(
        batch: Pixels, label: bool
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        sizes.append(len(batch))
        if len(batch) > 1:
            raise torch.OutOfMemoryError("full")
        return forward(batch, label)

    monkeypatch.setattr(embedder._network, "run", run_out_of_memory)
    assert np.allclose(embedder.embed(photos), expected, atol=1e-5)
    assert sizes == [5, 2, 1, 1, 1, 1, 1]
    monkeypatch.setattr(
        embedder._network, "run", lambda *_: (_ for _ in ()).throw(torch.OutOfMemoryError("full"))
    )
    with pytest.raises(torch.OutOfMemoryError):
        embedder.embed(photos)
