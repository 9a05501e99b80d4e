"""The catalogue of YOLO11 models: how each one makes an embedding, and what its weights must hash to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path, PurePath

from photosim.errors import ModelError

SCALES = frozenset("nsmlx")
"""The sizes of YOLO11."""

TASKS = frozenset({"classify", "detect", "obb", "pose", "segment"})
"""Ultralytics' names of what a YOLO11 can be trained for."""

_CLASSIFIER, _LAST_OF_BACKBONE = 10, 9
"""Layers of a YOLO11 classification model: the classifier, and the one before it."""

_USER_MODEL_DIGITS = 16
"""Hexadecimal digits of the SHA-256 in the name of a person's own model: 64 bits tell any two files apart."""


class Origin(StrEnum):
    """Where the weights of a model come from; the value says it in a few words."""

    BUNDLED = "included"
    OFFICIAL = "from Ultralytics"
    USER = "your own"


class FitMode(StrEnum):
    """How a photo of any shape becomes a square."""

    LETTERBOX = "letterbox"
    """The whole photo, scaled to the longer side, centred on a plain ground."""

    CENTRE_CROP = "centre crop"
    """The middle of the photo, scaled to the shorter side: how Ultralytics' classification models see."""


class Pooling(StrEnum):
    """How a layer's feature map becomes one vector."""

    MAX = "max"
    MEAN = "mean"

    REGIONS = "regions"
    """The maximum in five regions of the map, see `photosim.ml.regions`."""


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a photo becomes the model's input: a square of `size` pixels, `fill` (0..255, grey) where no photo is."""

    size: int
    fit: FitMode = FitMode.LETTERBOX
    fill: int = 114

    @property
    def edge(self) -> int:
        """Longest side in pixels from which a photo is only made smaller; a crop may have half of it, up to 2:1."""
        return self.size if self.fit is FitMode.LETTERBOX else 2 * self.size


@dataclass(frozen=True, slots=True)
class Projection:
    """The file of linear maps, one for each layer, that lies beside the weights; see `read_projections`."""

    file: str
    sha256: str
    bytes: int


SimilarityThresholds = tuple[float, float, float, float]
"""The least cosine of the same photo, the same scene, similar and loosely related ones, as one model sees them."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One way to make embeddings: a file of weights and all that decides the vectors that come out of it.

    `id` is stored with every embedding: entries that give different vectors must have different ids.
    `file` lies in the folder of models; `sha256` (hex) and `bytes` say which file it must be, None where that is
    not known: then `task` (Ultralytics' name of what the model was trained for) and `scale` (a letter of "nsmlx")
    are all that is checked, as they are of every file. `url` is where it can be had.
    The outputs of `layers` (indices into Ultralytics' YOLO11, ascending) are pooled, made unit length,
    concatenated to `dimensions` values and made unit length again. With a `projection` each is multiplied by its
    own matrix, and made unit length again, before they are concatenated. The output of the classifier's own layer
    is here what its last linear layer reads before pooling: with mean pooling, 1280 values.
    `closeness`: where the names for closeness begin in the cosines of this model, for they spread differently.
    `is_alternative`: this is the second embedding of its file, see `alternative`; only its id names it.
    """

    id: str
    title: str
    file: str
    sha256: str | None
    bytes: int | None
    task: str
    layers: tuple[int, ...]
    pooling: Pooling
    preprocessing: Preprocessing
    dimensions: int
    thresholds: SimilarityThresholds
    scale: str = "n"
    origin: Origin = Origin.BUNDLED
    url: str | None = None
    projection: Projection | None = None
    is_alternative: bool = field(default=False, compare=False)

    @property
    def name(self) -> str:
        """What a person types: the file's name without its suffix."""
        return PurePath(self.file).stem


MAX_POOLED = ModelSpec(
    id="yolo11n-coco-6-8-9-max-224",
    title="YOLO11n (COCO), anywhere in the photo",
    file="yolo11n-coco.pt",
    sha256="e12cc9353c0ae2910a00a770c6902ba93550ffd4d8854f08fe043e840f585348",
    bytes=5_664_339,
    task="detect",
    layers=(6, 8, 9),
    pooling=Pooling.MAX,
    preprocessing=Preprocessing(size=224),
    dimensions=640,
    thresholds=(0.97, 0.93, 0.88, 0.80),
)
"""The strongest answers anywhere in the photo, of the weights in the box as they are."""

