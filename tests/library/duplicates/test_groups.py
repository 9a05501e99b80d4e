"""Which groups of duplicates a library has."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.keep_rules import KeepRule, KeepRuleSet
from photosim.duplicates.results import CopyRelation, DuplicateTotals, JudgedPair
from photosim.library import Library
from tests.support.duplicates import DuplicateLibrary, duplicate_library


@pytest.fixture
def duplicates(tmp_path: Path) -> Iterator[DuplicateLibrary]:
    with duplicate_library(tmp_path) as library:
        yield library


def test_files_with_one_content_are_a_group(duplicates: DuplicateLibrary) -> None:
    for path in ("holiday/a.jpg", "a.jpg", "copy of a.jpg"):
        duplicates.add(path, 1)
    duplicates.add("other.jpg", 2)
    group = duplicates.group()
    assert (group.kind, group.confidence) == (DuplicateKind.IDENTICAL, 1.0)
    assert duplicates.names(group.file_ids) == ["a.jpg", "copy of a.jpg", "holiday/a.jpg"]
    assert group.reasons == (KeepRule.SHORTER_NAME, KeepRule.SHORTER_PATH)


def test_a_confirmed_pair_is_a_group_with_all_files_of_both(duplicates: DuplicateLibrary) -> None:
    duplicates.add("small.jpg", 1)
    duplicates.add("large.jpg", 2, width=800)
    duplicates.add("backup/large.jpg", 2, width=800)
    duplicates.tie((1, 2, 0.75))
    group = duplicates.group()
    assert group.kind is DuplicateKind.SAME
    assert duplicates.names(group.file_ids) == ["large.jpg", "backup/large.jpg", "small.jpg"]
    assert [photo.confidence for photo in group.photos] == [1.0, 1.0, 0.75]
    assert KeepRule.PIXELS in group.reasons


def test_identical_files_within_a_group_are_listed_if_only_those_are_asked_for(
    duplicates: DuplicateLibrary,
) -> None:
    duplicates.add("small.jpg", 1)
    duplicates.add("large.jpg", 2, width=800)
    duplicates.add("backup/large.jpg", 2, width=800)
    duplicates.tie((1, 2))
    assert duplicates.listed(kinds={DuplicateKind.IDENTICAL}) == [["large.jpg", "backup/large.jpg"]]


def test_doubtful_pairs_are_groups_only_on_demand(duplicates: DuplicateLibrary) -> None:
    duplicates.add("a.jpg", 1)
    duplicates.add("b.jpg", 2)
    duplicates.tie((1, 2, 0.25))
    assert duplicates.listed() == []
    assert duplicates.listed(min_confidence=0.2) == [["a.jpg", "b.jpg"]]
    assert duplicates.listed() == []


def test_a_burst_holds_the_copy_of_each_shot_that_is_kept(duplicates: DuplicateLibrary) -> None:
    duplicates.add("1.jpg", 1)
    duplicates.add("2.jpg", 2)
    duplicates.add("2 small.jpg", 3, width=100)
    duplicates.tie((2, 3))
    duplicates.link([1, 3])
    duplicates.table.save({duplicates.photo("2.jpg").photo_id: 9.0}, 1)
    assert duplicates.listed(kinds={DuplicateKind.BURST}) == [["2.jpg", "1.jpg"]]
    assert duplicates.listed(kinds={DuplicateKind.SAME}) == [["2.jpg", "2 small.jpg"]]


def test_a_raw_file_and_its_jpeg_are_no_duplicates(duplicates: DuplicateLibrary) -> None:
    jpeg = duplicates.add("a.jpg", 1)
    raw = duplicates.add("a.nef", 2)
    duplicates.tie((1, 2))
    with duplicates.library._catalog.database.transaction() as db:
        db.execute("UPDATE files SET primary_id = ? WHERE id = ?", (jpeg.file_id, raw.file_id))
    assert duplicates.listed() == []


def test_the_group_that_frees_most_is_first(duplicates: DuplicateLibrary) -> None:
    for name, size in (("a", 10), ("b", 1000), ("c", 100)):
        for number in range(2):
            duplicates.add(f"{name}{number}.jpg", ord(name), size=size)
    assert [group[0] for group in duplicates.listed()] == ["b0.jpg", "c0.jpg", "a0.jpg"]


def test_files_in_the_folder_of_the_one_to_keep_are_no_duplicates_if_only_folders_count(
    duplicates: DuplicateLibrary,
) -> None:
    for path in ("a.jpg", "copy.jpg", "backup/a.jpg"):
        duplicates.add(path, 1)
    duplicates.add("b.jpg", 2)
    duplicates.add("b copy.jpg", 2)
    assert duplicates.listed(across_folders=True) == [["a.jpg", "backup/a.jpg"]]
    service = duplicates.library.duplicates
    service.set_rules(replace(service.rules, across_folders=True))
    assert duplicates.listed() == [["a.jpg", "backup/a.jpg"]]
    assert len(duplicates.listed(across_folders=False)) == 2


def test_a_photo_in_a_protected_folder_is_never_superfluous(duplicates: DuplicateLibrary) -> None:
    for path in ("archive/one/a.jpg", "archive/a.jpg", "a.jpg", "archive 2/a.jpg"):
        duplicates.add(path, 1)
    service = duplicates.library.duplicates
    service.set_rules(replace(service.rules, protected=(str(duplicates.photos / "archive"),)))
    group = duplicates.group()
    superfluous = [member.photo.file_id for member in group.superfluous]
    assert duplicates.names(superfluous) == ["a.jpg", "archive 2/a.jpg"]
    assert group.keep == duplicates.photo("archive/a.jpg").file_id


def test_rules_can_be_tried_before_they_are_set(duplicates: DuplicateLibrary) -> None:
    for path in ("a.jpg", "folder/a.jpg"):
        duplicates.add(path, 1)
    rules = KeepRuleSet(copies=(KeepRule.LONGER_PATH,))
    assert duplicates.listed(rules=rules) == [["folder/a.jpg", "a.jpg"]]
    assert duplicates.listed() == [["a.jpg", "folder/a.jpg"]]


def test_the_order_of_folders_counts_if_a_rule_asks_for_it(duplicates: DuplicateLibrary) -> None:
    for path in ("a/x.jpg", "b/x.jpg", "c/x.jpg"):
        duplicates.add(path, 1)
    folders = tuple(str(duplicates.photos / name) for name in ("b", "a"))
    rules = KeepRuleSet(copies=(KeepRule.FOLDER,), folders=folders)
    assert duplicates.listed(rules=rules) == [["b/x.jpg", "a/x.jpg", "c/x.jpg"]]


def test_rules_are_kept_with_the_library(duplicates: DuplicateLibrary) -> None:
    service = duplicates.library.duplicates
    assert service.rules == KeepRuleSet()
    rules = KeepRuleSet(
        (KeepRule.RAW,), (KeepRule.SHARPER,), ("/archive",), ("/b", "/a"), across_folders=True
    )
    service.set_rules(rules)
    again = Library.open(duplicates.library.folder)
    assert again.duplicates.rules == rules
    again.close()


def test_unknown_rules_in_the_settings_are_ignored(
    duplicates: DuplicateLibrary, caplog: pytest.LogCaptureFixture
) -> None:
    file = duplicates.library.folder / "settings.json"
    file.write_text('{"keep_rules": ["longer_path", "of the future"]}', encoding="utf-8")
    assert duplicates.library.duplicates.rules == KeepRuleSet(copies=(KeepRule.LONGER_PATH,))
    assert "of the future" in caplog.text


def test_edits_beside_a_photo_are_seen(duplicates: DuplicateLibrary) -> None:
    duplicates.add("a.jpg", 1)
    duplicates.add("holiday/b.jpg", 1)
    (duplicates.photos / "holiday" / "B.XMP").touch()
    group = duplicates.group()
    assert duplicates.names([group.keep]) == ["holiday/b.jpg"]
    assert group.reasons == (KeepRule.EDITED,)
    assert [photo.has_edits for photo in group.photos] == [True, False]


def test_missing_files_are_shown_and_neither_kept_nor_superfluous(duplicates: DuplicateLibrary) -> None:
    for path in ("a.jpg", "folder/a.jpg", "folder/folder/a.jpg"):
        duplicates.add(path, 1)
    with duplicates.library._catalog.database.transaction() as db:
        db.execute("UPDATE files SET missing = 1 WHERE id = ?", (duplicates.photo("a.jpg").file_id,))
    group = duplicates.group()
    assert duplicates.names(group.file_ids) == ["folder/a.jpg", "a.jpg", "folder/folder/a.jpg"]
    assert duplicates.names(member.photo.file_id for member in group.superfluous) == ["folder/folder/a.jpg"]


def test_files_of_a_folder_that_is_offline_are_shown_and_neither_kept_nor_superfluous(
    tmp_path: Path, duplicates: DuplicateLibrary
) -> None:
    for path in ("folder/a.jpg", "folder/b.jpg"):
        duplicates.add(path, 1)
    drive = DuplicateLibrary(duplicates.library, tmp_path / "drive")
    drive.photos.mkdir()
    duplicates.library._catalog.add_source(str(drive.photos))
    away = drive.add("a.jpg", 1)
    assert duplicates.group().keep == away.file_id, "its path is shorter"
    shutil.rmtree(drive.photos)
    group = duplicates.group()
    assert duplicates.names([group.keep]) == ["folder/a.jpg"]
    assert [photo.photo.file_id for photo in group.photos if not photo.is_online] == [away.file_id]
    assert duplicates.names(member.photo.file_id for member in group.superfluous) == ["folder/b.jpg"]


def test_totals_are_of_the_groups_listed(duplicates: DuplicateLibrary) -> None:
    assert duplicates.library.duplicates.totals() == DuplicateTotals()
    for path in ("a.jpg", "b.jpg", "c.jpg"):
        duplicates.add(path, 1, size=100)
    assert duplicates.library.duplicates.totals() == DuplicateTotals(1, 2, 200)


def test_a_file_is_in_one_stack_at_most_and_the_best_is_on_top(duplicates: DuplicateLibrary) -> None:
    duplicates.add("1.jpg", 1)
    duplicates.add("2.jpg", 2)
    duplicates.add("2 small.jpg", 3, width=100)
    duplicates.tie((2, 3))
    duplicates.link([1, 2])
    duplicates.table.save({duplicates.photo("2.jpg").photo_id: 9.0}, 1)
    for path in ("x.jpg", "y.jpg"):
        duplicates.add(path, 4)
    stacks = [duplicates.names(stack) for stack in duplicates.library.duplicates.stacks()]
    assert stacks == [["2.jpg", "2 small.jpg", "1.jpg"], ["x.jpg", "y.jpg"]]
    assert duplicates.listed(include_settled=True, kinds={DuplicateKind.IDENTICAL}) == [["x.jpg", "y.jpg"]]


@pytest.mark.parametrize(
    ("date", "are_copies"),
    [
        ("2024-05-04T10:00:00", True),
        ("2024-05-04T12:00:00", True),
        ("2024-05-04T10:00:01", False),
        ("2024-05-05T10:03:00", False),
        ("damaged", True),
    ],
)
def test_two_shots_of_one_camera_are_no_copies_however_alike_they_are(
    tmp_path: Path, date: str, are_copies: bool
) -> None:
    with duplicate_library(tmp_path) as library:
        library.add("first.jpg", 1, width=900, date="2024-05-04T10:00:00")
        library.add("second.jpg", 2, date=date)
        library.tie((1, 2))
        assert library.listed() == ([["first.jpg", "second.jpg"]] if are_copies else [])
        library.link((1, 2))
        kinds = {group.kind for group in library.library.duplicates.groups()}
        assert (DuplicateKind.BURST in kinds) is not are_copies


UNMOVED, MOVED = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), (1.0, 0.0, 0.02, 0.0, 1.0, -0.01)


@pytest.mark.parametrize(
    ("matrix", "width", "are_copies"),
    [(UNMOVED, 900, True), (MOVED, 900, False), (MOVED, 450, True), ((0.8, 0, 0.2, 0, 0.8, 0), 900, True)],
    ids=["saved again", "next shot", "smaller", "cropped and enlarged"],
)
def test_two_shots_of_one_second_are_told_by_the_hand_that_moved(
    tmp_path: Path, matrix: tuple[float, ...], width: int, are_copies: bool
) -> None:
    with duplicate_library(tmp_path) as library:
        first = library.add("first.jpg", 1, width=900)
        second = library.add("second.jpg", 2, width=width)
        pair = JudgedPair(*sorted((first.photo_id, second.photo_id)), 0.99, CopyRelation(matrix, 0.98))
        library.table.save({}, 1, [pair])
        assert library.listed() == ([["first.jpg", "second.jpg"]] if are_copies else [])
