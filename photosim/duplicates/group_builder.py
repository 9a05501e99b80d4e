"""Groups of given photos: which file is kept, and why, and what is known of the others."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Sequence

import numpy as np

from photosim.duplicates.facts import Content, DuplicateFacts
from photosim.duplicates.groups import DuplicateKind, pair_of
from photosim.duplicates.keep_rules import (
    Candidate,
    CandidateTable,
    Choice,
    KeepRule,
    KeepRuleSet,
    choose,
    count_metadata,
)
from photosim.duplicates.results import CopyRelation, DuplicateGroup, GroupPhoto, JudgedPair
from photosim.duplicates.verdict_index import VerdictIndex
from photosim.files.fspaths import is_inside
from photosim.records import METADATA_DATES, Photo
from photosim.runtime.bulk_records import bulk_constructor


def group_id(kind: DuplicateKind, files: Iterable[tuple[bytes, str]]) -> str:
    """Return the id of a group from the digests and paths of its files."""
    # Names need not be valid Unicode.
    parts = [digest + path.encode(errors="surrogatepass") for digest, path in sorted(files)]
    return f"{kind}-{hashlib.blake2b(bytes(1).join(parts), digest_size=12).hexdigest()}"


_make_group_photo = bulk_constructor(GroupPhoto)
_PRESENT, _ADDED, _ABSENT = range(3)


class GroupBuilder:
    """Makes groups of given photos: which one is kept, and why, and what is known of the others."""

    def __init__(self, facts: DuplicateFacts, verdicts: VerdictIndex, rules: KeepRuleSet) -> None:
        self.facts, self.verdicts, self.rules = facts, verdicts, rules
        self._candidates_of = facts.candidates(rules)
        self._last_best: tuple[set[int], Choice, Content] | None = None
        """What `best_content` was last asked, and found."""
        self._folders: dict[str, tuple[bool, int]] = {}
        """Whether a folder is protected, and its rank in the user's order."""

    def best_content(self, photo_ids: Sequence[int]) -> int:
        """Return the photo whose file the rules keep of all these."""
        choice, content = self._best(
            [self.facts.contents[photo_id] for photo_id in photo_ids], self.rules.copies
        )
        self._last_best = set(photo_ids), choice, content
        return content.photo_id

    def best_of_many(self, photo_ids: Sequence[int]) -> Callable[[Sequence[int]], int]:
        """Return a function that is `best_content` for places in this list, in order, fast where they are thousands."""
        contents = [self.facts.contents[photo_id] for photo_id in photo_ids]
        found = [
            (place, preference, candidate)
            for place, content in enumerate(contents)
            for preference, candidate in self._preferences(content)
        ]
        owners = np.array([place for place, _, _ in found], np.int64)
        table = CandidateTable(
            [candidate for _, _, candidate in found],
            [preference for _, preference, _ in found],
            self.rules.copies,
        )

        def best(places: Sequence[int]) -> int:
            is_given = np.zeros(len(contents), bool)
            is_given[np.array(places, np.int64)] = True
            return int(owners[table.choose(np.flatnonzero(is_given[owners]))])

        return best

    def build(
        self, kind: DuplicateKind, contents: Sequence[Content], centre: Content | None = None
    ) -> DuplicateGroup | None:
        """Return the group of all files of these photos, None if it would be a single file.

        The file to keep is one of `centre`, which all others are paired with, or any without it.
        """
        rules = self.rules.bursts if kind is DuplicateKind.BURST else self.rules.copies
        last = self._last_best
        if centre is not None and last is not None and last[0] == {content.photo_id for content in contents}:
            _, choice, keeper = last  # most groups are all of the photos that the best was just chosen from
        else:
            choice, keeper = self._best(contents, rules)
        if centre is not None and keeper is not centre:
            choice, keeper = self._best([centre], rules)
            choice = Choice(choice.file_id, ())
        return self._group(kind, contents, keeper, choice)

    def _group(
        self, kind: DuplicateKind, contents: Sequence[Content], keeper: Content, choice: Choice
    ) -> DuplicateGroup | None:
        files = [(content, file) for content in contents for file in content.files]
        if self.rules.across_folders:
            folder = next(_folder(file.path) for _, file in files if file.file_id == choice.file_id)
            files = [
                (content, file)
                for content, file in files
                if file.file_id == choice.file_id or _folder(file.path) != folder
            ]
        if len(files) < 2:
            return None
        settled = self._settled(files, keeper, choice.file_id)
        photos = self._photos(files, None if kind is DuplicateKind.BURST else keeper, settled)
        if kind is DuplicateKind.BURST:
            photos.sort(key=lambda photo: photo.photo.file_id != choice.file_id)
        else:
            photos.sort(
                key=lambda photo: (photo.photo.file_id != choice.file_id, -photo.confidence, photo.photo.path)
            )
        identity = group_id(kind, [(content.digest, file.path) for content, file in files])
        return DuplicateGroup(identity, kind, tuple(photos), choice.file_id, choice.reasons)

    def _photos(
        self, files: Sequence[tuple[Content, Photo]], keeper: Content | None, settled: Collection[int]
    ) -> list[GroupPhoto]:
        """Return what is known of files; without `keeper` the photos of the group are no copies."""
        offline, photos = self.facts.offline, []
        for content, file in files:
            confidence, relation = 1.0, None
            if keeper is not None and content is not keeper:
                confidence, relation = self._relation(keeper, content)
            file_id = file.file_id
            candidate = self._candidate(content, file)
            photos.append(
                _make_group_photo(
                    file,
                    confidence,
                    content.sharpness,
                    relation,
                    candidate.has_edits,
                    candidate.is_protected,
                    file_id not in offline,
                    file_id in settled,
                )
            )
        return photos

    def _relation(self, keeper: Content, content: Content) -> tuple[float, CopyRelation | None]:
        """Return the confidence that a photo belongs to the one to keep, and how it was made from that."""
        pair = self.facts.pairs.get(pair_of(keeper.photo_id, content.photo_id))
        if pair is None:
            return 1.0, None
        is_said = self.verdicts.are_same(keeper.digest, content.digest)
        return 1.0 if is_said else pair.confidence, _seen_from(keeper, pair)

    def _preferences(self, content: Content) -> list[tuple[int, Candidate]]:
        """Return the files of a photo with the place of each: one is kept only if there is none with a smaller number.

        Files that are present come first. Those that came to others with the same bytes, which all were to stay, come
        after those unless they are protected: the question is whether they stay, too.
        """
        offline, established = self.facts.offline, self._established(content)
        found = []
        for file in content.files:
            candidate = self._candidate(content, file)
            if file.missing or file.file_id in offline:
                preference = _ABSENT
            elif established is None or file.file_id in established or candidate.is_protected:
                preference = _PRESENT
            else:
                preference = _ADDED
            found.append((preference, candidate))
        return found

    def _established(self, content: Content) -> set[int] | None:
        """Return the files with the same bytes that were to stay, the first ones known; None if that was not said."""
        count = self.verdicts.copies_kept(content.digest) if len(content.files) > 1 else 0
        if not 0 < count < len(content.files):
            return None
        return set(sorted(file.file_id for file in content.files)[:count])

    def _settled(self, files: Sequence[tuple[Content, Photo]], keeper: Content, kept_file: int) -> set[int]:
        """Return the files that stay beside the one to keep, as was said before."""
        settled: set[int] = set()
        if not self.verdicts.is_judged(keeper.digest):
            return settled
        by_digest: dict[bytes, list[int]] = {}
        for content, file in files:
            by_digest.setdefault(content.digest, []).append(file.file_id)
        for digest in (keeper.digest, *self.verdicts.kept_with(keeper.digest, list(by_digest))):
            count = max(1, self.verdicts.copies_kept(digest))
            first = sorted(by_digest[digest], key=lambda file_id: (file_id != kept_file, file_id))
            settled.update(first[:count])
        settled.discard(kept_file)
        return settled

    def _candidate(self, content: Content, file: Photo) -> Candidate:
        sharpness = content.sharpness or 0.0
        known = self._candidates_of.get(file.file_id)
        if known is not None:  # in a burst, the sharpness may be that of its subject
            return known if known.sharpness == sharpness else known._replace(sharpness=sharpness)
        facts = file.facts
        is_protected, rank = self._folder_facts(_folder(file.path))
        candidate = self._candidates_of[file.file_id] = Candidate(
            file.file_id,
            file.path,
            file.size,
            facts.width * facts.height,
            facts.taken_at,
            facts.taken_from in METADATA_DATES,
            count_metadata(facts),
            sharpness,
            facts.is_raw or bool(file.raw_files),
            file.file_id in self.facts.edited,
            is_protected,
            rank,
        )
        return candidate

    def _folder_facts(self, folder: str) -> tuple[bool, int]:
        if folder not in self._folders:
            is_protected = any(is_inside(folder, protected) for protected in self.rules.protected)
            ranks = [rank for rank, ordered in enumerate(self.rules.folders) if is_inside(folder, ordered)]
            self._folders[folder] = is_protected, min(ranks, default=len(self.rules.folders))
        return self._folders[folder]

    def _best(self, contents: Sequence[Content], rules: Sequence[KeepRule]) -> tuple[Choice, Content]:
        """Return the file to keep, and its photo."""
        best = _ABSENT + 1
        candidates: list[Candidate] = []
        content_of: dict[int, Content] = {}
        for content in contents:
            for preference, candidate in self._preferences(content):
                if preference < best:
                    best, candidates = preference, []
                if preference == best:
                    candidates.append(candidate)
                    content_of[candidate.file_id] = content
        choice = choose(candidates, rules)
        return choice, content_of[choice.file_id]


def _folder(path: str) -> str:
    return path[: path.rfind(os.sep)] or os.sep


def _seen_from(keeper: Content, pair: JudgedPair) -> CopyRelation | None:
    if pair.relation is None or pair.first == keeper.photo_id:
        return pair.relation
    return pair.relation.inverse
