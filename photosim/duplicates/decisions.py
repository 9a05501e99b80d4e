"""What a decision about groups changes: verdicts on their photos, and the review of which files stay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.results import DuplicateGroup, ReviewRow, Verdict, VerdictRow
from photosim.duplicates.verdict_index import VerdictIndex, VerdictKey, key_of
from photosim.errors import LibraryError

NOTHING_KEPT = "Keep at least one photo of each group."


@dataclass(frozen=True, slots=True)
class ReviewChange:
    """The rows that decisions replaced, and those in their place: enough to take them back and to do them again.

    `verdict_keys` and `group_ids` are all that may have rows before or after.
    """

    verdict_keys: tuple[VerdictKey, ...]
    verdicts_before: tuple[VerdictRow, ...]
    verdicts_after: tuple[VerdictRow, ...]
    group_ids: tuple[str, ...]
    reviews_before: tuple[ReviewRow, ...]
    reviews_after: tuple[ReviewRow, ...]

    @property
    def inverse(self) -> ReviewChange:
        """The change that takes this one back."""
        return replace(
            self,
            verdicts_before=self.verdicts_after,
            verdicts_after=self.verdicts_before,
            reviews_before=self.reviews_after,
            reviews_after=self.reviews_before,
        )


class ReviewIndex:
    """The reviews so far, by group and by file; not thread-safe."""

    def __init__(self, rows: Iterable[ReviewRow] = ()) -> None:
        self.rows: dict[str, tuple[ReviewRow, ...]] = {}
        self._groups: dict[int, set[str]] = {}
        self.replace((), rows)

    def replace(self, group_ids: Iterable[str], rows: Iterable[ReviewRow]) -> None:
        """Replace the reviews of these groups."""
        for group_id in group_ids:
            for row in self.rows.pop(group_id, ()):
                self._groups[row.file_id].discard(group_id)
        for row in rows:
            self.rows[row.group_id] = (*self.rows.get(row.group_id, ()), row)
            self._groups.setdefault(row.file_id, set()).add(row.group_id)

    def of_files(self, file_ids: Iterable[int]) -> set[str]:
        """Return the ids of the reviewed groups that have any of these files."""
        return {group_id for file_id in file_ids for group_id in self._groups.get(file_id, ())}


class Decisions:
    """Collects the changes of one or more decisions.

    `confidence` returns the one of two photos by their ids, None where they were not compared; `digests` are by photo id;
    `now` is an ISO 8601 time.
    """

    def __init__(
        self,
        verdicts: VerdictIndex,
        reviews: ReviewIndex,
        digests: Mapping[int, bytes],
        confidence: Callable[[int, int], float | None],
        now: str,
    ) -> None:
        self._verdicts, self._reviews, self._digests = verdicts, reviews, digests
        self._confidence, self._now = confidence, now
        self._new_verdicts: dict[VerdictKey, VerdictRow | None] = {}
        self._new_reviews: dict[str, tuple[ReviewRow, ...]] = {}
        self._decided = ReviewIndex()

    def decide(self, group: DuplicateGroup, keep: Collection[int]) -> None:
        """Keep these files of a group and move the others to the trash, unless they may not go.

        The photos that stay belong together from now on; those that go are the same as the first that stays. Raises
        LibraryError if none stays.
        """
        kept = [member for member in group.photos if member.photo.file_id in keep]
        if not kept:
            raise LibraryError(NOTHING_KEPT)
        going = [
            member
            for member in group.photos
            if member.photo.file_id not in keep and member.is_present and not member.is_protected
        ]
        kept_contents = list(dict.fromkeys(member.photo.photo_id for member in kept))
        gone_contents = {member.photo.photo_id for member in going}
        gone_contents -= {member.photo.photo_id for member in group.photos if member not in going}
        for photo_id in gone_contents:
            for other in {member.photo.photo_id for member in group.photos}:
                self._forget_kept(photo_id, other)
            self._set(group, photo_id, kept_contents[0], Verdict.SAME)
        for photo_id in kept_contents:
            copies = sum(member.photo.photo_id == photo_id for member in kept)
            if copies > 1:
                self._set(group, photo_id, photo_id, Verdict.KEPT, copies)
            elif any(member.photo.photo_id == photo_id for member in going):
                self._set(group, photo_id, photo_id, Verdict.SAME, copies)
            if photo_id != kept_contents[0]:
                self._set(group, photo_id, kept_contents[0], Verdict.KEPT)
        going_files = {member.photo.file_id for member in going}
        self._review(
            group,
            tuple(
                ReviewRow(
                    photo.file_id, group.id, photo.file_id not in going_files, photo.size, photo.mtime_ns
                )
                for photo in (member.photo for member in group.photos)
            ),
        )

    def mark_different(self, group: DuplicateGroup, file_ids: Collection[int] | None) -> None:
        """Note that the photos of these files (None: all) are none of the others of their group.

        Files with the same bytes stay beside each other instead.
        """
        contents = dict.fromkeys(member.photo.photo_id for member in group.photos)
        marked = contents
        if file_ids is not None:
            marked = dict.fromkeys(
                member.photo.photo_id for member in group.photos if member.photo.file_id in file_ids
            )
        if len(contents) < 2:
            self.decide(group, group.file_ids)
            return
        for one, other in combinations(contents, 2):
            if len(marked) == len(contents) or (one in marked) != (other in marked):
                self._set(group, one, other, Verdict.DIFFERENT)
        self._review(group, ())

    def change(self) -> ReviewChange:
        """Return all changes."""
        keys, ids = tuple(sorted(self._new_verdicts)), tuple(sorted(self._new_reviews))
        return ReviewChange(
            verdict_keys=keys,
            verdicts_before=tuple(row for key in keys if (row := self._verdicts.rows.get(key)) is not None),
            verdicts_after=tuple(row for key in keys if (row := self._new_verdicts[key]) is not None),
            group_ids=ids,
            reviews_before=tuple(row for group_id in ids for row in self._reviews.rows.get(group_id, ())),
            reviews_after=tuple(row for group_id in ids for row in self._new_reviews[group_id]),
        )

    def _set(
        self, group: DuplicateGroup, one: int, other: int, verdict: Verdict, copies: int | None = None
    ) -> None:
        key = key_of(self._digest(one), self._digest(other))
        before = self._new_verdicts.get(key) or self._verdicts.rows.get(key)
        confidence = None if before is None else before.confidence
        # Two shots of a burst that are both kept are no copies of one photo, however much they look alike.
        if confidence is None and one != other and group.kind is not DuplicateKind.BURST:
            confidence = self._confidence(one, other)
        self._new_verdicts[key] = VerdictRow(*key, verdict, self._now, confidence, copies)

    def _forget_kept(self, one: int, other: int) -> None:
        key = key_of(self._digest(one), self._digest(other))
        before = self._new_verdicts[key] if key in self._new_verdicts else self._verdicts.rows.get(key)
        if before is not None and before.verdict is Verdict.KEPT:
            self._new_verdicts[key] = None

    def _review(self, group: DuplicateGroup, rows: tuple[ReviewRow, ...]) -> None:
        """Set the review of a group, in place of those of groups of this kind that have files of it."""
        is_burst = group.kind is DuplicateKind.BURST
        for reviews in (self._reviews, self._decided):
            for group_id in reviews.of_files(group.file_ids):
                if group_id.startswith(DuplicateKind.BURST) == is_burst:
                    self._new_reviews[group_id] = ()
        self._new_reviews[group.id] = rows
        self._decided.replace([group.id], rows)

    def _digest(self, photo_id: int) -> bytes:
        digest = self._digests.get(photo_id)
        if digest is None:
            raise LibraryError("Some of these photos are no longer in the library.")
        return digest
