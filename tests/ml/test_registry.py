"""The shelf: what is on it, what comes to it, and what it refuses."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from photosim import paths
from photosim.errors import ModelError, PhotoSimError
from photosim.ml import catalog, weights
from photosim.ml.catalog import DEFAULT, Origin
from photosim.ml.registry import ModelRegistry
from photosim.runtime.control import JobControl
from tests.support.checkpoints import Calls, own_model, save
from tests.support.model_server import ModelServer, offer, serving


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving() as server:
        yield server


@pytest.fixture
def shelf(tmp_path: Path) -> ModelRegistry:
    return ModelRegistry(tmp_path / "models")


def get(shelf: ModelRegistry, word: str) -> list[tuple[int, int]]:
    return list(shelf.get(word, JobControl()))


def names(shelf: ModelRegistry) -> list[str]:
    return [model.spec.name for model in shelf.all()]


def files(shelf: ModelRegistry) -> list[str]:
    return sorted(path.name for path in shelf.folder.glob("*.*"))


def test_the_shelf_of_a_person_lies_in_the_folder_of_their_data(own_home: Path) -> None:
    assert ModelRegistry().folder == paths.models_folder()
    assert own_home in paths.models_folder().parents


def test_in_the_beginning_only_the_model_in_the_box_is_here(shelf: ModelRegistry) -> None:
    first, *others = shelf.all()
    assert (first.spec, first.installed) == (DEFAULT, True)
    assert first.bytes == shelf.weights_path(DEFAULT).stat().st_size == DEFAULT.bytes
    assert [model.spec.name for model in others] == [f"yolo11{scale}-cls" for scale in "nsmlx"]
    assert not any(model.installed for model in others)
    assert not shelf.folder.exists()


def test_the_model_in_the_box_is_usable_and_needs_no_download(shelf: ModelRegistry) -> None:
    assert shelf.installed(DEFAULT.name) is DEFAULT
    assert get(shelf, DEFAULT.name) == []
    assert not shelf.folder.exists()


def test_a_model_that_is_not_here_says_how_to_get_it(shelf: ModelRegistry) -> None:
    with pytest.raises(ModelError, match="photosim models get yolo11n-cls"):
        shelf.installed("yolo11n-cls")


# --- a person's own ------------------------------------------------------------------------------------------


def test_an_own_model_is_copied_listed_and_usable(shelf: ModelRegistry, best: Path) -> None:
    entry = shelf.add(best)
    assert entry.origin is Origin.USER
    assert (entry.title, entry.preprocessing.size) == ("best (YOLO11n)", 64)
    assert shelf.weights_path(entry).read_bytes() == best.read_bytes()
    assert names(shelf)[-1] == entry.name
    assert shelf.installed(entry.name) == shelf.find(entry.id) == entry
    assert files(shelf) == [f"{entry.name}.json", f"{entry.name}.pt"]


def test_adding_it_again_changes_nothing(shelf: ModelRegistry, best: Path) -> None:
    assert shelf.add(best) == shelf.add(best)
    assert len(shelf.all()) == 7


def test_a_file_of_the_catalogue_takes_its_place_there(
    shelf: ModelRegistry, best: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = offer(monkeypatch, "", "yolo11n-cls", weights.sha256_of(best), best.stat().st_size)
    assert shelf.add(best) == entry
    assert shelf.installed("yolo11n-cls") == entry
    assert files(shelf) == ["yolo11n-cls.pt"]
    assert shelf.add(shelf.weights_path(DEFAULT)) is DEFAULT
    assert files(shelf) == ["yolo11n-cls.pt"]


def test_a_hostile_file_is_refused_and_leaves_nothing(shelf: ModelRegistry, tmp_path: Path) -> None:
    marker = tmp_path / "it-ran"
    hostile = save(tmp_path / "hostile.pt", Calls(os.system, f"echo x > '{marker}'"))
    with pytest.raises(ModelError, match="system"):
        shelf.add(hostile)
    assert not marker.exists()
    assert len(shelf.all()) == 6


def test_a_copy_that_does_not_fit_on_the_disk_leaves_nothing(
    shelf: ModelRegistry, best: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("photosim.ml.registry.shutil.copyfile", full)
    with pytest.raises(ModelError, match="No space left"):
        shelf.add(best)
    assert files(shelf) == []
    assert [path.name for path in (shelf.folder / "incoming").iterdir()] == ["lock"]


@pytest.mark.parametrize(
    "change", [{"scale": "q"}, {"task": "sing"}, {"bytes": "many"}, {"title": None}, {"sha256": "0" * 64}]
)
def test_a_damaged_note_costs_its_model_only(
    shelf: ModelRegistry, best: Path, caplog: pytest.LogCaptureFixture, change: dict[str, object]
) -> None:
    entry = shelf.add(best)
    note = shelf.folder / f"{entry.name}.json"
    note.write_text(json.dumps(json.loads(note.read_text("utf-8")) | change), encoding="utf-8")
    with caplog.at_level(logging.WARNING, "photosim"):
        assert len(shelf.all()) == 6
    assert note.name in caplog.text
    note.write_text("{", encoding="utf-8")
    assert len(shelf.all()) == 6
    assert shelf.add(best) == entry
    assert len(shelf.all()) == 7


def test_a_damaged_copy_is_noticed_before_it_is_used(shelf: ModelRegistry, best: Path) -> None:
    path = shelf.weights_path(shelf.add(best))
    path.write_bytes(path.read_bytes()[:-1])
    assert not shelf.all()[-1].installed
    with pytest.raises(ModelError, match="damaged"):
        shelf.installed(path.stem)


def test_a_removed_model_is_gone_and_the_one_in_the_box_stays(shelf: ModelRegistry, best: Path) -> None:
    entry = shelf.add(best)
    shelf.remove(entry.name)
    assert files(shelf) == []
    with pytest.raises(ModelError, match="no model"):
        shelf.find(entry.name)
    with pytest.raises(ModelError, match="included in PhotoSim"):
        shelf.remove(DEFAULT.name)
    assert shelf.weights_path(DEFAULT).exists()


# --- downloads -----------------------------------------------------------------------------------------------


@pytest.fixture
def offered(
    server: ModelServer, best: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[catalog.ModelSpec, catalog.ModelSpec]:
    """Two official models that the server has: one with a known checksum, one without."""
    content = best.read_bytes()
    server.files.update({"yolo11n-cls.pt": content, "yolo11s-cls.pt": content})
    known = offer(
        monkeypatch, server.address, "yolo11n-cls", hashlib.sha256(content).hexdigest(), len(content)
    )
    return known, offer(monkeypatch, server.address, "yolo11s-cls", None, None)


Offered = tuple[catalog.ModelSpec, catalog.ModelSpec]


def test_a_downloaded_model_is_here_and_not_fetched_again(
    shelf: ModelRegistry, server: ModelServer, offered: Offered
) -> None:
    reports = get(shelf, "yolo11n-cls")
    assert reports[-1] == (offered[0].bytes, offered[0].bytes)
    assert shelf.installed("yolo11n-cls") == offered[0]
    assert files(shelf) == ["yolo11n-cls.pt"]
    assert get(shelf, "yolo11n-cls") == []
    assert server.starts == [0]


def test_a_download_goes_on_where_it_was_cancelled(
    shelf: ModelRegistry, server: ModelServer, offered: Offered
) -> None:
    control = JobControl()
    for done, _ in shelf.get("yolo11n-cls", control):
        if done > 100_000:
            control.cancel()
    assert not shelf.weights_path(offered[0]).exists()
    get(shelf, "yolo11n-cls")
    assert shelf.installed("yolo11n-cls")
    assert server.starts[0] == 0 < server.starts[1]


def test_a_cut_connection_is_taken_up_again(
    shelf: ModelRegistry, server: ModelServer, offered: Offered
) -> None:
    server.cuts, server.cut_after = 2, 300_000
    get(shelf, "yolo11n-cls")
    assert shelf.installed("yolo11n-cls")
    assert len(server.starts) == 3


def test_another_file_than_expected_is_thrown_away(
    shelf: ModelRegistry, server: ModelServer, offered: Offered
) -> None:
    server.files["yolo11n-cls.pt"] = b"x" * len(server.files["yolo11n-cls.pt"])
    with pytest.raises(PhotoSimError, match="isn.t the expected file"):
        get(shelf, "yolo11n-cls")
    assert files(shelf) == []


def test_a_damaged_file_is_replaced(shelf: ModelRegistry, offered: Offered) -> None:
    shelf.folder.mkdir()
    shelf.weights_path(offered[0]).write_bytes(b"short")
    get(shelf, "yolo11n-cls")
    assert shelf.installed("yolo11n-cls")


def test_without_a_known_checksum_the_structure_decides(
    shelf: ModelRegistry, server: ModelServer, offered: Offered, tmp_path: Path
) -> None:
    """The server has a YOLO11n under the name of a YOLO11s."""
    with pytest.raises(ModelError, match=r"contains a YOLO11n .* instead of a YOLO11s"):
        get(shelf, "yolo11s-cls")
    assert files(shelf) == []
    right = save(tmp_path / "right.pt", own_model(tmp_path, scale="s"))
    server.files["yolo11s-cls.pt"] = right.read_bytes()
    get(shelf, "yolo11s-cls")
    assert shelf.installed("yolo11s-cls") == offered[1]
    assert shelf.weights_path(offered[1]).read_bytes() == right.read_bytes()


def test_a_hostile_download_is_refused_and_not_run(
    shelf: ModelRegistry, server: ModelServer, offered: Offered, tmp_path: Path
) -> None:
    marker = tmp_path / "it-ran"
    hostile = save(tmp_path / "hostile.pt", Calls(os.system, f"echo x > '{marker}'"))
    server.files["yolo11s-cls.pt"] = hostile.read_bytes()
    with pytest.raises(ModelError, match="system"):
        get(shelf, "yolo11s-cls")
    assert not marker.exists()
    assert files(shelf) == []


def test_a_failed_download_says_where_to_put_the_file_by_hand(
    shelf: ModelRegistry, offered: Offered, best: Path, server: ModelServer
) -> None:
    server.files.clear()
    with pytest.raises(PhotoSimError) as failure:
        get(shelf, "yolo11n-cls")
    assert str(offered[0].url) in str(failure.value)
    assert f"into the folder {shelf.folder} under the name yolo11n-cls.pt" in str(failure.value)
    (shelf.folder / "yolo11n-cls.pt").write_bytes(best.read_bytes())
    assert shelf.installed("yolo11n-cls") == offered[0]


def test_a_wrong_file_put_there_by_hand_is_refused(
    shelf: ModelRegistry, offered: Offered, best: Path
) -> None:
    shelf.folder.mkdir()
    (shelf.folder / "yolo11s-cls.pt").write_bytes(best.read_bytes())
    with pytest.raises(ModelError, match="instead of a YOLO11s"):
        shelf.installed("yolo11s-cls")


def test_no_connection_is_told(shelf: ModelRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as gone:
        address = gone.address
    offer(monkeypatch, address, "yolo11n-cls", "0" * 64, 10)
    with pytest.raises(PhotoSimError, match=r"can.t connect .* under the name"):
        get(shelf, "yolo11n-cls")


def test_two_downloads_at_once_do_not_mix(shelf: ModelRegistry, offered: Offered) -> None:
    (shelf.folder / "incoming").mkdir(parents=True)
    with (
        FileLock(shelf.folder / "incoming" / "lock", is_singleton=False),
        pytest.raises(ModelError, match="Another PhotoSim"),
    ):
        get(shelf, "yolo11n-cls")


def test_an_own_model_cannot_be_downloaded(shelf: ModelRegistry, best: Path) -> None:
    entry = shelf.add(best)
    assert get(shelf, entry.name) == []
    shelf.weights_path(entry).unlink()
    with pytest.raises(ModelError, match="can.t be downloaded"):
        get(shelf, entry.name)
