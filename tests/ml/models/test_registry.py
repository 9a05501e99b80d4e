"""The registry of models: what it lists, installs and refuses."""

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
from photosim.ml.model_spec import Origin
from photosim.ml.models import catalog, weights
from photosim.ml.models.catalog import DEFAULT, FINE
from photosim.ml.models.registry import ModelRegistry
from photosim.runtime.control import JobControl
from tests.support.checkpoints import PickledCall, make_model, save_checkpoint
from tests.support.model_server import ModelServer, patch_catalog, run_server


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with run_server() as server:
        yield server


@pytest.fixture
def registry(tmp_path: Path) -> ModelRegistry:
    return ModelRegistry(tmp_path / "models")


def get(registry: ModelRegistry, word: str) -> list[tuple[int, int]]:
    return list(registry.get(word, JobControl()))


def names(registry: ModelRegistry) -> list[str]:
    return [model.spec.name for model in registry.all()]


def files(registry: ModelRegistry) -> list[str]:
    return sorted(path.name for path in registry.folder.glob("*.*"))


def test_the_models_folder_is_in_the_users_data_folder(isolated_home: Path) -> None:
    assert ModelRegistry().folder == paths.models_folder()
    assert isolated_home in paths.models_folder().parents


def test_at_first_only_the_bundled_models_are_installed(registry: ModelRegistry) -> None:
    *bundled, _, _, _, _, _ = registry.all()
    others = registry.all()[2:]
    assert [(model.spec, model.installed) for model in bundled] == [(DEFAULT, True), (FINE, True)]
    for model in bundled:
        companions = [file.bytes for file in model.spec.companions]
        assert model.bytes == sum([registry.weights_path(DEFAULT).stat().st_size, *companions])
    assert [model.spec.name for model in others] == [f"yolo11{scale}-cls" for scale in "nsmlx"]
    assert not any(model.installed for model in others)
    assert not registry.folder.exists()


def test_the_bundled_model_is_usable_without_a_download(registry: ModelRegistry) -> None:
    assert registry.installed(DEFAULT.name) is DEFAULT
    assert get(registry, DEFAULT.name) == []
    assert not registry.folder.exists()


def test_a_missing_model_says_how_to_get_it(registry: ModelRegistry) -> None:
    with pytest.raises(ModelError, match="photosim models get yolo11n-cls"):
        registry.installed("yolo11n-cls")


# --- a person's own ------------------------------------------------------------------------------------------


def test_a_users_model_is_copied_listed_and_usable(registry: ModelRegistry, best: Path) -> None:
    spec = registry.add(best)
    assert spec.origin is Origin.USER
    assert (spec.title, spec.preprocessing.size) == ("best (YOLO11n)", 64)
    assert registry.weights_path(spec).read_bytes() == best.read_bytes()
    assert names(registry)[-1] == spec.name
    assert registry.installed(spec.name) == registry.find(spec.id) == spec
    assert files(registry) == [f"{spec.name}.json", f"{spec.name}.pt"]


def test_adding_it_again_changes_nothing(registry: ModelRegistry, best: Path) -> None:
    assert registry.add(best) == registry.add(best)
    assert len(registry.all()) == 8


