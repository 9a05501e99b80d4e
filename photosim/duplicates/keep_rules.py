"""Rules that choose which photo of a group to keep."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from photosim.records import PhotoFacts

Ids = npt.NDArray[np.int64]


class KeepRule(StrEnum):
    """What makes a photo the one to keep."""

    PROTECTED = "protected"
    """It is in a protected folder."""
    RAW = "raw"
    """It is a RAW file or has one."""
    EDITED = "edited"
    """It has edits in a file beside it."""
    PIXELS = "pixels"
    """It has more pixels."""
    BYTES_PER_PIXEL = "bytes_per_pixel"
    """It is less compressed."""
    EARLIER = "earlier"
    """Its original date is earlier; a date from the metadata is before one from the file."""
    METADATA = "metadata"
    """It has more metadata."""
    SHARPER = "sharper"
    """It is sharper."""
    FOLDER = "folder"
    """It is in a folder further up in the user's order of folders."""
    SHORTER_NAME = "shorter_name"
    """Its file name is shorter: copies and edits are usually called "DSC_4157 (1)" or "DSC_4157 bw"."""
    SHORTER_PATH = "shorter_path"
    LONGER_PATH = "longer_path"


DEFAULT_RULES = (
    KeepRule.PROTECTED,
    KeepRule.RAW,
    KeepRule.EDITED,
    KeepRule.PIXELS,
    KeepRule.BYTES_PER_PIXEL,
    KeepRule.EARLIER,
    KeepRule.METADATA,
    KeepRule.SHORTER_NAME,
    KeepRule.SHORTER_PATH,
)

BURST_RULES = (KeepRule.PROTECTED, KeepRule.SHARPER, *DEFAULT_RULES[1:])
"""Shots of a burst differ in what they show, so the sharpest comes first."""


@dataclass(frozen=True, slots=True)
class KeepRuleSet:
    """The user's rules: in which order they apply, folders by absolute path, and what counts as a duplicate.

    `protected` folders are never offered for the trash. `folders` are in the order in which the rule FOLDER prefers
    them. With `across_folders` files in the folder of the one to keep are not its duplicates.
    """

    copies: tuple[KeepRule, ...] = DEFAULT_RULES
    bursts: tuple[KeepRule, ...] = BURST_RULES
    protected: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    across_folders: bool = False


_PIXEL_TOLERANCE = 0.02
"""Share by which numbers of pixels may differ and count as equal: rounding when a photo is scaled or turned."""

_COMPRESSION_STEP = 1.15
"""Factor between sizes per pixel that count as different compression."""

_LAST_DATE = "9999"


class Candidate(NamedTuple):
    """What the rules know of a file of a group.

    `folder_rank` is its place in the user's order of folders, 0 is the first. `metadata` counts the fields that are
    known. `sharpness` is comparable within the group, see `duplicates.looks.sharpness`.
    """

    file_id: int
    path: str
    size: int
    pixels: int
    taken_at: str | None = None
    is_date_original: bool = False
    metadata: int = 0
    sharpness: float = 0.0
    has_raw: bool = False
    has_edits: bool = False
    is_protected: bool = False
    folder_rank: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """The file to keep, and the rules that put it before the runner-up; none if only the name decided."""

    file_id: int
    reasons: tuple[KeepRule, ...]


_KEYS: dict[KeepRule, Callable[[Candidate], Any]] = {
    KeepRule.PROTECTED: lambda candidate: not candidate.is_protected,
    KeepRule.RAW: lambda candidate: not candidate.has_raw,
    KeepRule.EDITED: lambda candidate: not candidate.has_edits,
    KeepRule.PIXELS: lambda candidate: -candidate.pixels,
    KeepRule.BYTES_PER_PIXEL: lambda candidate: -candidate.size / max(candidate.pixels, 1),
    KeepRule.EARLIER: lambda candidate: (not candidate.is_date_original, candidate.taken_at or _LAST_DATE),
    KeepRule.METADATA: lambda candidate: -candidate.metadata,
    KeepRule.SHARPER: lambda candidate: -candidate.sharpness,
    KeepRule.FOLDER: lambda candidate: candidate.folder_rank,
    KeepRule.SHORTER_NAME: lambda candidate: len(candidate.path) - candidate.path.rfind(os.sep),
    KeepRule.SHORTER_PATH: lambda candidate: len(candidate.path),
    KeepRule.LONGER_PATH: lambda candidate: -len(candidate.path),
}
"""What a rule compares; the least is the best."""

