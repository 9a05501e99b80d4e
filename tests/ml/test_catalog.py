from __future__ import annotations

from dataclasses import replace

import pytest

from photosim.errors import ModelError
from photosim.ml.catalog import (
    CATALOG,
    DEFAULT,
    MAX_POOLED,
    REGION_POOLED,
    SCALES,
    TASKS,
    FitMode,
    ModelSpec,
    Origin,
    Pooling,
    alternative_of,
    find_model,
    user_model,
)

OFFICIAL = CATALOG[1:]
SHA256 = "0123456789abcdef" * 4


def own_of(task: str = "detect", scale: str = "n", **more: int) -> ModelSpec:
    return user_model(SHA256, 1000, title="best", task=task, scale=scale, **more)


EVERY = [
    *CATALOG,
    *(other for entry in CATALOG if (other := alternative_of(entry))),
    *(own_of(task) for task in sorted(TASKS)),
]


def test_the_weights_in_the_box_are_small() -> None:
    assert DEFAULT.bytes <= 6_000_000


def test_no_two_models_share_an_id() -> None:
    entries = [entry for entry in EVERY if entry.origin is not Origin.USER]
    assert len({entry.id for entry in entries}) == len(entries)


@pytest.mark.parametrize("entry", EVERY, ids=lambda entry: f"{entry.task}-{entry.id}")
def test_an_id_tells_what_decides_the_vectors(entry: ModelSpec) -> None:
    told = entry.id.split("-")
    decides = [*entry.layers, entry.pooling, entry.preprocessing.size]
    assert told[-len(decides) :] == [str(part) for part in decides]


def test_a_model_is_found_by_its_id() -> None:
    assert find_model(DEFAULT.id) is DEFAULT


@pytest.mark.parametrize("entry", OFFICIAL, ids=lambda entry: entry.name)
def test_the_official_classification_models_are_found_by_what_ultralytics_calls_them(
    entry: ModelSpec,
) -> None:
    assert find_model(f"yolo11{entry.scale}-cls") is entry
    assert entry.url == f"https://github.com/ultralytics/assets/releases/download/v8.3.0/{entry.file}"
    assert (entry.dimensions, entry.preprocessing.fit) == (1280, FitMode.CENTRE_CROP)


def test_the_official_models_are_there_at_every_size() -> None:
    assert {entry.scale for entry in OFFICIAL} == SCALES
    assert {entry.name for entry in OFFICIAL if entry.sha256 is None} == {"yolo11s-cls", "yolo11m-cls"}


@pytest.mark.parametrize(
    ("scale", "dimensions"), [("n", 256), ("s", 512), ("m", 512), ("l", 512), ("x", 768)]
)
def test_the_layer_before_the_classifier_is_reachable_by_its_own_id(scale: str, dimensions: int) -> None:
    entry = find_model(f"yolo11{scale}-cls-9-mean-224")
    assert entry == alternative_of(find_model(f"yolo11{scale}-cls"))
    assert (entry.dimensions, entry.is_alternative) == (dimensions, True)
    assert alternative_of(entry) is None


def test_the_model_in_the_box_has_two_embeddings() -> None:
    other = alternative_of(DEFAULT)
    assert other is not None
    assert {DEFAULT, other} == {MAX_POOLED, REGION_POOLED}
    assert (DEFAULT.file, DEFAULT.is_alternative) == (other.file, not other.is_alternative)
    assert find_model(other.id) == other
    assert find_model(DEFAULT.name) is DEFAULT
    assert alternative_of(other) is None


def test_a_detector_of_ones_own_has_no_other_embedding() -> None:
    assert alternative_of(own_of("detect")) is None


def test_a_model_of_ones_own_is_named_by_its_content() -> None:
    other = user_model("f" * 64, 1000, title="best", task="detect", scale="n")
    assert own_of().name == "own-0123456789abcdef"
    assert own_of().id == "own-0123456789abcdef-6-8-9-max-224"
    assert other.id != own_of().id
    assert replace(own_of(), title="") == replace(
        user_model(SHA256, 1000, title="renamed", task="detect", scale="n"), title=""
    )


@pytest.mark.parametrize("task", sorted(TASKS - {"classify"}))
def test_an_own_model_with_boxes_embeds_as_the_one_in_the_box_does_unprojected(task: str) -> None:
    entry = own_of(task)
    assert (entry.layers, entry.pooling, entry.preprocessing) == (
        *(MAX_POOLED.layers, MAX_POOLED.pooling),
        MAX_POOLED.preprocessing,
    )
    assert entry.projection is None


def test_an_own_classification_model_sees_photos_at_the_size_of_its_training() -> None:
    entry = own_of("classify", input_size=96)
    assert (entry.preprocessing.size, entry.pooling, entry.dimensions) == (96, Pooling.MEAN, 1280)
    assert own_of("classify").preprocessing.size == 224


def test_an_own_model_is_found_among_the_others() -> None:
    mine = own_of("classify")
    assert find_model(mine.name, [mine]) is mine
    assert find_model(f"{mine.name}-9-mean-224", [mine]) == alternative_of(mine)


def test_an_unknown_id_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match=DEFAULT.name):
        find_model("yolo99")
