"""Labels of a photo: displayable names of a model's classes, and the scores that count."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from photosim.records import Label

MAX_NAME_LENGTH = 60
"""Characters; longer names are cut."""

MAX_LABELS = {"classify": 5}
"""By task: labels of a photo at most; DEFAULT_MAX_LABELS for other tasks."""

DEFAULT_MAX_LABELS = 10

MIN_SCORE = {"classify": 0.1}
"""By task: least score of a label; DEFAULT_MIN_SCORE for other tasks."""

DEFAULT_MIN_SCORE = 0.5
"""For detectors with an input of 224 pixels; see packaging/model/README.md for their precision."""


def display_names(names: Mapping[int, object]) -> tuple[str, ...]:
    """Return a checkpoint's class names 0 to N - 1 as one line of plain text each.

    The file is untrusted: anything but text, or text of which nothing is left, becomes the class index. Underscores
    become spaces, control and formatting characters are removed, long names are cut.
    """
    return tuple(_display_name(names.get(index)) or str(index) for index in range(len(names)))


def select_labels(
    scores: npt.NDArray[np.float32], names: Sequence[str], task: str
) -> list[tuple[Label, ...]]:
    """Return the labels of N photos, best first, from scores (N, classes) in 0..1.

    Of several classes with the same name the best counts.
    """
    min_score, max_labels = MIN_SCORE.get(task, DEFAULT_MIN_SCORE), MAX_LABELS.get(task, DEFAULT_MAX_LABELS)
    labels = []
    for row in scores:
        best: dict[str, float] = {}
        for index in np.argsort(-row, kind="stable"):
            if not row[index] >= min_score or len(best) == max_labels:  # `not >=` stops at NaN too
                break
            best.setdefault(names[index], round(float(row[index]), 4))
        labels.append(tuple(Label(name, score) for name, score in best.items()))
    return labels


def _display_name(name: object) -> str:
    if not isinstance(name, str):
        return ""
    characters = (
        " " if character.isspace() or character == "_" else character
        for character in unicodedata.normalize("NFC", name[: 10 * MAX_NAME_LENGTH])
        if character.isspace() or not unicodedata.category(character).startswith("C")
    )
    return " ".join("".join(characters).split())[:MAX_NAME_LENGTH].strip()
