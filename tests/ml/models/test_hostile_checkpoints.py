"""Model files that are built to take much memory or time: they are refused before any weights are read."""

from __future__ import annotations

import os
import pickle
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from photosim.errors import ModelError
from photosim.ml.models import archive, checkpoint, checkpoint_reader
from photosim.ml.models.checkpoint import configure_ultralytics, load_model
from tests.support.checkpoints import PickledCall, make_model, read_checkpoint, save_checkpoint, write_archive

STRUCTURE = "doesn't have the structure"


@pytest.fixture
def no_weights_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "_take_weights", lambda *_: pytest.fail("weights were read"))


def add(path: Path, name: str, content: bytes, compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "a", compression) as target:
        target.writestr(name, content)


def overlap(path: Path) -> None:
    """Let many members lie at the same place."""
    add(path, "model/data/0", bytes(1000))
    raw = path.read_bytes()
    end = raw.rfind(b"PK\5\6")
    count, size, start = struct.unpack_from("<HII", raw, end + 10)
    directory = raw[start : start + size]
    last = directory[directory.rfind(b"PK\1\2") :]
    copies = [
        last[:28] + struct.pack("<H", len(name)) + last[30:46] + name
        for name in (b"model/data/%d" % index for index in range(1, 100))
    ]
    directory += b"".join(copies)
    count += len(copies)
    tail = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), start, 0)
    path.write_bytes(raw[:start] + directory + b"PK\5\6" + tail)


