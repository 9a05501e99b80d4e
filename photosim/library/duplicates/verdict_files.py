"""Verdicts as JSON, to take them to another library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from photosim.duplicates.results import Verdict, VerdictRow
from photosim.duplicates.verdict_index import VerdictKey
from photosim.errors import LibraryError

_DIGEST_BYTES = 16
_NOT_VERDICTS = "This file can't be imported: it holds no verdicts of PhotoSim."
_WRONG_VERDICT = "This file can't be imported: its verdict number {number} is damaged."


def verdicts_as_json(rows: Iterable[VerdictRow]) -> dict[str, object]:
    """Return verdicts as plain values, their digests in hexadecimal digits."""
    return {
        "verdicts": [
            {
                "first": row.first.hex(),
                "second": row.second.hex(),
                "verdict": row.verdict.value,
                "confidence": row.confidence,
                "copies": row.copies,
                "decided_at": row.decided_at,
            }
            for row in rows
        ]
    }


def read_verdicts(data: object) -> list[VerdictRow]:
    """Return the verdicts in what `verdicts_as_json` returned. Raises LibraryError for anything else."""
    items = data.get("verdicts") if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise LibraryError(_NOT_VERDICTS)
    found = []
    for number, item in enumerate(items, 1):
        try:
            found.append(_read(item))
        except (ValueError, TypeError, KeyError) as error:
            raise LibraryError(_WRONG_VERDICT.format(number=number)) from error
    return found


def merge(known: Mapping[VerdictKey, VerdictRow], new: Iterable[VerdictRow]) -> list[VerdictRow]:
    """Return those of the new verdicts that are newer than the known ones, one for each pair."""
    newer: dict[VerdictKey, VerdictRow] = {}
    for row in new:
        key = (row.first, row.second)
        before = newer.get(key) or known.get(key)
        if before is None or _time(row) > _time(before):
            newer[key] = row
    return list(newer.values())


def _read(item: dict[str, Any]) -> VerdictRow:
    first, second = sorted(bytes.fromhex(item[name]) for name in ("first", "second"))
    confidence, copies = item["confidence"], item["copies"]
    row = VerdictRow(first, second, Verdict(item["verdict"]), item["decided_at"], confidence, copies)
    has_number = isinstance(confidence, int | float) and 0 <= confidence <= 1
    has_copies = isinstance(copies, int) and not isinstance(copies, bool) and 0 < copies < 2**31
    if (
        {len(first), len(second)} != {_DIGEST_BYTES}
        or not (confidence is None or has_number)
        or not (copies is None or has_copies)
        or datetime.fromisoformat(row.decided_at).tzinfo is None
    ):
        raise ValueError(item)
    return row


def _time(row: VerdictRow) -> float:
    """Return when a verdict was given, in seconds; long ago if that is damaged."""
    try:
        return datetime.fromisoformat(row.decided_at).timestamp()
    except (ValueError, OverflowError, OSError):
        return float("-inf")
