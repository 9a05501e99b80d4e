"""File operations: the library knows the new places at once and loses no data."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photosim.errors import NoTrashError, ReadOnlyLibraryError
from photosim.files.bundles import PhotoFiles
from photosim.files.operations.copying import TransferProgress
from photosim.files.operations.journal import OperationJournal
from photosim.files.state import CHANGED
from photosim.imaging import decode
from photosim.library import Library
from photosim.library.files.moves import FileOperations
from photosim.library.files.operations import FileOperation, OperationKind, OperationResult, PhotoChanges
from photosim.store.files.missing import MissingFiles, NeedsConfirmation, ReconcileResult
from tests.support.images import make_photo
from tests.support.indexing import index, photo_names, use_fake_embedder
from tests.support.photo_folders import photo_files
from tests.support.raw_files import make_dng


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    use_fake_embedder(monkeypatch)
    with closing(Library.open(tmp_path / "library")) as opened:
        yield opened


@pytest.fixture
def photos(tmp_path: Path, library: Library) -> Path:
    """Folder a with three photos, one of which has a copy in b."""
    for number in range(3):
        make_photo(tmp_path / "photos" / "a" / f"{number}.jpg", number)
    (tmp_path / "photos" / "b").mkdir()
    shutil.copy(tmp_path / "photos" / "a" / "2.jpg", tmp_path / "photos" / "b" / "same.jpg")
    index(library, tmp_path / "photos")
    return tmp_path / "photos"


@pytest.fixture
def no_reading(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on no photo is read again."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a photo was read again")

    for name in ("load", "decode", "read_photo", "digest_file"):
        monkeypatch.setattr(decode, name, refuse)


def move(library: Library, folder: Path, *paths: Path) -> OperationResult:
    return run(library, FileOperation(OperationKind.MOVE, files=files_of(paths), folder=folder))


def trash(library: Library, folder: Path, *paths: Path) -> OperationResult:
    """Trash photos, into a folder that stands for the system's trash, without asking about last copies."""
    files = files_of(paths)
    operation = FileOperation(OperationKind.TRASH, files=files, confirmed=frozenset(files))
    return run(library, operation, folder)


def run(library: Library, operation: FileOperation, trash_folder: Path = Path("/nowhere")) -> OperationResult:
    def move_to_trash(path: str) -> str:
        trash_folder.mkdir(exist_ok=True)
        return str(Path(path).rename(trash_folder / Path(path).name))

    return library.file_moves.run(operation, move_to_trash, TransferProgress())


def restore(library: Library, result: OperationResult) -> OperationResult:
    restored = library.file_moves.undo(result.operation, result.report.done, str, TransferProgress())
    assert not restored.report.failed
    return restored


def files_of(paths: Iterable[Path]) -> tuple[PhotoFiles, ...]:
    return tuple(photo_files(path) for path in paths)


def last(library: Library, *paths: Path) -> list[str]:
    found = library.file_moves.last_copies.of([photo_files(path) for path in paths])
    return [Path(one.photo).name for one in found]


def test_a_moved_photo_keeps_its_id_and_embedding_and_is_not_read_again(
    library: Library, photos: Path, no_reading: None
) -> None:
    before = library.find(photos / "a" / "0.jpg")
    assert before is not None
    alike = library.similar(before.file_id)
    result = move(library, photos / "b", photos / "a" / "0.jpg")
    after = library.find(photos / "b" / "0.jpg")
    assert after is not None
    assert result.changes == PhotoChanges(updated={after.file_id: after})
    assert (after.file_id, after.photo_id) == (before.file_id, before.photo_id)
    assert library.find(photos / "a" / "0.jpg") is None
    assert library.similar(after.file_id) == alike
    progress = index(library)
    assert (progress.indexed, progress.removed, progress.missing) == (0, 0, 0)


