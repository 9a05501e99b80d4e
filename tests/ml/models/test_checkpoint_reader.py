"""Checkpoints are read as plain data: what is kept of an object, and names that are refused."""

from __future__ import annotations

import os
import pickle
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from photosim.errors import ModelError
from photosim.ml.models.checkpoint import load_model
from photosim.ml.stored_objects import StoredObject
from tests.support.checkpoints import (
    PickledCall,
    make_model,
    read_checkpoint,
    save_checkpoint,
    save_official_checkpoint,
)


def test_the_fixture_is_laid_out_as_the_official_file(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half precision, and torchvision's objects by their own names, in the pickle as Ultralytics writes it."""
    model = make_model(config)
    path = save_official_checkpoint(tmp_path / "official.pt", model, monkeypatch)
    checkpoint = read_checkpoint(path)
    assert set(checkpoint) >= {"epoch", "model", "ema", "train_args"}
    stored = checkpoint["model"]
    assert (
        stored.mapping("_modules")["model"]
        .mapping("_modules")["0"]
        .mapping("_modules")["conv"]
        .mapping("_parameters")["weight"]
        .dtype
        == torch.float16
    )
    transforms = stored.get("transforms")
    assert transforms.name == "torchvision.transforms.transforms.Compose"
    assert [step.name.rpartition(".")[2] for step in transforms.get("transforms")] == ["Resize", "ToTensor"]


@pytest.mark.parametrize(
    ("name", "function", "argument"),
    [
        ("system", os.system, "echo x > '{marker}'"),
        ("Popen", subprocess.Popen, "touch '{marker}'"),
        ("eval", eval, "open(r'{marker}', 'w')"),
        ("exec", exec, "open(r'{marker}', 'w')"),
        ("__feature_import__|__import__", __import__, "os"),
        ("getattr", getattr, "{marker}"),
        ("open", os.open, "{marker}"),
        ("loads", pickle.loads, "N."),
        ("torch.serialization.load", torch.load, "{marker}"),
        ("torch.nn.modules.rnn.LSTM", torch.nn.LSTM, "1"),
    ],
)
def test_a_checkpoint_that_names_anything_else_is_refused_by_name_and_not_run(
    tmp_path: Path, config: Path, name: str, function: Callable[..., Any], argument: str
) -> None:
    marker = tmp_path / "it-ran"
    call = PickledCall(function, argument.format(marker=marker))
    with pytest.raises(ModelError, match=rf"contains “[\w.]*({name})”"):
        load_model(save_checkpoint(tmp_path / "hostile.pt", call), config)
    assert not marker.exists()


PICKLES = {
    "an instance, protocol 0": b"(S'{command}'\nios\nsystem\n.",
    "an object, protocol 1": b"(cos\nsystem\nS'{command}'\no.",
    "a call, protocol 0": b"cos\nsystem\n(S'{command}'\ntR.",
    "a new object": b"\x80\x02cposix\nsystem\nX\x00\x00\x00\x00\x85\x81.",
    "a name put together from texts": b"\x80\x04\x8c\x02os\x8c\x06system\x93S'{command}'\n\x85R.",
    "a name of several parts": b"\x80\x04\x8c\x08builtins\x8c\x0dobject.__init__\x93)R.",
    "an extension code": b"\x80\x02\x82\x01)R.",
    "a foreign persistent id": b"Pos.system\n.",
    "a state for a function": b"cos\nsystem\n}(S'x'\nS'{command}'\nub.",
    "a second pickle after the first": b"\x80\x02}.cos\nsystem\n(S'{command}'\ntR.",
}


@pytest.mark.parametrize("kind", PICKLES)
def test_no_kind_of_pickle_runs_anything(tmp_path: Path, config: Path, kind: str) -> None:
    marker = tmp_path / "it-ran"
    path = tmp_path / "hostile.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "hostile/data.pkl", PICKLES[kind].replace(b"{command}", os.fsencode(f"touch {marker}"))
        )
        archive.writestr("hostile/byteorder", b"little")
        archive.writestr("hostile/version", b"3\n")
    with pytest.raises(ModelError, match=r"hostile\.pt"):
        load_model(path, config)
    assert not marker.exists()


def test_only_the_state_in_the_pickle_is_kept_of_an_object(tmp_path: Path, config: Path) -> None:
    stored = read_checkpoint(save_checkpoint(tmp_path / "own.pt", make_model(config)))["model"]
    assert isinstance(stored, StoredObject)
    assert stored.name == "ultralytics.nn.tasks.ClassificationModel"
    assert stored.mapping("names") == {0: "cat", 1: "dog", 2: "bird"}
