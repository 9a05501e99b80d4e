"""Numbers of things in the words of the command line: "1 photo", "2 photos"."""

from __future__ import annotations


def plural(count: int, unit: str, units: str | None = None) -> str:
    """So many of a thing; `units` is the plural where it is not the word with an s."""
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {units or f'{unit}s'}"