def test_a_photo_moved_out_of_the_library_comes_back_with_its_embedding(
    library: Library, photos: Path, no_reading: None, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    before = library.photos()
    result = move(library, tmp_path / "elsewhere", photos / "a" / "0.jpg")
    assert photo_names(library) == ["1.jpg", "2.jpg", "same.jpg"]
    assert index(library).indexed == 0, "what was set aside outlives an indexing"
    restore(library, result)
    assert library.photos() == before
    assert index(library).indexed == 0


def test_a_copy_in_the_library_is_known_without_reading(
    library: Library, photos: Path, no_reading: None
) -> None:
    result = run(
        library,
        FileOperation(OperationKind.COPY, files=files_of([photos / "a" / "0.jpg"]), folder=photos / "b"),
    )
    original, copy = library.find(photos / "a" / "0.jpg"), library.find(photos / "b" / "0.jpg")
    assert original is not None
    assert copy is not None
    assert copy.photo_id == original.photo_id
    assert result.changes == PhotoChanges(added=(copy,), recounted=(original,))
    assert index(library).indexed == 0


def test_a_photo_moved_while_an_indexing_runs_is_not_taken_for_gone(
    library: Library, photos: Path, no_reading: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, old = MissingFiles.reconcile, photos / "a" / "0.jpg"

    def late(
        self: MissingFiles, gone: Mapping[str, Mapping[str, int]], asks: NeedsConfirmation
    ) -> ReconcileResult:
        if old.exists():  # the scan has missed it, as one that comes by a moment after the move
            known = library.find(old)
            assert known is not None
            gone = {str(photos): {known.path: known.file_id}}
            move(library, photos / "b", old)
        return real(self, gone, asks)

    monkeypatch.setattr(MissingFiles, "reconcile", late)
    index(library)
    assert "0.jpg" in photo_names(library, missing=False)


def test_a_photo_in_the_trash_is_shown_nowhere_and_comes_back_as_it_was(
    library: Library, photos: Path, no_reading: None, tmp_path: Path
) -> None:
    kept = library.find(photos / "a" / "1.jpg")
    assert kept is not None
    before, alike = library.photos(), library.similar(kept.file_id)
    result = trash(library, tmp_path / "trash", photos / "a" / "0.jpg")
    [gone] = [photo for photo in before if photo.path.endswith("0.jpg")]
    assert result.changes == PhotoChanges(removed=frozenset({gone.file_id}))
    assert photo_names(library) == ["1.jpg", "2.jpg", "same.jpg"]
    assert "0.jpg" not in [Path(match.path).name for match in library.similar(kept.file_id)]
    assert library.status().photos == library.status().embedded == 3
    assert library.sources()[0].photos == 3
    assert index(library).indexed == 0
    assert restore(library, result).changes == PhotoChanges(added=(gone,))
    assert library.photos() == before
    again = library.similar(kept.file_id)
    assert [match.file_id for match in again] == [match.file_id for match in alike]


def test_what_was_thrown_away_is_forgotten_when_it_cannot_be_undone_any_more(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    gone = library.find(photos / "a" / "0.jpg")
    assert gone is not None
    trash(library, tmp_path / "trash", photos / "a" / "0.jpg", photos / "a" / "2.jpg")
    library.file_moves.delete_trashed()
    assert library.thumbnail(gone.photo_id) is None
    assert photo_names(library) == ["1.jpg", "same.jpg"]
    library.exports.embeddings(tmp_path / "all.npz")
    with np.load(tmp_path / "all.npz") as file:
        assert len(file["paths"]) == 2


def test_a_photo_thrown_away_twice_under_one_name_comes_back_each_time(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    first = trash(library, tmp_path / "trash 1", photos / "a" / "0.jpg")
    shutil.copy(photos / "a" / "1.jpg", photos / "a" / "0.jpg")
    index(library)
    restore(library, first)
    one, two = library.find(photos / "a" / "0.jpg"), library.find(photos / "a" / "0 (2).jpg")
    assert one is not None
    assert two is not None
    assert one.photo_id != two.photo_id
    assert index(library).indexed == 0


def test_a_photo_without_another_copy_is_the_last_one(library: Library, photos: Path) -> None:
    assert last(library, photos / "a" / "0.jpg") == ["0.jpg"]
    assert last(library, photos / "a" / "2.jpg") == []
    assert last(library, photos / "b" / "same.jpg") == []


def test_all_copies_chosen_together_are_the_last_ones(library: Library, photos: Path) -> None:
    chosen = (photos / "a" / "1.jpg", photos / "a" / "2.jpg", photos / "b" / "same.jpg")
    assert last(library, *chosen) == ["1.jpg", "2.jpg", "same.jpg"]


def test_a_copy_counts_only_while_it_is_there_and_unchanged(library: Library, photos: Path) -> None:
    make_photo(photos / "b" / "same.jpg", 9)
    assert last(library, photos / "a" / "2.jpg") == ["2.jpg"]
    (photos / "b" / "same.jpg").unlink()
    assert last(library, photos / "a" / "2.jpg") == ["2.jpg"]


def test_another_name_of_the_same_file_is_no_copy(library: Library, photos: Path) -> None:
    (photos / "b" / "same.jpg").unlink()
    (photos / "b" / "same.jpg").hardlink_to(photos / "a" / "2.jpg")
    index(library)
    assert last(library, photos / "a" / "2.jpg") == ["2.jpg"]


def test_a_file_that_changed_since_it_was_indexed_is_the_last_of_its_kind(
    library: Library, photos: Path
) -> None:
    make_photo(photos / "a" / "2.jpg", 9)
    assert last(library, photos / "a" / "2.jpg") == ["2.jpg"]


def test_an_ordinary_photo_goes_without_a_question_and_the_last_of_several_never(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    def ask(*paths: Path) -> list[str]:
        operation = FileOperation(OperationKind.TRASH, files=files_of(paths))
        asked = run(library, operation, tmp_path / "trash").unconfirmed
        return [Path(photo.photo).name for photo in asked]

    assert ask(photos / "a" / "0.jpg") == []
    assert ask(photos / "a" / "1.jpg", photos / "a" / "2.jpg", photos / "b" / "same.jpg") == [
        "2.jpg",
        "same.jpg",
    ]
    assert ask(photos / "b" / "same.jpg") == [], "another one stays"
    assert ask(photos / "a" / "2.jpg") == ["2.jpg"], "the other one is in the trash"
    assert (photos / "a" / "2.jpg").exists()


def test_the_last_copy_beside_missing_ones_is_asked_about(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    (photos / "b").rename(tmp_path / "away")
    library._catalog.missing_files.reconcile({str(photos): {}}, lambda *_: True)
    operation = FileOperation(OperationKind.TRASH, files=files_of([photos / "a" / "2.jpg"]))
    assert run(library, operation, tmp_path / "trash").unconfirmed == operation.files


def test_one_of_each_is_kept_and_that_with_the_most_files(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    (photos / "b" / "same.xmp").write_text("edits")
    both = files_of([photos / "a" / "2.jpg", photos / "b" / "same.jpg"])
    asked = run(library, FileOperation(OperationKind.TRASH, files=both))
    assert [Path(photo.photo).name for photo in asked.kept] == ["same.jpg"]


def test_where_there_is_no_trash_photos_can_be_deleted(library: Library, photos: Path) -> None:
    def refuse(_: str) -> str:
        raise NoTrashError("Its drive has no trash.")

    trashing = FileOperation(OperationKind.TRASH, files=files_of([photos / "a" / "0.jpg"]))
    refused = library.file_moves.run(trashing, refuse, TransferProgress())
    assert [failure.no_trash for failure in refused.report.failed] == [True]
    assert (photos / "a" / "0.jpg").exists()
    deleting = replace(trashing, kind=OperationKind.DELETE)
    deleted = library.file_moves.run(deleting, refuse, TransferProgress())
    assert len(deleted.report.done) == 1
    assert not (photos / "a" / "0.jpg").exists()
    assert photo_names(library) == ["1.jpg", "2.jpg", "same.jpg"]


def test_a_library_that_cannot_be_written_says_so_first(
    library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library._catalog.database, "is_read_only", True)
    with pytest.raises(ReadOnlyLibraryError):
        move(library, photos / "b", photos / "a" / "0.jpg")
    assert (photos / "a" / "0.jpg").exists()


def test_a_shot_moves_and_is_thrown_away_as_one(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "shots"
    make_dng(folder / "x" / "IMG_1.dng")
    make_photo(folder / "x" / "IMG_1.jpg", 3)
    (folder / "y").mkdir()
    index(library, folder)
    [shot] = library.photos()
    assert len(shot.raw_files) == 1
    both = photo_files(shot.path, shot.raw_files)
    result = run(library, FileOperation(OperationKind.MOVE, (shot,), folder=folder / "y"))
    [moved] = library.photos()
    assert moved.path == str(folder / "y" / "IMG_1.jpg")
    assert moved.raw_files == (str(folder / "y" / "IMG_1.dng"),)
    restore(library, result)
    assert library.photos() == [shot]
    assert library.file_moves.last_copies.of([both]) == [both]
    shutil.copy(folder / "x" / "IMG_1.jpg", folder / "y" / "copy.jpg")
    index(library)
    assert library.file_moves.last_copies.of([both]) == [both], "of the RAW file there is no copy"


def copy(library: Library, folder: Path, path: Path) -> OperationResult:
    folder.mkdir(exist_ok=True)
    return run(library, FileOperation(OperationKind.COPY, files=files_of([path]), folder=folder))


def undo_copy(
    library: Library, result: OperationResult, trash_folder: Path, *, confirmed: bool = False
) -> OperationResult:
    def move_to_trash(path: str) -> str:
        trash_folder.mkdir(exist_ok=True)
        return str(Path(path).rename(trash_folder / Path(path).name))

    copies = frozenset(PhotoFiles(tuple(file.entry.path for file in files)) for files in result.report.done)
    operation = replace(result.operation, confirmed=copies if confirmed else frozenset())
    return library.file_moves.undo(operation, result.report.done, move_to_trash, TransferProgress())


@pytest.mark.parametrize("is_inside", [True, False])
@pytest.mark.parametrize("change", ["deleted", "edited", "untouched"])
def test_a_copy_whose_original_is_gone_goes_only_after_a_question(
    library: Library, photos: Path, tmp_path: Path, is_inside: bool, change: str
) -> None:
    original = photos / "a" / "0.jpg"
    copied = copy(library, photos / "b" if is_inside else tmp_path / "elsewhere", original)
    if change == "deleted":
        original.unlink()
    elif change == "edited":
        original.write_bytes(b"edited")
    result = undo_copy(library, copied, tmp_path / "trash")
    path = Path(copied.report.moved_files[0].entry.path)
    if change != "untouched":
        assert [Path(photo.photo) for photo in result.unconfirmed] == [path]
        assert path.exists()
        result = undo_copy(library, copied, tmp_path / "trash", confirmed=True)
    assert not result.unconfirmed
    assert not path.exists()
    assert (tmp_path / "trash" / "0.jpg").exists()


def test_a_copy_whose_original_is_gone_goes_at_once_when_a_third_one_is_known(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    copied = copy(library, photos / "b", photos / "a" / "2.jpg")
    (photos / "a" / "2.jpg").unlink()
    assert not undo_copy(library, copied, tmp_path / "trash").unconfirmed
    assert not (photos / "b" / "2.jpg").exists()


def test_a_copy_that_was_edited_is_not_trashed(library: Library, photos: Path, tmp_path: Path) -> None:
    copied = copy(library, tmp_path / "elsewhere", photos / "a" / "0.jpg")
    edited = tmp_path / "elsewhere" / "0.jpg"
    edited.write_bytes(b"edited for an hour")
    result = undo_copy(library, copied, tmp_path / "trash")
    assert [failure.reason for failure in result.report.failed] == [CHANGED]
    assert edited.read_bytes() == b"edited for an hour"


def test_an_answer_is_about_the_file_that_the_question_named(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    both = files_of([photos / "a" / "2.jpg", photos / "b" / "same.jpg"])
    asked = run(library, FileOperation(OperationKind.TRASH, files=both))
    assert asked.unconfirmed == both
    (photos / "a" / "2.jpg").write_bytes(b"another photo")
    confirmed = replace(asked.operation, confirmed=frozenset(asked.unconfirmed))
    result = run(library, confirmed, tmp_path / "trash")
    assert [failure.reason for failure in result.report.failed] == [CHANGED]
    assert (photos / "a" / "2.jpg").read_bytes() == b"another photo"


def test_what_is_done_again_after_an_undo_needs_the_same_file(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    moved = move(library, photos / "b", photos / "a" / "0.jpg")
    again = restore(library, moved).operation
    (photos / "a" / "0.jpg").write_bytes(b"another photo")
    assert [one.reason for one in run(library, again).report.failed] == [CHANGED]
    assert (photos / "a" / "0.jpg").read_bytes() == b"another photo"


@pytest.mark.parametrize("kind", [OperationKind.MOVE, OperationKind.COPY, OperationKind.TRASH])
def test_what_a_killed_operation_did_is_in_the_library_at_the_next_start(
    library: Library,
    photos: Path,
    no_reading: None,
    tmp_path: Path,
    kind: OperationKind,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Killed(BaseException):
        """As the process ends; the journal stays."""

    def kill(*_: object) -> None:
        raise Killed

    files = files_of([photos / "a" / "0.jpg", photos / "a" / "1.jpg"])
    operation = FileOperation(kind, files=files, folder=photos / "b", confirmed=frozenset(files))
    with monkeypatch.context() as patched:
        patched.setattr(FileOperations, "_record", kill)
        patched.setattr(OperationJournal, "__exit__", lambda self, *_: self._lock.release(force=True))
        with pytest.raises(Killed):
            run(library, operation, tmp_path / "trash")
    assert photo_names(library) == ["0.jpg", "1.jpg", "2.jpg", "same.jpg"]
    library.file_moves.recover()
    expected = {
        OperationKind.MOVE: ["2.jpg", "0.jpg", "1.jpg", "same.jpg"],
        OperationKind.COPY: ["0.jpg", "1.jpg", "2.jpg", "0.jpg", "1.jpg", "same.jpg"],
        OperationKind.TRASH: ["2.jpg", "same.jpg"],
    }[kind]
    assert [Path(photo.path).name for photo in library.photos()] == expected
    progress = index(library)
    assert (progress.indexed, progress.removed, progress.missing) == (0, 0, 0)
    assert list((library.folder / "operations").iterdir()) == []
