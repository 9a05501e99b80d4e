"""Read the pickle of a checkpoint as plain data: no class is imported, and nothing that the file names is called."""

from __future__ import annotations

import math
import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch

MAX_OPERATIONS = 1_000_000
"""Of a pickle, some seconds; the largest YOLO11 takes about 200,000."""

_MAX_DIMENSIONS = 8
_MAX_BITS = 64

_DTYPES = {
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

_PYTHON_2_MODULES = {"__builtin__": "builtins", "copy_reg": "copyreg"}
_DETECT_FORWARD = ("ultralytics.nn.modules.head.Detect", "forward")
"""The one attribute that official files of Ultralytics look up."""

_SETS = {"builtins.set", "builtins.frozenset"}
_REBUILD_TENSOR = "torch._utils._rebuild_tensor_v2"
_REBUILD_PARAMETER = {"torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"}
_GLOBALS = {
    *_SETS,
    *_DTYPES,
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
"""What a pickle may name beside the allowed classes; each is handled here or becomes a StoredObject."""


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
class _Global:
    name: str


class _Mark:
    """Separates the arguments of an operation from what lies below them."""


_MARK = _Mark()
_CONSTANTS: Mapping[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_LITERALS = frozenset(
    {
        "BINBYTES",
        "BINBYTES8",
        "BINFLOAT",
        "BININT",
        "BININT1",
        "BININT2",
        "BINSTRING",
        "BINUNICODE",
        "BINUNICODE8",
        "FLOAT",
        "INT",
        "LONG",
        "LONG1",
        "LONG4",
        "SHORT_BINBYTES",
        "SHORT_BINSTRING",
        "SHORT_BINUNICODE",
        "STRING",
        "UNICODE",
    }
)
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_PUTS = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_GETS = frozenset({"GET", "BINGET", "LONG_BINGET"})
_KEYS = (str, int, float, bytes, type(None))
"""Types of keys; the hash of a nested tuple may exceed the stack."""

IsAllowed: TypeAlias = Callable[[str], bool]


def read_pickle(data: bytes, is_allowed: IsAllowed) -> Any:
    """Return the content of a checkpoint's pickle as plain values, StoredTensor and StoredObject.

    `is_allowed` tells whether the pickle may name a class, as "module.Class". Raises ForbiddenNameError for the first one
    that is not, and PickleError for what else no checkpoint has.
    """
    machine = _Machine(is_allowed)
    try:
        for count, (operation, argument, position) in enumerate(pickletools.genops(data)):
            if operation.name == "STOP":
                if position != len(data) - 1:
                    raise PickleError("data after the end")
                return machine.pop()
            if count >= MAX_OPERATIONS:
                raise PickleError("too long")
            machine.run(operation.name, argument)
    except (ValueError, IndexError, KeyError, TypeError, OverflowError) as error:
        if isinstance(error, PickleError):
            raise
        raise PickleError(f"damaged: {error}") from error
    raise PickleError("no end")


class _Machine:
    """The stack and the memo of a pickle."""

    def __init__(self, is_allowed: IsAllowed) -> None:
        self._is_allowed = is_allowed
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self, name: str, argument: Any) -> None:
        """Execute one operation."""
        stack = self._stack
        if name in _LITERALS:
            if type(argument) is int and argument.bit_length() > _MAX_BITS:
                raise PickleError("a large number")
            stack.append(argument)
        elif name in _GETS:
            stack.append(self._memo[int(argument)])
        elif name in _PUTS:
            self._memo[int(argument)] = stack[-1]
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _TUPLES:
            count = _TUPLES[name]
            stack.append(tuple(self.pop() for _ in range(count))[::-1])
        else:
            handler = _HANDLERS.get(name)
            if handler is None:
                raise PickleError(f"operation {name}")
            handler(self, argument)

    def pop(self) -> Any:
        """Remove and return the topmost value."""
        value = self._stack.pop()
        if value is _MARK:
            raise PickleError("a mark in the wrong place")
        return value

    def _pop_to_mark(self) -> list[Any]:
        stack = self._stack
        index = len(stack) - 1
        while stack[index] is not _MARK:
            index -= 1
            if index < 0:
                raise PickleError("no mark")
        values = stack[index + 1 :]
        del stack[index:]
        return values

    def _push_container(self, container: Any) -> None:
        self._stack.append(container)

    def _push_dictionary(self, items: list[Any]) -> None:
        self._stack.append({})
        self._set_in(items)

    def _append_to(self, values: list[Any]) -> None:
        target = self._stack[-1]
        if not isinstance(target, list):
            raise PickleError("no list")
        target += values

    def _set_in(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if not isinstance(target, dict) or len(items) % 2:
            raise PickleError("no dictionary")
        _update(target, zip(items[::2], items[1::2], strict=True))

    def _push_global(self, module: str, name: str) -> None:
        full_name = f"{_PYTHON_2_MODULES.get(module, module)}.{name}"
        if full_name not in _GLOBALS and not self._is_allowed(full_name):
            raise ForbiddenNameError(full_name)
        self._stack.append(_Global(full_name))

    def _global(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self._push_global(module, name)

    def _stack_global(self, _: None) -> None:
        name, module = self.pop(), self.pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise PickleError("no name")
        self._push_global(module, name)

    def _reduce(self, _: None) -> None:
        arguments, function = self.pop(), self.pop()
        if not isinstance(function, _Global) or not isinstance(arguments, tuple):
            raise PickleError("no function")
        self._stack.append(_call(function.name, arguments))

    def _new_object(self, _: None) -> None:
        self.pop()  # arguments
        class_ = self.pop()
        if not isinstance(class_, _Global):
            raise PickleError("no class")
        self._stack.append(StoredObject(class_.name))

    def _new_object_by_keywords(self, _: None) -> None:
        self.pop()  # keyword arguments
        self._new_object(None)

    def _build(self, _: None) -> None:
        state = self.pop()
        target = self._stack[-1]
        if isinstance(target, StoredObject) and isinstance(state, dict):
            target.state = state
        elif not isinstance(target, StoredObject | StoredTensor | dict):
            raise PickleError("no object")

    def _persistent(self, _: None) -> None:
        match self.pop():
            case ("storage", _Global(name), str(key), str(), int(count)) if name in _DTYPES and count >= 0:
                self._stack.append(StoredStorage(_DTYPES[name], key, count))
            case _:
                raise PickleError("no storage")

    def _push_mark(self, _: None) -> None:
        self._stack.append(_MARK)

    def _pop_mark(self, _: None) -> None:
        self._pop_to_mark()

    def _drop(self, _: None) -> None:
        self._stack.pop()

    def _memoize(self, _: None) -> None:
        self._memo[len(self._memo)] = self._stack[-1]

    def _ignore(self, _: Any) -> None:
        """Do nothing."""


def _call(name: str, arguments: tuple[Any, ...]) -> Any:
    """Return what the call of an allowed name stands for."""
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
            case (_Global(class_), str(attribute)) if (class_, attribute) == _DETECT_FORWARD:
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


def _update(target: dict[Any, Any], items: Any) -> dict[Any, Any]:
    for key, value in items:
        if not isinstance(key, _KEYS):
            raise PickleError("an unusual key")
        target[key] = value
    return target


_HANDLERS: Mapping[str, Callable[[_Machine, Any], None]] = {
    "PROTO": _Machine._ignore,
    "FRAME": _Machine._ignore,
    "MARK": _Machine._push_mark,
    "POP": _Machine._drop,
    "POP_MARK": _Machine._pop_mark,
    "EMPTY_LIST": lambda machine, _: machine._push_container([]),
    "EMPTY_SET": lambda machine, _: machine._push_container([]),
    "EMPTY_DICT": lambda machine, _: machine._push_container({}),
    "LIST": lambda machine, _: machine._push_container(machine._pop_to_mark()),
    "TUPLE": lambda machine, _: machine._push_container(tuple(machine._pop_to_mark())),
    "DICT": lambda machine, _: machine._push_dictionary(machine._pop_to_mark()),
    "APPEND": lambda machine, _: machine._append_to([machine.pop()]),
    "APPENDS": lambda machine, _: machine._append_to(machine._pop_to_mark()),
    "ADDITEMS": lambda machine, _: machine._append_to(machine._pop_to_mark()),
    "SETITEM": lambda machine, _: machine._set_in([machine.pop(), machine.pop()][::-1]),
    "SETITEMS": lambda machine, _: machine._set_in(machine._pop_to_mark()),
    "GLOBAL": _Machine._global,
    "STACK_GLOBAL": _Machine._stack_global,
    "REDUCE": _Machine._reduce,
    "NEWOBJ": _Machine._new_object,
    "NEWOBJ_EX": _Machine._new_object_by_keywords,
    "BUILD": _Machine._build,
    "BINPERSID": _Machine._persistent,
    "MEMOIZE": _Machine._memoize,
}