def encrypt(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[raw.find(b"PK\1\2") + 8] |= 1
    path.write_bytes(raw)


def put_something_before(path: Path) -> None:
    path.write_bytes(pickle.dumps(PickledCall(print, "x"), 2) + path.read_bytes())


def move_a_member(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    struct.pack_into("<I", raw, raw.rfind(b"PK\1\2") + 42, 7)
    path.write_bytes(raw)


SPOILED: dict[str, Callable[[Path], None]] = {
    "members at the same place": overlap,
    "a compressed storage": lambda path: add(path, "model/data/0", bytes(10**6), zipfile.ZIP_DEFLATED),
    "a compressed member of the same base name": lambda path: add(
        path, "other/data.pkl", bytes(10**6), zipfile.ZIP_DEFLATED
    ),
    "two folders": lambda path: add(path, "other/data.pkl", b"N."),
    "two members of one name": lambda path: add(path, "model/data.pkl", b"N."),
    "an encrypted member": encrypt,
    "a pickle in front": put_something_before,
    "a member somewhere else": move_a_member,
    "another byte order": lambda path: add(path, "model/byteorder", b"big"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", SPOILED)
def test_an_archive_of_another_layout_is_refused_unread(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_archive(tmp_path / "hostile.pt")
    assert read_checkpoint(path) == {}
    SPOILED[name](path)
    monkeypatch.setattr(checkpoint_reader, "read_pickle", lambda *_: pytest.fail("the pickle was read"))
    with pytest.raises(ModelError, match=r"hostile\.pt is not a PyTorch checkpoint"):
        read_checkpoint(path)


def test_a_file_of_another_byte_order_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big.pt"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("big/data.pkl", b"N.")
        target.writestr("big/byteorder", b"big")
    with pytest.raises(ModelError, match="another kind"):
        read_checkpoint(path)


@pytest.mark.parametrize("limit", ["_MAX_BYTES", "_MAX_MEMBERS", "_MAX_PICKLE_BYTES"])
def test_an_archive_larger_than_any_model_is_refused(
    tmp_path: Path, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_archive(tmp_path / "large.pt")
    monkeypatch.setattr(archive, limit, 2)
    with pytest.raises(ModelError, match=r"large\.pt is (not a PyTorch checkpoint|larger than any)"):
        read_checkpoint(path)


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes in folders")
def test_a_pipe_is_no_model(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pt")
    with pytest.raises(ModelError, match="is not a file"):
        read_checkpoint(tmp_path / "pipe.pt")


@given(st.data())
def test_no_damage_of_an_archive_raises_anything_else(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("archive") / "model.pt"
    write_archive(path, storages={"0": bytes(16)})
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(len(raw) // 2, len(raw)))])
    try:
        read_checkpoint(path)
    except ModelError as error:
        assert "model.pt" in str(error)


def small(kind: str, yaml: dict[str, Any], classes: int = 1) -> Any:
    """A model of the kind without any weights."""
    from ultralytics.nn import tasks

    class_ = getattr(tasks, kind)
    model = class_.__new__(class_)
    torch.nn.Module.__init__(model)
    model.yaml, model.names = yaml, dict.fromkeys(range(classes), "")
    return model


@pytest.mark.usefixtures("no_weights_are_read")
@pytest.mark.parametrize(
    ("kind", "yaml", "classes"),
    [
        ("PoseModel", {"scale": "n", "kpt_shape": [130, 130]}, 1),
        ("PoseModel", {"scale": "x", "kpt_shape": [999, 999]}, 1),
        ("ClassificationModel", {"scale": "x"}, 100_000),
        ("DetectionModel", {"scale": "x"}, 100_000),
    ],
)
def test_a_small_file_of_a_large_model_is_refused(
    tmp_path: Path, config: Path, kind: str, yaml: dict[str, Any], classes: int
) -> None:
    configure_ultralytics(config)
    path = save_checkpoint(tmp_path / "small.pt", small(kind, yaml, classes))
    with pytest.raises(ModelError, match=STRUCTURE):
        load_model(path, config)


@pytest.mark.usefixtures("no_weights_are_read")
@pytest.mark.parametrize("characters", [63, 1_000_000])
def test_modules_that_contain_themselves_end(tmp_path: Path, config: Path, characters: int) -> None:
    configure_ultralytics(config)
    model = small("DetectionModel", {"scale": "n"})
    endless = torch.nn.Sequential()
    for name in ("x" * characters, "model"):
        endless._modules[name] = model._modules[name] = endless
    with pytest.raises(ModelError, match=STRUCTURE):
        load_model(save_checkpoint(tmp_path / "loop.pt", model), config)


def set_weight(value: Callable[[torch.Tensor], Any]) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        linear = model.model[-1].linear
        linear._parameters["weight"] = value(linear.weight.data)

    return change


def share_storages(model: Any) -> None:
    weight = model.model[1].conv.weight.data
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d) and module.weight.numel() <= weight.numel():
            module._parameters["weight"] = weight.flatten()[: module.weight.numel()].view(module.weight.shape)


def set_epsilon(value: float) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        model.model[0].bn.eps = value

    return change


CHANGES: dict[str, Callable[[Any], None]] = {
    "one number for all weights": set_weight(lambda weight: torch.zeros(1).expand(weight.shape)),
    "more weights than memory": set_weight(lambda _: torch.zeros(1).expand(10**6, 10**6)),
    "weights for several layers": share_storages,
    "whole numbers": set_weight(lambda weight: weight.to(torch.int64)),
    "complex numbers": set_weight(lambda weight: weight.to(torch.complex64)),
    "quantized": set_weight(lambda weight: torch.quantize_per_tensor(weight.float(), 0.1, 0, torch.qint8)),
    "sparse": set_weight(lambda weight: weight.float().to_sparse()),
    "without numbers": set_weight(lambda weight: torch.empty_like(weight, device="meta")),
    "missing": set_weight(lambda _: None),
    "an infinite epsilon": set_epsilon(float("inf")),
    "a large epsilon": set_epsilon(1e300),
    "a negative epsilon": set_epsilon(-1.0),
}


@pytest.mark.usefixtures("no_weights_are_read")
@pytest.mark.filterwarnings("ignore:.*quantized tensor")
@pytest.mark.parametrize("name", CHANGES)
def test_weights_that_the_file_does_not_hold_are_refused(tmp_path: Path, config: Path, name: str) -> None:
    model = make_model(config)
    CHANGES[name](model)
    with pytest.raises(ModelError, match=r"own\.pt"):
        load_model(save_checkpoint(tmp_path / "own.pt", model), config)


def test_a_negative_variance_is_refused(tmp_path: Path, config: Path) -> None:
    model = make_model(config)
    model.model[0].bn.running_var.fill_(-1)
    with pytest.raises(ModelError, match="aren't numbers"):
        load_model(save_checkpoint(tmp_path / "own.pt", model), config)


def test_weights_that_are_not_contiguous_are_accepted(tmp_path: Path, config: Path) -> None:
    model = make_model(config).to(memory_format=torch.channels_last)
    loaded = load_model(save_checkpoint(tmp_path / "own.pt", model), config)
    expected = model.float().state_dict()
    assert all(torch.equal(expected[name], tensor) for name, tensor in loaded.state_dict().items())


@pytest.mark.parametrize(
    ("kind", "file", "task"),
    [
        ("PoseModel", "yolo11-pose.yaml", "pose"),
        ("SegmentationModel", "yolo11-seg.yaml", "segment"),
        ("OBBModel", "yolo11-obb.yaml", "obb"),
    ],
)
def test_an_official_checkpoint_with_a_method_of_its_head_loads(
    tmp_path: Path, config: Path, kind: str, file: str, task: str
) -> None:
    """Ultralytics' heads had an attribute `detect = Detect.forward`, which a pickle looks up by `getattr`."""
    configure_ultralytics(config)
    from ultralytics.nn.modules.head import Detect

    model = make_model(config, kind, file)
    model.model[-1].detect = Detect.forward
    path = save_checkpoint(tmp_path / "official.pt", model)
    assert b"c__builtin__\ngetattr\n" in path.read_bytes()
    loaded: Any = load_model(path, config)
    assert loaded.task == task
    assert torch.equal(loaded.model[0].conv.weight, model.model[0].conv.weight.float())


@pytest.mark.parametrize("attribute", ["__init__", "forward.__globals__"])
def test_no_other_attribute_is_looked_up(tmp_path: Path, config: Path, attribute: str) -> None:
    configure_ultralytics(config)
    from ultralytics.nn.modules.head import Detect

    path = save_checkpoint(tmp_path / "hostile.pt", PickledCall(getattr, Detect, attribute))
    with pytest.raises(ModelError, match="getattr"):
        load_model(path, config)
