"""The basket of duplicates goes to the trash in one step: photo by photo verified, and never the last of a group."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.results import Basket, BasketGroup, ReviewRow
from photosim.errors import ReadOnlyLibraryError
from photosim.files.operations.copying import TransferProgress
from photosim.files.operations.trash import move_to_trash
from photosim.library import Library
from photosim.library.duplicates.trash import DuplicateTrash
from photosim.library.files.operations import OperationResult
from photosim.records import Photo
from photosim.store.verdicts import VerdictTable
from tests.support.images import make_exif, make_photo
from tests.support.indexing import index, indexed_library, photo_names
from tests.support.photo_folders import read_files

TAKEN = "2021:05:04 10:20:30"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Scene 1 in three sizes, the small ones with a date and edits; scene 2 with an exact copy."""
    folder = tmp_path / "photos"
    make_photo(folder / "large.jpg", 1, (640, 480))
    make_photo(folder / "small.jpg", 1, exif=make_exif(taken_at=TAKEN))
    (folder / "small.xmp").write_text("edits")
    make_photo(folder / "tiny.jpg", 1, (160, 120))
    make_photo(folder / "two.jpg", 2)
    (folder / "backup").mkdir()
    shutil.copy(folder / "two.jpg", folder / "backup" / "two.jpg")
    return folder


