"""Folders compared with a library: what is in it, what is better, what is new."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from photosim.duplicates.comparison import ComparedPhoto, ComparedState, Comparison
from photosim.duplicates.keep_rules import KeepRule
from photosim.errors import FolderError
from photosim.files.operations.copying import TransferProgress
from photosim.imaging import decode
from photosim.library import Library
from photosim.records import Phase
from photosim.runtime.control import JobControl
from tests.support.images import make_detailed_scene, make_exif, save
from tests.support.indexing import index, use_fake_embedder
from tests.support.raw_files import make_dng

EXIF = make_exif(taken_at="2024:05:01 12:00:00", make="Canon", model="EOS R6")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_embedder(monkeypatch)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library of five photos that no test changes."""
    base = tmp_path_factory.mktemp("shared")
    with pytest.MonkeyPatch.context() as patched:
        use_fake_embedder(patched)
        opened = Library.open(base / "library")
    index(opened, make_ours(base / "ours"))
    yield opened
    opened.close()


@pytest.fixture
def library(shared: Library) -> Library:
    """The library that a test only compares with."""
    return shared


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Library]:
    """A library like that, for a test that changes it or its photos."""
    opened = Library.open(tmp_path / "library")
    index(opened, make_ours(tmp_path / "ours"))
    yield opened
    opened.close()


def make_ours(folder: Path) -> Path:
    for seed in range(5):
        save(make_detailed_scene(seed).resize((640, 480)), folder / f"{seed}.jpg", exif=EXIF)
    return folder


@pytest.fixture
def ours(request: pytest.FixtureRequest, shared: Library) -> Path:
    """The folder of the library."""
    library = request.getfixturevalue("own") if "own" in request.fixturenames else shared
    return Path(library.sources()[0].path)


