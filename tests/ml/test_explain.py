"""The cosine of two photos, split over their places."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photosim.ml.embedder import Embedder
from photosim.ml.explain import GRID, SplitCosine, similar_places
from photosim.ml.model_spec import FitMode, ModelSpec, Pooling, Preprocessing
from photosim.ml.models.catalog import DEFAULT, FINE, MAX_POOLED, weights_path
from photosim.ml.preprocess import preprocess
from photosim.paths import resource_path
from tests.support.images import make_scene

MODELS = resource_path("models")


@pytest.mark.parametrize(
    "spec",
    [
        DEFAULT,
        MAX_POOLED,
        FINE,
        replace(MAX_POOLED, layers=(9,), pooling=Pooling.MEAN, dimensions=256),
    ],
    ids=["regions", "maximum", "two networks", "mean"],
)
def test_the_parts_of_either_photo_sum_to_the_cosine(config: Path, spec: ModelSpec) -> None:
    embedder = Embedder(spec, weights_path(spec, MODELS), config)
    photos = np.stack([preprocess(make_scene(seed), spec.preprocessing) for seed in (1, 2)])
    split = embedder.explain(photos)
    first, second = embedder.embed(photos)
    assert split.cosine == pytest.approx(float(first @ second), abs=1e-5)
    for row in (0, 1):
        total = sum(float(cells[row].sum()) for cells in (*split.whole, *split.crop))
        assert total == pytest.approx(split.cosine, abs=1e-4)


def test_an_object_in_both_photos_is_where_they_are_similar(config: Path) -> None:
    """The only structure of either photo is a scene in another corner."""
    embedder = Embedder(DEFAULT, weights_path(DEFAULT, MODELS), config)
    scene = make_scene(3).resize((96, 96))
    photos = []
    for corner in ((0, 0), (128, 128)):
        photo = Image.new("RGB", (224, 224), (114, 114, 114))
        photo.paste(scene, corner)
        photos.append(photo)
    inputs = np.stack([preprocess(photo, DEFAULT.preprocessing) for photo in photos])
    places = similar_places(embedder.explain(inputs), ((224, 224), (224, 224)), DEFAULT.preprocessing)
    half = GRID // 2
    first, second = places.maps
    assert first[:half, :half].sum() > 0.375 * first.sum()  # one and a half times its share of the area
    assert second[half:, half:].sum() > 0.375 * second.sum()
    assert places.told == pytest.approx((1, 1), abs=1e-3)


@given(
    st.tuples(st.integers(1, 5000), st.integers(1, 5000)),
    st.sampled_from([7, 14, 20]),
    st.sampled_from(FitMode),
)
def test_places_keep_what_lies_inside_the_photo(size: tuple[int, int], side: int, fit: FitMode) -> None:
    """Cells of 1 everywhere: the photo has the share of its area in the model's input, a crop has everything."""
    cells = np.full((2, side, side), 1 / side**2, np.float32)
    split = SplitCosine(1.0, (cells,), (cells,) if fit is FitMode.LETTERBOX_AND_CROP else ())
    places = similar_places(split, (size, (100, 100)), Preprocessing(224, fit))
    longest = max(size)
    area = 1.0 if fit is FitMode.CENTRE_CROP else size[0] * size[1] / longest**2
    expected = area + (fit is FitMode.LETTERBOX_AND_CROP)
    assert places.maps[0].shape == tuple(max(1, round(edge * GRID / longest)) for edge in reversed(size))
    assert places.told[0] == pytest.approx(expected, rel=0.02, abs=0.01)
    assert places.maps[0].min() >= 0


def test_photos_with_nothing_in_common_are_told_without_a_share() -> None:
    split = SplitCosine(0.0, (np.zeros((2, 7, 7), np.float32),))
    assert similar_places(split, ((10, 10), (10, 10)), DEFAULT.preprocessing).told == (0.0, 0.0)
