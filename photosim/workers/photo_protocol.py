"""The JSON lines that the photo worker exchanges with its parent; see `photosim.workers.protocol`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from photosim.records import PhotoObject
from photosim.search.query import Example, Region
from photosim.workers.photo_results import (
    Explanation,
    PhotoReading,
    View,
    encode_objects,
    parse_objects,
)
from photosim.workers.protocol import (
    ProtocolError,
    encode_message,
    is_list,
    is_real,
    parse_message,
    read_count,
    read_text,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MAX_DIMENSIONS = 1 << 14

_PHOTO, _OBJECT = "photo", "object"


@dataclass(frozen=True, slots=True)
class EmbedRequest:
    """From the parent to a photo worker: `{"do": "embed", "id", "model", "path", "region", "as"}`.

    The region is `[x, y, width, height]` in fractions of the photo, or null; it is embedded as a "photo" or an "object".
    """

    id: int
    model: str
    example: Example

    @property
    def path(self) -> str:
        """The file of the image."""
        return self.example.path

    def encode(self) -> str:
        """Return the line."""
        region = self.example.region
        sides = None if region is None else [region.x, region.y, region.width, region.height]
        message = {"do": "embed", "id": self.id, "model": self.model}
        kind = _OBJECT if self.example.is_object else _PHOTO
        return encode_message({**message, "path": self.path, "region": sides, "as": kind})


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """From the parent to a photo worker: `{"do": "view", "id", "path", "edge", "target"}`.

    The photo is decoded with a longest side of at least `edge` pixels (0: its own) into the file `target`, which must
    not exist.
    """

    id: int
    path: str
    edge: int
    target: str

    def encode(self) -> str:
        """Return the line."""
        return encode_message({"do": "view", **asdict(self)})


@dataclass(frozen=True, slots=True)
class FactsRequest:
    """From the parent to a photo worker: `{"do": "facts", "id", "path"}`."""

    id: int
    path: str

    def encode(self) -> str:
        """Return the line."""
        return encode_message({"do": "facts", **asdict(self)})


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """From the parent to a photo worker, why two photos are similar: `{"do": "explain", "id", "model", "path", "other"}`."""

    id: int
    model: str
    path: str
    other: str

    def encode(self) -> str:
        """Return the line."""
        return encode_message({"do": "explain", **asdict(self)})


@dataclass(frozen=True, slots=True)
class ObjectsRequest:
    """From the parent to a photo worker, what a photo shows where: `{"do": "objects", "id", "model", "path", "unnamed"}`.

    `unnamed` is true to request the objects that are not certain too, which have no label.
    """

    id: int
    model: str
    path: str
    unnamed: bool = False

    def encode(self) -> str:
        """Return the line."""
        return encode_message({"do": "objects", **asdict(self)})


PhotoRequest = EmbedRequest | ViewRequest | FactsRequest | ExplainRequest | ObjectsRequest
MODEL_REQUESTS = (EmbedRequest, ExplainRequest, ObjectsRequest)


def parse_photo_request(line: str | bytes) -> PhotoRequest:
    """Read what a photo worker is sent. Raises ProtocolError."""
    message = parse_message(line)
    request_id, path = read_count(message, "id"), read_text(message, "path")
    match message.get("do"):
        case "embed":
            example = Example(path, _region(message.get("region")), _is_object(message.get("as")))
            return EmbedRequest(request_id, read_text(message, "model"), example)
        case "view":
            return ViewRequest(request_id, path, read_count(message, "edge"), read_text(message, "target"))
        case "facts":
            return FactsRequest(request_id, path)
        case "objects":
            unnamed = message.get("unnamed") is True
            return ObjectsRequest(request_id, read_text(message, "model"), path, unnamed)
        case "explain":
            return ExplainRequest(request_id, read_text(message, "model"), path, read_text(message, "other"))
    raise ProtocolError("unknown request")


@dataclass(frozen=True, slots=True, eq=False)
class PhotoResponse:
    """From a photo worker: `{"id", "vector"}`, `"view"`, `"reading"`, `"explanation"`, `"objects"` or `"error"`.

    The id is null for a request that was not understood. With `"last": true` the process ends.
    """

    id: int | None
    vector: npt.NDArray[np.float32] | None = None
    """Of unit length, float32 (D)."""
    view: View | None = None
    """The pixels are in the file `target` of the request; see `photosim.workers.pixels`."""
    reading: PhotoReading | None = None
    explanation: Explanation | None = None
    objects: tuple[PhotoObject, ...] | None = None
    error: str = ""
    last: bool = False

    def encode(self) -> str:
        """Return the line."""
        if self.vector is not None:
            return encode_message({"id": self.id, "vector": self.vector.tolist()})
        if self.view is not None:
            return encode_message({"id": self.id, "view": asdict(self.view)})
        if self.reading is not None:
            return encode_message({"id": self.id, "reading": self.reading.encode()})
        if self.explanation is not None:
            return encode_message({"id": self.id, "explanation": self.explanation.encode()})
        if self.objects is not None:
            return encode_message({"id": self.id, "objects": encode_objects(self.objects)})
        return encode_message({"id": self.id, "error": self.error, **({"last": True} if self.last else {})})

    @classmethod
    def parse(cls, line: str | bytes) -> PhotoResponse:
        """Read a line. Raises ProtocolError."""
        message = parse_message(line)
        request_id = None if message.get("id") is None else read_count(message, "id")
        if "vector" in message:
            return cls(request_id, vector=_vector(message["vector"]))
        if "view" in message:
            return cls(request_id, view=View.parse(message["view"]))
        if "reading" in message:
            return cls(request_id, reading=PhotoReading.parse(message["reading"]))
        if "explanation" in message:
            return cls(request_id, explanation=Explanation.parse(message["explanation"]))
        if "objects" in message:
            return cls(request_id, objects=parse_objects(message["objects"]))
        return cls(request_id, error=read_text(message, "error"), last=message.get("last") is True)


def _vector(values: Any) -> npt.NDArray[np.float32]:
    if not is_list(values, is_real) or not 0 < len(values) <= MAX_DIMENSIONS:
        raise ProtocolError("vector: not a vector")
    import numpy as np  # not at the top: the command line that starts an indexing needs no vectors

    return np.array(values, np.float32)


def _is_object(kind: object) -> bool:
    if kind not in (_PHOTO, _OBJECT):
        raise ProtocolError("as: neither a photo nor an object")
    return kind == _OBJECT


def _region(sides: Any) -> Region | None:
    if sides is None:
        return None
    if not is_list(sides, is_real) or len(sides) != 4:
        raise ProtocolError("region: not four numbers")
    try:
        return Region(*map(float, sides))
    except ValueError as error:
        raise ProtocolError(f"region: {error}") from error
