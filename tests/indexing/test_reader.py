"""A slow or hostile file holds up no other, and is tried again last and alone."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosim.files.fspaths import stat_stamp
from photosim.imaging import decode
from photosim.imaging.decode import DecodedPhoto, LoadedFile
from photosim.indexing import reader as reader_module
from photosim.indexing.reader import PhotoReader, ReadResult
from photosim.ml.model_spec import Preprocessing
from photosim.records import EmbeddedObject, FileEntry, PhotoObject
from photosim.runtime.control import JobControl
from photosim.runtime.crash_journal import CrashJournal
from tests.support.timeouts import TIMEOUT_S

MODEL_EDGE = 32


class FakeEmbedder:
    """Answers with the same vector for every photo."""

    def resize(self, picture: np.ndarray, size: tuple[int, int], *, fine: bool = False) -> np.ndarray:  # type: ignore[type-arg]
        del fine
        return np.asarray(Image.fromarray(picture).resize(size))

    def embed(self, inputs: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        return np.ones((len(inputs), 4), np.float32) / 2

    def embed_label_and_detect(
        self,
        inputs: np.ndarray,  # type: ignore[type-arg]
        sizes: Sequence[tuple[int, int]],
    ) -> tuple[np.ndarray, list[tuple[()]], list[tuple[EmbeddedObject, ...]]]:  # type: ignore[type-arg]
        found = [
            (EmbeddedObject(PhotoObject("photo", 0.5, (0, 0, 1, 1)), np.float16([width, height])),)
            for width, height in sizes
        ]
        return self.embed(inputs), [() for _ in inputs], found


@pytest.fixture
def entries(tmp_path: Path) -> list[FileEntry]:
    """Fifty small photos, the first of them slow."""
    found = []
    for number in range(50):
        path = tmp_path / ("00-slow.png" if number == 0 else f"{number:02}.png")
        Image.new("RGB", (40, 30), (number, 0, 0)).save(path)
        found.append(FileEntry(str(path), *stat_stamp(str(path))))
    return found


def make_reader(tmp_path: Path, workers: int = 3) -> PhotoReader:
    journal = CrashJournal(tmp_path)
    return PhotoReader(
        Preprocessing(size=MODEL_EDGE), lambda _: False, FakeEmbedder, journal, workers=workers
    )


def names(results: Sequence[ReadResult]) -> list[str]:
    return [os.path.basename(result.entry.path) for result in results]  # noqa: PTH119


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Decoding the slow photo waits for this event."""
    event = threading.Event()
    original = decode.decode

    def slow_decode(loaded: LoadedFile, *, edge: int, wait: bool = True) -> DecodedPhoto:
        if loaded.path.endswith("slow.png"):
            assert event.wait(TIMEOUT_S)
        return original(loaded, edge=edge, wait=wait)

    monkeypatch.setattr(decode, "decode", slow_decode)
    monkeypatch.setattr(reader_module, "FLUSH_S", 0.02)
    yield event
    event.set()


def test_all_others_are_saved_while_a_slow_photo_is_read(
    tmp_path: Path, entries: list[FileEntry], release: threading.Event
) -> None:
    read: list[str] = []
    for batch in make_reader(tmp_path).read(entries, JobControl()):
        read += names(batch)
        if len(read) == len(entries) - 1:
            assert "00-slow.png" not in read
            release.set()
    assert sorted(read) == [os.path.basename(entry.path) for entry in entries]  # noqa: PTH119
    assert read[-1] == "00-slow.png"


