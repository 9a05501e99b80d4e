"""The catalog of YOLO11 models: how each one computes an embedding, and the checksums of its files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePath

from photosim.errors import ModelError
from photosim.ml.model_spec import (
    FitMode,
    ModelFile,
    ModelSpec,
    Origin,
    Pooling,
    Preprocessing,
    SecondNetwork,
)

SCALES = frozenset("nsmlx")
"""YOLO11's model sizes."""

TASKS = frozenset({"classify", "detect", "obb", "pose", "segment"})
"""Ultralytics' names of the tasks that a YOLO11 can be trained for."""

_CLASSIFIER_LAYER, _LAST_BACKBONE_LAYER = 10, 9
"""Layers of a YOLO11 classification model."""

_USER_MODEL_DIGITS = 16
"""Hexadecimal digits of the SHA-256 in a user model's name: 64 bits, enough to distinguish any two files."""

MAX_POOLED = ModelSpec(
    id="yolo11n-coco-6-8-9-max-224",
    title="YOLO11n (COCO), whole photo",
    file="yolo11n-coco.pt",
    sha256="e12cc9353c0ae2910a00a770c6902ba93550ffd4d8854f08fe043e840f585348",
    bytes=5_664_339,
    task="detect",
    layers=(6, 8, 9),
    pooling=Pooling.MAX,
    preprocessing=Preprocessing(size=224),
    dimensions=640,
    thresholds=(0.97, 0.93, 0.88, 0.80),
    object_dimensions=128,
    object_projection=ModelFile(
        file="yolo11n-coco-objects.npz",
        sha256="88602eda77fa1bf26307476bf4216619e403357c80308308170f52b6fb3aade5",
        bytes=722_898,
    ),
    object_thresholds=(0.85, 0.70, 0.50, 0.28),
)
"""The bundled weights, with the maximum of each channel over the whole photo."""

REGION_POOLED = replace(
    MAX_POOLED,
    id="yolo11n-coco-v1-6-8-9-13-regions-224",
    title="YOLO11n (COCO)",
    description="Fast. Finds copies and photos that look alike.",
    layers=(6, 8, 9, 13),
    pooling=Pooling.REGIONS,
    dimensions=512,
    thresholds=(0.93, 0.82, 0.68, 0.46),
    projection=ModelFile(
        file="yolo11n-coco-regions.npz",
        sha256="eff4123a494a54d83208eb02d205ed35a96e20278a0583a9eacd67e48c2c4772",
        bytes=1_025_000,
    ),
)
"""The bundled weights, pooled by regions and projected; `v1` is the version of the projection."""

DEFAULT = REGION_POOLED
"""The bundled embedding that a new library uses."""

DEFAULT_ALTERNATIVE = replace(MAX_POOLED, is_alternative=True)
"""The other bundled embedding."""

FINE = replace(
    REGION_POOLED,
    id="fine-v1-6-8-9-13-regions-224",
    title="Fine (YOLO11 + EfficientNet-Lite0)",
    short_name="fine",
    description=(
        "Finds about 30% more photos of the same kind of thing, and copies just as well. "
        "Indexing takes about a quarter longer."
    ),
    preprocessing=Preprocessing(size=224, fit=FitMode.LETTERBOX_AND_CROP),
    dimensions=768,
    thresholds=(0.94, 0.81, 0.64, 0.35),
    second=SecondNetwork(
        weights=ModelFile(
            file="efficientnet-lite0.npz",
            sha256="ca7cc4fe980d825a6afc6569949b2c349aebc3aabcb071adee2a6d0e85f3b05c",
            bytes=7_406_726,
        ),
        dimensions=256,
        weight=1.4,
        copy_threshold=REGION_POOLED.thresholds[0],
    ),
)
"""The default embedding, joined by that of a network that tells more kinds of things apart."""

_CHANNELS = {"n": (128, 256), "s": (256, 512), "m": (512, 512), "l": (512, 512), "x": (768, 768)}
"""By scale: channels of layer 6, and of layers 8 and 9."""

_CLASSIFIER_FEATURES = 1280
"""Input values of the classifier's linear layer, at every scale."""

_CLASSIFICATION_SIZE = 224
"""Pixels; input size of classification models whose checkpoint does not state it."""

_CLASSIFICATION_THRESHOLDS = (0.94, 0.79, 0.60, 0.39)
"""Thresholds that as many pairs of photos reach as with the default model; see packaging/model/README.md.

Measured with another ImageNet network, EfficientNet-lite2 (1280 values, mean pooling), because the official weights were
not available.
"""

_RELEASE = "https://github.com/ultralytics/assets/releases/download/v8.3.0/"