_TOLERANCES = {KeepRule.PIXELS: 1 - _PIXEL_TOLERANCE, KeepRule.BYTES_PER_PIXEL: 1 / _COMPRESSION_STEP}
"""Share of the best value from which on others count as equal to it."""

NAME_RULES = frozenset({KeepRule.SHORTER_NAME, KeepRule.SHORTER_PATH, KeepRule.LONGER_PATH})
"""Rules about what a file is called, which say nothing of the photo."""


def choose(candidates: Sequence[Candidate], rules: Sequence[KeepRule] = DEFAULT_RULES) -> Choice:
    """Return the file to keep: rule by rule the best remain, and the first by path if several are left.

    Total and independent of the order of candidates. Raises ValueError without candidates.
    """
    if not candidates:
        raise ValueError("a group has at least one file")
    remaining, reasons = list(candidates), []
    for rule in rules:
        if len(remaining) == 1:
            break
        values = list(map(_KEYS[rule], remaining))
        if values.count(values[0]) == len(values):
            continue
        best = min(values)
        if rule in _TOLERANCES:
            best *= _TOLERANCES[rule]
        better = [candidate for candidate, value in zip(remaining, values, strict=True) if value <= best]
        if len(better) < len(remaining):
            reasons.append(rule)
            remaining = better
    keeper = remaining[0] if len(remaining) == 1 else min(remaining, key=_by_path)
    # A rule that only sorted out files which a later one would sort out too still is a reason.
    return Choice(keeper.file_id, tuple(reasons))


def count_metadata(facts: PhotoFacts) -> int:
    """Return how many of the fields that a camera writes are known."""
    return (
        (facts.taken_at is not None)
        + (facts.camera is not None)
        + (facts.lens is not None)
        + (facts.latitude is not None)
        + (facts.iso is not None)
        + (facts.aperture is not None)
        + (facts.exposure is not None)
        + (facts.focal_length is not None)
    )


class CandidateTable:
    """Many candidates as columns of numbers, to choose among any of them again and again."""

    def __init__(
        self, candidates: Sequence[Candidate], preference: Sequence[int], rules: Sequence[KeepRule]
    ) -> None:
        """Only candidates with the least `preference` of those to choose from are taken, whatever the rules say."""
        self._columns = [(_ordinals(preference), 1.0)]
        for rule in rules:
            values = [_KEYS[rule](candidate) for candidate in candidates]
            tolerance = _TOLERANCES.get(rule)
            # Only values with a tolerance are measured; of others the order is all that counts.
            column = _ordinals(values) if tolerance is None else np.array(values, np.float64)
            self._columns.append((column, tolerance or 1.0))
        self._columns.append((_ordinals([_by_path(candidate) for candidate in candidates]), 1.0))

    def choose(self, rows: Ids) -> int:
        """Return the row of these (N,) that `choose` would take."""
        for column, tolerance in self._columns:
            if len(rows) == 1:
                break
            values = column[rows]
            rows = rows[values <= values.min() * tolerance]
        return int(rows[0])


def _by_path(candidate: Candidate) -> tuple[bytes, int]:
    return os.fsencode(candidate.path), candidate.file_id


def _ordinals(values: Sequence[Any]) -> npt.NDArray[np.float64]:
    """Return the place of each value (N,) among the different ones, in order."""
    places = {value: place for place, value in enumerate(sorted(set(values)))}
    return np.array([places[value] for value in values], np.float64)
