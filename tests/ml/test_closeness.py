"""Names for closeness and the scale of the slider."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.ml.catalog import CATALOGUE, DEFAULT, WHOLE, ModelSpec, user_model
from photosim.ml.closeness import (
    LOWEST,
    SCALE_END,
    STOP,
    SimilarityBand,
    closeness,
    grouped,
    position_of,
    threshold_at,
    to_common_scale,
)

similarities = st.floats(-1, 1, allow_nan=False)


def test_each_name_begins_at_its_threshold() -> None:
    for name, lowest in LOWEST.items():
        assert closeness(lowest) is name
    assert closeness(LOWEST[SimilarityBand.SAME_PHOTO] - 0.001) is SimilarityBand.SAME_SCENE
    assert closeness(-1.0) is SimilarityBand.LOOSELY_RELATED
    assert closeness(1.0) is SimilarityBand.SAME_PHOTO


def test_the_slider_stops_at_every_name() -> None:
    for name in SimilarityBand:
        assert threshold_at(name * STOP) == pytest.approx(LOWEST[name])


def test_the_slider_reaches_further_with_every_step() -> None:
    thresholds = [threshold_at(position) for position in range(SCALE_END + 1)]
    assert thresholds == sorted(thresholds, reverse=True)
    assert len(set(thresholds)) == len(thresholds)


@given(st.integers(-5, SCALE_END + 5))
def test_a_threshold_leads_back_to_its_position(position: int) -> None:
    assert position_of(threshold_at(position)) == min(max(position, 0), SCALE_END)


@given(st.lists(similarities))
def test_groups_cover_all_matches_in_order(values: list[float]) -> None:
    values.sort(reverse=True)
    groups = grouped(values)
    assert [first for first, _ in groups] == sorted({first for first, _ in groups})
    assert (groups[0][0] if groups else 0) == 0
    names = [name for _, name in groups]
    assert names == sorted(set(names))
    for number, (first, name) in enumerate(groups):
        end = groups[number + 1][0] if number + 1 < len(groups) else len(values)
        assert all(closeness(value) is name for value in values[first:end])


MODELS = [*CATALOGUE, WHOLE, user_model("0" * 64, 1, title="mine", task="pose", scale="s")]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_each_model_has_its_own_places_where_the_names_begin(model: ModelSpec) -> None:
    assert 1 > model.closeness[0] > model.closeness[1] > model.closeness[2] > model.closeness[3] > 0
    for name, lowest in zip(SimilarityBand, model.closeness, strict=True):
        assert closeness(to_common_scale(lowest, model) + 1e-9) is name
        assert to_common_scale(lowest, model) == pytest.approx(LOWEST[name])


@given(st.sampled_from(MODELS), similarities, similarities)
def test_what_is_more_similar_is_more_alike_with_every_model(
    model: ModelSpec, one: float, other: float
) -> None:
    assert to_common_scale(1.0, model) == 1
    assert (to_common_scale(one, model) <= to_common_scale(other, model)) or one > other
    assert to_common_scale(one, DEFAULT) == one
