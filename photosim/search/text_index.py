"""Substring search in many short texts, stored as one array of bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_TERMINATOR = b"\0"
_BYTE_VALUES = 256


class SubstringIndex:
    """An index of N names, none of which contains a NUL character."""

    def __init__(self, names: Sequence[str]) -> None:
        encoded = [_encode(name) for name in names]
        self._data = np.frombuffer(_TERMINATOR.join(encoded) + _TERMINATOR, np.uint8)
        lengths = np.array([len(name) + 1 for name in encoded], np.int64)
        self._starts = np.cumsum(lengths) - lengths
        self._name_of_byte = np.repeat(np.arange(len(encoded), dtype=np.int32), lengths)
        self._byte_counts = np.bincount(self._data, minlength=_BYTE_VALUES)

    def contains(self, word: str) -> npt.NDArray[np.bool_]:
        """Return which names contain the word, (N,); all contain the empty one."""
        mask = np.zeros(len(self._starts), bool)
        pattern = _encode(word)
        if not pattern:
            return ~mask
        # The rarest byte of the word leaves the fewest positions to compare.
        rarest = min(range(len(pattern)), key=lambda offset: self._byte_counts[pattern[offset]])
        positions = np.flatnonzero(self._data == pattern[rarest]) - rarest
        positions = positions[(positions >= 0) & (positions <= len(self._data) - len(pattern))]
        for offset, byte in enumerate(pattern):
            positions = positions[self._data[positions + offset] == byte]
        mask[self._name_of_byte[positions]] = True
        return mask

    def startswith(self, word: str) -> npt.NDArray[np.bool_]:
        """Return which names start with the word, (N,)."""
        mask = np.ones(len(self._starts), bool)
        for offset, byte in enumerate(_encode(word)):
            positions = np.minimum(self._starts + offset, len(self._data) - 1)
            mask &= self._data[positions] == byte
        return mask


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