# By scale: size in bytes and SHA-256. Those of s and m are not known, so that only their structure is checked.
_OFFICIAL: dict[str, tuple[int | None, str | None]] = {
    "n": (5_790_624, "c62d41bf9625777760018bf914d2e6cd472420ccd01706d97a61cb6c82502bd7"),
    "s": (None, None),
    "m": (None, None),
    "l": (28_553_700, "6b56513a5d8bdae6b8f0a36dacaf01b26d5a522ba1b34197c3bac9fa6463366c"),
    "x": (59_624_868, "5b99af0f075efcd88349746fad4ff0a88cd591712b578a887286790544bd449c"),
}


def user_model(
    sha256: str, size: int, *, title: str, task: str, scale: str, input_size: int | None = None
) -> ModelSpec:
    """Return the spec of a user's own file of `size` bytes; its task determines the layers.

    `input_size` in pixels is what a classification model was trained with, if known.
    """
    name = f"own-{sha256[:_USER_MODEL_DIGITS]}"
    file = f"{name}.pt"
    if task == "classify":
        return _classification_model(
            title=f"{title} (YOLO11{scale})",
            file=file,
            scale=scale,
            size=size,
            sha256=sha256,
            input_size=input_size or _CLASSIFICATION_SIZE,
            origin=Origin.USER,
        )
    return replace(
        MAX_POOLED,
        id=_model_id(name, MAX_POOLED.layers, MAX_POOLED.pooling, MAX_POOLED.preprocessing.size),
        title=f"{title} (YOLO11{scale})",
        file=file,
        sha256=sha256,
        bytes=size,
        task=task,
        dimensions=_CHANNELS[scale][0] + 2 * _CHANNELS[scale][1],
        scale=scale,
        origin=Origin.USER,
        object_dimensions=0,
        object_projection=None,
    )


def alternative_of(spec: ModelSpec) -> ModelSpec | None:
    """Return the second embedding of a model's file, None if it has none.

    The default model has DEFAULT_ALTERNATIVE. A classification model has the mean of the layer before the classifier,
    which is what Ultralytics' own `embed()` returns and shorter than the 1280 values of the classifier.
    """
    if spec == DEFAULT:
        return DEFAULT_ALTERNATIVE
    if spec.layers != (_CLASSIFIER_LAYER,):
        return None
    layers = (_LAST_BACKBONE_LAYER,)
    return replace(
        spec,
        title=f"{spec.title}, last backbone layer",
        id=_model_id(spec.name, layers, spec.pooling, spec.preprocessing.size),
        layers=layers,
        dimensions=_CHANNELS[spec.scale][1],
        is_alternative=True,
    )


def _classification_model(
    *,
    title: str,
    file: str,
    scale: str,
    size: int | None,
    sha256: str | None,
    input_size: int,
    origin: Origin,
    url: str | None = None,
    description: str = "",
) -> ModelSpec:
    layers, pooling = (_CLASSIFIER_LAYER,), Pooling.MEAN
    return ModelSpec(
        id=_model_id(PurePath(file).stem, layers, pooling, input_size),
        title=title,
        file=file,
        sha256=sha256,
        bytes=size,
        task="classify",
        layers=layers,
        pooling=pooling,
        preprocessing=Preprocessing(input_size, FitMode.CENTRE_CROP),
        dimensions=_CLASSIFIER_FEATURES,
        thresholds=_CLASSIFICATION_THRESHOLDS,
        scale=scale,
        origin=origin,
        url=url,
        description=description,
    )


def _official_model(scale: str) -> ModelSpec:
    file = f"yolo11{scale}-cls.pt"
    size, sha256 = _OFFICIAL[scale]
    return _classification_model(
        title=f"YOLO11{scale}-cls (ImageNet)",
        file=file,
        scale=scale,
        size=size,
        sha256=sha256,
        input_size=_CLASSIFICATION_SIZE,
        origin=Origin.OFFICIAL,
        url=_RELEASE + file,
        description="Trained by Ultralytics on 1,000 kinds of things. Needs a download.",
    )


def _model_id(name: str, layers: tuple[int, ...], pooling: Pooling, input_size: int) -> str:
    return "-".join([name, *map(str, layers), pooling, str(input_size)])


CATALOG: tuple[ModelSpec, ...] = (DEFAULT, FINE, *map(_official_model, _OFFICIAL))
"""All models known to PhotoSim, the default first."""


def find_model(name_or_id: str, user_models: Iterable[ModelSpec] = ()) -> ModelSpec:
    """Return the model of the catalog or of `user_models` with this name or id; alternatives by their id.

    Raises ModelError if there is none.
    """
    specs = (*CATALOG, *user_models)
    alternatives = [alternative for spec in specs if (alternative := alternative_of(spec)) is not None]
    for spec in (*specs, *alternatives):
        if name_or_id in {spec.id, spec.name}:
            return spec
    known = ", ".join(spec.name for spec in specs)
    raise ModelError(f"There is no model “{name_or_id}”. Known models: {known}.")


def weights_path(spec: ModelSpec, folder: Path) -> Path:
    """Return the path of a model's weights in the models folder; the file need not exist."""
    return folder / spec.file
