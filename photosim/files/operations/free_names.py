"""Names for the files of one photo in a folder where others may be taken."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence

MAX_NAME_BYTES = 255
"""Bytes of a name that file systems accept."""

_NUMBERED = re.compile(r" \((\d{1,4})\)$")
_MAX_DISTINCT = 100


def fold_name(name: str) -> str:
    """Return a name as it is compared by a drive that ignores case and Unicode normalization."""
    return unicodedata.normalize("NFC", name).casefold()


def candidate_names(names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the names as they are, then with a number that all of them share: "name (2).jpg"."""
    yield list(names)
    stem, _ = os.path.splitext(names[0])  # noqa: PTH122
    match = _NUMBERED.search(stem)
    bare = stem[: match.start()] if match else stem
    number = int(match.group(1)) + 1 if match else 2
    while True:
        yield _numbered(names, stem, bare, f" ({number})")
        number += 1


def distinct_names(names: Sequence[str]) -> list[str]:
    """Return the names, numbering those that differ from one before them in case only."""
    taken: set[str] = set()
    distinct = []
    for name in names:
        stem, suffix = os.path.splitext(name)  # noqa: PTH122
        numbers = (f" ({number})" for number in range(2, _MAX_DISTINCT))
        candidates = (shorten_stem(stem, number + suffix) + number + suffix for number in numbers)
        free = name
        while fold_name(free) in taken:
            free = next(candidates)
        taken.add(fold_name(free))
        distinct.append(free)
    return distinct


def shorten_stem(stem: str, rest: str, max_bytes: int = MAX_NAME_BYTES) -> str:
    """Return as much of a stem as fits into a name that ends with `rest`."""
    while stem and len(os.fsencode(stem + rest)) > max_bytes:
        stem = stem[:-1]
    return stem


def _numbered(names: Sequence[str], stem: str, bare: str, number: str) -> list[str]:
    """Put a number behind the stem that names share, which is shortened where a name would become too long."""
    roots_and_suffixes = []
    for name in names:
        if name.casefold().startswith(stem.casefold()):
            root, suffix = None, name[len(stem) :]
            bare = shorten_stem(bare, number + suffix)
        else:
            root, suffix = os.path.splitext(name)  # noqa: PTH122
            root = shorten_stem(root, number + suffix)
        roots_and_suffixes.append((root, suffix))
    return [f"{bare if root is None else root}{number}{suffix}" for root, suffix in roots_and_suffixes]
