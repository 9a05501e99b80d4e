from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photosim.errors import ModelError
from photosim.ml.embedder import Embedder, resize_picture
from photosim.ml.model_spec import FitMode, ModelSpec, Pooling, Preprocessing
from photosim.ml.models.catalog import MAX_POOLED, SCALES, alternative_of, user_model, weights_path
from photosim.ml.models.checkpoint import configure_ultralytics, load_model
from photosim.ml.preprocess import preprocess, preprocess_picture
from photosim.paths import resource_path
from tests.support.images import make_scene

SHIPPED = weights_path(MAX_POOLED, resource_path("models"))
SIZE = MAX_POOLED.preprocessing.size

Pixels = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def embedder(config: Path) -> Embedder:
    return Embedder(MAX_POOLED, SHIPPED, config)


def test_embeddings_are_float32_rows_of_unit_length(embedder: Embedder, photos: Pixels) -> None:
    rows = embedder.embed(photos)
    assert rows.shape == (len(photos), MAX_POOLED.dimensions)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("layer", [2, 8, 13, 16, 22])
def test_mean_pooling_is_what_ultralytics_own_embedding_gives(
    config: Path, photos: Pixels, layer: int
) -> None:
    """Layers of the backbone, and of the neck, which read several earlier outputs."""
    theirs = ultralytics_embedding(config, photos[:3], layer)
    spec = replace(MAX_POOLED, layers=(layer,), pooling=Pooling.MEAN, dimensions=theirs.shape[1])
    ours = Embedder(spec, SHIPPED, config).embed(photos[:3])
    assert np.allclose(ours, theirs / np.linalg.norm(theirs, axis=1, keepdims=True), atol=1e-5)


def ultralytics_embedding(config: Path, photos: Pixels, layer: int) -> npt.NDArray[np.float32]:
    model: Any = load_model(SHIPPED, config)
    with torch.inference_mode():
        rows = model(torch.from_numpy(photos.transpose(0, 3, 1, 2) / np.float32(255)), embed=[layer])
    return torch.stack(rows).numpy()


def test_layers_are_joined_each_at_unit_length(config: Path, photos: Pixels, embedder: Embedder) -> None:
    parts = []
    for layer, dimensions in ((6, 128), (8, 256), (9, 256)):
        spec = replace(MAX_POOLED, layers=(layer,), dimensions=dimensions)
        parts.append(Embedder(spec, SHIPPED, config).embed(photos[:2]))
    assert np.allclose(embedder.embed(photos[:2]), np.concatenate(parts, axis=1) / np.sqrt(3), atol=1e-5)


def test_max_pooling_takes_the_strongest_place(config: Path, photos: Pixels, embedder: Embedder) -> None:
    """A pattern counts wherever it is: shifting the photo by the stride changes little."""
    moved = np.roll(photos[:4], 32, axis=2)
    mean = Embedder(replace(MAX_POOLED, pooling=Pooling.MEAN), SHIPPED, config)
    assert not np.allclose(embedder.embed(photos[:4]), mean.embed(photos[:4]), atol=1e-3)
    assert (embedder.embed(photos[:4]) * embedder.embed(moved)).sum(axis=1).min() > 0.9


def test_a_photo_alone_gives_what_it_gives_in_a_batch(embedder: Embedder, photos: Pixels) -> None:
    together = embedder.embed(photos)
    alone = np.concatenate([embedder.embed(photos[i : i + 1]) for i in range(len(photos))])
    assert np.allclose(alone, together, atol=1e-5)


def test_the_rows_stand_in_the_order_of_the_photos(embedder: Embedder, photos: Pixels) -> None:
    assert np.allclose(embedder.embed(photos[::-1]), embedder.embed(photos)[::-1], atol=1e-5)


def test_the_same_photos_give_the_same_embeddings(config: Path, embedder: Embedder, photos: Pixels) -> None:
    first = embedder.embed(photos[:5])
    assert np.array_equal(embedder.embed(photos[:5]), first)
    assert np.array_equal(Embedder(MAX_POOLED, SHIPPED, config).embed(photos[:5]), first)


def test_several_threads_may_embed_at_once(embedder: Embedder, photos: Pixels) -> None:
    expected = embedder.embed(photos)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(embedder.embed, [photos] * 8):
            assert np.allclose(found, expected, atol=1e-5)


def test_the_number_of_cores_holds_in_every_thread(config: Path, photos: Pixels) -> None:
    embedder = Embedder(MAX_POOLED, SHIPPED, config, threads=1)

    def cores(_: int) -> int:
        embedder.embed(photos[:1])
        return torch.get_num_threads()

    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(cores, range(6))) == {1}