REGION_POOLED = replace(
    MAX_POOLED,
    id="yolo11n-coco-v1-6-8-9-13-regions-224",
    title="YOLO11n (COCO)",
    layers=(6, 8, 9, 13),
    pooling=Pooling.REGIONS,
    dimensions=512,
    thresholds=(0.93, 0.82, 0.68, 0.46),
    projection=Projection(
        file="yolo11n-coco-regions.npz",
        sha256="eff4123a494a54d83208eb02d205ed35a96e20278a0583a9eacd67e48c2c4772",
        bytes=1_025_000,
    ),
)
"""The same weights asked by regions, and projected; `v1` is the projection's, which packaging/model makes."""

DEFAULT = REGION_POOLED
"""The embedding in the box that a new library uses; its files lie among the program's resources."""

DEFAULT_ALTERNATIVE = replace(MAX_POOLED, is_alternative=True)
"""The other embedding in the box."""

_CHANNELS = {"n": (128, 256), "s": (256, 512), "m": (512, 512), "l": (512, 512), "x": (768, 768)}
"""By scale: the channels of layer 6, and of layers 8 and 9, of every YOLO11."""

_CLASSIFIER_FEATURES = 1280
"""The values that the last linear layer of a YOLO11 classifier reads, at every scale."""

_CLASSIFICATION_SIZE = 224
"""Pixels: the side of what Ultralytics' classification models are trained on, where they do not say otherwise."""

_CLASSIFICATION_THRESHOLDS = (0.94, 0.79, 0.60, 0.39)
"""Where as many pairs of photos reach each name as with the default model; see packaging/model/README.md.

Measured with another network of this kind, EfficientNet-lite2 (ImageNet, 1280 values, mean pooled): the official
weights could not be had where this was written.
"""

_RELEASE = "https://github.com/ultralytics/assets/releases/download/v8.3.0/"

# By scale: the size in bytes and the SHA-256. Those of s and m could not be learned where this was written:
# of them only the structure is checked.
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
    """The entry of a person's own file of `size` bytes: its layers are found by its task.

    `side` is the side in pixels that a classification model was trained on, where that is known.
    """
    name = f"own-{sha256[:_USER_MODEL_DIGITS]}"
    file = f"{name}.pt"
    if task == "classify":
        input_size = input_size or _CLASSIFICATION_SIZE
        return _classification_model(
            title=f"{title} (YOLO11{scale})",
            file=file,
            scale=scale,
            known=(size, sha256),
            input_size=input_size,
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
    )


def alternative_of(spec: ModelSpec) -> ModelSpec | None:
    """The second embedding of the file of `entry`; None for a model that has no other.

    In the box, the one that is not the default. Of a classification model the layer before the classifier, mean
    pooled: what Ultralytics' own `embed()` gives of it, shorter than the 1280 values of the classifier.
    """
    if spec == DEFAULT:
        return DEFAULT_ALTERNATIVE
    if spec.layers != (_CLASSIFIER,):
        return None
    layers = (_LAST_OF_BACKBONE,)
    return replace(
        spec,
        title=f"{spec.title}, the layer before",
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
    known: tuple[int | None, str | None],
    input_size: int,
    origin: Origin,
    url: str | None = None,
) -> ModelSpec:
    layers, pooling = (_CLASSIFIER,), Pooling.MEAN
    size, sha256 = known
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
    )


def _official_model(scale: str) -> ModelSpec:
    file = f"yolo11{scale}-cls.pt"
    return _classification_model(
        title=f"YOLO11{scale}-cls (ImageNet)",
        file=file,
        scale=scale,
        known=_OFFICIAL[scale],
        input_size=_CLASSIFICATION_SIZE,
        origin=Origin.OFFICIAL,
        url=_RELEASE + file,
    )


def _model_id(name: str, layers: tuple[int, ...], pooling: Pooling, side: int) -> str:
    return "-".join([name, *map(str, layers), pooling, str(side)])


CATALOG: tuple[ModelSpec, ...] = (DEFAULT, *map(_official_model, _OFFICIAL))
"""All models that PhotoSim knows, the default first."""


def find_model(name_or_id: str, user_models: Iterable[ModelSpec] = ()) -> ModelSpec:
    """The entry of the catalogue, or of `others`, with this id or name, alternatives included by their id.

    Raises ModelError when there is none.
    """
    entries = (*CATALOG, *user_models)
    alternatives = [other for entry in entries if (other := alternative_of(entry)) is not None]
    for entry in (*entries, *alternatives):
        if name_or_id in {entry.id, entry.name}:
            return entry
    known = ", ".join(entry.name for entry in entries)
    raise ModelError(f"There is no model “{name_or_id}”. Known models: {known}.")


def weights_path(spec: ModelSpec, folder: Path) -> Path:
    """Where the weights of `entry` lie in the `folder` of models; the file need not be there."""
    return folder / spec.file
