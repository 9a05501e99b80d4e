"""The embeddings of objects: feature maps pooled inside their boxes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from photosim.errors import ModelError
from photosim.ml import devices, objects
from photosim.ml.devices import ComputeTarget, Device
from photosim.ml.embedder import Embedder
from photosim.ml.model_spec import ModelSpec
from photosim.ml.models.catalog import DEFAULT, FINE, user_model, weights_path
from photosim.ml.object_features import crop_around, pool_boxes, read_object_projection
from photosim.ml.preprocess import preprocess
from photosim.paths import resource_path
from photosim.search.query import Region
from tests.support.images import make_scene

WEIGHTS = weights_path(DEFAULT, resource_path("models"))
Floats = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def embedder(config: Path) -> Embedder:
    return Embedder(DEFAULT, WEIGHTS, config)


@pytest.fixture
def certain_of_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made scenes show nothing that a detector is certain of."""
    monkeypatch.setattr(objects, "MIN_SCORE", 0.02)
    monkeypatch.setattr(objects, "NAMED_SCORE", 0.02)


def test_the_quarters_of_a_box_have_the_maximum_of_each_channel_over_the_cells_that_they_cover() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(20, 3, 5, 7)).astype(np.float32)
    corners = rng.uniform(0, 1, (20, 2, 2))
    corners.sort(axis=1)
    spans = corners.reshape(-1, 4).astype(np.float32)
    pooled = pool_boxes(torch.from_numpy(features), torch.from_numpy(spans)).numpy()
    for cells, (left, top, right, bottom), found in zip(features, spans, pooled, strict=True):
        x, y = (left + right) / 2, (top + bottom) / 2
        quarters = [(left, top, x, y), (x, top, right, y), (left, y, x, bottom), (x, y, right, bottom)]
        for quarter, part in zip(quarters, np.split(found, 4), strict=True):
            expected = maximum_in(cells, *quarter)
            assert part == pytest.approx(expected / np.linalg.norm(expected), abs=1e-4)


def maximum_in(cells: Floats, left: float, top: float, right: float, bottom: float) -> Floats:
    shares = np.zeros((5, 7))
    for row in range(5):
        for column in range(7):
            height = min(bottom * 5, row + 1) - max(top * 5, row)
            width = min(right * 7, column + 1) - max(left * 7, column)
            shares[row, column] = max(height, 0) * max(width, 0)
    maximum: Floats = (cells * shares / shares.max()).max(axis=(1, 2))
    return maximum


@pytest.mark.parametrize("spec", [DEFAULT, FINE], ids=lambda spec: spec.name)
@pytest.mark.usefixtures("certain_of_little")
def test_the_objects_of_a_batch_are_those_of_each_photo_alone(config: Path, spec: ModelSpec) -> None:
    embedder = Embedder(spec, WEIGHTS, config)
    sizes = [(640, 427), (300, 500), (400, 400)]
    photos = np.stack(
        [preprocess(make_scene(5 + row, size), embedder.spec.preprocessing) for row, size in enumerate(sizes)]
    )
    rows, labels, found = embedder.embed_label_and_detect(photos, sizes)
    expected_rows, expected_labels = embedder.embed_and_label(photos)
    assert np.array_equal(rows, expected_rows)
    assert labels == expected_labels
    assert sum(map(len, found)) >= 3
    for row, size in enumerate(sizes):
        _, _, [alone] = embedder.embed_label_and_detect(photos[row : row + 1], [size])
        assert [one.object.label for one in alone] == [one.object.label for one in found[row]]
        for one, other in zip(alone, found[row], strict=True):
            assert one.object.box == pytest.approx(other.object.box, abs=1e-3)
            assert one.vector.dtype == np.float16
            assert one.vector.shape == (spec.object_dimensions,)
            assert np.linalg.norm(one.vector.astype(np.float32)) == pytest.approx(1, abs=1e-3)
            assert float(one.vector.astype(np.float32) @ other.vector.astype(np.float32)) > 0.999


@pytest.mark.usefixtures("certain_of_little")
def test_looking_closer_finds_what_detection_finds_and_embeds_it_as_a_region(embedder: Embedder) -> None:
    picture = np.array(make_scene(5, (640, 427)))
    found = embedder.look_closer(picture)
    assert [one.object for one in found] == list(embedder.detect(picture, with_unnamed=True))
    for one in found:
        x, y, width, height = one.object.box
        region = Region(x, y, min(width, 1 - x), min(height, 1 - y))
        assert float(one.vector @ embedder.embed_region(picture, region)) > 0.999


