"""The JSON lines that the photo worker exchanges with its parent; see `photosim.workers.protocol`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from photosim.records import PhotoFacts
from photosim.search.query import Example, Region
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

MAX_VIEW_PIXELS = 60_000_000
"""Larger photos are decoded at a smaller size: each pixel takes 4 bytes in the window."""

_TEXTS = frozenset({"format", "taken_at", "camera", "lens", "taken_from"})

MAX_VIEW_SIDE = 32_767
"""Pixels that the window can paint in a row or column."""


@dataclass(frozen=True, slots=True)
class EmbedRequest:
    """From the parent to a photo worker: `{"do": "embed", "id", "model", "path", "region"}`.

    The region is `[x, y, width, height]` in fractions of the photo, or null.
    """

    id: int
    model: str
    example: Example

    def encode(self) -> str:
        """Return the line."""
        region = self.example.region
        sides = None if region is None else [region.x, region.y, region.width, region.height]
        message = {"do": "embed", "id": self.id, "model": self.model}
        return encode_message({**message, "path": self.example.path, "region": sides})


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


PhotoRequest = EmbedRequest | ViewRequest | FactsRequest


def parse_photo_request(line: str | bytes) -> PhotoRequest:
    """Read what a photo worker is sent. Raises ProtocolError."""
    message = parse_message(line)
    request_id, path = read_count(message, "id"), read_text(message, "path")
    match message.get("do"):
        case "embed":
            return EmbedRequest(
                request_id, read_text(message, "model"), Example(path, _region(message.get("region")))
            )
        case "view":
            return ViewRequest(request_id, path, read_count(message, "edge"), read_text(message, "target"))
        case "facts":
            return FactsRequest(request_id, path)
    raise ProtocolError("unknown request")


@dataclass(frozen=True, slots=True)
class View:
    """Size in pixels of the decoded picture, and of the upright photo itself."""

    width: int
    height: int
    photo_width: int
    photo_height: int


@dataclass(frozen=True, slots=True)
class PhotoReading:
    """What a photo file holds besides its pixels; `digest` is the XXH3-128 of the file, `orientation` EXIF's."""

    digest: bytes
    facts: PhotoFacts
    orientation: int | None

    def encode(self) -> dict[str, Any]:
        """Return it as part of a message."""
        return {"digest": self.digest.hex(), "facts": asdict(self.facts), "orientation": self.orientation}

    @classmethod
    def parse(cls, message: Any) -> PhotoReading:
        """Read part of a message. Raises ProtocolError."""
        if not isinstance(message, dict) or not isinstance(values := message.get("facts"), dict):
            raise ProtocolError("reading: no facts")
        facts: dict[str, Any] = {}
        for field in fields(PhotoFacts):
            value = values.get(field.name)
            is_text = field.name in _TEXTS
            if field.name in {"width", "height"}:
                value = read_count(values, field.name)
            elif value is not None and not (isinstance(value, str) if is_text else is_real(value)):
                raise ProtocolError(f"{field.name}: of a wrong type")
            facts[field.name] = value
        facts["format"] = read_text(values, "format")
        try:
            digest = bytes.fromhex(read_text(message, "digest"))
        except ValueError as error:
            raise ProtocolError("digest: not hexadecimal") from error
        is_known = message.get("orientation") is not None
        return cls(digest, PhotoFacts(**facts), read_count(message, "orientation") if is_known else None)


@dataclass(frozen=True, slots=True, eq=False)
class PhotoResponse:
    """From a photo worker: `{"id", "vector"}`, `{"id", "view"}`, `{"id", "reading"}` or `{"id", "error"}`.

    The id is null for a request that was not understood. With `"last": true` the process ends.
    """

    id: int | None
    vector: npt.NDArray[np.float32] | None = None
    """Of unit length, float32 (D)."""
    view: View | None = None
    """The pixels are in the file `target` of the request; see `photosim.workers.pixels`."""
    reading: PhotoReading | None = None
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
        return encode_message({"id": self.id, "error": self.error, **({"last": True} if self.last else {})})

    @classmethod
    def parse(cls, line: str | bytes) -> PhotoResponse:
        """Read a line. Raises ProtocolError."""
        message = parse_message(line)
        request_id = None if message.get("id") is None else read_count(message, "id")
        if "vector" in message:
            return cls(request_id, vector=_vector(message["vector"]))
        if "view" in message:
            return cls(request_id, view=_view(message["view"]))
        if "reading" in message:
            return cls(request_id, reading=PhotoReading.parse(message["reading"]))
        return cls(request_id, error=read_text(message, "error"), last=message.get("last") is True)


def _vector(values: Any) -> npt.NDArray[np.float32]:
    if not is_list(values, is_real) or not 0 < len(values) <= MAX_DIMENSIONS:
        raise ProtocolError("vector: not a vector")
    import numpy as np  # not at the top: the command line that starts an indexing needs no vectors

    return np.array(values, np.float32)


def _view(sizes: Any) -> View:
    if not isinstance(sizes, dict):
        raise ProtocolError("view: not an object")
    view = View(*(read_count(sizes, field.name) for field in fields(View)))
    if min(view.width, view.height, view.photo_width, view.photo_height) < 1:
        raise ProtocolError("view: without pixels")
    if max(view.width, view.height) > MAX_VIEW_SIDE or view.width * view.height > MAX_VIEW_PIXELS:
        raise ProtocolError("view: too large")
    return view


def _region(sides: Any) -> Region | None:
    if sides is None:
        return None
    if not is_list(sides, is_real) or len(sides) != 4:
        raise ProtocolError("region: not four numbers")
    try:
        return Region(*map(float, sides))
    except ValueError as error:
        raise ProtocolError(f"region: {error}") from error