def test_a_file_of_the_catalog_is_installed_as_that_model(
    registry: ModelRegistry, best: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = patch_catalog(monkeypatch, "", "yolo11n-cls", weights.sha256_of(best), best.stat().st_size)
    assert registry.add(best) == spec
    assert registry.installed("yolo11n-cls") == spec
    assert files(registry) == ["yolo11n-cls.pt"]
    assert registry.add(registry.weights_path(DEFAULT)) is DEFAULT
    assert files(registry) == ["yolo11n-cls.pt"]


def test_a_hostile_file_is_refused_and_leaves_nothing(registry: ModelRegistry, tmp_path: Path) -> None:
    marker = tmp_path / "it-ran"
    hostile = save_checkpoint(tmp_path / "hostile.pt", PickledCall(os.system, f"echo x > '{marker}'"))
    with pytest.raises(ModelError, match="system"):
        registry.add(hostile)
    assert not marker.exists()
    assert len(registry.all()) == 7


def test_a_copy_that_does_not_fit_on_the_disk_leaves_nothing(
    registry: ModelRegistry, best: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("photosim.ml.models.registry.shutil.copyfile", full)
    with pytest.raises(ModelError, match="No space left"):
        registry.add(best)
    assert files(registry) == []
    assert [path.name for path in (registry.folder / "incoming").iterdir()] == ["lock"]


@pytest.mark.parametrize(
    "change", [{"scale": "q"}, {"task": "sing"}, {"bytes": "many"}, {"title": None}, {"sha256": "0" * 64}]
)
def test_damaged_metadata_costs_only_its_model(
    registry: ModelRegistry, best: Path, caplog: pytest.LogCaptureFixture, change: dict[str, object]
) -> None:
    spec = registry.add(best)
    note = registry.folder / f"{spec.name}.json"
    note.write_text(json.dumps(json.loads(note.read_text("utf-8")) | change), encoding="utf-8")
    with caplog.at_level(logging.WARNING, "photosim"):
        assert len(registry.all()) == 7
    assert note.name in caplog.text
    note.write_text("{", encoding="utf-8")
    assert len(registry.all()) == 7
    assert registry.add(best) == spec
    assert len(registry.all()) == 8


def test_a_damaged_copy_is_noticed_before_it_is_used(registry: ModelRegistry, best: Path) -> None:
    path = registry.weights_path(registry.add(best))
    path.write_bytes(path.read_bytes()[:-1])
    assert not registry.all()[-1].installed
    with pytest.raises(ModelError, match="damaged"):
        registry.installed(path.stem)


def test_a_removed_model_is_deleted_and_the_bundled_one_stays(registry: ModelRegistry, best: Path) -> None:
    spec = registry.add(best)
    registry.remove(spec.name)
    assert files(registry) == []
    with pytest.raises(ModelError, match="no model"):
        registry.find(spec.name)
    with pytest.raises(ModelError, match="included in PhotoSim"):
        registry.remove(DEFAULT.name)
    assert registry.weights_path(DEFAULT).exists()


# --- downloads -----------------------------------------------------------------------------------------------


@pytest.fixture
def offered(
    server: ModelServer, best: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[catalog.ModelSpec, catalog.ModelSpec]:
    """Two official models on the server: one with a known checksum, one without."""
    content = best.read_bytes()
    server.files.update({"yolo11n-cls.pt": content, "yolo11s-cls.pt": content})
    known = patch_catalog(
        monkeypatch, server.address, "yolo11n-cls", hashlib.sha256(content).hexdigest(), len(content)
    )
    return known, patch_catalog(monkeypatch, server.address, "yolo11s-cls", None, None)


Offered = tuple[catalog.ModelSpec, catalog.ModelSpec]


def test_a_downloaded_model_is_installed_and_not_downloaded_again(
    registry: ModelRegistry, server: ModelServer, offered: Offered
) -> None:
    reports = get(registry, "yolo11n-cls")
    assert reports[-1] == (offered[0].bytes, offered[0].bytes)
    assert registry.installed("yolo11n-cls") == offered[0]
    assert files(registry) == ["yolo11n-cls.pt"]
    assert get(registry, "yolo11n-cls") == []
    assert server.starts == [0]


def test_a_cancelled_download_is_resumed(
    registry: ModelRegistry, server: ModelServer, offered: Offered
) -> None:
    control = JobControl()
    for done, _ in registry.get("yolo11n-cls", control):
        if done > 100_000:
            control.cancel()
    assert not registry.weights_path(offered[0]).exists()
    get(registry, "yolo11n-cls")
    assert registry.installed("yolo11n-cls")
    assert server.starts[0] == 0 < server.starts[1]


def test_an_interrupted_download_is_resumed(
    registry: ModelRegistry, server: ModelServer, offered: Offered
) -> None:
    server.cuts, server.cut_after = 2, 300_000
    get(registry, "yolo11n-cls")
    assert registry.installed("yolo11n-cls")
    assert len(server.starts) == 3


def test_an_unexpected_file_is_deleted(
    registry: ModelRegistry, server: ModelServer, offered: Offered
) -> None:
    server.files["yolo11n-cls.pt"] = b"x" * len(server.files["yolo11n-cls.pt"])
    with pytest.raises(PhotoSimError, match="isn't the expected file"):
        get(registry, "yolo11n-cls")
    assert files(registry) == []


def test_a_damaged_file_is_replaced(registry: ModelRegistry, offered: Offered) -> None:
    registry.folder.mkdir()
    registry.weights_path(offered[0]).write_bytes(b"short")
    get(registry, "yolo11n-cls")
    assert registry.installed("yolo11n-cls")


def test_without_a_known_checksum_the_structure_decides(
    registry: ModelRegistry, server: ModelServer, offered: Offered, tmp_path: Path
) -> None:
    """The server has a YOLO11n under the name of a YOLO11s."""
    with pytest.raises(ModelError, match=r"contains a YOLO11n .* instead of a YOLO11s"):
        get(registry, "yolo11s-cls")
    assert files(registry) == []
    right = save_checkpoint(tmp_path / "right.pt", make_model(tmp_path, scale="s"))
    server.files["yolo11s-cls.pt"] = right.read_bytes()
    get(registry, "yolo11s-cls")
    assert registry.installed("yolo11s-cls") == offered[1]
    assert registry.weights_path(offered[1]).read_bytes() == right.read_bytes()


def test_a_hostile_download_is_refused_and_not_run(
    registry: ModelRegistry, server: ModelServer, offered: Offered, tmp_path: Path
) -> None:
    marker = tmp_path / "it-ran"
    hostile = save_checkpoint(tmp_path / "hostile.pt", PickledCall(os.system, f"echo x > '{marker}'"))
    server.files["yolo11s-cls.pt"] = hostile.read_bytes()
    with pytest.raises(ModelError, match="system"):
        get(registry, "yolo11s-cls")
    assert not marker.exists()
    assert files(registry) == []


def test_a_failed_download_says_where_to_put_the_file_by_hand(
    registry: ModelRegistry, offered: Offered, best: Path, server: ModelServer
) -> None:
    server.files.clear()
    with pytest.raises(PhotoSimError) as failure:
        get(registry, "yolo11n-cls")
    assert str(offered[0].url) in str(failure.value)
    assert f"into the folder {registry.folder} under the name yolo11n-cls.pt" in str(failure.value)
    (registry.folder / "yolo11n-cls.pt").write_bytes(best.read_bytes())
    assert registry.installed("yolo11n-cls") == offered[0]


def test_a_wrong_file_put_there_by_hand_is_refused(
    registry: ModelRegistry, offered: Offered, best: Path
) -> None:
    registry.folder.mkdir()
    (registry.folder / "yolo11s-cls.pt").write_bytes(best.read_bytes())
    with pytest.raises(ModelError, match="instead of a YOLO11s"):
        registry.installed("yolo11s-cls")


def test_a_missing_connection_is_reported(registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    with run_server() as stopped:
        address = stopped.address
    patch_catalog(monkeypatch, address, "yolo11n-cls", "0" * 64, 10)
    with pytest.raises(PhotoSimError, match=r"can't connect .* under the name"):
        get(registry, "yolo11n-cls")


def test_two_downloads_at_once_do_not_mix(registry: ModelRegistry, offered: Offered) -> None:
    (registry.folder / "incoming").mkdir(parents=True)
    with (
        FileLock(registry.folder / "incoming" / "lock", is_singleton=False),
        pytest.raises(ModelError, match="Another PhotoSim"),
    ):
        get(registry, "yolo11n-cls")


def test_a_users_model_cannot_be_downloaded(registry: ModelRegistry, best: Path) -> None:
    spec = registry.add(best)
    assert get(registry, spec.name) == []
    registry.weights_path(spec).unlink()
    with pytest.raises(ModelError, match="can't be downloaded"):
        get(registry, spec.name)