def test_the_region_of_a_photo_is_nearer_to_itself_than_to_another(embedder: Embedder) -> None:
    picture = np.array(make_scene(3, (640, 480)))
    places = [Region(0, 0, 0.3, 0.4), Region(0.01, 0.01, 0.3, 0.4), Region(0.6, 0.5, 0.3, 0.4)]
    first, near, far = (embedder.embed_region(picture, place) for place in places)
    assert first @ near > first @ far


def test_a_large_object_is_embedded_from_its_whole_photo(
    embedder: Embedder,
) -> None:
    picture = np.array(make_scene(3, (640, 480)))
    region = Region(0.2, 0.1, 0.6, 0.8)
    crop, box = crop_around(picture, (0.2, 0.1, 0.6, 0.8))
    assert crop.shape == picture.shape
    assert box == pytest.approx((0.2, 0.1, 0.6, 0.8))
    assert np.linalg.norm(embedder.embed_region(picture, region)) == pytest.approx(1, abs=1e-5)


boxes = st.tuples(*[st.floats(0, 0.9)] * 2, *[st.floats(0.001, 1)] * 2)


@given(boxes, st.integers(1, 50), st.integers(1, 50))
def test_the_surroundings_of_a_box_hold_it(
    box: tuple[float, float, float, float], width: int, height: int
) -> None:
    x, y, wide, high = box[0], box[1], min(box[2], 1 - box[0]), min(box[3], 1 - box[1])
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 0], picture[..., 1] = np.arange(width), np.arange(height)[:, None]
    crop, place = crop_around(picture, (x, y, wide, high))
    rows, columns = crop.shape[:2]
    left, top = crop[0, 0, 0], crop[0, 0, 1]
    assert min(place[:2]) >= -1e-6
    assert place[0] + place[2] <= 1 + 1e-6
    assert place[1] + place[3] <= 1 + 1e-6
    assert (left + place[0] * columns, top + place[1] * rows) == pytest.approx(
        (x * width, y * height), abs=1e-6
    )


def test_a_damaged_projection_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "objects.npz"
    wrong = [{"offset": np.zeros(4), "layerX": np.zeros((4, 4))}, {"offset": np.full(4, np.nan)}]
    for arrays in ({}, *wrong):
        np.savez(file, **arrays)
        with pytest.raises(ModelError, match="damaged"):
            read_object_projection(file)
    file.write_bytes(b"nothing")
    with pytest.raises(ModelError, match="damaged"):
        read_object_projection(file)


def test_a_model_without_boxes_finds_no_objects(config: Path) -> None:
    embedder = Embedder(replace(DEFAULT, object_projection=None, object_dimensions=0), WEIGHTS, config)
    picture = np.array(make_scene(5, (640, 427)))
    photo = preprocess(make_scene(5, (640, 427)), DEFAULT.preprocessing)
    assert embedder.embed_label_and_detect(photo[None], [(640, 427)])[2] == [()]
    assert embedder.look_closer(picture) == ()
    with pytest.raises(ModelError, match="does not find objects"):
        embedder.embed_region(picture, Region(0, 0, 1, 1))


@pytest.mark.usefixtures("certain_of_little")
def test_half_precision_finds_the_same_objects_with_nearly_the_same_embeddings(
    config: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "choose_target", lambda *_: ComputeTarget(dtype=torch.bfloat16))
    half = Embedder(DEFAULT, WEIGHTS, config, device=Device.AUTO)
    photo, sizes = preprocess(make_scene(5, (640, 427)), DEFAULT.preprocessing)[None], [(640, 427)]
    [expected], [found] = (each.embed_label_and_detect(photo, sizes)[2] for each in (embedder, half))
    best = expected[0]
    [same] = [one for one in found if one.object.box == pytest.approx(best.object.box, abs=0.05)]
    assert float(same.vector.astype(np.float32) @ best.vector.astype(np.float32)) > 0.97


def test_a_model_of_ones_own_has_no_embeddings_of_objects() -> None:
    assert user_model("0" * 64, 1, title="Mine", task="detect", scale="n").object_dimensions == 0
