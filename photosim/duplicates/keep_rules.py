"""Rules that choose which photo of a group to keep."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


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
    KeepRule.SHORTER_PATH,
)

BURST_RULES = (KeepRule.PROTECTED, KeepRule.SHARPER, *DEFAULT_RULES[1:])
"""Shots of a burst differ in what they show, so the sharpest comes first."""

_PIXEL_TOLERANCE = 0.02
"""Share by which numbers of pixels may differ and count as equal: rounding when a photo is scaled or turned."""

_COMPRESSION_STEP = 1.15
"""Factor between sizes per pixel that count as different compression."""

_LAST_DATE = "9999"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the rules know of a file of a group.

    `folder_rank` is its place in the user's order of folders, 0 is the first. `metadata` counts the fields that are
    known. `sharpness` is comparable within the group, see `imaging.sharpness`.
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
    KeepRule.EARLIER: lambda candidate: (not candidate.is_date_original, candidate.taken_at or _LAST_DATE),
    KeepRule.METADATA: lambda candidate: -candidate.metadata,
    KeepRule.SHARPER: lambda candidate: -candidate.sharpness,
    KeepRule.FOLDER: lambda candidate: candidate.folder_rank,
    KeepRule.SHORTER_PATH: lambda candidate: len(candidate.path),
    KeepRule.LONGER_PATH: lambda candidate: -len(candidate.path),
}


def choose(candidates: Sequence[Candidate], rules: Sequence[KeepRule] = DEFAULT_RULES) -> Choice:
    """Return the file to keep: rule by rule the best remain, and the first by path if several are left.

    Total and independent of the order of candidates. Raises ValueError without candidates.
    """
    if not candidates:
        raise ValueError("a group has at least one file")
    remaining, reasons = list(candidates), []
    for rule in rules:
        best = _best(remaining, rule)
        if len(best) < len(remaining):
            reasons.append(rule)
            remaining = best
        if len(remaining) == 1:
            break
    keeper = min(remaining, key=lambda candidate: (os.fsencode(candidate.path), candidate.file_id))
    # A rule that only sorted out files which a later one would sort out too still is a reason.
    return Choice(keeper.file_id, tuple(reasons))


def _best(candidates: list[Candidate], rule: KeepRule) -> list[Candidate]:
    if rule is KeepRule.PIXELS:
        most = max(candidate.pixels for candidate in candidates)
        return [candidate for candidate in candidates if candidate.pixels >= most * (1 - _PIXEL_TOLERANCE)]
    if rule is KeepRule.BYTES_PER_PIXEL:
        most_bytes = max(_bytes_per_pixel(candidate) for candidate in candidates)
        return [
            candidate
            for candidate in candidates
            if _bytes_per_pixel(candidate) * _COMPRESSION_STEP >= most_bytes
        ]
    key = _KEYS[rule]
    best = min(key(candidate) for candidate in candidates)
    return [candidate for candidate in candidates if key(candidate) == best]


def _bytes_per_pixel(candidate: Candidate) -> float:
    return candidate.size / max(candidate.pixels, 1)
