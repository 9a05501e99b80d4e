"""The settings in distil.toml."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ViewConfig:
    """Augmentation; see distil.toml for the units."""

    pixels: int
    smallest_area: float
    letterboxed: float
    mirror: float
    colour: float
    colour_range: float
    grey: float
    blur: float
    jpeg: float
    mixup: float


@dataclass(frozen=True)
class LearningConfig:
    """Optimization; see distil.toml for the units."""

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
    """Everything that determines the result, given the photos and the machine."""

    seed: int
    teacher: str
    samples: int
    batch: int
    validation_share: float
    views: ViewConfig
    learning: LearningConfig

    def digest(self) -> str:
        """Return a hash of everything but `samples`, which `--minutes` changes."""
        values = asdict(self) | {"samples": None}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def read(path: Path) -> Config:
    """Read a TOML file. Raises ValueError for a missing or unknown key."""
    values = tomllib.loads(path.read_text("utf-8"))
    views, learning = (
        _table(ViewConfig, values.pop("views", {})),
        _table(LearningConfig, values.pop("learning", {})),
    )
    return _table(Config, values | {"views": views, "learning": learning})


def _table(kind: Any, values: dict[str, Any]) -> Any:
    expected = {field.name for field in fields(kind)}
    if wrong := expected ^ set(values):
        raise ValueError(f"{', '.join(sorted(wrong))}: missing or unknown in {kind.__name__}")
    return kind(**values)
