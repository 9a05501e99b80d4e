"""Bands of similarity, and the scale of the slider."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.ml.catalog import CATALOG, DEFAULT, FINE, MAX_POOLED, user_model
from photosim.ml.closeness import (
    BAND_THRESHOLDS,
    SLIDER_MAX,
    STEPS_PER_BAND,
    copy_part,
    group_by_band,
    similarity_band,
    slider_position,
    threshold_at,
    to_common_scale,
)
from photosim.ml.model_spec import ModelSpec
from photosim.records import SimilarityBand
from tests.support.vectors import unit

similarities = st.floats(-1, 1, allow_nan=False)


def test_each_band_begins_at_its_threshold() -> None:
    for name, lowest in BAND_THRESHOLDS.items():
        assert similarity_band(lowest) is name
    assert similarity_band(BAND_THRESHOLDS[SimilarityBand.SAME_PHOTO] - 0.001) is SimilarityBand.VERY_SIMILAR
    assert similarity_band(-1.0) is SimilarityBand.LESS_SIMILAR
    assert similarity_band(1.0) is SimilarityBand.SAME_PHOTO


def test_the_slider_stops_at_every_band() -> None:
    for number, name in enumerate(BAND_THRESHOLDS):
        assert threshold_at(number * STEPS_PER_BAND) == pytest.approx(BAND_THRESHOLDS[name])


def test_the_slider_reaches_further_with_every_step() -> None:
    thresholds = [threshold_at(position) for position in range(SLIDER_MAX + 1)]
    assert thresholds == sorted(thresholds, reverse=True)
    assert len(set(thresholds)) == len(thresholds)


@given(st.integers(-5, SLIDER_MAX + 5))
def test_a_threshold_leads_back_to_its_position(position: int) -> None:
    assert slider_position(threshold_at(position)) == min(max(position, 0), SLIDER_MAX)


@given(st.lists(similarities))
def test_groups_cover_all_matches_in_order(values: list[float]) -> None:
    values.sort(reverse=True)
    groups = group_by_band(values)
    assert [first for first, _ in groups] == sorted({first for first, _ in groups})
    assert (groups[0][0] if groups else 0) == 0
    names = [name for _, name in groups]
    assert names == sorted(set(names))
    for number, (first, name) in enumerate(groups):
        end = groups[number + 1][0] if number + 1 < len(groups) else len(values)
        assert all(similarity_band(value) is name for value in values[first:end])


MODELS = [*CATALOG, MAX_POOLED, user_model("0" * 64, 1, title="mine", task="pose", scale="s")]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_each_model_has_its_own_thresholds(model: ModelSpec) -> None:
    assert 1 > model.thresholds[0] > model.thresholds[1] > model.thresholds[2] > model.thresholds[3] > 0
    for name, lowest in zip(BAND_THRESHOLDS, model.thresholds, strict=True):
        assert similarity_band(to_common_scale(lowest, model) + 1e-9) is name
        assert to_common_scale(lowest, model) == pytest.approx(BAND_THRESHOLDS[name])


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