def test_no_photos_give_no_rows(embedder: Embedder) -> None:
    assert embedder.embed(np.empty((0, SIZE, SIZE, 3), np.uint8)).shape == (0, MAX_POOLED.dimensions)


@pytest.mark.parametrize("value", [0, 114, 255])
def test_a_photo_without_any_content_has_an_embedding_too(embedder: Embedder, value: int) -> None:
    row = embedder.embed(np.full((1, SIZE, SIZE, 3), value, np.uint8))
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


def test_photos_may_be_a_view_of_a_larger_array(embedder: Embedder, photos: Pixels) -> None:
    assert np.allclose(embedder.embed(photos[::4]), embedder.embed(photos)[::4], atol=1e-5)


@pytest.mark.parametrize(
    "spoil",
    [lambda x: x.astype(np.float32), lambda x: x[:, :-1], lambda x: x[0], lambda x: x.transpose(0, 3, 1, 2)],
    ids=["float", "shape", "one photo", "channels first"],
)
def test_other_arrays_are_a_programming_error(
    embedder: Embedder, photos: Pixels, spoil: Callable[[Pixels], Any]
) -> None:
    with pytest.raises(ValueError, match="expected uint8"):
        embedder.embed(spoil(photos[:2]))


def test_the_same_scene_is_nearer_than_another(embedder: Embedder) -> None:
    scenes = [make_scene(seed, variant=variant) for seed in range(12) for variant in (0, 1)]
    rows = embedder.embed(np.stack([preprocess(scene, MAX_POOLED.preprocessing) for scene in scenes]))
    cosine = rows @ rows.T - 2 * np.eye(len(rows), dtype=np.float32)
    assert (cosine.argmax(axis=1) // 2 == np.arange(len(rows)) // 2).mean() >= 0.9


def test_the_vectors_under_this_id_are_those_of_earlier_versions(embedder: Embedder) -> None:
    """Libraries keep them: a change in the model or in the preprocessing needs a new id."""
    y, x = np.mgrid[0:150, 0:200]
    pattern = np.stack([x * 255 // 199, y * 255 // 149, (x // 25 + y // 25) % 2 * 255], axis=2).astype(
        np.uint8
    )
    row = embedder.embed(preprocess(Image.fromarray(pattern), MAX_POOLED.preprocessing)[None])[0]
    assert MAX_POOLED.id == "yolo11n-coco-6-8-9-max-224"
    assert row[[0, 1, 127, 128, 383, 384, 638, 639]] == pytest.approx(EARLIER, abs=2e-3)


EARLIER = (0.0581, 0.0321, 0.0096, 0.0799, 0.0131, -0.0123, -0.0088, -0.0072)


def saved_entry(path: Path, config: Path, change: Callable[[Any], None]) -> ModelSpec:
    """Save a changed copy of the bundled model at `path`, and return its spec."""
    model: Any = load_model(SHIPPED, config)
    with torch.no_grad():
        change(model)
    torch.save({"model": model}, path)
    data = path.read_bytes()
    alone = replace(MAX_POOLED, object_projection=None, object_dimensions=0)
    return replace(alone, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))


def test_a_model_that_answers_nothing_gives_zeros_and_never_nan(
    tmp_path: Path, config: Path, photos: Pixels
) -> None:
    def silence(model: Any) -> None:
        for parameter in model.parameters():
            parameter.zero_()

    spec = saved_entry(tmp_path / "silent.pt", config, silence)
    assert not Embedder(spec, tmp_path / "silent.pt", config).embed(photos[:2]).any()


def test_weights_of_another_model_are_refused_unread(tmp_path: Path, config: Path) -> None:
    path = tmp_path / "other.pt"
    path.write_bytes(b"x" * MAX_POOLED.bytes)
    with pytest.raises(ModelError, match="checksum"):
        Embedder(MAX_POOLED, path, config)


def test_a_spec_with_other_dimensions_is_refused(config: Path) -> None:
    with pytest.raises(ModelError, match="640 values instead of 512"):
        Embedder(replace(MAX_POOLED, dimensions=512), SHIPPED, config)


def test_a_spec_with_a_layer_that_does_not_exist_is_refused(config: Path) -> None:
    with pytest.raises(ModelError, match="24 layers"):
        Embedder(replace(MAX_POOLED, layers=(8, 24)), SHIPPED, config)


def test_a_classification_model_gives_the_input_of_its_linear_layer(
    config: Path, classifier: tuple[ModelSpec, Path], photos: Pixels
) -> None:
    spec, path = classifier
    model: Any = load_model(path, config)
    read: list[torch.Tensor] = []
    model.model[-1].linear.register_forward_pre_hook(lambda _, inputs: read.append(inputs[0]))
    with torch.inference_mode():
        model(torch.from_numpy(photos[:3].transpose(0, 3, 1, 2) / np.float32(255)))
    expected = read[0].numpy()
    rows = Embedder(spec, path, config).embed(photos[:3])
    assert rows.shape == (3, 1280)
    assert np.allclose(rows, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-5)


def test_its_other_embedding_is_what_ultralytics_own_embed_gives(
    config: Path, classifier: tuple[ModelSpec, Path], photos: Pixels
) -> None:
    spec, path = classifier
    other = alternative_of(spec)
    assert other is not None
    model: Any = load_model(path, config)
    with torch.inference_mode():
        rows = model(
            torch.from_numpy(photos[:3].transpose(0, 3, 1, 2) / np.float32(255)), embed=[len(model.model) - 2]
        )
    expected = torch.stack(rows).numpy()
    ours = Embedder(other, path, config).embed(photos[:3])
    assert np.allclose(ours, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-5)


@pytest.mark.parametrize("scale", sorted(SCALES))
@pytest.mark.parametrize(("task", "file"), [("classify", "yolo11-cls.yaml"), ("detect", "yolo11.yaml")])
def test_the_dimensions_are_known_without_opening_the_file(
    config: Path, scale: str, task: str, file: str
) -> None:
    configure_ultralytics(config)
    from ultralytics.nn.tasks import parse_model
    from ultralytics.utils import ROOT, YAML

    spec = user_model("0" * 64, 1, title="", task=task, scale=scale)
    with torch.device("meta"):  # layers without their weights
        settings = YAML.load(ROOT / "cfg/models/11" / file) | {"scale": scale}
        layers: Any = parse_model(settings, ch=3, verbose=False)[0]
    channels = {index: layers[index].cv2.conv.out_channels for index in (6, 8, 9)}
    other = alternative_of(spec)
    if other is None:
        assert spec.dimensions == sum(channels.values())
    else:
        assert (spec.dimensions, other.dimensions) == (layers[10].linear.in_features, channels[9])


def test_a_file_of_another_task_or_size_is_refused_with_both(
    config: Path, classifier: tuple[ModelSpec, Path]
) -> None:
    spec, path = classifier
    with pytest.raises(ModelError, match="YOLO11n for the task “classify” instead of a YOLO11s"):
        Embedder(replace(spec, scale="s"), path, config)
    with pytest.raises(ModelError, match="“classify” instead of a YOLO11n for the task “detect”"):
        Embedder(replace(spec, task="detect"), path, config)


SIDES = st.integers(1, 640)


def unlike(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other).max())


