"""Training in steps: resumable, and deterministic for the same seed and machine."""

from __future__ import annotations

import copy
import json
import math
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from distillation import views
from distillation.config import Config
from distillation.networks import Student, Teacher
from distillation.photos import PhotoGroup, PhotoSet

STATE, LOG = "state.pt", "log.jsonl"
SAVE_EVERY_S = 120.0
TIMED_STEPS = 40  # at most, to estimate how many samples fit into the given minutes,
TIMED_SHARE = 0.05  # in this share of them
TIME_RESERVE = 0.05  # share of the minutes for saving, validation and writing


@dataclass(frozen=True)
class Agreement:
    """How much the student agrees with its teacher on the validation photos."""

    cosine: float
    first_label: float


class Trainer:
    """Trains a student with `samples` views, `done` of them so far."""

    def __init__(
        self, config: Config, photos: PhotoSet, teacher: Teacher, student: Student, device: torch.device
    ) -> None:
        self.config, self.photos, self.device = config, photos, device
        self.teacher = teacher.to(device, memory_format=torch.channels_last)
        self.student = student.to(device, memory_format=torch.channels_last).train()
        self.average = copy.deepcopy(self.student).eval().requires_grad_(False)
        self.random = torch.Generator().manual_seed(config.seed)
        self.samples, self.done = config.samples, 0
        learning = config.learning
        head = [value for value in student.head.parameters() if value.requires_grad]
        groups = [
            {"params": list(student.backbone.parameters()), "share": learning.backbone_rate},
            {"params": head, "share": 1.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=learning.rate, weight_decay=learning.weight_decay)
        self.shares = torch.tensor(
            [float(len(photo_group)) for photo_group in photos.training_groups.values()]
        )

    def steps(self, minutes: float | None = None) -> Iterator[dict[str, float]]:
        """Train until all samples are done or the minutes are over, yielding each step's losses.

        With `minutes`, a new run sets the number of samples to what fits into that time.
        """
        started = time.monotonic()
        if minutes is not None and self.done == 0:
            self.samples = self._samples_within(minutes * 60)
        while self.done < self.samples:
            if minutes is not None and time.monotonic() - started > minutes * 60:
                return
            yield self.step()

    def step(self) -> dict[str, float]:
        """Train with one batch, and return its losses."""
        learning, progress = self.config.learning, self.done / self.samples
        for group in self.optimizer.param_groups:
            group["lr"] = learning.rate * group["share"] * schedule(progress, learning.warm_up)
        trains_backbone = progress >= learning.head_only
        self.student.backbone.requires_grad_(trains_backbone)
        shown = self._batch()
        with self._precision():
            with torch.no_grad():
                expected = self.teacher(shown)
            actual = self.student(shown)
        losses = self._losses(actual.float(), expected.float())
        loss = learning.features * losses["features"] + learning.labels * losses["labels"]
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        self.optimizer.step()
        self._update_average()
        self.done += len(shown)
        return {name: float(value.detach()) for name, value in losses.items()}

    def agreement(self, max_photos: int = 512) -> Agreement:
        """Compare the averaged student with the teacher on letterboxed validation photos."""
        cosines, same, seen = 0.0, 0.0, 0
        classifier = self.teacher.classifier
        for photo_group in self.photos.validation_groups.values():
            for start in range(0, min(len(photo_group), max_photos), self.config.batch):
                rows = torch.arange(start, min(start + self.config.batch, len(photo_group), max_photos))
                shown = views.letterbox(photo_group, rows, self.config.views.pixels, self.device)
                with torch.no_grad():
                    expected, actual = self.teacher(shown), self.average(shown)
                    labels = classifier(expected).argmax(1) == classifier(actual).argmax(1)
                cosines += float(functional.cosine_similarity(expected, actual).sum())
                same, seen = same + float(labels.sum()), seen + len(rows)
        return Agreement(cosines / seen, same / seen) if seen else Agreement(math.nan, math.nan)

    def save(self, folder: Path) -> None:
        """Write the whole state atomically."""
        state = {
            "config": self.config.digest(),
            "samples": self.samples,
            "done": self.done,
            "student": self.student.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": self.random.get_state(),
        }
        partial = folder / f"{STATE}.part"
        torch.save(state, partial)
        partial.replace(folder / STATE)

    def resume(self, folder: Path) -> None:
        """Resume a saved run. Raises ValueError if it has another configuration."""
        if not (folder / STATE).exists():
            return
        state: dict[str, Any] = torch.load(folder / STATE, map_location=self.device, weights_only=True)
        if state["config"] != self.config.digest():
            raise ValueError(f"{folder} contains a run of another configuration; choose another --out")
        self.samples, self.done = state["samples"], state["done"]
        self.student.load_state_dict(state["student"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.random.set_state(state["random"].cpu())

    def _batch(self) -> torch.Tensor:
        """Draw views from one group, chosen with a probability proportional to its photos."""
        photo_groups: list[PhotoGroup] = list(self.photos.training_groups.values())
        photo_group = photo_groups[int(torch.multinomial(self.shares, 1, generator=self.random))]
        rows = torch.randint(len(photo_group), (self.config.batch,), generator=self.random)
        shown = views.augment(photo_group, rows, self.config.views, self.random, self.device)
        return shown.contiguous(memory_format=torch.channels_last)

    def _losses(self, actual: torch.Tensor, expected: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return the losses, as means over the batch; that of the features is relative to the teacher's variance."""
        classifier = self.teacher.classifier
        spread = expected.var(dim=0).mean().clamp(min=1e-6)
        expected_labels = functional.log_softmax(classifier(expected), dim=1)
        actual_labels = functional.log_softmax(classifier(actual), dim=1)
        return {
            "features": functional.mse_loss(actual, expected) / spread,
            "labels": functional.kl_div(
                actual_labels, expected_labels, reduction="batchmean", log_target=True
            ),
        }

    def _update_average(self) -> None:
        decay = min(self.config.learning.average, 1 - 1 / (2 + self.done / self.config.batch))
        for average, current in zip(
            self.average.state_dict().values(), self.student.state_dict().values(), strict=True
        ):
            if average.is_floating_point():
                average.lerp_(current, 1 - decay)
            else:
                average.copy_(current)

    def _precision(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda")

    def _samples_within(self, seconds: float) -> int:
        """Estimate how many samples fit into so many seconds, by timing steps of a temporary copy.

        The timed steps train all layers, as nearly all steps do.
        """
        trial = copy.deepcopy(self, {id(self.photos): self.photos})
        trial.config = replace(self.config, learning=replace(self.config.learning, head_only=0.0))
        started, times = time.monotonic(), [trial._timed_step()]
        while len(times) < TIMED_STEPS and time.monotonic() - started < seconds * TIMED_SHARE:
            times.append(trial._timed_step())
        a_step = statistics.median(times)
        left = seconds * (1 - TIME_RESERVE) - (time.monotonic() - started)
        return max(1, int(left / a_step)) * self.config.batch

    def _timed_step(self) -> float:
        started = time.monotonic()
        self.step()  # returns numbers on the CPU, so that a GPU has finished too
        return time.monotonic() - started


def schedule(progress: float, warm_up: float) -> float:
    """Return the factor of the learning rate: linear warm-up, then cosine decay to a hundredth."""
    if progress < warm_up:
        return progress / warm_up
    decay = (progress - warm_up) / (1 - warm_up)
    return 0.01 + 0.99 * (1 + math.cos(math.pi * decay)) / 2


def train(trainer: Trainer, folder: Path, minutes: float | None = None) -> Agreement:
    """Run the training with regular saving and validation; return the final agreement."""
    folder.mkdir(parents=True, exist_ok=True)
    trainer.resume(folder)
    saved = started = time.monotonic()
    done_before = trainer.done
    for losses in trainer.steps(minutes):
        now = time.monotonic()
        if now - saved < SAVE_EVERY_S:
            continue
        saved = now
        _log_progress(trainer, folder, losses, (trainer.done - done_before) / (now - started))
        trainer.save(folder)
    trainer.save(folder)
    return trainer.agreement()


def _log_progress(
    trainer: Trainer, folder: Path, losses: dict[str, float], samples_per_second: float
) -> None:
    agreement = trainer.agreement()
    values = {
        "done": trainer.done,
        "samples": trainer.samples,
        **{name: round(loss, 4) for name, loss in losses.items()},
        "cosine": round(agreement.cosine, 4),
        "first_label": round(agreement.first_label, 4),
        "samples_per_second": round(samples_per_second, 1),
    }
    with (folder / LOG).open("a", encoding="utf-8") as file:
        file.write(json.dumps(values) + "\n")
    print(json.dumps(values), flush=True)
