from __future__ import annotations

import io
import json
import sys
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from photosim.ml.models.catalog import MAX_POOLED, weights_path
from photosim.ml.models.checkpoint import configure_ultralytics, load_model
from photosim.paths import resource_path
from tests.support.images import make_scene

RECIPE = Path(__file__).resolve().parents[2] / "packaging" / "model"
sys.path.append(str(RECIPE))

import distil  # noqa: E402
from distillation import config as configuration  # noqa: E402
from distillation import networks, photos, training, views  # noqa: E402

CPU = torch.device("cpu")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def config() -> configuration.Config:
    whole = configuration.read(RECIPE / "distil.toml")
    small = replace(whole.views, pixels=64)
    eager = replace(whole.learning, rate=2e-3, head_only=0.25, warm_up=0.1, average=0.5)
    return replace(whole, samples=16, batch=4, validation_share=0.3, views=small, learning=eager)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for number in range(16):
        path = folder / "ab"[number % 2] / f"{number:02d}.jpg"
        path.parent.mkdir(exist_ok=True)
        make_scene(number).resize((120, 90) if number % 3 else (50, 80)).save(path)
    (folder / "broken.jpg").write_bytes(b"no photo")
    return folder


@pytest.fixture(scope="module")
def collection(folder: Path, config: configuration.Config) -> photos.PhotoSet:
    return photos.load([folder], config.validation_share)


