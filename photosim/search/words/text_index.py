"""Search in many short texts: substrings, in one array of bytes, and names by their words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from photosim.search.filters.criteria import fold_text

_WORD = re.compile(r"[^\W_]+")
NAME_END = "\0"
_BYTE_VALUES = 256


class SubstringIndex:
    """An index of N names. NUL characters separate names, so that a text may be several of them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._data = np.frombuffer(_encode("".join(f"{name}{NAME_END}" for name in names)), np.uint8)
        ends = np.flatnonzero(self._data == 0) + 1
        self._starts = np.append(0, ends)[:-1]
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
        mask[np.searchsorted(self._starts, positions, side="right") - 1] = True
        return mask

    def startswith(self, word: str) -> npt.NDArray[np.bool_]:
        """Return which names start with the word, (N,)."""
        mask = np.ones(len(self._starts), bool)
        for offset, byte in enumerate(_encode(word)):
            positions = np.minimum(self._starts + offset, len(self._data) - 1)
            mask &= self._data[positions] == byte
        return mask


class NameIndex:
    """An index of N names of several words, such as those of folders; words are compared without case and accents."""

    def __init__(self, names: Sequence[str]) -> None:
        phrases = [" ".join(name_words(name)) for name in names]
        self._index = SubstringIndex([f" {phrase} " for phrase in phrases])
        self._by_phrase: dict[str, list[int]] = {}
        for index, phrase in enumerate(phrases):
            self._by_phrase.setdefault(phrase, []).append(index)

    def named(self, words: Sequence[str]) -> list[int]:
        """Return the indices of the names that consist of these words."""
        return self._by_phrase.get(" ".join(words), []) if words else []

    def containing(self, words: Sequence[str]) -> npt.NDArray[np.intp]:
        """Return the indices of the names with these words, one after the other."""
        return self._find(f" {' '.join(words)} ", words)

    def starting(self, words: Sequence[str]) -> npt.NDArray[np.intp]:
        """Return the indices of the names with these words, of which the last may be the beginning of one."""
        return self._find(f" {' '.join(words)}", words)

    def _find(self, text: str, words: Sequence[str]) -> npt.NDArray[np.intp]:
        return np.flatnonzero(self._index.contains(text)) if words else np.zeros(0, np.intp)


def name_words(text: str) -> list[str]:
    """Return the words of a name: its runs of letters and digits, normalized for comparison."""
    return _WORD.findall(fold_text(text))


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
