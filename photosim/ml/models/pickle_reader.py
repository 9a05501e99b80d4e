"""Read the pickle of a checkpoint as plain data: no class is imported, and nothing that the file names is called."""

from __future__ import annotations

import io
import pickletools
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from photosim.ml.stored_objects import (
    KNOWN_GLOBALS,
    STORAGE_DTYPES,
    ForbiddenNameError,
    GlobalName,
    PickleError,
    StoredObject,
    StoredStorage,
    StoredTensor,
    call_global,
)

MAX_OPERATIONS = 1_000_000
"""Of a pickle, some seconds; the largest YOLO11 takes about 200,000."""

_MAX_BITS = 64

_PYTHON_2_MODULES = {"__builtin__": "builtins", "copy_reg": "copyreg"}


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

_OPERATIONS = {operation.code.encode("latin-1"): operation for operation in pickletools.opcodes}

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
    machine, stream = _Machine(is_allowed), io.BytesIO(data)
    try:
        # As pickletools.genops does: with it, all of this takes 1.3 times as long.
        for _ in range(MAX_OPERATIONS):
            operation = _OPERATIONS[stream.read(1)]
            if operation.name == "STOP":
                if stream.tell() != len(data):
                    raise PickleError("data after the end")
                return machine.pop()
            machine.run(operation.name, None if operation.arg is None else operation.arg.reader(stream))
    except (ValueError, IndexError, KeyError, TypeError, OverflowError) as error:
        if isinstance(error, PickleError):
            raise
        raise PickleError(f"damaged: {error}") from error
    raise PickleError("too long")


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
        if full_name not in KNOWN_GLOBALS and not self._is_allowed(full_name):
            raise ForbiddenNameError(full_name)
        self._stack.append(GlobalName(full_name))

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
        if not isinstance(function, GlobalName) or not isinstance(arguments, tuple):
            raise PickleError("no function")
        self._stack.append(call_global(function.name, arguments))

    def _new_object(self, _: None) -> None:
        self.pop()  # arguments
        class_ = self.pop()
        if not isinstance(class_, GlobalName):
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
            case ("storage", GlobalName(name), str(key), str(), int(count)) if (
                name in STORAGE_DTYPES and count >= 0
            ):
                self._stack.append(StoredStorage(STORAGE_DTYPES[name], key, count))
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
