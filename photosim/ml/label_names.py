"""What a model names in a photo: names that can be shown, and which of its scores are worth telling."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from photosim.records import Label

MAX_NAME_LENGTH = 60
"""Characters of a name: longer ones are cut."""

MAX_LABELS = {"classify": 5}
"""By task: how many labels a photo gets at most; `MOST_OBJECTS` where it is not said."""

DEFAULT_MAX_LABELS = 10

MIN_SCORE = {"classify": 0.1}
"""By task: the score from which a label is told; `LEAST_OBJECT` where it is not said."""

DEFAULT_MIN_SCORE = 0.5
"""Of a detector that looks at 224 pixels: see packaging/model/README.md for how often it is right."""


def display_names(names: Mapping[int, object]) -> tuple[str, ...]:
    """A checkpoint's names of its classes 0 to N - 1 as one line of plain text each.

    They are not to be trusted: what is no text becomes the number of the class, and so does a text of which nothing
    is left. Underscores become spaces, control and formatting characters go, long names are cut.
    """
    return tuple(_display_name(names.get(index)) or str(index) for index in range(len(names)))


def select_labels(
    scores: npt.NDArray[np.float32], names: Sequence[str], task: str
) -> list[tuple[Label, ...]]:
    """The labels of N photos, best first, from scores (N, classes) in 0..1.

    Of classes that bear the same name the best counts.
    """
    least, most = MIN_SCORE.get(task, DEFAULT_MIN_SCORE), MAX_LABELS.get(task, DEFAULT_MAX_LABELS)
    labels = []
    for row in scores:
        best: dict[str, float] = {}
        for place in np.argsort(-row, kind="stable"):
            if not row[place] >= least or len(best) == most:  # a score that is no number is no reason either
                break
            best.setdefault(names[place], round(float(row[place]), 4))
        labels.append(tuple(Label(name, score) for name, score in best.items()))
    return labels


def _display_name(name: object) -> str:
    if not isinstance(name, str):
        return ""
    kept = (
        " " if character.isspace() or character == "_" else character
        for character in unicodedata.normalize("NFC", name[: 10 * MAX_NAME_LENGTH])
        if character.isspace() or not unicodedata.category(character).startswith("C")
    )
    return " ".join("".join(kept).split())[:MAX_NAME_LENGTH].strip()
