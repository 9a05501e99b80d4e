"""The settings of a library."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path

import pytest

from photosim import settings
from photosim.errors import LibraryError
from photosim.paths import write_atomic
from photosim.settings import FILE_NAME, LibrarySettings


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    settings.save(tmp_path, LibrarySettings(model="yolo11n-cls-10-mean-224"))
    assert settings.load(tmp_path) == LibrarySettings(model="yolo11n-cls-10-mean-224")
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_new_library_has_the_defaults(tmp_path: Path) -> None:
    assert settings.load(tmp_path) == settings.load(tmp_path / "nowhere") == LibrarySettings()


def test_what_a_newer_program_wrote_stays(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(json.dumps({"future": [1, 2], "model": "a"}), encoding="utf-8")
    settings.save(tmp_path, LibrarySettings(model="b"))
    stored = json.loads((tmp_path / FILE_NAME).read_text(encoding="utf-8"))
    own = json.loads(json.dumps(asdict(LibrarySettings(model="b"))))
    assert stored == {"future": [1, 2], **own}


def test_lists_come_back_as_they_were_saved(tmp_path: Path) -> None:
    excluded = ("Thumbnails", "/photos/caf\udce9")
    settings.update(tmp_path, excluded=excluded)
    assert settings.load(tmp_path).excluded == excluded


@pytest.mark.parametrize("value", ['"Thumbnails"', "[7]", "{}", "null"])
def test_a_list_of_anything_but_texts_is_ignored(tmp_path: Path, value: str) -> None:
    (tmp_path / FILE_NAME).write_text(f'{{"excluded": {value}, "model": "a"}}', encoding="utf-8")
    assert settings.load(tmp_path) == LibrarySettings("a")


def test_one_setting_can_be_changed_and_the_others_stay(tmp_path: Path) -> None:
    settings.save(tmp_path, LibrarySettings(model="mine"))
    assert (
        settings.update(tmp_path, quiet="on")
        == settings.load(tmp_path)
        == LibrarySettings("mine", quiet="on")
    )


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"model": 7}', b"[]", b"null", b"\xff\xfe\x00", b"[" * 100_000]
)
def test_a_damaged_file_counts_as_none_and_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with caplog.at_level(logging.WARNING, "photosim"):
        assert settings.load(tmp_path) == LibrarySettings()
    assert FILE_NAME in caplog.text
    settings.save(tmp_path, LibrarySettings(model="b"))
    assert settings.load(tmp_path).model == "b"


def test_the_file_is_read_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.save(tmp_path, LibrarySettings(model="a"))
    reads = []
    read = settings._read
    monkeypatch.setattr(settings, "_read", lambda folder: reads.append(folder) or read(folder))
    for _ in range(3):
        assert settings.load(tmp_path).model == "a"
    assert len(reads) == 1


def test_a_change_by_another_process_is_seen(tmp_path: Path) -> None:
    for model in ("a", "b", "c"):  # the same size each time, and perhaps the same moment
        write_atomic(tmp_path / FILE_NAME, json.dumps({"model": model}))
        assert settings.load(tmp_path).model == model
    (tmp_path / FILE_NAME).unlink()
    assert settings.load(tmp_path) == LibrarySettings()


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="can't be saved"):
        settings.save(tmp_path / "nowhere", LibrarySettings())


def test_a_failed_save_leaves_the_old_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.save(tmp_path, LibrarySettings(model="a"))

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(LibraryError, match="No space left"):
        settings.save(tmp_path, LibrarySettings(model="b"))
    assert settings.load(tmp_path).model == "a"


def test_the_device_is_that_of_the_environment_else_of_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PHOTOSIM_DEVICE")
    assert settings.effective_device(tmp_path) == "auto"
    settings.save(tmp_path, LibrarySettings(device="mps"))
    assert settings.effective_device(tmp_path) == "mps"
    monkeypatch.setenv("PHOTOSIM_DEVICE", "cpu")
    assert settings.effective_device(tmp_path) == "cpu"
    monkeypatch.setenv("PHOTOSIM_DEVICE", "abacus")
    assert settings.effective_device(tmp_path) == "auto"


def test_the_devices_are_those_that_the_model_knows() -> None:
    from photosim.ml.devices import Device

    assert tuple(Device) == settings.DEVICES
