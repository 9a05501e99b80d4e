"""The user's verdicts, to look up pairs of photos by their digests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from photosim.duplicates.results import Verdict, VerdictRow

VerdictKey = tuple[bytes, bytes]
"""Digests of two photos, in order."""


def key_of(one: bytes, other: bytes) -> VerdictKey:
    """Return the key of the verdict on two photos."""
    return (one, other) if one <= other else (other, one)


class VerdictIndex:
    """Verdicts by the digests of their photos; not thread-safe."""

    def __init__(self, rows: Mapping[VerdictKey, VerdictRow]) -> None:
        self.rows: dict[VerdictKey, VerdictRow] = {}
        self._judged: set[bytes] = set()
        self.replace((), rows.values())

    def replace(self, keys: Iterable[VerdictKey], rows: Iterable[VerdictRow]) -> None:
        """Replace the verdicts with these keys."""
        for key in keys:
            self.rows.pop(key, None)
        for row in rows:
            self.rows[row.first, row.second] = row
            self._judged.update((row.first, row.second))

    def is_judged(self, digest: bytes) -> bool:
        """Check whether there may be a verdict on a photo."""
        return digest in self._judged

    def get(self, one: bytes, other: bytes) -> VerdictRow | None:
        """Return the verdict on two photos, or on the files of one photo."""
        if one not in self._judged or other not in self._judged:
            return None
        return self.rows.get(key_of(one, other))

    def are_different(self, one: bytes, other: bytes) -> bool:
        """Check whether two photos are not the same for the user."""
        row = self.get(one, other)
        return row is not None and row.verdict is Verdict.DIFFERENT

    def are_same(self, one: bytes, other: bytes) -> bool:
        """Check whether two photos that were compared are the same for the user, kept both or not."""
        row = self.get(one, other)
        return row is not None and row.verdict is not Verdict.DIFFERENT and row.confidence is not None

    def copies_kept(self, digest: bytes) -> int:
        """Return how many files of a photo stay beside each other, 0 if nothing was said of them."""
        row = self.get(digest, digest)
        return 0 if row is None or row.verdict is not Verdict.KEPT else row.copies or 0

    def kept_with(self, digest: bytes, others: Sequence[bytes]) -> set[bytes]:
        """Return those of the others that stay beside a photo, since they stay beside one another."""
        left = [other for other in others if other in self._judged and other != digest]
        found: set[bytes] = set()
        if digest not in self._judged:
            return found
        reached = [digest]
        for one in reached:
            for other in left:
                row = self.get(one, other)
                if other not in found and row is not None and row.verdict is Verdict.KEPT:
                    found.add(other)
                    reached.append(other)
        return found
