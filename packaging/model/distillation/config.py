"""The one file that says how the student is taught."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ViewConfig:
    """How views are made of photos; shares between 0 and 1 unless distil.toml says otherwise."""

    pixels: int
    smallest_area: float
    whole: float
    mirror: float
    colour: float
    colour_range: float
    grey: float
    blur: float
    jpeg: float
    mixup: float


@dataclass(frozen=True)
class LearningConfig:
    """How the student learns from them."""

    rate: float
    backbone_rate: float
    weight_decay: float
    warm_up: float
    head_only: float
    average: float
    features: float
    labels: float


@dataclass(frozen=True)
class Config:
    """Everything that decides what comes out, given the photos and the machine."""

    seed: int
    teacher: str
    samples: int
    batch: int
    held_apart: float
    views: ViewConfig
    learning: LearningConfig

    def digest(self) -> str:
        """A hash of everything in it but `samples`, which a run may set by the time it is given."""
        told = asdict(self) | {"samples": None}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def read(path: Path) -> Config:
    """The configuration in a TOML file; ValueError for a key that is missing or not known."""
    told = tomllib.loads(path.read_text("utf-8"))
    views, learning = (
        _table(ViewConfig, told.pop("views", {})),
        _table(LearningConfig, told.pop("learning", {})),
    )
    return _table(Config, told | {"views": views, "learning": learning})


def _table(kind: Any, told: dict[str, Any]) -> Any:
    wanted = {field.name for field in fields(kind)}
    if wrong := wanted ^ set(told):
        raise ValueError(f"{', '.join(sorted(wrong))}: missing, or not a setting of {kind.__name__}")
    return kind(**told)
