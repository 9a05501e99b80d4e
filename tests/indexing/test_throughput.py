"""Measuring throughput while indexing, and estimating it for other models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photosim.indexing import throughput
from photosim.indexing.reader import WORKERS, Pixels, Vectors
from photosim.indexing.throughput import FILE_NAME, MIN_PHOTOS, MeteredEmbedder, Throughput
from photosim.ml.models.catalog import DEFAULT, find_model
from photosim.runtime.control import JobControl
from tests.support.clock import Clock


class Embedder:
    """Takes 0.1 seconds a photo."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def embed(self, inputs: Pixels) -> Vectors:
        self._clock.now += 0.1 * len(inputs)
        return np.ones((len(inputs), 4), np.float32)


BATCH: Pixels = np.zeros((8, 2, 2, 3), np.uint8)


def test_loading_and_pauses_do_not_count(tmp_path: Path, clock: Clock) -> None:
    control = JobControl()
    meter = MeteredEmbedder(tmp_path, lambda: Embedder(clock), DEFAULT, control)
    clock.now += 7.0
    for _ in range(1 + MIN_PHOTOS // 8):
        assert meter().embed(BATCH).shape == (8, 4)
        control.pause()
        clock.now += 60.0
        control.resume()
        clock.now += 0.8
    found = throughput.load_throughput(tmp_path)
    assert found is not None
    assert found.seconds == pytest.approx(0.2)
    assert found.embedding == pytest.approx(0.1 / WORKERS)
    assert found.cost == pytest.approx(throughput.relative_cost(DEFAULT))


def test_a_few_photos_are_not_measured(tmp_path: Path, clock: Clock) -> None:
    meter = MeteredEmbedder(tmp_path, lambda: Embedder(clock), DEFAULT, JobControl())
    for _ in range(MIN_PHOTOS // 8):
        meter().embed(BATCH)
    assert throughput.load_throughput(tmp_path) is None


def test_a_larger_model_costs_more_in_the_model_alone() -> None:
    measured = Throughput(seconds=0.05, embedding=0.01, cost=1.0)
    assert measured.seconds_for(find_model("yolo11n-cls")) == pytest.approx(0.05)
    assert 0.05 < measured.seconds_for(find_model("fine")) < measured.seconds_for(find_model("yolo11m-cls"))
    assert measured.seconds_for(find_model("yolo11x-cls")) == pytest.approx(
        0.04 + 0.01 * throughput.relative_cost(find_model("yolo11x-cls"))
    )
    costs = [throughput.relative_cost(find_model(f"yolo11{scale}-cls")) for scale in "nsmlx"]
    assert costs == sorted(costs)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"seconds": "x"}', '{"seconds": 1, "embedding": 2, "cost": 1}']
)
def test_a_damaged_file_is_ignored(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")
    assert throughput.load_throughput(tmp_path) is None


def test_a_read_only_folder_does_not_stop_the_indexing(tmp_path: Path, clock: Clock) -> None:
    meter = MeteredEmbedder(tmp_path / "nowhere", lambda: Embedder(clock), DEFAULT, JobControl())
    for _ in range(5):
        assert len(meter().embed(BATCH)) == 8
