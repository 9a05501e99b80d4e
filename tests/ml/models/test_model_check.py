"""Trying a model file: what it answers, and the child process in which it is tried."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from photosim.errors import ModelError
from photosim.ml.models import catalog, model_check
from photosim.ml.models.catalog import DEFAULT, weights_path
from photosim.ml.models.model_check import answer, check, check_in_child
from photosim.ml.models.weights import identify_checkpoint
from photosim.paths import resource_path
from tests.support.checkpoints import make_model, save_checkpoint
from tests.support.model_server import patch_catalog


class FakeEmbedder:
    """Answers pictures with rows of numbers."""

    spec = DEFAULT

    def __init__(self, rows: Callable[[int], Any]) -> None:
        self.rows = rows

    def embed(self, inputs: np.ndarray) -> np.ndarray:
        return np.asarray(self.rows(len(inputs)), np.float32)


def same_but_for_noise(count: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.full((count, 4), 0.5) + rng.normal(size=(count, 4)) * 1e-6


def infinite(count: int) -> np.ndarray:
    rows = np.eye(count)
    rows[1, 1] = np.inf
    return rows


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (lambda count: np.zeros((count, 4)), "all zero"),
        (lambda count: np.full((count, 4), np.nan), "finite"),
        (infinite, "finite"),
        (lambda count: np.full((count, 4), 0.5), "same result"),
        (same_but_for_noise, "same result"),
        (lambda count: np.eye(4)[[0, 1, *range(count - 2)]], "same result"),
    ],
)
def test_a_model_without_useful_results_is_refused(rows: Callable[[int], Any], reason: str) -> None:
    with pytest.raises(ModelError, match=rf"own\.pt can't be used: .*{reason}"):
        model_check.check_answers(FakeEmbedder(rows), Path("own.pt"))  # type: ignore[arg-type]


def test_different_results_are_accepted() -> None:
    model_check.check_answers(FakeEmbedder(np.eye), Path("own.pt"))  # type: ignore[arg-type]


def fill(value: float) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.fill_(value)

    return change


@pytest.mark.parametrize("value", [0.0, 60_000.0])
def test_a_real_model_without_useful_results_is_refused(tmp_path: Path, config: Path, value: float) -> None:
    model = make_model(config)
    fill(value)(model)
    path = save_checkpoint(tmp_path / "own.pt", model, train_args={"imgsz": 64})
    with pytest.raises(ModelError, match="can't be used"):
        check(path, config)


def test_a_file_of_the_catalog_is_known(config: Path) -> None:
    assert check(weights_path(DEFAULT, resource_path("models")), config) is DEFAULT


def test_a_good_model_is_identified_in_a_child_process(tmp_path: Path, best: Path) -> None:
    assert check_in_child(best, tmp_path) == identify_checkpoint(best, tmp_path)


def test_the_sentence_of_a_child_process_is_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_child(monkeypatch, """print('{"error": "It is damaged."}')""")
    path = tmp_path / "own.pt"
    path.write_bytes(b"")
    with pytest.raises(ModelError, match=r"^It is damaged\.$"):
        check_in_child(path, tmp_path)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.pt"):
        check_in_child(tmp_path / "absent.pt", tmp_path)


def replace_child(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(model_check, "program_command", lambda: [sys.executable, "-c", code])


@pytest.mark.parametrize(
    ("limit", "value", "reason"), [("_MEMORY_BYTES", 0, "memory"), ("_TIMEOUT_S", -1e9, "time")]
)
def test_a_child_process_that_takes_too_much_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: float, reason: str
) -> None:
    replace_child(monkeypatch, "import sys; sys.stdin.read()")
    monkeypatch.setattr(model_check, limit, value)
    path = tmp_path / "own.pt"
    path.write_bytes(b"")
    with pytest.raises(ModelError, match=rf"own\.pt isn't a YOLO11 model: .*too much {reason}"):
        check_in_child(path, tmp_path)


@pytest.mark.parametrize(
    "output",
    [
        "",
        "nonsense",
        "null",
        "5",
        "[]",
        "{}",
        "[" * 30_000,
        '{"error": 5}',
        '{"model": 5}',
        '{"model": {}}',
        json.dumps(
            {"model": {"sha256": "a", "bytes": 1, "title": "t", "task": "x", "scale": "n", "side": 64}}
        ),
        json.dumps(
            {"model": {"sha256": "a", "bytes": 1, "title": "t", "task": "obb", "scale": "n", "side": 1}}
        ),
    ],
)
def test_a_child_process_that_answers_nonsense_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    path = tmp_path / "own.pt"
    path.write_bytes(b"")
    with pytest.raises(ModelError, match="stopped unexpectedly"):
        model_check._parse_answer(path, output.encode(), None)


def test_a_child_process_that_dies_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_child(monkeypatch, "import os; os.abort()")
    path = tmp_path / "own.pt"
    path.write_bytes(b"")
    with pytest.raises(ModelError, match="stopped unexpectedly"):
        check_in_child(path, tmp_path)


def test_a_file_of_the_catalog_is_that_model(
    tmp_path: Path, best: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = identify_checkpoint(best, tmp_path)
    spec = patch_catalog(monkeypatch, "", "yolo11n-cls", found.sha256, found.bytes)
    output = json.dumps({"model": model_check.metadata_of(found, "best")}).encode()
    assert model_check._parse_answer(best, output, None) is spec
    assert model_check._parse_answer(best, output, spec.id) is spec
    assert catalog.find_model(spec.id) is spec


def test_an_error_of_the_check_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(model_check, "_exit_with_parent", lambda: None)
    monkeypatch.setattr(model_check, "check", fail)
    output = io.StringIO()
    answer(tmp_path / "own.pt", tmp_path, None, output)
    assert "memory" in json.loads(output.getvalue())["error"]
