"""What a photo worker answers with, as parts of JSON messages; see `photosim.workers.photo_protocol`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from photosim.records import PhotoFacts, PhotoObject
from photosim.workers.protocol import ProtocolError, is_list, is_real, read_count, read_text

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MAX_VIEW_PIXELS = 60_000_000
"""Larger photos are decoded at a smaller size: each pixel takes 4 bytes in the window."""

_MAX_MAP_SIDE = 256
_MAP_DIGITS = 6

_TEXTS = frozenset({"format", "taken_at", "camera", "lens", "taken_from"})

MAX_VIEW_SIDE = 32_767
"""Pixels that the window can paint in a row or column."""

_MAX_OBJECTS = 1000
_ROUNDING = 0.001


@dataclass(frozen=True, slots=True)
class View:
    """Size in pixels of the decoded picture, and of the upright photo itself."""

    width: int
    height: int
    photo_width: int
    photo_height: int

    @classmethod
    def parse(cls, sizes: Any) -> View:
        """Read part of a message. Raises ProtocolError."""
        if not isinstance(sizes, dict):
            raise ProtocolError("view: not an object")
        view = cls(*(read_count(sizes, field.name) for field in fields(cls)))
        if min(view.width, view.height, view.photo_width, view.photo_height) < 1:
            raise ProtocolError("view: without pixels")
        if max(view.width, view.height) > MAX_VIEW_SIDE or view.width * view.height > MAX_VIEW_PIXELS:
            raise ProtocolError("view: too large")
        return view


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
class Explanation:
    """Where two photos are similar, see `photosim.ml.explain.SimilarPlaces`.

    `maps` (rows, columns) add up to `told` times `similarity`, the cosine, for either photo. `colors` are those that
    both have much of, see `photosim.imaging.color_names`.
    """

    similarity: float
    maps: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
    told: tuple[float, float]
    colors: tuple[str, ...]

    def encode(self) -> dict[str, Any]:
        """Return it as part of a message."""
        maps = [[[round(float(value), _MAP_DIGITS) for value in row] for row in cells] for cells in self.maps]
        return {
            "similarity": self.similarity,
            "maps": maps,
            "told": list(self.told),
            "colors": list(self.colors),
        }

    @classmethod
    def parse(cls, message: Any) -> Explanation:
        """Read part of a message. Raises ProtocolError."""
        if not isinstance(message, dict):
            raise ProtocolError("explanation: not an object")
        similarity, told = message.get("similarity"), message.get("told")
        maps, colors = message.get("maps"), message.get("colors")
        if not isinstance(similarity, float) or not isinstance(told, list) or not is_list(told, is_real):
            raise ProtocolError("explanation: not numbers")
        if not isinstance(colors, list) or not is_list(colors, _is_text):
            raise ProtocolError("colors: not texts")
        if not isinstance(maps, list) or len(maps) != 2 or len(told) != 2:
            raise ProtocolError("explanation: not of two photos")
        first, second = (_map(cells) for cells in maps)
        return cls(similarity, (first, second), (told[0], told[1]), tuple(colors))


def encode_objects(objects: tuple[PhotoObject, ...]) -> list[dict[str, Any]]:
    """Return objects as part of a message."""
    return [asdict(found) for found in objects]


def parse_objects(message: Any) -> tuple[PhotoObject, ...]:
    """Read part of a message. Raises ProtocolError."""
    if not isinstance(message, list) or len(message) > _MAX_OBJECTS:
        raise ProtocolError("objects: not a list")
    return tuple(map(_object, message))


def _object(message: Any) -> PhotoObject:
    if not isinstance(message, dict):
        raise ProtocolError("object: not an object")
    score, box = message.get("score"), message.get("box")
    if not is_real(score) or not isinstance(box, list) or len(box) != 4 or not is_list(box, is_real):
        raise ProtocolError("object: not numbers")
    x, y, width, height = map(float, box)
    if min(x, y, width, height) < 0 or max(x + width, y + height) > 1 + _ROUNDING or not width * height:
        raise ProtocolError("object: outside of the photo")
    return PhotoObject(read_text(message, "label"), float(score or 0), (x, y, width, height))


def _map(cells: Any) -> npt.NDArray[np.float32]:
    if not isinstance(cells, list) or not 0 < len(cells) <= _MAX_MAP_SIDE:
        raise ProtocolError("map: not rows")
    columns = len(cells[0]) if isinstance(cells[0], list) else 0
    if not 0 < columns <= _MAX_MAP_SIDE or not all(
        is_list(row, is_real) and len(row) == columns for row in cells
    ):
        raise ProtocolError("map: not a grid of numbers")
    import numpy as np

    return np.array(cells, np.float32)


def _is_text(value: object) -> bool:
    return isinstance(value, str)