@pytest.mark.parametrize("fit", FitMode)
@pytest.mark.parametrize(
    "size", [(500, 375), (375, 500), (639, 320), (320, 9), (224, 224), (100, 60), (1, 320)]
)
def test_resizing_equals_pillow_to_within_one(size: tuple[int, int], fit: FitMode) -> None:
    scene = make_scene(3, size).convert("RGB")
    preprocessing = Preprocessing(224, fit)
    found = preprocess_picture(np.array(scene), preprocessing, resize_picture)
    assert found.flags.writeable
    assert unlike(found, preprocess(scene, preprocessing)) <= 1


@given(width=SIDES, height=SIDES, wanted=st.tuples(SIDES, SIDES), fine=st.booleans())
@settings(max_examples=60)
def test_any_size_becomes_any_other(width: int, height: int, wanted: tuple[int, int], fine: bool) -> None:
    picture = np.full((height, width, 3), (200, 100, 50), np.uint8)
    found = resize_picture(picture, wanted, fine=fine)
    assert found.shape == (wanted[1], wanted[0], 3)
    assert (found == (200, 100, 50)).all()


def test_the_finer_filter_is_pillows_bicubic_to_within_one() -> None:
    scene = make_scene(5, (500, 375)).convert("RGB")
    expected = np.asarray(scene.resize((320, 240), Image.Resampling.BICUBIC))
    assert unlike(resize_picture(np.array(scene), (320, 240), fine=True), expected) <= 1


def test_a_pattern_finer_than_the_grid_becomes_grey() -> None:
    stripes = np.zeros((500, 500, 3), np.uint8)
    stripes[:, ::2] = 255
    assert abs(resize_picture(stripes, (200, 200))[:, 4:-4].astype(int) - 127).max() <= 30
