"""Choose what the model runs on: the fastest device that gives the same vectors as the processor."""

from __future__ import annotations

import itertools
import json
import logging
import platform
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from photosim.paths import read_json, write_atomic

_log = logging.getLogger(__name__)

MIN_COSINE = 0.995
"""Least cosine between a vector and the processor's in float32; the similarity bands are at least 0.06 apart.

In bfloat16 the synthetic images of the self-test have 0.997 or more, real photos 0.999.
"""

MIN_SPEEDUP = 1.3
"""Least speed-up over float32 for which another dtype is used on the processor."""

CPU_BATCH = 8
"""Photos per batch of the reference; 16 take 100 MB more and 0.97 of the CPU time of an indexing of small photos."""

_OTHER_BATCH = 16
"""The same in bfloat16, where a photo takes half of that memory, and on MPS; larger ones are no faster on a CPU."""

_GPU_BATCHES = (16, 256)
"""Smallest and largest batch on a GPU."""

_BYTES_PER_PHOTO = 16 << 20
"""Upper bound of the GPU memory per photo of 224 pixels, for a network of size n."""

_MEMORY_DIVISOR = 4
"""Use a quarter of the free GPU memory; other programs need it to draw their windows."""

_CLOCK_RESOLUTION_S = 1e-3

_PROBES, _ROUNDS = 8, 3
"""Images of the self-test, and repetitions of its timing."""

Images = npt.NDArray[np.uint8]
Shape = tuple[int, int, int]
"""Height, width and channels."""

Run = Callable[[Images], npt.NDArray[np.float32]]


class Device(StrEnum):
    """A device that the user can select. CPU is the reference: float32, the same on every computer."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


@dataclass(frozen=True, slots=True)
class ComputeTarget:
    """A device and the dtype it computes in."""

    device: Device = Device.CPU
    dtype: torch.dtype = torch.float32

    def __str__(self) -> str:
        return f"{self.device}, {str(self.dtype).removeprefix('torch.')}"


REFERENCE = ComputeTarget()


def convert(module: nn.Module, target: ComputeTarget) -> None:
    """Move a module to a target in place, its weights channels last.

    `Module.to` would import a part of PyTorch that only its compiler needs.
    """
    for tensor in itertools.chain(module.parameters(), module.buffers()):
        dtype = target.dtype if tensor.is_floating_point() else tensor.dtype
        layout = torch.channels_last if tensor.dim() == len("NCHW") else torch.preserve_format
        tensor.data = tensor.data.to(str(target.device), dtype, memory_format=layout)


def choose_target(
    requested: Device,
    input_shape: Shape,
    runner_on: Callable[[ComputeTarget], Run],
    cache_key: str,
    cache_file: Path | None,
) -> ComputeTarget:
    """Return the fastest target that passes its self-test, or the reference.

    `runner_on` prepares the network for a target; `input_shape` is that of a photo. The timing on the processor is cached in
    `cache_file` by `cache_key`, processor and PyTorch version, so that it is measured once.
    """
    if requested is Device.CPU:
        return REFERENCE
    for device, is_available in ((Device.CUDA, _has_cuda), (Device.MPS, _has_mps)):
        if requested in {Device.AUTO, device} and is_available():
            if _matches_reference(ComputeTarget(device), runner_on, _probe_images(input_shape)):
                return ComputeTarget(device)
            _log.warning("%s gives other vectors than the processor and is not used", device)
        elif requested is device:
            _log.warning("PyTorch can't use %s here; using the processor", device)
    if not _has_bfloat16_instructions():
        return REFERENCE
    return _cached_or_measured(input_shape, runner_on, cache_key, cache_file)


def batch_size(target: ComputeTarget, input_shape: Shape) -> int:
    """Return the batch size for photos of this shape, limited by memory: on CUDA, by what is free."""
    if target.device is not Device.CUDA:
        return CPU_BATCH if target == REFERENCE else _OTHER_BATCH
    free, _ = torch.cuda.mem_get_info()
    photos = free // _MEMORY_DIVISOR // (_BYTES_PER_PHOTO * input_shape[0] * input_shape[1] // 224**2)
    return min(max(photos, _GPU_BATCHES[0]), _GPU_BATCHES[1])


def _has_cuda() -> bool:
    return torch.cuda.is_available()


def _has_mps() -> bool:
    return torch.backends.mps.is_available()


def _has_bfloat16_instructions() -> bool:
    """Return whether the processor has bfloat16 instructions; others emulate them slowly."""
    # PyTorch has no public function for this. If a later version drops these, float32 is used.
    tests = (
        getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    )
    return any(bool(test()) for test in tests if test is not None)


def _cached_or_measured(
    input_shape: Shape, runner_on: Callable[[ComputeTarget], Run], cache_key: str, cache_file: Path | None
) -> ComputeTarget:
    name = f"{platform.machine()} {_processor_name()} torch {torch.__version__} threads {torch.get_num_threads()} {cache_key}"
    cached = _read_cache(cache_file)
    if not isinstance(cached.get(name), bool):
        cached[name] = _is_faster(ComputeTarget(dtype=torch.bfloat16), runner_on, _probe_images(input_shape))
        if cache_file is not None:
            with suppress(OSError):  # only a cache; without it the next start measures again
                cache_file.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(cache_file, json.dumps(cached, indent=2) + "\n")
    return ComputeTarget(dtype=torch.bfloat16) if cached[name] else REFERENCE


def _read_cache(cache_file: Path | None) -> dict[str, object]:
    with suppress(OSError, ValueError):
        cached = read_json(cache_file) if cache_file is not None else {}
        if isinstance(cached, dict):
            return cached
    return {}


def _processor_name() -> str:
    """Return the processor's name, as far as the system knows it."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def _is_faster(target: ComputeTarget, runner_on: Callable[[ComputeTarget], Run], images: Images) -> bool:
    if not _matches_reference(target, runner_on, images):
        return False
    plain, other = runner_on(REFERENCE), runner_on(target)
    times = [(_seconds(plain, images), _seconds(other, images)) for _ in range(_ROUNDS)]
    return min(time for time, _ in times) / min(time for _, time in times) >= MIN_SPEEDUP


def _seconds(run: Run, images: Images) -> float:
    """Return the processor time of a run, which other load doesn't change, or the elapsed time if that is coarse."""
    is_fine = time.get_clock_info("thread_time").resolution < _CLOCK_RESOLUTION_S
    clock = time.thread_time if is_fine else time.perf_counter
    started = clock()
    run(images)
    return clock() - started


def _matches_reference(
    target: ComputeTarget, runner_on: Callable[[ComputeTarget], Run], images: Images
) -> bool:
    """Return whether a target gives the same vectors as the reference."""
    try:
        found = runner_on(target)(images)
    except (RuntimeError, NotImplementedError) as error:
        _log.warning("The model does not run on %s: %s", target, error)
        return False
    expected = runner_on(REFERENCE)(images)
    return bool((np.einsum("nd,nd->n", found, expected) >= MIN_COSINE).all())


def _probe_images(shape: Shape) -> Images:
    """Return synthetic images, uint8 (N, *shape): blocks of several scales, and one of noise."""
    rng = np.random.default_rng(0)
    images = []
    for number in range(_PROBES - 1):
        cells = 2 + number * 3
        blocks = rng.integers(0, 256, (cells, cells, 3), np.uint8)
        rows, columns = (np.arange(side) * cells // side for side in shape[:2])
        images.append(blocks[rows][:, columns])
    images.append(rng.integers(0, 256, shape, np.uint8))
    return np.stack(images)