@pytest.fixture
def card(tmp_path: Path, ours: Path) -> Path:
    """A memory card with one photo of each kind, and files beside them."""
    folder = tmp_path / "card" / "DCIM"
    folder.mkdir(parents=True)
    shutil.copy2(ours / "0.jpg", folder / "same bytes.jpg")
    save(make_detailed_scene(1), folder / "smaller.jpg", exif=EXIF)
    save(make_detailed_scene(2).resize((1280, 960)), folder / "larger.jpg", exif=EXIF)
    save(make_detailed_scene(3).crop((32, 24, 288, 216)), folder / "crop.jpg", exif=EXIF)
    save(make_detailed_scene(40), folder / "new.jpg", exif=EXIF)
    (folder / "new.xmp").write_text("<x:xmpmeta/>")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no photo")
    (folder / "film.mp4").write_bytes(b"\0\0\0\x18ftypmp42")
    return folder


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the photos that are decoded from now on."""
    names: list[str] = []
    original = decode.decode

    def counted(loaded: decode.LoadedFile, **options: object) -> decode.DecodedPhoto:
        names.append(Path(loaded.path).name)
        return original(loaded, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(decode, "decode", counted)
    return names


def compare(library: Library, folder: Path, other: Path | None = None) -> Comparison:
    *_, last = library.comparisons.run(folder, other=other)
    assert last.phase is Phase.DONE and not last.cancelled
    result = library.comparisons.result(folder, other)
    assert result is not None
    return result


def by_name(result: Comparison) -> dict[str, ComparedPhoto]:
    return {Path(photo.photo.path).name: photo for photo in result.photos}


def states(result: Comparison) -> dict[str, str]:
    return {name: photo.state.value for name, photo in by_name(result).items()}


def snapshot(folder: Path) -> dict[str, tuple[int, int, int]]:
    found = [folder, *folder.rglob("*")]
    return {str(path): (path.stat().st_mode, path.stat().st_mtime_ns, path.stat().st_size) for path in found}


def tables(library: Library) -> list[str]:
    with closing(sqlite3.connect(library.folder / "library.db")) as connection:
        return list(connection.iterdump())


def test_each_photo_of_a_card_is_told_and_nothing_is_written(
    library: Library, ours: Path, card: Path
) -> None:
    before, rows = snapshot(card.parent), tables(library)
    result = compare(library, card.parent)
    assert states(result) == {
        "same bytes.jpg": "same",
        "smaller.jpg": "ours_better",
        "larger.jpg": "theirs_better",
        "crop.jpg": "ours_better",
        "new.jpg": "new",
    }
    found = by_name(result)
    matches = {name: Path(photo.match or "").name for name, photo in found.items() if name != "new.jpg"}
    assert matches == {
        "same bytes.jpg": "0.jpg",
        "smaller.jpg": "1.jpg",
        "larger.jpg": "2.jpg",
        "crop.jpg": "3.jpg",
    }
    assert found["same bytes.jpg"].is_identical and found["same bytes.jpg"].similarity == 1
    assert KeepRule.PIXELS in found["smaller.jpg"].reasons and KeepRule.PIXELS in found["larger.jpg"].reasons
    relation = found["crop.jpg"].relation
    assert relation is not None and 0.5 < relation.covers < 0.8
    assert found["new.jpg"].match is not None and found["new.jpg"].similarity < 1
    assert found["new.jpg"].confidence == 0
    assert [Path(file.path).name for file in result.unreadable] == ["broken.jpg"]
    assert (result.videos, result.own_files, result.unanalyzed) == (1, 0, 0)
    assert snapshot(card.parent) == before
    assert tables(library) == rows


def test_a_card_seen_before_is_told_without_reading_its_photos(
    own: Library, card: Path, decoded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compare(own, card)
    assert sorted(decoded) == ["broken.jpg", "crop.jpg", "larger.jpg", "new.jpg", "smaller.jpg"]
    monkeypatch.setattr(decode, "load", lambda _: pytest.fail("a photo is read"))
    again = compare(own, card)
    assert (again.photos, again.unreadable) == (first.photos, first.unreadable)


def test_states_follow_the_library_without_decoding(
    own: Library, ours: Path, card: Path, decoded: list[str]
) -> None:
    compare(own, card)
    (ours / "1.jpg").unlink()
    (card / "new.xmp").unlink()  # its edits would make it the better one
    save(make_detailed_scene(40), ours / "now ours.jpg", exif=EXIF, quality=95)
    index(own, ours)
    decoded.clear()
    changed = states(compare(own, card))
    assert (changed["smaller.jpg"], changed["new.jpg"]) == ("new", "ours_better")
    assert not decoded


def test_only_changed_files_are_read_again(own: Library, card: Path, decoded: list[str]) -> None:
    compare(own, card)
    decoded.clear()
    save(make_detailed_scene(50), card / "new.jpg")
    save(make_detailed_scene(51), card / "newer.jpg")
    (card / "crop.jpg").unlink()
    result = compare(own, card)
    assert sorted(decoded) == ["new.jpg", "newer.jpg"]
    assert "crop.jpg" not in states(result)


def test_an_interrupted_comparison_goes_on(own: Library, tmp_path: Path, decoded: list[str]) -> None:
    card = tmp_path / "large card"
    for seed in range(40):
        save(make_detailed_scene(100 + seed), card / f"{seed}.jpg")
    control = JobControl()
    for progress in own.comparisons.run(card, control):
        if progress.indexed:
            control.cancel()
    assert own.comparisons.result(card) is None
    [summary] = own.comparisons.recent()
    assert (summary.folder, summary.is_finished, summary.counts) == (str(card), False, {})
    read = set(own.comparisons.store.files(str(card)))
    assert 0 < len(read) <= 40
    decoded.clear()
    result = compare(own, card)
    assert len(result.photos) == 40
    assert len(decoded) == 40 - len(read)


def test_a_photo_of_which_every_file_of_ours_is_missing_is_new(own: Library, ours: Path, card: Path) -> None:
    for photo in ours.iterdir():
        photo.unlink()
    index(own, ours)  # all are gone at once, which the user has to confirm
    assert all(photo.missing for photo in own.photos())
    assert set(states(compare(own, card)).values()) == {"new"}


def test_photos_that_the_user_calls_different_are_new(own: Library, ours: Path, card: Path) -> None:
    shutil.copy2(card / "smaller.jpg", ours / "also ours.jpg")
    index(own, ours)
    [group] = [group for group in own.duplicates.groups() if len(group.photos) == 2]
    own.duplicates.mark_different(group)
    (ours / "also ours.jpg").unlink()
    index(own, ours)
    assert states(compare(own, card))["smaller.jpg"] == "new"


def test_the_next_shot_of_a_series_is_new_however_alike_it_is(library: Library, tmp_path: Path) -> None:
    later = make_exif(taken_at="2024:05:01 12:00:04", make="Canon", model="EOS R6")
    other_zone = make_exif(taken_at="2024:05:01 14:00:00", make="Canon", model="EOS R6")
    card = tmp_path / "series"
    for name, exif in (("later", later), ("other zone", other_zone), ("undated", b"")):
        save(make_detailed_scene(1).resize((640, 480)), card / f"{name}.jpg", exif=exif, quality=86)
    assert states(compare(library, card)) == {
        "later.jpg": "new",
        "other zone.jpg": "ours_better",
        "undated.jpg": "ours_better",
    }


def test_a_raw_file_and_its_jpeg_are_one_photo_and_the_raw_file_counts(
    own: Library, ours: Path, tmp_path: Path
) -> None:
    card = tmp_path / "camera"
    card.mkdir()
    shutil.copy2(ours / "0.jpg", card / "0.jpg")
    make_dng(card / "0.dng", taken_at="2024:05:01 12:00:00")
    result = compare(own, card)
    assert states(result) == {"0.jpg": "theirs_better"}
    [photo] = result.photos
    assert photo.reasons == (KeepRule.RAW,)
    assert photo.photo.raw_files == (str(card / "0.dng"),)
    shutil.copy2(card / "0.dng", ours / "0.dng")
    index(own, ours)
    assert states(compare(own, card)) == {"0.jpg": "same"}
    (card / "0.jpg").unlink()
    result = compare(own, card)
    assert states(result) == {"0.dng": "same"}
    assert result.photos[0].match == str(ours / "0.dng")


def test_a_folder_of_the_library_is_itself(library: Library, ours: Path) -> None:
    result = compare(library, ours)
    assert result.own_files == len(result.photos) == 5
    assert set(states(result).values()) == {"same"}
    assert all(photo.match == photo.photo.path for photo in result.photos)


def test_two_folders_are_compared_without_the_library(library: Library, card: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    (card / "new.xmp").unlink()
    save(make_detailed_scene(40).resize((640, 480)), backup / "larger.jpg", exif=EXIF)
    save(make_detailed_scene(60), backup / "other.jpg")
    result = compare(library, card, backup)
    found = states(result)
    assert found.pop("new.jpg") == "ours_better"
    assert set(found.values()) == {"new"}
    assert by_name(result)["new.jpg"].match == str(backup / "larger.jpg")
    assert library.comparisons.result(card) is None
    digests = {by_name(result)["new.jpg"].digest, by_name(result)["new.jpg"].match_digest}
    assert library.comparisons.thumbnails_of(digests).keys() == digests


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda _: None, "does not exist"),
        (lambda path: path.write_bytes(b"x"), "is not a folder"),
    ],
)
def test_what_is_no_folder_is_refused(
    library: Library, tmp_path: Path, make: Callable[[Path], object], sentence: str
) -> None:
    make(tmp_path / "card")
    with pytest.raises(FolderError, match=sentence):
        compare(library, tmp_path / "card")


def test_the_library_itself_and_the_same_folder_twice_are_refused(library: Library, card: Path) -> None:
    with pytest.raises(FolderError, match="folder of the library itself"):
        compare(library, library.folder)
    with pytest.raises(FolderError, match="two different folders"):
        compare(library, card, card)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are Unicode there")
def test_names_that_are_no_unicode_are_compared_and_kept(
    library: Library, ours: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "caf\udce9"
    folder.mkdir()
    shutil.copy2(ours / "0.jpg", folder / "\udcff.jpg")
    for _ in range(2):
        [photo] = compare(library, folder).photos
        assert (photo.photo.path, photo.state.value) == (str(folder / "\udcff.jpg"), "same")
    assert library.comparisons.recent()[0].folder == str(folder)


def test_an_empty_folder_has_no_photos(library: Library, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert compare(library, tmp_path / "empty").photos == ()


def test_a_card_that_is_pulled_out_keeps_what_was_read(
    library: Library, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = library.comparisons.run(card)
    for progress in reports:
        if progress.phase is Phase.ANALYZING:
            card.rename(card.with_name("pulled out"))
            break
    with pytest.raises(FolderError, match="no longer available"):
        list(reports)
    card.with_name("pulled out").rename(card)
    assert len(compare(library, card).photos) == 5


def test_new_photos_are_copied_by_date_with_side_files(library: Library, card: Path, tmp_path: Path) -> None:
    save(make_detailed_scene(41), card / "undated.jpg")
    shutil.copy2(card / "new.jpg", card / "the same again.jpg")
    result = compare(library, card)
    target = tmp_path / "target"
    target.mkdir()
    new = [photo for photo in result.photos if photo.state is ComparedState.NEW]
    operation = library.comparisons.copy_operation(result, new, target)
    done = library.file_moves.run(operation, str, TransferProgress())
    assert not done.report.failed
    copied = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    [undated] = [photo.photo for photo in new if photo.photo.path.endswith("undated.jpg")]
    day = (undated.facts.taken_at or "")[:10]  # of its file
    assert copied == {
        "2024/2024-05-01/new.jpg",
        "2024/2024-05-01/new.xmp",
        f"{day[:4]}/{day}/undated.jpg",
    }
    trash = tmp_path / "trash"
    trash.mkdir()
    library.file_moves.undo(
        done.operation,
        done.report.done,
        lambda path: str(shutil.move(path, trash)),
        TransferProgress(),
    )
    assert not [path for path in target.rglob("*") if path.is_file()]
    with pytest.raises(FolderError, match="nothing is written there"):
        library.comparisons.copy_operation(result, new, card / "copies")


def test_a_damaged_store_is_read_anew(own: Library, card: Path) -> None:
    first = compare(own, card)
    own.comparisons.store.close()
    path = own.folder / "comparisons.db"
    path.write_bytes(b"damaged" * 1000)
    assert own.comparisons.result(card) is None
    assert compare(own, card).photos == first.photos


def test_results_are_kept_for_the_last_folders_and_can_be_removed(
    own: Library, card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.store.comparisons.results.MAX_KEPT", 2)
    for name in "abc":
        save(make_detailed_scene(ord(name)), tmp_path / name / "photo.jpg")
        compare(own, tmp_path / name)
    recent = own.comparisons.recent()
    assert [Path(summary.folder).name for summary in recent] == ["c", "b"]
    assert recent[0].counts == {ComparedState.NEW: 1}
    store = own.comparisons.store
    assert not store.files(str(tmp_path / "a"))
    digests = [file.digest for file in store.files(str(tmp_path / "c")).values()]
    own.comparisons.forget(tmp_path / "c")
    assert not store.facts([digest for digest in digests if digest])
    assert own.comparisons.result(tmp_path / "c") is None
