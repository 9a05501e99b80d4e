"""The duplicates of a library: their groups, the user's decisions about them, and the rules."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from photosim import settings
from photosim.duplicates.basket import fill_basket
from photosim.duplicates.calibration import Calibration, calibrate
from photosim.duplicates.decisions import Decisions, ReviewChange
from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.keep_rules import BURST_RULES, DEFAULT_RULES, KeepRule, KeepRuleSet
from photosim.duplicates.results import Basket, DuplicateGroup, DuplicateTotals, Verdict
from photosim.errors import LibraryError
from photosim.library.duplicates.facts import FactsLoader
from photosim.library.duplicates.state import DuplicateState
from photosim.library.duplicates.verdict_files import merge, read_verdicts, verdicts_as_json
from photosim.library.files.folders import SourceFolders
from photosim.runtime.gc_pause import gc_paused
from photosim.store.catalog import Catalog
from photosim.store.duplicates import CONFIRMED
from photosim.store.verdicts import VerdictTable

_log = logging.getLogger(__name__)

ALL_KINDS = frozenset(DuplicateKind)


class DuplicateService:
    """Groups duplicates and keeps what the user decides about them; any thread may call it, but a large library takes seconds.

    Nothing here touches a file. Methods that write raise LibraryError when the library cannot be changed.
    """

    def __init__(self, folder: Path, catalog: Catalog, folders: SourceFolders) -> None:
        self._folder, self._catalog, self._folders = folder, catalog, folders
        self._table = VerdictTable(catalog.database)
        self._loader = FactsLoader(catalog)
        self._lock = threading.RLock()
        self._state: DuplicateState | None = None

    def groups(
        self,
        kinds: Collection[DuplicateKind] = ALL_KINDS,
        *,
        across_folders: bool | None = None,
        min_confidence: float = CONFIRMED,
        rules: KeepRuleSet | None = None,
        include_settled: bool = False,
    ) -> list[DuplicateGroup]:
        """Return the groups of these kinds, the one that frees most first.

        Without `across_folders` and `rules` the user's settings hold. A group of which nothing would go to the trash is
        left out unless `include_settled`.
        """
        with self._lock:
            rules = rules or self.rules
            if across_folders is not None:
                rules = replace(rules, across_folders=across_folders)
            grouping = self._current().grouping(rules, min_confidence)
            gains = grouping.gains
            found = []
            for group in grouping.of_kinds(kinds):
                count, gain = gains.get(group.id) or (len(group.superfluous), group.bytes_freed)
                if count or include_settled:
                    found.append((-gain, group.id, group))
        found.sort(key=lambda item: item[:2])
        return [group for _, _, group in found]

    def stacks(self) -> list[tuple[int, ...]]:
        """Return the file ids of each group, the best photo first; a file is in one of them at most."""
        with self._lock:
            grouping = self._current().grouping(replace(self.rules, across_folders=False), CONFIRMED)
            copies = grouping.of_kinds({DuplicateKind.IDENTICAL, DuplicateKind.SAME})
            bursts = grouping.of_kinds({DuplicateKind.BURST})
        copies_of = {group.keep: group.file_ids for group in copies}
        stacks: list[tuple[int, ...]] = []
        for group in bursts:
            files = [file for shot in group.file_ids for file in copies_of.pop(shot, (shot,))]
            stacks.append(tuple(files))
        stacks += copies_of.values()
        return stacks

    def totals(self) -> DuplicateTotals:
        """Return what there is to review: groups that are neither reviewed nor settled."""
        with self._lock:
            rules, state = self.rules, self._current()
            reviewed = state.reviewed(rules)
            gains = state.grouping(rules, CONFIRMED).gains
            left = [gain for group_id, gain in gains.items() if gain[0] and group_id not in reviewed]
        return DuplicateTotals(len(left), sum(count for count, _ in left), sum(size for _, size in left))

    def decide(self, group: DuplicateGroup, keep: Collection[int]) -> ReviewChange:
        """Review a group: the files with these ids stay, the others go to the basket.

        Protected, offline and missing files stay in any case. Raises LibraryError if no file is to stay.
        """
        return self.decide_all([(group, keep)])

    def decide_all(self, decisions: Sequence[tuple[DuplicateGroup, Collection[int]]]) -> ReviewChange:
        """Review groups, each with the ids of the files that stay, in one step."""
        with self._lock:
            collected = self._decisions()
            for group, keep in decisions:
                collected.decide(group, keep)
            return self._apply(collected.change())

    def mark_different(self, group: DuplicateGroup, file_ids: Collection[int] | None = None) -> ReviewChange:
        """Note that the photos of these files (None: all) are not the same as the others of the group, which splits.

        Files with the same bytes cannot be different; of those all stay.
        """
        with self._lock:
            collected = self._decisions()
            collected.mark_different(group, file_ids)
            return self._apply(collected.change())

    def take_back(self, change: ReviewChange) -> None:
        """Restore exactly what a change replaced."""
        with self._lock:
            self._apply(change.inverse)

    def redo(self, change: ReviewChange) -> None:
        """Make a change again that was taken back."""
        with self._lock:
            self._apply(change)

    def reviews(self) -> dict[str, frozenset[int]]:
        """Return the ids of the files that stay, by the id of each group reviewed so far."""
        with self._lock:
            return {group_id: kept for group_id, (_, kept) in self._current().reviewed(self.rules).items()}

    def basket(self) -> Basket:
        """Return what the reviews so far move to the trash.

        A review does not count any more when one of its files was changed, moved or removed since.
        """
        with self._lock:
            rules, state = self.rules, self._current()
            return fill_basket(
                list(state.reviewed(rules).values()), state.grouping(rules, CONFIRMED).of_kinds(ALL_KINDS)
            )

    def calibration(self) -> Calibration:
        """Return how probable it is that a pair is the same photo for this user, by its confidence."""
        with self._lock:
            rows = list(self._current().verdicts.rows.values())
        return calibrate(
            [
                (row.confidence, row.verdict is not Verdict.DIFFERENT)
                for row in rows
                if row.confidence is not None
            ]
        )

    def export_verdicts(self) -> dict[str, object]:
        """Return all verdicts, to be written as JSON."""
        return verdicts_as_json(self._table.verdicts().values())

    def import_verdicts(self, data: object) -> int:
        """Take over verdicts that were exported, where they are newer; returns how many.

        Raises LibraryError for anything else.
        """
        found = read_verdicts(data)
        with self._lock:
            newer = merge(self._table.verdicts(), found)
            self._table.replace([(row.first, row.second) for row in newer], newer)
            self._state = None
        return len(newer)

    @property
    def rules(self) -> KeepRuleSet:
        """The user's rules."""
        stored = settings.load(self._folder)
        return KeepRuleSet(
            copies=_known_rules(stored.keep_rules) or DEFAULT_RULES,
            bursts=_known_rules(stored.burst_rules) or BURST_RULES,
            protected=stored.protected_folders,
            folders=stored.folder_order,
            across_folders=stored.across_folders,
        )

    def set_rules(self, rules: KeepRuleSet) -> None:
        """Save the user's rules; an empty list of rules stands for the default one."""
        settings.update(
            self._folder,
            keep_rules=tuple(map(str, rules.copies)),
            burst_rules=tuple(map(str, rules.bursts)),
            protected_folders=rules.protected,
            folder_order=rules.folders,
            across_folders=rules.across_folders,
        )

    def _current(self) -> DuplicateState:
        """Return the state of the library as it is now."""
        offline = frozenset(status.path for status in self._folders.statuses() if not status.online)
        key = (self._catalog.database.revision(), offline)
        if self._state is None or self._state.key != key:
            self._state = None  # freed first: two of them at once would need twice the memory
            with gc_paused():
                self._state = DuplicateState(key, self._table, self._loader, offline)
            stale = self._state.stale_reviews(self.rules)
            if stale:
                with suppress(LibraryError):  # the library may be read-only
                    self._table.replace([], [], stale)
        return self._state

    def _decisions(self) -> Decisions:
        # While an indexing changes the library, each decision would have to wait for all groups to be computed again.
        state = self._state or self._current()
        return state.decisions(datetime.now(UTC).isoformat(timespec="seconds"))

    def _apply(self, change: ReviewChange) -> ReviewChange:
        self._table.replace(
            change.verdict_keys, change.verdicts_after, change.reviews_before, change.reviews_after
        )
        if self._state is not None:
            self._state.apply(change)
        return change


def _known_rules(names: Sequence[str]) -> tuple[KeepRule, ...]:
    known = set(map(str, KeepRule))
    for name in names:
        if name not in known:
            _log.warning("The rule “%s” is unknown and was ignored", name)
    return tuple(dict.fromkeys(KeepRule(name) for name in names if name in known))
