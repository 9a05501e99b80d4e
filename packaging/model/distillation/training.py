"""The lesson: step by step, taken up where it stopped, the same on every run with the same seed and machine."""

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
from distillation.photos import PhotoSet, Shelf

STATE, LOG = "state.pt", "log.jsonl"
SAVE_EVERY_S = 120.0
TIMED_STEPS = 40  # at most, that are timed to learn how many samples a run of so many minutes can show,
TIMED_SHARE = 0.05  # in this share of the minutes
TIME_KEPT_BACK = 0.05  # share of the minutes given that saving, watching and writing may take


@dataclass(frozen=True)
class Agreement:
    """How far the student agrees with its teacher on photos held apart."""

    cosine: float
    first_label: float


class Lesson:
    """A student being taught. `samples` views are shown in all; `done` have been."""

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
        self.shares = torch.tensor([float(len(shelf)) for shelf in photos.taught.values()])

    # --- going on ----------------------------------------------------------------------------------------

    def steps(self, minutes: float | None = None) -> Iterator[dict[str, float]]:
        """Teach until all samples are shown, or until the minutes are over; each step's losses.

        With `minutes`, a run that has shown nothing yet takes as many samples as it will be able to show.
        """
        started = time.monotonic()
        if minutes is not None and self.done == 0:
            self.samples = self._affordable(minutes * 60)
        while self.done < self.samples:
            if minutes is not None and time.monotonic() - started > minutes * 60:
                return
            yield self.step()

    def step(self) -> dict[str, float]:
        """Show one batch."""
        learning, progress = self.config.learning, self.done / self.samples
        for group in self.optimizer.param_groups:
            group["lr"] = learning.rate * group["share"] * schedule(progress, learning.warm_up)
        teaching_all = progress >= learning.head_only
        self.student.backbone.requires_grad_(teaching_all)
        shown = self._batch()
        with self._precision():
            with torch.no_grad():
                wanted = self.teacher(shown)
            found = self.student(shown)
        losses = self._losses(found.float(), wanted.float())
        loss = learning.features * losses["features"] + learning.labels * losses["labels"]
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        self.optimizer.step()
        self._follow()
        self.done += len(shown)
        return {name: float(value.detach()) for name, value in losses.items()}

    def agreement(self, most: int = 512) -> Agreement:
        """The averaged student beside the teacher on photos held apart, seen whole."""
        cosines, same, seen = 0.0, 0.0, 0
        classifier = self.teacher.classifier
        for shelf in self.photos.apart.values():
            for start in range(0, min(len(shelf), most), self.config.batch):
                rows = torch.arange(start, min(start + self.config.batch, len(shelf), most))
                shown = views.whole(shelf, rows, self.config.views.pixels, self.device)
                with torch.no_grad():
                    wanted, found = self.teacher(shown), self.average(shown)
                    labels = classifier(wanted).argmax(1) == classifier(found).argmax(1)
                cosines += float(functional.cosine_similarity(wanted, found).sum())
                same, seen = same + float(labels.sum()), seen + len(rows)
        return Agreement(cosines / seen, same / seen) if seen else Agreement(math.nan, math.nan)

    # --- taking up ---------------------------------------------------------------------------------------

    def save(self, folder: Path) -> None:
        """Write everything that the next step depends on, in one piece."""
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
        """Take up a run that was saved; ValueError when it was of another configuration."""
        if not (folder / STATE).exists():
            return
        state: dict[str, Any] = torch.load(folder / STATE, map_location=self.device, weights_only=True)
        if state["config"] != self.config.digest():
            raise ValueError(f"{folder} holds a run of another configuration; take another --out")
        self.samples, self.done = state["samples"], state["done"]
        self.student.load_state_dict(state["student"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.random.set_state(state["random"].cpu())

    # --- parts -------------------------------------------------------------------------------------------

    def _batch(self) -> torch.Tensor:
        """Views of one shelf, drawn as often as it has photos."""
        shelves: list[Shelf] = list(self.photos.taught.values())
        shelf = shelves[int(torch.multinomial(self.shares, 1, generator=self.random))]
        rows = torch.randint(len(shelf), (self.config.batch,), generator=self.random)
        shown = views.draw(shelf, rows, self.config.views, self.random, self.device)
        return shown.contiguous(memory_format=torch.channels_last)

    def _losses(self, found: torch.Tensor, wanted: torch.Tensor) -> dict[str, torch.Tensor]:
        """Both are means over the batch; the features' is a share of the teacher's own variance."""
        classifier = self.teacher.classifier
        spread = wanted.var(dim=0).mean().clamp(min=1e-6)
        wanted_labels = functional.log_softmax(classifier(wanted), dim=1)
        found_labels = functional.log_softmax(classifier(found), dim=1)
        return {
            "features": functional.mse_loss(found, wanted) / spread,
            "labels": functional.kl_div(found_labels, wanted_labels, reduction="batchmean", log_target=True),
        }

    def _follow(self) -> None:
        keep = min(self.config.learning.average, 1 - 1 / (2 + self.done / self.config.batch))
        for mine, theirs in zip(
            self.average.state_dict().values(), self.student.state_dict().values(), strict=True
        ):
            if mine.is_floating_point():
                mine.lerp_(theirs, 1 - keep)
            else:
                mine.copy_(theirs)

    def _precision(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda")

    def _affordable(self, seconds: float) -> int:
        """How many samples can be shown in so many seconds, by timing steps of a copy that is thrown away.

        The steps timed teach all layers, as nearly all steps will: a run that only fits its head is quicker.
        """
        trial = copy.deepcopy(self, {id(self.photos): self.photos})
        trial.config = replace(self.config, learning=replace(self.config.learning, head_only=0.0))
        started, times = time.monotonic(), [trial._timed_step()]
        while len(times) < TIMED_STEPS and time.monotonic() - started < seconds * TIMED_SHARE:
            times.append(trial._timed_step())
        a_step = statistics.median(times)
        left = seconds * (1 - TIME_KEPT_BACK) - (time.monotonic() - started)
        return max(1, int(left / a_step)) * self.config.batch

    def _timed_step(self) -> float:
        started = time.monotonic()
        self.step()  # its losses are numbers on the CPU, so a GPU has finished too
        return time.monotonic() - started


def schedule(progress: float, warm_up: float) -> float:
    """The learning rate's share: rising in a line, then falling along a cosine to a hundredth."""
    if progress < warm_up:
        return progress / warm_up
    fallen = (progress - warm_up) / (1 - warm_up)
    return 0.01 + 0.99 * (1 + math.cos(math.pi * fallen)) / 2


def teach(lesson: Lesson, folder: Path, minutes: float | None = None) -> Agreement:
    """Run the lesson, saved every few minutes and watched; the agreement at its end."""
    folder.mkdir(parents=True, exist_ok=True)
    lesson.resume(folder)
    saved = started = time.monotonic()
    begun = lesson.done
    for losses in lesson.steps(minutes):
        now = time.monotonic()
        if now - saved < SAVE_EVERY_S:
            continue
        saved = now
        _note(lesson, folder, losses, (lesson.done - begun) / (now - started))
        lesson.save(folder)
    lesson.save(folder)
    return lesson.agreement()


def _note(lesson: Lesson, folder: Path, losses: dict[str, float], pace: float) -> None:
    agreement = lesson.agreement()
    told = {
        "done": lesson.done,
        "samples": lesson.samples,
        **{name: round(loss, 4) for name, loss in losses.items()},
        "cosine": round(agreement.cosine, 4),
        "first_label": round(agreement.first_label, 4),
        "samples_per_second": round(pace, 1),
    }
    with (folder / LOG).open("a", encoding="utf-8") as file:
        file.write(json.dumps(told) + "\n")
    print(json.dumps(told), flush=True)
