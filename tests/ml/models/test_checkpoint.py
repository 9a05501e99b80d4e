from __future__ import annotations

import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from photosim.errors import ModelError
from photosim.ml.models.catalog import DEFAULT, weights_path
from photosim.ml.models.checkpoint import configure_ultralytics, load_model
from photosim.paths import resource_path
from tests.support.checkpoints import (
    TASKS,
    PickledCall,
    make_model,
    save_checkpoint,
    save_official_checkpoint,
)

SHIPPED = weights_path(DEFAULT, resource_path("models"))


def test_the_bundled_weights_load_as_ultralytics_own_model(config: Path) -> None:
    model: Any = load_model(SHIPPED, config)
    assert type(model).__module__ == "ultralytics.nn.tasks"
    assert type(model).__name__ == "DetectionModel"
    assert model.task == "detect"
    assert (model.names[0], model.names[79], len(model.names)) == ("person", "toothbrush", 80)
    assert not model.training
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_the_weights_are_those_that_ultralytics_reads_from_the_file(config: Path) -> None:
    configure_ultralytics(config)
    from ultralytics import YOLO

    theirs = YOLO(SHIPPED).model.eval()
    ours: Any = load_model(SHIPPED, config)
    picture = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        assert torch.equal(ours(picture)[0], theirs(picture)[0])
    assert ours.names == theirs.names


@pytest.mark.parametrize(
    ("kind", "file", "task"),
    TASKS,
)
def test_a_model_of_every_task_comes_back_as_it_was_saved(
    tmp_path: Path, config: Path, kind: str, file: str, task: str
) -> None:
    saved = make_model(config, kind, file)
    model: Any = load_model(save_checkpoint(tmp_path / "own.pt", saved), config)
    assert (type(model), model.task, model.names) == (type(saved), task, saved.names)
    expected = saved.float().state_dict()
    assert all(torch.equal(expected[name], tensor) for name, tensor in model.state_dict().items())
    picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        for _ in range(2):  # the first of them notes the places of the cells
            assert torch.equal(_first_tensor(model(picture)), _first_tensor(saved(picture)))


def _first_tensor(answer: Any) -> torch.Tensor:
    return answer if isinstance(answer, torch.Tensor) else _first_tensor(answer[0])


def test_the_small_number_of_each_batch_norm_is_taken_from_the_file(tmp_path: Path, config: Path) -> None:
    saved = make_model(config)
    for module in saved.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eps = 0.125
    model = load_model(save_checkpoint(tmp_path / "own.pt", saved), config)
    found = {module.eps for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)}
    assert found == {0.125}


def test_the_averaged_weights_are_preferred_as_ultralytics_prefers_them(tmp_path: Path, config: Path) -> None:
    last, averaged = make_model(config), make_model(config)
    with torch.no_grad():
        averaged.model[0].conv.weight.fill_(0.5)
    model: Any = load_model(save_checkpoint(tmp_path / "own.pt", last, ema=averaged), config)
    assert (model.model[0].conv.weight == 0.5).all()


