from __future__ import annotations

from dataclasses import replace

import pytest

from photosim.errors import ModelError
from photosim.ml.model_spec import FitMode, ModelSpec, Origin, Pooling
from photosim.ml.models.catalog import (
    CATALOG,
    DEFAULT,
    FINE,
    MAX_POOLED,
    REGION_POOLED,
    SCALES,
    TASKS,
    alternative_of,
    find_model,
    user_model,
)

OFFICIAL = CATALOG[2:]
SHA256 = "0123456789abcdef" * 4


def own_of(task: str = "detect", scale: str = "n", **more: int) -> ModelSpec:
    return user_model(SHA256, 1000, title="best", task=task, scale=scale, **more)


EVERY = [
    *CATALOG,
    *(other for spec in CATALOG if (other := alternative_of(spec))),
    *(own_of(task) for task in sorted(TASKS)),
]


def test_the_bundled_weights_are_small() -> None:
    assert DEFAULT.bytes <= 6_000_000


def test_copies_are_told_by_the_default_embedding_with_both_bundled_models() -> None:
    assert CATALOG[:2] == (DEFAULT, FINE)
    assert find_model("fine") is FINE
    assert FINE.dimensions <= 768
    assert (FINE.copy_dimensions, DEFAULT.copy_dimensions) == (DEFAULT.dimensions, DEFAULT.dimensions)
    assert FINE.copy_threshold == DEFAULT.copy_threshold == DEFAULT.thresholds[0]
    assert sum(file.bytes for file in {*FINE.companions} - {*DEFAULT.companions}) <= 7_500_000


def test_every_model_that_is_offered_is_described() -> None:
    assert all(spec.description.endswith(".") for spec in CATALOG)


def test_no_two_models_share_an_id() -> None:
    specs = [spec for spec in EVERY if spec.origin is not Origin.USER]
    assert len({spec.id for spec in specs}) == len(specs)


@pytest.mark.parametrize("spec", EVERY, ids=lambda spec: f"{spec.task}-{spec.id}")
def test_an_id_names_what_determines_the_vectors(spec: ModelSpec) -> None:
    parts = spec.id.split("-")
    expected = [*spec.layers, spec.pooling, spec.preprocessing.size]
    assert parts[-len(expected) :] == [str(value) for value in expected]


def test_a_model_is_found_by_its_id() -> None:
    assert find_model(DEFAULT.id) is DEFAULT


@pytest.mark.parametrize("spec", OFFICIAL, ids=lambda spec: spec.name)
def test_the_official_classification_models_are_found_by_what_ultralytics_calls_them(
    spec: ModelSpec,
) -> None:
    assert find_model(f"yolo11{spec.scale}-cls") is spec
    assert spec.url == f"https://github.com/ultralytics/assets/releases/download/v8.3.0/{spec.file}"
    assert (spec.dimensions, spec.preprocessing.fit) == (1280, FitMode.CENTRE_CROP)


def test_the_official_models_exist_at_every_size() -> None:
    assert {spec.scale for spec in OFFICIAL} == SCALES
    assert {spec.name for spec in OFFICIAL if spec.sha256 is None} == {"yolo11s-cls", "yolo11m-cls"}


@pytest.mark.parametrize(
    ("scale", "dimensions"), [("n", 256), ("s", 512), ("m", 512), ("l", 512), ("x", 768)]
)
def test_the_layer_before_the_classifier_has_its_own_id(scale: str, dimensions: int) -> None:
    spec = find_model(f"yolo11{scale}-cls-9-mean-224")
    assert spec == alternative_of(find_model(f"yolo11{scale}-cls"))
    assert (spec.dimensions, spec.is_alternative) == (dimensions, True)
    assert alternative_of(spec) is None


def test_the_bundled_model_has_two_embeddings() -> None:
    other = alternative_of(DEFAULT)
    assert other is not None
    assert {DEFAULT, other} == {MAX_POOLED, REGION_POOLED}
    assert (DEFAULT.file, DEFAULT.is_alternative) == (other.file, not other.is_alternative)
    assert find_model(other.id) == other
    assert find_model(DEFAULT.name) is DEFAULT
    assert alternative_of(other) is None


def test_a_users_detector_has_no_alternative_embedding() -> None:
    assert alternative_of(own_of("detect")) is None


def test_a_users_model_is_named_by_its_content() -> None:
    other = user_model("f" * 64, 1000, title="best", task="detect", scale="n")
    assert own_of().name == "own-0123456789abcdef"
    assert own_of().id == "own-0123456789abcdef-6-8-9-max-224"
    assert other.id != own_of().id
    assert replace(own_of(), title="") == replace(
        user_model(SHA256, 1000, title="renamed", task="detect", scale="n"), title=""
    )


@pytest.mark.parametrize("task", sorted(TASKS - {"classify"}))
def test_a_users_detector_embeds_like_the_bundled_one_without_projection(task: str) -> None:
    spec = own_of(task)
    assert (spec.layers, spec.pooling, spec.preprocessing) == (
        *(MAX_POOLED.layers, MAX_POOLED.pooling),
        MAX_POOLED.preprocessing,
    )
    assert spec.projection is None


def test_a_users_classification_model_takes_photos_at_the_size_of_its_training() -> None:
    spec = own_of("classify", input_size=96)
    assert (spec.preprocessing.size, spec.pooling, spec.dimensions) == (96, Pooling.MEAN, 1280)
    assert own_of("classify").preprocessing.size == 224


def test_a_users_model_is_found_by_name_and_id() -> None:
    mine = own_of("classify")
    assert find_model(mine.name, [mine]) is mine
    assert find_model(f"{mine.name}-9-mean-224", [mine]) == alternative_of(mine)


def test_an_unknown_id_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match=DEFAULT.name):
        find_model("yolo99")
