"""Bands of similarity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.ml.closeness import (
    BAND_THRESHOLDS,
    copy_part,
    model_bands,
    object_bands,
    object_to_common_scale,
    to_common_scale,
)
from photosim.ml.model_spec import ModelSpec
from photosim.ml.models.catalog import CATALOG, DEFAULT, FINE, MAX_POOLED, user_model
from photosim.records import SimilarityBand
from tests.support.vectors import unit

similarities = st.floats(-1, 1, allow_nan=False)


MODELS = [*CATALOG, MAX_POOLED, user_model("0" * 64, 1, title="mine", task="pose", scale="s")]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_each_model_has_its_own_thresholds(model: ModelSpec) -> None:
    assert 1 > model.thresholds[0] > model.thresholds[1] > model.thresholds[2] > model.thresholds[3] > 0
    for name, lowest in zip(BAND_THRESHOLDS, model.thresholds, strict=True):
        assert to_common_scale(lowest, model) == pytest.approx(BAND_THRESHOLDS[name])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_each_band_begins_at_its_threshold(model: ModelSpec) -> None:
    lowest = np.array(model.thresholds, np.float32)
    assert model_bands(lowest, model) == list(BAND_THRESHOLDS)
    assert model_bands(lowest[:-1] - np.float32(1e-3), model) == list(BAND_THRESHOLDS)[1:]
    assert model_bands(np.array([1.0, -1.0], np.float32), model) == [
        SimilarityBand.SAME_PHOTO,
        SimilarityBand.LESS_SIMILAR,
    ]


@given(st.sampled_from(MODELS), similarities, similarities)
def test_the_common_scale_keeps_the_order_of_every_model(model: ModelSpec, one: float, other: float) -> None:
    assert to_common_scale(1.0, model) == 1
    assert (to_common_scale(one, model) <= to_common_scale(other, model)) or one > other
    assert to_common_scale(one, DEFAULT) == one


@given(st.integers(0, 99), st.floats(0, 2))
def test_copies_are_compared_without_the_second_network(seed: int, weight: float) -> None:
    rng = np.random.default_rng(seed)
    first, second = unit(rng.normal(size=(2, DEFAULT.dimensions))), unit(rng.normal(size=(2, 256)))
    joined = np.hstack([first, np.float32(weight) * second]) / np.float32(np.hypot(1, weight))
    assert np.allclose(copy_part(joined, FINE), first, atol=1e-5)
    assert copy_part(first, DEFAULT) is first


def test_a_photo_without_features_is_no_copy_of_any() -> None:
    assert not copy_part(np.zeros((1, FINE.dimensions), np.float32), FINE).any()


def test_objects_have_bands_of_their_own() -> None:
    highest = [*DEFAULT.object_thresholds[:3], 0.1]
    expected = [band for band in SimilarityBand if band is not SimilarityBand.IDENTICAL]
    assert object_bands(np.array(highest, np.float32), DEFAULT) == expected
    common = [object_to_common_scale(cosine, DEFAULT) for cosine in DEFAULT.object_thresholds]
    assert common == pytest.approx(list(BAND_THRESHOLDS.values()))
    assert object_to_common_scale(1.0, DEFAULT) == 1.0