def test_an_official_classification_checkpoint_loads_without_torchvision(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model(config)
    path = save_official_checkpoint(tmp_path / "official.pt", model, monkeypatch)
    assert b"torchvision.transforms" in path.read_bytes()
    monkeypatch.setitem(sys.modules, "torchvision", None)
    loaded: Any = load_model(path, config)
    assert loaded.task == "classify"
    assert torch.equal(loaded.model[0].conv.weight, model.model[0].conv.weight.float())


def test_a_hostile_object_deep_inside_a_real_model_is_found(tmp_path: Path, config: Path) -> None:
    marker = tmp_path / "it-ran"
    model = make_model(config)
    model.criterion = PickledCall(os.system, f"echo x > {marker}")
    with pytest.raises(ModelError, match="system"):
        load_model(save_checkpoint(tmp_path / "hostile.pt", model), config)
    assert not marker.exists()


def test_an_allowed_class_is_not_instantiated_from_the_file(tmp_path: Path, config: Path) -> None:
    """Ultralytics evaluates the activation of a configuration: its model classes must not be called."""
    configure_ultralytics(config)
    from ultralytics.nn.tasks import DetectionModel

    marker = tmp_path / "it-ran"
    evil = {"activation": f"open({str(marker)!r}, 'w')", "backbone": [], "head": [], "nc": 1}
    with pytest.raises(ModelError):
        load_model(save_checkpoint(tmp_path / "hostile.pt", PickledCall(DetectionModel, evil)), config)
    assert not marker.exists()


def test_the_configuration_inside_a_file_is_not_evaluated(tmp_path: Path, config: Path) -> None:
    marker = tmp_path / "it-ran"
    model = make_model(config)
    model.yaml["activation"] = f"open({str(marker)!r}, 'w')"
    load_model(save_checkpoint(tmp_path / "hostile.pt", model), config)
    assert not marker.exists()


def test_a_configuration_in_the_working_folder_is_not_read(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "it-ran"
    for name in ("yolo11.yaml", "yolo11n.yaml"):
        (tmp_path / name).write_text(f"activation: open({str(marker)!r}, 'w')\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    load_model(SHIPPED, config)
    assert not marker.exists()


def test_loading_leaves_no_class_allowed_for_others(tmp_path: Path, config: Path) -> None:
    before = torch.serialization.get_safe_globals()
    load_model(SHIPPED, config)
    assert torch.serialization.get_safe_globals() == before


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_file_is_refused(tmp_path: Path, config: Path, share: float) -> None:
    data = SHIPPED.read_bytes()
    path = tmp_path / "short.pt"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelError, match=r"short\.pt is damaged"):
        load_model(path, config)


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path, config: Path) -> None:
    path = tmp_path / "text.pt"
    path.write_text("not a model", encoding="utf-8")
    with pytest.raises(ModelError, match="not a PyTorch checkpoint"):
        load_model(path, config)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(ModelError, match="not a PyTorch checkpoint"):
        load_model(path, config)


def test_a_bare_pickle_is_refused_unread(tmp_path: Path, config: Path) -> None:
    marker = tmp_path / "it-ran"
    path = tmp_path / "bare.pt"
    path.write_bytes(pickle.dumps(PickledCall(os.system, f"echo x > {marker}")))
    with pytest.raises(ModelError, match="not a PyTorch checkpoint"):
        load_model(path, config)
    assert not marker.exists()


def test_a_pickle_that_cannot_be_read_is_refused(tmp_path: Path, config: Path) -> None:
    path = tmp_path / "odd.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("odd/data.pkl", b"\x80\x02}\xff")
        archive.writestr("odd/version", b"3")
    with pytest.raises(ModelError):
        load_model(path, config)


def test_an_archive_that_would_grow_when_read_is_refused(tmp_path: Path, config: Path) -> None:
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(SHIPPED) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    with pytest.raises(ModelError, match="not a PyTorch checkpoint"):
        load_model(path, config)


def test_a_torchscript_export_is_refused_with_what_to_use_instead(tmp_path: Path, config: Path) -> None:
    path = tmp_path / "script.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("script/data.pkl", b"")
        archive.writestr("script/constants.pkl", b"")
    with pytest.raises(ModelError, match=r"TorchScript export\. Use the original \.pt"):
        load_model(path, config)


def test_a_missing_file_and_a_folder_are_reported(tmp_path: Path, config: Path) -> None:
    for path in (tmp_path / "absent.pt", tmp_path):
        with pytest.raises(ModelError):
            load_model(path, config)


@pytest.mark.parametrize("content", [{"model": None}, {"model": {"a": 1}}, [1, 2], {"weight": torch.ones(2)}])
def test_a_checkpoint_without_a_model_is_refused(tmp_path: Path, config: Path, content: Any) -> None:
    path = tmp_path / "state.pt"
    torch.save(content, path)
    with pytest.raises(ModelError, match="contains no YOLO11 model"):
        load_model(path, config)


