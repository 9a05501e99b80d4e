"""Finds the names, among many, that a word is in: all names lie in one array of bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_END = b"\0"
_BYTES = 256


class SubstringIndex:
    """N names, none of them with a character 0 in it."""

    def __init__(self, names: Sequence[str]) -> None:
        parts = [_bytes(name) for name in names]
        self._data = np.frombuffer(_END.join(parts) + _END, np.uint8)
        lengths = np.array([len(part) + 1 for part in parts], np.int64)
        self._starts = np.cumsum(lengths) - lengths
        self._names = np.repeat(np.arange(len(parts), dtype=np.int32), lengths)  # of each byte
        self._byte_counts = np.bincount(self._data, minlength=_BYTES)

    def contains(self, word: str) -> npt.NDArray[np.bool_]:
        """Which names hold the word, (N,); all hold the empty one."""
        found = np.zeros(len(self._starts), bool)
        letters = _bytes(word)
        if not letters:
            return ~found
        # The letter that is rarest in the names leaves the fewest places to look at.
        rarest = min(range(len(letters)), key=lambda place: self._byte_counts[letters[place]])
        places = np.flatnonzero(self._data == letters[rarest]) - rarest
        places = places[(places >= 0) & (places <= len(self._data) - len(letters))]
        for offset, letter in enumerate(letters):
            places = places[self._data[places + offset] == letter]
        found[self._names[places]] = True
        return found

    def startswith(self, word: str) -> npt.NDArray[np.bool_]:
        """Which names start with the word, (N,)."""
        letters = _bytes(word)
        found = np.ones(len(self._starts), bool)
        for offset, letter in enumerate(letters):
            places = np.minimum(self._starts + offset, len(self._data) - 1)
            found &= self._data[places] == letter
        return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