class Network(nn.Module):
    """A small network with the parts of an EfficientNet-lite that the recipe calls."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, networks.FEATURES, 8, stride=8)
        self._fc = nn.Linear(networks.FEATURES, 1000)

    def extract_features(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.stem(pixels).relu()


@pytest.fixture
def trainer(config: configuration.Config, collection: photos.PhotoSet, tmp_path: Path) -> training.Trainer:
    return make_trainer(config, collection, tmp_path)


def make_trainer(
    config: configuration.Config, collection: photos.PhotoSet, tmp_path: Path
) -> training.Trainer:
    torch.manual_seed(0)
    configure_ultralytics(tmp_path)
    teacher = networks.Teacher(Network(), 64)
    student = networks.Student(
        weights_path(MAX_POOLED, resource_path("models")), teacher.classifier, tmp_path
    )
    return training.Trainer(config, collection, teacher, student, CPU)


def weights(trainer: training.Trainer) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in trainer.average.state_dict().items()}


def test_the_student_comes_to_agree_with_its_teacher(trainer: training.Trainer) -> None:
    before = trainer.agreement()
    losses = list(trainer.steps())
    assert trainer.done == trainer.samples == 16
    assert losses[-1]["features"] < losses[0]["features"]
    assert trainer.agreement().cosine > before.cosine


def test_a_run_taken_up_ends_as_one_that_never_stopped(
    config: configuration.Config, collection: photos.PhotoSet, tmp_path: Path
) -> None:
    straight = make_trainer(config, collection, tmp_path)
    list(straight.steps())
    stopped = make_trainer(config, collection, tmp_path)
    for _ in range(2):
        stopped.step()
    stopped.save(tmp_path)
    resumed = make_trainer(config, collection, tmp_path)
    resumed.resume(tmp_path)
    assert resumed.done == 8
    list(resumed.steps())
    for name, value in weights(straight).items():
        assert torch.equal(value, weights(resumed)[name]), name


def test_a_run_of_another_configuration_is_not_taken_up(
    trainer: training.Trainer, config: configuration.Config, collection: photos.PhotoSet, tmp_path: Path
) -> None:
    trainer.save(tmp_path)
    with pytest.raises(ValueError, match="another configuration"):
        make_trainer(replace(config, seed=1), collection, tmp_path).resume(tmp_path)


def test_the_backbone_rests_while_the_head_begins_and_its_batch_norms_always(
    trainer: training.Trainer,
) -> None:
    start = {name: value.clone() for name, value in trainer.student.backbone.state_dict().items()}
    trainer.step()
    after = trainer.student.backbone.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in start.items())
    list(trainer.steps())
    after = trainer.student.backbone.state_dict()
    assert not torch.equal(start["0.conv.weight"], after["0.conv.weight"])
    assert torch.equal(start["0.bn.running_mean"], after["0.bn.running_mean"])
    assert torch.equal(trainer.student.head.linear.weight, trainer.teacher.classifier.weight)


def test_a_run_by_minutes_shows_what_the_machine_can(trainer: training.Trainer) -> None:
    untaught = weights(trainer)
    affordable = trainer._samples_within(seconds=5.0)
    assert affordable % trainer.config.batch == 0
    assert affordable > 0
    assert trainer.done == 0
    assert all(torch.equal(value, weights(trainer)[name]) for name, value in untaught.items())


def test_the_student_starts_as_the_box_sees(tmp_path: Path, trainer: training.Trainer) -> None:
    detector: Any = load_model(weights_path(MAX_POOLED, resource_path("models")), tmp_path)
    pixels = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = detector.model[:9](pixels)
        actual = trainer.student.backbone[:9](pixels)
    assert torch.allclose(expected, actual, atol=1e-4)


def test_what_is_written_opens_in_photosim_and_in_ultralytics(
    trainer: training.Trainer, config: configuration.Config, tmp_path: Path
) -> None:
    list(trainer.steps())
    out = tmp_path / distil.NAME
    with torch.no_grad():
        pixels = views.letterbox(
            next(iter(trainer.photos.training_groups.values())), torch.arange(2), 64, CPU
        )
        expected = trainer.average.head.linear(trainer.average(pixels)).softmax(1)
    distil.write(trainer.average, distil.provenance(config, trainer, trainer.agreement(), ["photos"]), out)
    model: Any = load_model(out, tmp_path)
    assert model.task == "classify"
    assert model.names[0] == "tench"
    with torch.no_grad():
        assert torch.allclose(model(pixels)[0], expected, atol=2e-3)
    stored = torch.load(out, weights_only=False)["model"]  # written by this test
    assert type(stored).__name__ == "ClassificationModel"
    assert out.stat().st_size <= distil.MAX_BYTES
    values = json.loads(out.with_suffix(".json").read_text("utf-8"))
    assert (values["samples"], values["photos"]["from"]) == (16, ["photos"])


def test_a_folder_and_an_archive_give_the_same_photos(
    folder: Path, collection: photos.PhotoSet, config: configuration.Config, tmp_path: Path
) -> None:
    with tarfile.open(tmp_path / "photos.tar", "w") as archive:
        for path in folder.rglob("*.jpg"):
            archive.add(path, path.relative_to(folder).as_posix())
    from_archive = photos.load([tmp_path / "photos.tar"], config.validation_share)
    assert from_archive.counts() == collection.counts()
    assert sum(collection.counts().values()) == 16
    for edge, photo_group in collection.training_groups.items():
        assert torch.equal(photo_group.pixels, from_archive.training_groups[edge].pixels)


def test_a_photo_held_apart_is_never_taught(folder: Path, collection: photos.PhotoSet) -> None:
    training_groups = {
        bytes(one.numpy())
        for photo_group in collection.training_groups.values()
        for one in photo_group.pixels
    }
    apart = {
        bytes(one.numpy())
        for photo_group in collection.validation_groups.values()
        for one in photo_group.pixels
    }
    assert apart
    assert not training_groups & apart


def test_no_photo_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no photos to train with"):
        photos.load([tmp_path], 0.1)


def test_a_whole_view_is_letterboxed_in_grey() -> None:
    photo_group = photos.PhotoGroup(torch.full((1, 3, 64, 64), 255, dtype=torch.uint8), torch.tensor([2.0]))
    view = views.letterbox(photo_group, torch.tensor([0]), 64, CPU)[0]
    assert torch.allclose(view[:, :14], torch.tensor(views.GREY))
    assert torch.allclose(view[:, 18:46], torch.tensor(1.0))


def test_jpeg_leaves_what_pillow_leaves() -> None:
    photo = np.asarray(make_scene(3).resize((64, 64)).convert("L").convert("RGB"))
    kept = views.jpeg(torch.from_numpy(photo.copy()).permute(2, 0, 1)[None] / 255, 30)
    buffer = io.BytesIO()
    Image.fromarray(photo).convert("L").save(buffer, "JPEG", quality=30)
    expected = np.asarray(Image.open(buffer), np.float32) / 255
    assert np.abs(kept[0, 0].numpy() - expected).mean() < 0.004
    assert np.abs(photo[..., 0] / 255 - expected).mean() > 0.004


def test_views_are_drawn_anew_and_alike_from_the_same_seed(
    collection: photos.PhotoSet, config: configuration.Config
) -> None:
    photo_group = next(iter(collection.training_groups.values()))
    rows = torch.zeros(16, dtype=torch.long)
    one, again, other = (
        views.augment(photo_group, rows, config.views, torch.Generator().manual_seed(seed), CPU)
        for seed in (0, 0, 1)
    )
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert one.shape == (16, 3, 64, 64)
    assert 0 <= float(one.min()) <= float(one.max()) <= 1.001


def test_a_setting_that_is_not_known_is_said(tmp_path: Path) -> None:
    text = (RECIPE / "distil.toml").read_text("utf-8")
    (tmp_path / "wrong.toml").write_text(text.replace("mixup", "mix_up"), "utf-8")
    with pytest.raises(ValueError, match="mix_up"):
        configuration.read(tmp_path / "wrong.toml")


def test_the_rate_rises_then_falls() -> None:
    rates = [training.schedule(progress, 0.1) for progress in (0, 0.05, 0.1, 0.5, 1)]
    assert rates[0] == 0
    assert rates[1] < rates[2] == 1 > rates[3] > rates[4] > 0