def rename_scale(model: Any) -> None:
    model.yaml["scale"] = "q"


def forget_scale(model: Any) -> None:
    del model.yaml


def claim_other_scale(model: Any) -> None:
    model.yaml["scale"] = "s"


def widen_a_layer(model: Any) -> None:
    model.model[0].conv.weight = torch.nn.Parameter(torch.zeros(24, 3, 3, 3))


def drop_a_layer(model: Any) -> None:
    del model.model[4]


def rewire(model: Any) -> None:
    model.model[8].f = 6


def exchange_an_activation(model: Any) -> None:
    model.model[3].act = torch.nn.ReLU()


def forget_names(model: Any) -> None:
    model.names = None


def hold_itself(model: Any) -> None:
    model.model[0]._modules["more"] = model


@pytest.mark.parametrize(
    "spoil",
    [
        *(rename_scale, forget_scale, claim_other_scale, widen_a_layer, drop_a_layer),
        *(rewire, exchange_an_activation, forget_names, hold_itself),
    ],
)
def test_a_model_that_is_not_built_as_yolo11_is_refused(
    tmp_path: Path, config: Path, spoil: Callable[[Any], None]
) -> None:
    model = make_model(config)
    spoil(model)
    with pytest.raises(ModelError, match=r"own\.pt"):
        load_model(save_checkpoint(tmp_path / "own.pt", model), config)


def test_weights_that_are_not_numbers_are_refused(tmp_path: Path, config: Path) -> None:
    model = make_model(config)
    with torch.no_grad():
        model.model[5].conv.weight[0, 0, 0, 0] = float("nan")
    with pytest.raises(ModelError, match="aren't numbers"):
        load_model(save_checkpoint(tmp_path / "own.pt", model), config)


QUIET = """
import os, socket, sys, urllib.request
from pathlib import Path

def refuse(*arguments, **named):
    os.write(2, b"network asked for")
    os._exit(9)

socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
from photosim.ml.models.checkpoint import load_model
load_model(Path(sys.argv[1]), Path(sys.argv[2]))
load_model(Path(sys.argv[1]), Path(sys.argv[2]))
from ultralytics.utils import ONLINE, SETTINGS, AUTOINSTALL, VERBOSE
from ultralytics.utils.events import events
assert not (ONLINE or SETTINGS["sync"] or AUTOINSTALL or VERBOSE or events.enabled)
"""


def run_quiet(model: Path, config_dir: Path, home: Path, temporary: Path, script: str = QUIET) -> None:
    """Load a model in a new interpreter with this home folder, which must print nothing."""
    temporary.mkdir()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("YOLO_", "PYTEST_"))
    }
    homes = dict.fromkeys(("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "APPDATA", "LOCALAPPDATA"), str(home))
    temporaries = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    done = subprocess.run(
        [sys.executable, "-c", script, str(model), str(config_dir)],
        env=environment | homes | temporaries | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_ultralytics_says_nothing_asks_for_nothing_and_leaves_the_home_alone(
    tmp_path: Path, config: Path
) -> None:
    home, own, temporary = tmp_path / "home", tmp_path / "own", tmp_path / "tmp"
    home.mkdir()
    run_quiet(save_checkpoint(tmp_path / "own.pt", make_model(config)), own, home, temporary)
    assert not list(home.iterdir())
    assert not list(temporary.rglob("settings.json"))
    assert (own / "Ultralytics" / "settings.json").is_file()


def test_where_neither_home_nor_settings_can_be_written_the_model_loads_all_the_same(tmp_path: Path) -> None:
    blocked = tmp_path / "file"  # nothing can be written below a file, whoever runs this
    blocked.write_bytes(b"")
    script = QUIET.replace('SETTINGS["sync"] or ', "")
    run_quiet(SHIPPED, blocked / "below", blocked, tmp_path / "tmp", script)
