"""Reviewing duplicates: what is decided, remembered, gathered in the basket and taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.results import DuplicateGroup, DuplicateTotals, Verdict
from photosim.errors import LibraryError
from photosim.library import Library
from photosim.library.duplicates import DuplicateService
from photosim.store.verdicts import VerdictTable
from tests.support.duplicates import DuplicateLibrary, digest_of, duplicate_library

Verdicts = dict[tuple[int, int], Verdict]


@pytest.fixture
def duplicates(tmp_path: Path) -> Iterator[DuplicateLibrary]:
    """A library with a large photo, a small copy of it and a tiny one, all confirmed."""
    with duplicate_library(tmp_path) as library:
        for content, (name, width) in enumerate((("large", 900), ("small", 300), ("tiny", 100)), 1):
            library.add(f"{name}.jpg", content, width=width)
        library.tie((1, 2), (1, 3), (2, 3))
        yield library


def service(duplicates: DuplicateLibrary) -> DuplicateService:
    return duplicates.library.duplicates


def ids(duplicates: DuplicateLibrary, *names: str) -> list[int]:
    return [duplicates.photo(name).file_id for name in names]


def decide(duplicates: DuplicateLibrary, *names: str) -> DuplicateGroup:
    group = duplicates.group()
    service(duplicates).decide(group, ids(duplicates, *names))
    return group


def in_basket(duplicates: DuplicateLibrary) -> list[str]:
    return sorted(duplicates.names(photo.file_id for photo in service(duplicates).basket().photos))


def verdicts(duplicates: DuplicateLibrary) -> Verdicts:
    rows = VerdictTable(duplicates.library._catalog.database).verdicts().values()
    return {
        (int.from_bytes(row.first, "big"), int.from_bytes(row.second, "big")): row.verdict for row in rows
    }


def test_what_does_not_stay_is_in_the_basket(duplicates: DuplicateLibrary) -> None:
    group = decide(duplicates, "large.jpg")
    [found] = service(duplicates).basket().groups
    assert (found.id, found.kind) == (group.id, DuplicateKind.SAME)
    assert duplicates.names(photo.file_id for photo in found.kept) == ["large.jpg"]
    assert in_basket(duplicates) == ["small.jpg", "tiny.jpg"]
    assert verdicts(duplicates) == {(1, 2): Verdict.SAME, (1, 3): Verdict.SAME}
    assert service(duplicates).reviews() == {group.id: frozenset(ids(duplicates, "large.jpg"))}


def test_a_reviewed_group_is_listed_and_not_counted(duplicates: DuplicateLibrary) -> None:
    decide(duplicates, "large.jpg")
    assert duplicates.listed() == [["large.jpg", "small.jpg", "tiny.jpg"]]
    assert service(duplicates).totals() == DuplicateTotals()


def test_photos_that_all_stay_are_settled(duplicates: DuplicateLibrary) -> None:
    decide(duplicates, "large.jpg", "small.jpg", "tiny.jpg")
    assert duplicates.listed() == []
    assert len(duplicates.listed(include_settled=True)) == 1
    assert in_basket(duplicates) == []
    assert set(verdicts(duplicates).values()) == {Verdict.KEPT}


def test_of_some_photos_that_stay_and_one_that_does_not_only_that_one_goes(
    duplicates: DuplicateLibrary,
) -> None:
    decide(duplicates, "large.jpg", "small.jpg")
    assert in_basket(duplicates) == ["tiny.jpg"]
    assert verdicts(duplicates) == {(1, 2): Verdict.KEPT, (1, 3): Verdict.SAME}
    settled = [member.photo.file_id for member in duplicates.group().photos if member.is_settled]
    assert duplicates.names(settled) == ["small.jpg"]


def test_at_least_one_photo_stays(duplicates: DuplicateLibrary) -> None:
    with pytest.raises(LibraryError, match="at least one"):
        service(duplicates).decide(duplicates.group(), [])


def test_a_kept_pair_is_not_asked_again_and_a_third_copy_only_for_itself(
    duplicates: DuplicateLibrary,
) -> None:
    decide(duplicates, "large.jpg", "small.jpg", "tiny.jpg")
    duplicates.add("new.jpg", 4, width=200)
    duplicates.tie((1, 4))
    group = duplicates.group()
    assert duplicates.names(member.photo.file_id for member in group.superfluous) == ["new.jpg"]
    assert service(duplicates).totals().photos == 1


def test_identical_files_that_stay_are_not_asked_again_and_a_third_one_only_for_itself(
    tmp_path: Path,
) -> None:
    with duplicate_library(tmp_path / "other") as duplicates:
        duplicates.add("folder/a.jpg", 1)
        duplicates.add("backup/a.jpg", 1)
        decide(duplicates, "folder/a.jpg", "backup/a.jpg")
        assert duplicates.listed() == []
        duplicates.add("a.jpg", 1)  # its path is the shortest, but the others were to stay
        group = duplicates.group()
        assert duplicates.names(member.photo.file_id for member in group.superfluous) == ["a.jpg"]


def test_photos_that_are_different_leave_the_group(duplicates: DuplicateLibrary) -> None:
    service(duplicates).mark_different(duplicates.group(), ids(duplicates, "small.jpg"))
    assert duplicates.listed() == [["large.jpg", "tiny.jpg"]]
    assert verdicts(duplicates) == {(1, 2): Verdict.DIFFERENT, (2, 3): Verdict.DIFFERENT}
    service(duplicates).mark_different(duplicates.group())
    assert duplicates.listed(include_settled=True) == []


def test_identical_files_cannot_be_different_and_stay(tmp_path: Path) -> None:
    with duplicate_library(tmp_path / "other") as duplicates:
        duplicates.add("a.jpg", 1)
        duplicates.add("b.jpg", 1)
        service(duplicates).mark_different(duplicates.group())
        assert duplicates.listed() == []
        assert verdicts(duplicates) == {(1, 1): Verdict.KEPT}


def test_a_shot_that_is_different_leaves_its_burst(tmp_path: Path) -> None:
    with duplicate_library(tmp_path / "other") as duplicates:
        for content in (1, 2, 3):
            duplicates.add(f"{content}.jpg", content)
        duplicates.link([1, 2, 3])
        service(duplicates).mark_different(duplicates.group(), ids(duplicates, "2.jpg"))
        assert duplicates.listed() == [["1.jpg", "3.jpg"]]


def test_shots_of_a_burst_that_stay_are_no_copies_of_each_other(tmp_path: Path) -> None:
    with duplicate_library(tmp_path / "other") as duplicates:
        for content in (1, 2):
            duplicates.add(f"{content}.jpg", content)
        duplicates.link([1, 2])
        duplicates.tie((1, 2, 0.25))
        decide(duplicates, "1.jpg", "2.jpg")
        groups = service(duplicates).groups(include_settled=True)
        assert [group.kind for group in groups] == [DuplicateKind.BURST]
        assert service(duplicates).calibration().verdicts == 0


@pytest.mark.parametrize(
    "kept", [["large.jpg"], ["tiny.jpg", "small.jpg"], ["large.jpg", "small.jpg", "tiny.jpg"]]
)
def test_a_decision_is_taken_back_and_made_again_exactly(
    duplicates: DuplicateLibrary, kept: list[str]
) -> None:
    table = VerdictTable(duplicates.library._catalog.database)
    first = decide(duplicates, "large.jpg", "tiny.jpg")
    before = table.verdicts(), table.reviews(), service(duplicates).groups(include_settled=True)
    change = service(duplicates).decide(first, ids(duplicates, *kept))
    after = table.verdicts(), table.reviews(), service(duplicates).groups(include_settled=True)
    service(duplicates).take_back(change)
    assert (table.verdicts(), table.reviews(), service(duplicates).groups(include_settled=True)) == before
    service(duplicates).redo(change)
    assert (table.verdicts(), table.reviews(), service(duplicates).groups(include_settled=True)) == after


def test_many_groups_are_decided_and_taken_back_in_one_step(duplicates: DuplicateLibrary) -> None:
    for path in ("x.jpg", "y.jpg"):
        duplicates.add(path, 9)
    groups = service(duplicates).groups()
    change = service(duplicates).decide_all([(group, [group.keep]) for group in groups])
    assert in_basket(duplicates) == ["small.jpg", "tiny.jpg", "y.jpg"]
    service(duplicates).take_back(change)
    assert in_basket(duplicates) == []
    assert verdicts(duplicates) == {}


def test_the_basket_survives_a_restart(duplicates: DuplicateLibrary) -> None:
    decide(duplicates, "large.jpg")
    again = Library.open(duplicates.library.folder)
    try:
        assert again.duplicates.basket() == service(duplicates).basket()
        assert again.duplicates.basket().photos
    finally:
        again.close()


def test_a_review_falls_away_when_a_file_changed(duplicates: DuplicateLibrary) -> None:
    decide(duplicates, "large.jpg")
    duplicates.add("tiny.jpg", 3, width=100, size=1001)
    assert in_basket(duplicates) == []
    assert service(duplicates).reviews() == {}
    assert service(duplicates).totals().groups == 1


def test_a_review_falls_away_when_the_photo_to_keep_is_removed(duplicates: DuplicateLibrary) -> None:
    decide(duplicates, "large.jpg")
    duplicates.remove("large.jpg")
    assert in_basket(duplicates) == []
    assert duplicates.listed() == [["small.jpg", "tiny.jpg"]]


def test_a_review_stands_whatever_the_slider_and_the_rules_are_now(duplicates: DuplicateLibrary) -> None:
    duplicates.tie((1, 3, 0.6))
    [group] = service(duplicates).groups(min_confidence=0.8)
    assert duplicates.names(group.file_ids) == ["large.jpg", "small.jpg"]
    service(duplicates).decide(group, [group.keep])
    service(duplicates).set_rules(replace(service(duplicates).rules, across_folders=True))
    assert in_basket(duplicates) == ["small.jpg"]


def test_a_later_decision_replaces_that_on_a_part_of_the_group(duplicates: DuplicateLibrary) -> None:
    duplicates.tie((1, 3, 0.6))
    [part] = service(duplicates).groups(min_confidence=0.8)
    change = service(duplicates).decide(part, [part.keep])
    service(duplicates).take_back(change)
    service(duplicates).redo(change)
    decide(duplicates, "small.jpg")
    assert in_basket(duplicates) == ["large.jpg", "tiny.jpg"]
    assert len(service(duplicates).reviews()) == 1


def test_a_photo_that_was_protected_meanwhile_leaves_the_basket(duplicates: DuplicateLibrary) -> None:
    decide(duplicates, "large.jpg")
    service(duplicates).set_rules(replace(service(duplicates).rules, protected=(str(duplicates.photos),)))
    assert in_basket(duplicates) == []


def test_the_basket_does_not_empty_a_group_by_two_reviews(tmp_path: Path) -> None:
    with duplicate_library(tmp_path / "other") as duplicates:
        for content, width in ((1, 400), (2, 400), (3, 100)):
            duplicates.add(f"{content}.jpg", content, width=width)
        duplicates.tie((2, 3))
        duplicates.link([1, 2])
        for group in service(duplicates).groups():
            keep = "1.jpg" if group.kind is DuplicateKind.BURST else "2.jpg"
            service(duplicates).decide(group, ids(duplicates, keep))
        basket = service(duplicates).basket()
        assert duplicates.names(photo.file_id for photo in basket.photos) == ["3.jpg"]
        assert duplicates.names(basket.held_back) == ["2.jpg"]


def test_verdicts_survive_moves_and_the_removal_of_the_folder(duplicates: DuplicateLibrary) -> None:
    decide(duplicates, "large.jpg", "small.jpg", "tiny.jpg")
    known = verdicts(duplicates)
    with duplicates.library._catalog.database.transaction() as db:
        db.execute("UPDATE files SET path = REPLACE(path, 'tiny', 'renamed')")
    assert duplicates.listed() == []
    duplicates.library.remove_source(str(duplicates.photos))
    assert verdicts(duplicates) == known
    duplicates.library._catalog.add_source(str(duplicates.photos))
    for name, content in (("a", 3), ("b", 2), ("c", 1)):
        duplicates.add(f"{name}.jpg", content)
    duplicates.tie((1, 2), (1, 3), (2, 3))
    assert duplicates.listed() == []
    assert len(duplicates.listed(include_settled=True)) == 1


def test_what_the_user_said_ties_photos_that_no_method_does(duplicates: DuplicateLibrary) -> None:
    decide(duplicates, "large.jpg")
    with duplicates.library._catalog.database.transaction() as db:
        db.execute("DELETE FROM duplicate_pairs")
    assert duplicates.listed() == [["large.jpg", "small.jpg", "tiny.jpg"]]


def test_a_doubtful_pair_that_the_user_called_the_same_is_a_group_from_then_on(
    duplicates: DuplicateLibrary,
) -> None:
    duplicates.add("odd.jpg", 4)
    duplicates.add("even.jpg", 5)
    duplicates.tie((4, 5, 0.25))
    [doubtful] = [group for group in service(duplicates).groups(min_confidence=0.2) if len(group.photos) == 2]
    before = duplicates.listed()
    change = service(duplicates).decide(doubtful, [doubtful.keep])
    assert sorted(duplicates.names(doubtful.file_ids)) in [sorted(group) for group in duplicates.listed()]
    assert set(in_basket(duplicates)) < {"odd.jpg", "even.jpg"}
    service(duplicates).take_back(change)
    assert duplicates.listed() == before


def test_the_calibration_learns_from_verdicts_with_their_confidence(duplicates: DuplicateLibrary) -> None:
    before = service(duplicates).calibration()
    service(duplicates).mark_different(duplicates.group())
    after = service(duplicates).calibration()
    assert (before.verdicts, after.verdicts) == (0, 3)
    assert after.probability(0.9) < before.probability(0.9)


def test_verdicts_are_taken_to_another_library(duplicates: DuplicateLibrary, tmp_path: Path) -> None:
    decide(duplicates, "large.jpg", "small.jpg")
    data = json.loads(json.dumps(service(duplicates).export_verdicts()))
    with duplicate_library(tmp_path / "other") as other:
        for name, content in (("a", 1), ("b", 2)):
            other.add(f"{name}.jpg", content)
        other.tie((1, 2))
        assert len(other.listed()) == 1
        assert service(other).import_verdicts(data) == 2
        assert other.listed() == []
        assert verdicts(other) == verdicts(duplicates)
        assert service(other).import_verdicts(data) == 0


def test_of_two_verdicts_on_a_pair_the_newer_one_is_taken(duplicates: DuplicateLibrary) -> None:
    decide(duplicates, "large.jpg")

    def one(year: int) -> dict[str, object]:
        item = {
            "first": digest_of(1).hex(),
            "second": digest_of(2).hex(),
            "verdict": "different",
            "confidence": 0.5,
            "copies": None,
            "decided_at": f"{year}-01-01T00:00:00+02:00",
        }
        return {"verdicts": [item]}

    assert service(duplicates).import_verdicts(one(2000)) == 0
    assert verdicts(duplicates)[1, 2] is Verdict.SAME
    assert service(duplicates).import_verdicts(one(2999)) == 1
    assert verdicts(duplicates)[1, 2] is Verdict.DIFFERENT
    assert in_basket(duplicates) == [], "the review said something else of this pair"


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"verdicts": 1},
        {"verdicts": [1]},
        {"verdicts": [{}]},
        {"verdicts": [{"first": "00" * 16}]},
        *(
            {
                "verdicts": [
                    {
                        "first": "00" * 16,
                        "second": "11" * 16,
                        "verdict": "same",
                        "confidence": None,
                        "copies": None,
                        "decided_at": "2026-01-01T00:00:00+00:00",
                    }
                    | wrong
                ]
            }
            for wrong in (
                {"first": "00" * 15},
                {"second": "no digest"},
                {"second": 1},
                {"verdict": "perhaps"},
                {"confidence": 2},
                {"confidence": "much"},
                {"copies": 0},
                {"copies": True},
                {"decided_at": "yesterday"},
                {"decided_at": 5},
                {"decided_at": "2026-01-01"},
            )
        ),
    ],
)
def test_a_file_of_something_else_is_a_sentence(duplicates: DuplicateLibrary, data: object) -> None:
    with pytest.raises(LibraryError, match="can't be imported"):
        service(duplicates).import_verdicts(data)
    assert verdicts(duplicates) == {}


def test_a_read_only_library_is_a_sentence(duplicates: DuplicateLibrary) -> None:
    group = duplicates.group()
    duplicates.library.set_read_only("It is read-only.")
    with pytest.raises(LibraryError, match="read-only"):
        service(duplicates).decide(group, [group.keep])
    assert in_basket(duplicates) == []
