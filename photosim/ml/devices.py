"""What the model runs on: the fastest device that gives the vectors the processor gives."""

from __future__ import annotations

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

from photosim.paths import write_atomic

_log = logging.getLogger(__name__)

MIN_COSINE = 0.999
"""Of a photo's vector to the processor's in float32. Names for closeness begin 0.06 and more apart."""

MIN_SPEEDUP = 1.3
"""So many times faster than float32 another way on the processor must be."""

CPU_BATCH = 16
"""Photos that go through the network at once: larger batches are no faster on a CPU and take more memory."""

_GPU_BATCHES = (16, 256)
"""The fewest and the most photos at once on a graphics processor."""

_BYTES_PER_PHOTO = 16 << 20
"""What a photo of 224 pixels takes at most while a network of the size n looks at it."""

_MEMORY_DIVISOR = 4
"""A fourth of the memory that is free: other programs draw their windows with it."""

_PROBES, _ROUNDS = 8, 3

Images = npt.NDArray[np.uint8]
Run = Callable[[Images], npt.NDArray[np.float32]]


class Device(StrEnum):
    """What a person can ask for. CPU is the reference: float32, the same on every computer."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


@dataclass(frozen=True, slots=True)
class ComputeTarget:
    """A device and the type of number that it reckons with."""

    device: Device = Device.CPU
    dtype: torch.dtype = torch.float32

    def __str__(self) -> str:
        return f"{self.device}, {str(self.dtype).removeprefix('torch.')}"


REFERENCE = ComputeTarget()


def choose_target(
    requested: Device,
    input_size: int,
    runner_on: Callable[[ComputeTarget], Run],
    cache_key: str,
    cache_file: Path | None,
) -> ComputeTarget:
    """The best way that passes its self-test, or the reference.

    `run_on` makes the network ready for a way; `side` is the side of its input in pixels. What came out for the
    processor is kept in the file `notes` under `key`, this processor and this PyTorch, so that it is timed once.
    """
    if requested is Device.CPU:
        return REFERENCE
    for device, is_there in ((Device.CUDA, _has_cuda), (Device.MPS, _has_mps)):
        if requested in {Device.AUTO, device} and is_there():
            if _matches_reference(ComputeTarget(device), runner_on, _probe_images(input_size)):
                return ComputeTarget(device)
            _log.warning("%s gives other vectors than the processor and is not used", device)
        elif requested is device:
            _log.warning("There is no %s that PyTorch can use here: the processor does it", device)
    if not _has_bfloat16_instructions():
        return REFERENCE
    return _cached_or_measured(input_size, runner_on, cache_key, cache_file)


def batch_size(target: ComputeTarget, input_size: int) -> int:
    """How many photos of this side go through the network at once; on a graphics processor by its free memory."""
    if target.device is not Device.CUDA:
        return CPU_BATCH
    free, _ = torch.cuda.mem_get_info()
    photos = free // _MEMORY_DIVISOR // (_BYTES_PER_PHOTO * input_size * input_size // 224**2)
    return min(max(photos, _GPU_BATCHES[0]), _GPU_BATCHES[1])


# --- helpers ---------------------------------------------------------------------------------------------


def _has_cuda() -> bool:
    return torch.cuda.is_available()


def _has_mps() -> bool:
    return torch.backends.mps.is_available()


def _has_bfloat16_instructions() -> bool:
    """Whether the processor itself multiplies bfloat16; others only imitate it, slowly."""
    # PyTorch has no public question for it; where a later one has not this either, float32 stays.
    tests = (
        getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    )
    return any(bool(test()) for test in tests if test is not None)


def _cached_or_measured(
    side: int, run_on: Callable[[ComputeTarget], Run], key: str, notes: Path | None
) -> ComputeTarget:
    name = f"{platform.machine()} {_processor_name()} torch {torch.__version__} threads {torch.get_num_threads()} {key}"
    known = _read_cache(notes)
    if not isinstance(known.get(name), bool):
        known[name] = _is_faster(ComputeTarget(dtype=torch.bfloat16), run_on, _probe_images(side))
        if notes is not None:
            with suppress(OSError):  # only a note: without it the next start measures again
                notes.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(notes, json.dumps(known, indent=2) + "\n")
    return ComputeTarget(dtype=torch.bfloat16) if known[name] else REFERENCE


def _read_cache(notes: Path | None) -> dict[str, object]:
    with suppress(OSError, ValueError):
        known = json.loads(notes.read_text(encoding="utf-8")) if notes is not None else {}
        if isinstance(known, dict):
            return known
    return {}


def _processor_name() -> str:
    """The processor's name, as far as the system tells."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def _is_faster(way: ComputeTarget, run_on: Callable[[ComputeTarget], Run], probes: Images) -> bool:
    if not _matches_reference(way, run_on, probes):
        return False
    plain, other = run_on(REFERENCE), run_on(way)
    times = [(_seconds(plain, probes), _seconds(other, probes)) for _ in range(_ROUNDS)]
    return min(time for time, _ in times) / min(time for _, time in times) >= MIN_SPEEDUP


def _seconds(run: Run, probes: Images) -> float:
    started = time.perf_counter()
    run(probes)
    return time.perf_counter() - started


def _matches_reference(way: ComputeTarget, run_on: Callable[[ComputeTarget], Run], probes: Images) -> bool:
    """Whether a way gives what the reference gives; one that fails at all does not."""
    try:
        found = run_on(way)(probes)
    except (RuntimeError, NotImplementedError) as error:
        _log.warning("The model does not run on %s: %s", way, error)
        return False
    expected = run_on(REFERENCE)(probes)
    return bool((np.einsum("nd,nd->n", found, expected) >= MIN_COSINE).all())


def _probe_images(side: int) -> Images:
    """Pictures that need no file: soft ones of several scales, and noise on the last; uint8 (N, side, side, 3)."""
    chance = np.random.default_rng(0)
    pictures = []
    for number in range(_PROBES):
        cells = 2 + number * 3
        coarse = chance.integers(0, 256, (cells, cells, 3), np.uint8)
        pictures.append(coarse[np.arange(side) * cells // side][:, np.arange(side) * cells // side])
    pictures[-1] = chance.integers(0, 256, (side, side, 3), np.uint8)
    return np.stack(pictures)