@pytest.fixture
def library(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    with indexed_library(tmp_path / "library", photos, monkeypatch) as opened:
        yield opened


def photo(library: Library, path: Path) -> Photo:
    found = library.find(path)
    assert found is not None
    return found


def basket_of(library: Library, *groups: tuple[list[Path], list[Path]]) -> Basket:
    """Build a basket from the paths of each group: those that go, and those that stay."""
    return Basket(
        tuple(
            BasketGroup(
                str(number),
                DuplicateKind.SAME,
                tuple(photo(library, path) for path in gone),
                tuple(photo(library, path) for path in kept),
            )
            for number, (gone, kept) in enumerate(groups)
        )
    )


@pytest.fixture
def basket(library: Library, photos: Path) -> Basket:
    return basket_of(
        library,
        ([photos / "small.jpg", photos / "tiny.jpg"], [photos / "large.jpg"]),
        ([photos / "backup" / "two.jpg"], [photos / "two.jpg"]),
    )


def run(library: Library, basket: Basket, *, inherit: bool = False) -> OperationResult:
    return library.duplicate_trash.run(basket, move_to_trash, TransferProgress(), inherit=inherit)


def undo(library: Library, result: OperationResult) -> OperationResult:
    undone = library.file_moves.undo(result.operation, result.report.done, move_to_trash, TransferProgress())
    assert not undone.report.failed
    return undone


def again(library: Library, undone: OperationResult) -> OperationResult:
    return library.file_moves.run(undone.operation, move_to_trash, TransferProgress())


def reasons(result: OperationResult) -> dict[str, str]:
    return {Path(failure.path).name: failure.reason for failure in result.report.failed}


def test_a_basket_goes_and_comes_back_in_one_step(library: Library, photos: Path, basket: Basket) -> None:
    files, known = read_files(photos), library.photos()
    result = run(library, basket)
    assert not result.report.failed
    assert read_files(photos).keys() == {"large.jpg", "two.jpg"}
    assert photo_names(library) == ["large.jpg", "two.jpg"]
    undone = undo(library, result)
    assert read_files(photos) == files
    assert library.photos() == known
    assert index(library).indexed == 0
    second = again(library, undone)
    assert len(second.report.done) == 3, "what is done again needs no question"
    assert photo_names(library) == ["large.jpg", "two.jpg"]
    undo(library, second)
    assert library.photos() == known


def edit(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"edited")


def edit_with_the_old_stamp(path: Path) -> None:
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def touch(path: Path) -> None:
    os.utime(path, (1, 1))


def rename(path: Path) -> None:
    path.rename(path.with_name("renamed.jpg"))


def replace_by_a_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere.jpg"))
    path.symlink_to(path.with_name("elsewhere.jpg"))


@pytest.mark.parametrize(
    "change", [edit, edit_with_the_old_stamp, touch, rename, replace_by_a_link, Path.unlink]
)
def test_a_photo_that_is_not_as_it_was_reviewed_stays(
    library: Library, photos: Path, basket: Basket, change: Callable[[Path], object]
) -> None:
    change(photos / "small.jpg")
    before = {
        name: content
        for name, content in read_files(photos).items()
        if name not in ("tiny.jpg", "backup/two.jpg")
    }
    result = run(library, basket)
    assert reasons(result).keys() == {"small.jpg"}
    assert len(result.report.done) == 2
    assert read_files(photos) == before


@pytest.mark.parametrize("change", [edit, edit_with_the_old_stamp, rename, Path.unlink])
def test_no_photo_goes_whose_keeper_is_not_there_with_its_content(
    library: Library, photos: Path, basket: Basket, change: Callable[[Path], object]
) -> None:
    change(photos / "large.jpg")
    result = run(library, basket)
    assert reasons(result).keys() == {"small.jpg", "tiny.jpg"}
    assert (photos / "small.jpg").exists()
    assert (photos / "tiny.jpg").exists()
    assert not (photos / "backup" / "two.jpg").exists()


def test_a_keeper_that_was_only_touched_counts(library: Library, photos: Path, basket: Basket) -> None:
    touch(photos / "large.jpg")
    assert not run(library, basket).report.failed


def test_a_keeper_that_is_a_link_to_the_photo_itself_does_not_count(
    library: Library, photos: Path, basket: Basket
) -> None:
    (photos / "two.jpg").unlink()
    (photos / "two.jpg").symlink_to(photos / "backup" / "two.jpg")
    result = run(library, basket)
    assert reasons(result).keys() == {"two.jpg"}
    assert (photos / "backup" / "two.jpg").exists()


def test_an_offline_folder_keeps_its_photos_and_those_they_would_replace(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    basket = basket_of(
        library,
        ([photos / "two.jpg"], [photos / "backup" / "two.jpg"]),
        ([photos / "tiny.jpg"], [photos / "backup" / "two.jpg", photos / "large.jpg"]),
    )
    (photos / "backup").rename(tmp_path / "away")
    result = run(library, basket)
    assert reasons(result).keys() == {"two.jpg"}
    assert not (photos / "tiny.jpg").exists(), "another photo of its group stays"


def test_a_photo_that_another_group_trashes_keeps_nothing(library: Library, photos: Path) -> None:
    basket = basket_of(
        library,
        ([photos / "tiny.jpg"], [photos / "small.jpg"]),
        ([photos / "small.jpg"], [photos / "large.jpg"]),
    )
    assert reasons(run(library, basket)).keys() == {"tiny.jpg"}
    assert (photos / "tiny.jpg").exists()


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library of eight photos."""
    base = tmp_path_factory.mktemp("eight")
    for seed in range(8):
        make_photo(base / "photos" / f"{seed}.jpg", seed, (64, 48))
    with (
        pytest.MonkeyPatch.context() as patch,
        indexed_library(base / "library", base / "photos", patch) as library,
    ):
        yield library


@given(
    groups=st.lists(
        st.dictionaries(st.integers(0, 7), st.booleans(), min_size=2, max_size=5), min_size=1, max_size=4
    ),
    away=st.sets(st.integers(0, 7), max_size=4),
)
@settings(max_examples=60)
def test_of_each_group_a_photo_stays_that_is_there(
    eight: Library, groups: list[dict[int, bool]], away: set[int]
) -> None:
    """However groups overlap, and whatever is gone: `groups` say which photos go, `away` are gone."""
    photos = eight.photos()
    basket = Basket(
        tuple(
            BasketGroup(
                str(number),
                DuplicateKind.SAME,
                tuple(photos[one] for one, goes in group.items() if goes),
                tuple(photos[one] for one, goes in group.items() if not goes),
            )
            for number, group in enumerate(groups)
        )
    )
    for one in away:
        Path(photos[one].path).rename(f"{photos[one].path}.away")
    try:
        prepared = eight.duplicate_trash.prepare(basket, TransferProgress())
    finally:
        for one in away:
            Path(f"{photos[one].path}.away").rename(photos[one].path)
    going = {files.photo for files in prepared.operation.files}
    left_out = {failure.path for failure in prepared.left_out}
    assert going | left_out == {photo.path for photo in basket.photos}
    assert not going & left_out
    assert not going & {photos[one].path for one in away}
    for group in basket.groups:
        present = {photo.path for photo in group.kept} - {photos[one].path for one in away}
        if any(photo.path in going for photo in group.trashed):
            assert present - going


def test_a_photo_in_a_protected_folder_stays(library: Library, photos: Path, basket: Basket) -> None:
    trash = DuplicateTrash(
        library._catalog,
        library.file_moves,
        library.duplicate_trash._notes,
        lambda: [str(photos / "backup")],
    )
    result = trash.run(basket, move_to_trash, TransferProgress())
    assert reasons(result).keys() == {"two.jpg"}
    assert (photos / "backup" / "two.jpg").exists()


def test_all_copies_of_a_superfluous_photo_go_without_a_question(library: Library, photos: Path) -> None:
    basket = basket_of(library, ([photos / "two.jpg", photos / "backup" / "two.jpg"], [photos / "large.jpg"]))
    result = run(library, basket)
    assert not result.unconfirmed
    assert len(result.report.done) == 2


def test_what_a_photo_knew_goes_to_the_one_that_stays_and_back(
    library: Library, photos: Path, basket: Basket
) -> None:
    for cluster in library.clusters().clusters:
        library.cluster_edits.reset(cluster)
    small, large = photo(library, photos / "small.jpg"), photo(library, photos / "large.jpg")
    named = library.cluster_edits._table.assign([small.photo_id])
    library.cluster_edits._table.rename(named, "Kyoto")
    files, known, edits = read_files(photos), library.photos(), library.cluster_edits.snapshot()
    assert large.facts.taken_from == "file"
    result = run(library, basket, inherit=True)
    after = photo(library, photos / "large.jpg")
    assert (after.facts.taken_at, after.facts.taken_from) == ("2021-05-04T10:20:30", "exif")
    assert after in result.changes.recounted
    assert (photos / "large.xmp").read_text() == "edits"
    [cluster] = library.cluster_edits.snapshot()
    assert large.photo_id in cluster.members
    undone = undo(library, result)
    assert read_files(photos) == files
    assert library.photos() == known
    assert library.cluster_edits.snapshot() == edits
    second = again(library, undone)
    assert photo(library, photos / "large.jpg").facts == after.facts
    assert (photos / "large.xmp").read_text() == "edits"
    undo(library, second)
    assert read_files(photos) == files
    assert library.photos() == known


def test_reviews_come_back_with_the_photos(library: Library, photos: Path, basket: Basket) -> None:
    table = VerdictTable(library._catalog.database)
    rows = [
        ReviewRow(photo.file_id, group.id, keep, photo.size, photo.mtime_ns)
        for group in basket.groups
        for keep, members in ((False, group.trashed), (True, group.kept))
        for photo in members
    ]
    table.replace((), (), (), rows)
    before = table.reviews()
    result = run(library, basket)
    gone = {photo.file_id for photo in basket.photos}
    assert {row.file_id for row in table.reviews()}.isdisjoint(gone)
    table.replace((), (), table.reviews())
    undo(library, result)
    assert table.reviews() == before


def test_a_keeper_with_a_date_a_cluster_and_edits_keeps_its_own(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    make_photo(photos / "large.jpg", 1, (640, 480), exif=make_exif(taken_at="2020:01:01 00:00:00"))
    (photos / "large.xmp").write_text("own edits")
    index(library)
    small, large = photo(library, photos / "small.jpg"), photo(library, photos / "large.jpg")
    table = library.cluster_edits._table
    for name, member in (("Kyoto", small), ("Osaka", large)):
        table.rename(table.assign([member.photo_id]), name)
    edits = library.cluster_edits.snapshot()
    result = run(library, basket_of(library, ([photos / "small.jpg"], [photos / "large.jpg"])), inherit=True)
    assert not result.report.failed
    assert photo(library, photos / "large.jpg").facts == large.facts
    assert (photos / "large.xmp").read_text() == "own edits"
    assert library.cluster_edits.snapshot() == edits


def test_nothing_is_inherited_unless_wanted(library: Library, photos: Path, basket: Basket) -> None:
    before = photo(library, photos / "large.jpg")
    run(library, basket)
    assert photo(library, photos / "large.jpg") == before
    assert not (photos / "large.xmp").exists()


def test_a_stop_while_photos_are_verified_moves_nothing(
    library: Library, photos: Path, basket: Basket
) -> None:
    class Stop(TransferProgress):
        def is_cancelled(self) -> bool:
            return True

    before = read_files(photos)
    result = library.duplicate_trash.run(basket, move_to_trash, Stop())
    assert result.report.cancelled
    assert read_files(photos) == before


def test_verifying_and_moving_are_one_progress(library: Library, photos: Path, basket: Basket) -> None:
    totals: list[int] = []
    sizes: list[int] = []
    counts: list[int] = []

    class Recorder(TransferProgress):
        def set_total(self, size: int) -> None:
            totals.append(size)

        def advance(self, photos: int, size: int) -> None:
            counts.append(photos)
            sizes.append(size)

    library.duplicate_trash.run(basket, move_to_trash, Recorder())
    assert totals == [sum(sizes)]
    assert sum(counts) == 3


def test_a_library_that_cannot_be_written_says_so_before_anything_is_read(
    library: Library, basket: Basket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library._catalog.database, "is_read_only", True)
    with pytest.raises(ReadOnlyLibraryError):
        run(library, basket)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("kind", ["trash", "undo"])
def test_a_basket_that_is_killed_is_finished_or_taken_back_as_a_whole(tmp_path: Path, kind: str) -> None:
    # At every 15th step; `python -m tests.kill_baskets` kills at random moments. In a process that can be forked.
    script = (
        "import sys; from pathlib import Path; from tests.kill_baskets import count_steps; "
        "print(count_steps(Path(sys.argv[1]), sys.argv[2], stride=15))"
    )
    arguments = [sys.executable, "-c", script, str(tmp_path), kind]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) >= 2, "it has steps"