def test_photos_decoded_while_the_model_loads_are_embedded_before_more_are_decoded(
    tmp_path: Path, entries: list[FileEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = 24
    monkeypatch.setattr(reader_module, "LOOK_AHEAD_LOADING", ahead)
    monkeypatch.setattr(reader_module, "LOOK_AHEAD", 16)  # it grows with the number of cores
    decoded: list[str] = []
    enough = threading.Event()
    original = decode.decode

    def counted(loaded: LoadedFile, *, edge: int, wait: bool = True) -> DecodedPhoto:
        decoded.append(loaded.path)
        if len(decoded) == ahead:
            enough.set()
        return original(loaded, edge=edge, wait=wait)

    def load() -> FakeEmbedder:
        assert enough.wait(TIMEOUT_S)
        return FakeEmbedder()

    monkeypatch.setattr(decode, "decode", counted)
    reader = PhotoReader(
        Preprocessing(size=MODEL_EDGE), lambda _: False, load, CrashJournal(tmp_path), workers=1
    )
    batches = reader.read(entries, JobControl())
    first = next(batches)
    assert len(decoded) <= ahead + reader_module.LOOK_AHEAD < len(entries)
    assert len(first) == reader_module.FIRST_BATCH  # soon on the screen of somebody who waits
    assert len(first) + sum(map(len, batches)) == len(entries)


def test_labelled_photos_come_with_their_objects_and_sizes(tmp_path: Path, entries: list[FileEntry]) -> None:
    Image.new("RGB", (20, 30)).save(entries[3].path)
    reader = PhotoReader(
        Preprocessing(size=MODEL_EDGE), lambda _: False, FakeEmbedder, CrashJournal(tmp_path), labels=True
    )
    results = [result for batch in reader.read(entries, JobControl()) for result in batch]
    found = {result.entry.path: result.objects for result in results}
    for entry in entries:
        objects = found[entry.path]
        assert objects is not None
        assert objects[0].vector.tolist() == ([20, 30] if entry == entries[3] else [40, 30])
    unlabelled = make_reader(tmp_path).read(entries[:2], JobControl())
    assert [result.objects for batch in unlabelled for result in batch] == [None, None]


def test_a_large_photo_waits_for_another_one_and_holds_no_thread(
    tmp_path: Path, entries: list[FileEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "FLUSH_S", 0.02)
    monkeypatch.setattr(decode, "_LARGE_PIXELS", 2000)
    paths = []
    for number in range(4):
        path = tmp_path / f"large{number}.png"
        Image.new("RGB", (60, 50), (0, number, 0)).save(path)
        paths.append(path)
    large = [FileEntry(str(path), *stat_stamp(str(path))) for path in paths]
    read: list[str] = []
    assert decode._large_photo_lock.acquire()
    is_held = True
    for batch in make_reader(tmp_path).read([*large, *entries], JobControl()):
        read += names(batch)
        if is_held and len(read) == len(entries):
            assert not [name for name in read if name.startswith("large")]
            decode._large_photo_lock.release()
            is_held = False
    assert sorted(read[-4:]) == [path.name for path in paths]


def journal_after(
    tmp_path: Path, reading: Sequence[FileEntry], culprits: Sequence[FileEntry], *, alone: bool = False
) -> CrashJournal:
    """Return the journal of the next process after one that ended while it read these files."""
    path = tmp_path / "reading.json"
    state = json.loads(path.read_text()) if path.exists() else {}
    state |= {"reading": [entry.path for entry in reading], "alone": alone}
    state |= {"cause": "Reading the photo took too long.", "culprits": [entry.path for entry in culprits]}
    path.write_text(json.dumps(state))
    return CrashJournal(tmp_path)


def read_with(journal: CrashJournal, entries: Sequence[FileEntry]) -> list[ReadResult]:
    reader = PhotoReader(Preprocessing(size=MODEL_EDGE), lambda _: False, FakeEmbedder, journal, workers=3)
    return [result for batch in reader.read(entries, JobControl()) for result in batch]


def test_a_photo_that_took_too_long_is_read_again_last(tmp_path: Path, entries: list[FileEntry]) -> None:
    journal = journal_after(tmp_path, entries[:3], entries[:1])
    assert journal.suspects == (entries[0].path,)  # not those that were read beside it
    assert names(read_with(journal, entries))[-1] == "00-slow.png"
    journal.close()
    assert CrashJournal(tmp_path).suspects == ()


def test_a_photo_that_took_too_long_alone_is_unreadable_and_not_read_again(
    tmp_path: Path, entries: list[FileEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    journal_after(tmp_path, entries[:3], entries[:1])
    journal = journal_after(tmp_path, entries[:1], entries[:1], alone=True)
    decoded = _record_decoded(monkeypatch)
    results = read_with(journal, entries)
    assert names(results)[0] == "00-slow.png"
    assert results[0].reason == "Reading the photo took too long."
    assert entries[0].path not in decoded


def test_when_the_process_ends_again_and_again_suspects_come_first(
    tmp_path: Path, entries: list[FileEntry]
) -> None:
    for round_ in range(3):
        journal = journal_after(tmp_path, entries[round_ : round_ + 1], entries[round_ : round_ + 1])
    assert journal.suspects_first
    assert sorted(names(read_with(journal, entries))[:3]) == ["00-slow.png", "01.png", "02.png"]


def _record_decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    decoded: list[str] = []
    original: Callable[..., DecodedPhoto] = decode.decode

    def record(loaded: LoadedFile, **options: object) -> DecodedPhoto:
        decoded.append(loaded.path)
        return original(loaded, **options)

    monkeypatch.setattr(decode, "decode", record)
    return decoded
