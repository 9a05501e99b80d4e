"""What describes a model: its files, its input, and how its embedding is computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath

BOX_TASKS = frozenset({"detect", "segment", "pose"})
"""Tasks whose models find objects with upright boxes."""

DETECTION_SIZE = 640
"""Pixels; the input size that YOLO11's detectors were trained with."""


class Origin(StrEnum):
    """Where the weights of a model come from; the value is shown to users."""

    BUNDLED = "included"
    OFFICIAL = "from Ultralytics"
    USER = "your own"


class FitMode(StrEnum):
    """How a photo is fitted into the model's square input."""

    LETTERBOX = "letterbox"
    """The whole photo, scaled by its longer side and padded."""

    CENTRE_CROP = "centre crop"
    """The centre of the photo, scaled by its shorter side, as Ultralytics' classification models take it."""

    LETTERBOX_AND_CROP = "letterbox and centre crop"
    """Both, the letterbox above the crop: for models of two networks."""


class Pooling(StrEnum):
    """How a feature map is reduced to one vector."""

    MAX = "max"
    MEAN = "mean"

    REGIONS = "regions"
    """The maximum in each of five regions, see `photosim.ml.heads.pool_regions`."""


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a photo becomes the model's input: squares of `size` pixels, padded with the grey value `fill` (0..255)."""

    size: int
    fit: FitMode = FitMode.LETTERBOX
    fill: int = 114

    @property
    def edge(self) -> int:
        """Pixels that the longer side of a photo needs so that it is only scaled down; for a crop, up to 2:1."""
        return self.size if self.fit is FitMode.LETTERBOX else 2 * self.size

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (height, width, 3) of the model's input."""
        squares = 2 if self.fit is FitMode.LETTERBOX_AND_CROP else 1
        return squares * self.size, self.size, 3


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file beside the weights, identified by size in bytes and SHA-256 (hex)."""

    file: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class SecondNetwork:
    """An EfficientNet-Lite0 whose embedding of `dimensions` values is appended, `weight` times as long as YOLO11's.

    `photosim.ml.efficientnet` reads `weights`, which include its projection. `copy_threshold` is the least cosine of the
    same photo, for YOLO11's part alone.
    """

    weights: ModelFile
    dimensions: int
    weight: float
    copy_threshold: float


SimilarityThresholds = tuple[float, float, float, float]
"""One model's least cosine for each `SimilarityBand`, closest first."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model file and everything that determines the embeddings computed from it.

    `id` is stored with every embedding: specs that give different vectors must have different ids. `file` is in the
    models folder; `sha256` (hex) and `bytes` identify it, None if not known: then only `task` (Ultralytics' name) and
    `scale` (a letter of "nsmlx") are checked, as for every file. `url` is where it can be downloaded.

    The outputs of `layers` (indices into Ultralytics' YOLO11, ascending) are pooled, normalized, multiplied by their
    matrix of the `projection` and normalized again if there is one, concatenated and normalized.
    The output of the classifier's layer is taken before its pooling and linear layer: with mean pooling, 1280 values.
    `second` appends the embedding of another network; all together have `dimensions` values and unit length.

    `thresholds` are the model's cosines for the similarity bands. `is_alternative`: a second embedding of the same
    file, see `alternative_of`; it can only be selected by its id. `short_name` is the name in commands of a
    model that shares its first file with another one.
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
    projection: ModelFile | None = None
    """A linear map for each layer; see `photosim.ml.heads.read_projections`."""
    second: SecondNetwork | None = None
    object_dimensions: int = 0
    """Values of the embedding of an object; 0 if the model finds no objects."""
    object_projection: ModelFile | None = None
    """How it is computed; see `photosim.ml.object_features.read_object_projection`."""
    object_thresholds: SimilarityThresholds = (1.0, 1.0, 1.0, 1.0)
    """The cosines of objects for the similarity bands."""
    description: str = field(default="", compare=False)
    """A sentence that helps a person to choose; the window has it in other languages."""
    short_name: str = ""
    is_alternative: bool = field(default=False, compare=False)

    @property
    def name(self) -> str:
        """The name in commands: by default the file's name without its suffix."""
        return self.short_name or PurePath(self.file).stem

    @property
    def companions(self) -> tuple[ModelFile, ...]:
        """The files that the model needs beside its weights."""
        second = None if self.second is None else self.second.weights
        files = (self.projection, second, self.object_projection)
        return tuple(file for file in files if file is not None)

    @property
    def finds_objects(self) -> bool:
        """Whether the model is a detector, whose boxes tell where objects are."""
        return self.task in BOX_TASKS

    @property
    def copy_dimensions(self) -> int:
        """How many of the first values tell edited copies from other photos: those of YOLO11."""
        return self.dimensions - (0 if self.second is None else self.second.dimensions)

    @property
    def copy_threshold(self) -> float:
        """The least cosine of the same photo, for the first `copy_dimensions` values; see `closeness.copy_part`."""
        return self.thresholds[0] if self.second is None else self.second.copy_threshold
