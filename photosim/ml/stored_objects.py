"""The objects and tensors in the pickle of a checkpoint, and what the few calls that it may contain stand for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch

_MAX_DIMENSIONS = 8

STORAGE_DTYPES = {
    "torch.BFloat16Storage": torch.bfloat16,
    "torch.BoolStorage": torch.bool,
    "torch.ByteStorage": torch.uint8,
    "torch.CharStorage": torch.int8,
    "torch.DoubleStorage": torch.float64,
    "torch.FloatStorage": torch.float32,
    "torch.HalfStorage": torch.float16,
    "torch.IntStorage": torch.int32,
    "torch.LongStorage": torch.int64,
    "torch.ShortStorage": torch.int16,
}
"""The storages that a checkpoint may have."""

_DETECT_FORWARD = ("ultralytics.nn.modules.head.Detect", "forward")
"""The one attribute that official files of Ultralytics look up."""

_SETS = {"builtins.set", "builtins.frozenset"}
_REBUILD_TENSOR = "torch._utils._rebuild_tensor_v2"
_REBUILD_PARAMETER = {"torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"}
KNOWN_GLOBALS = {
    *_SETS,
    *STORAGE_DTYPES,
    *_REBUILD_PARAMETER,
    _REBUILD_TENSOR,
    "_codecs.encode",
    "builtins.getattr",
    "collections.OrderedDict",
    "numpy._core.multiarray.scalar",
    "numpy.core.multiarray.scalar",
    "numpy.dtype",
    "torch.Size",
    "torch.device",
    "torch.float16",
    "torch.float32",
}
"""What a pickle may name beside the allowed classes; a call of one is handled by `call_global`."""


class PickleError(ValueError):
    """A pickle is damaged, or uses more than a checkpoint needs."""


class ForbiddenNameError(PickleError):
    """A pickle names something that is not allowed; the message is its full name."""


class StoredObject:
    """An object of a checkpoint: the name of its class and its state."""

    __slots__ = ("name", "state")

    def __init__(self, name: str) -> None:
        self.name = name
        self.state: dict[Any, Any] = {}

    def get(self, name: str) -> Any:
        """Return an attribute of the object, or None."""
        return self.state.get(name)

    def mapping(self, name: str) -> dict[Any, Any]:
        """Return an attribute if it is a dictionary, else an empty one."""
        value = self.get(name)
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True, eq=False)
class StoredStorage:
    """The numbers of one or several tensors: `count` values, in the member `key` of the archive."""

    dtype: torch.dtype
    key: str
    count: int

    @property
    def bytes(self) -> int:
        """The size of the member."""
        return self.count * self.dtype.itemsize


@dataclass(frozen=True, slots=True, eq=False)
class StoredTensor:
    """A tensor of a checkpoint; it lies inside its storage."""

    storage: StoredStorage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def dtype(self) -> torch.dtype:
        """The type of its numbers."""
        return self.storage.dtype

    @property
    def bytes(self) -> int:
        """The bytes that its numbers take, however often the storage has them."""
        return math.prod(self.shape) * self.dtype.itemsize

    def load(self, content: bytearray) -> torch.Tensor:
        """Return the tensor, a view of the content of its storage, which has `storage.bytes`."""
        if 0 in self.shape:
            return torch.empty(self.shape, dtype=self.dtype)
        values = torch.frombuffer(content, dtype=self.dtype)
        return values.as_strided(self.shape, self.strides, self.offset)


@dataclass(frozen=True, slots=True)
class GlobalName:
    """A function or class that a pickle names, as "module.name"."""

    name: str


def call_global(name: str, arguments: tuple[Any, ...]) -> Any:
    """Return what the call of an allowed name stands for. Raises PickleError, or ForbiddenNameError for an attribute."""
    if name == _REBUILD_TENSOR:
        return _tensor(arguments)
    if name in _REBUILD_PARAMETER:
        return arguments[0]
    # Containers are not filled from others: a large one that is copied again and again would fill the memory.
    if name == "collections.OrderedDict" and not arguments:
        return {}
    if name == "torch.Size":
        [values] = arguments
        return tuple(values[: _MAX_DIMENSIONS + 1])
    if name in _SETS:
        return ()
    if name == "builtins.getattr":
        match arguments:
            case (GlobalName(class_), str(attribute)) if (class_, attribute) == _DETECT_FORWARD:
                return StoredObject(".".join(_DETECT_FORWARD))
        raise ForbiddenNameError(name)
    return StoredObject(name)


def _tensor(arguments: tuple[Any, ...]) -> StoredTensor:
    """Return a tensor that lies inside its storage."""
    match arguments:
        case (StoredStorage() as storage, int(offset), tuple(shape), tuple(strides), *_):
            pass
        case _:
            raise PickleError("no tensor")
    numbers = (offset, *shape, *strides)
    if (
        not all(type(number) is int and number >= 0 for number in numbers)
        or not len(shape) == len(strides) <= _MAX_DIMENSIONS
    ):
        raise PickleError("no tensor")
    last = offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if 0 not in shape and last >= storage.count:
        raise PickleError("a tensor outside of its storage")
    return StoredTensor(storage, offset, shape, strides)
