"""Make the parts of a large object when they are first used."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from photosim.runtime.gc_pause import gc_paused

_Owner = TypeVar("_Owner")
_Value = TypeVar("_Value")

_making = threading.RLock()


class lazy_property(Generic[_Owner, _Value]):  # noqa: N801 - used like `property`
    """An attribute that is made on its first use, once, whichever threads use it first.

    `functools.cached_property` makes one for each thread from Python 3.12 on. The function imports the classes that it
    makes, so that a process loads only what it uses: those of a whole library take half of a short command.
    """

    def __init__(self, make: Callable[[_Owner], _Value]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> lazy_property[_Owner, _Value]: ...

    @overload
    def __get__(self, instance: _Owner, owner: type) -> _Value: ...

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        # Once made, the value is found in the object itself before this is asked.
        with _making, gc_paused():  # the modules that are imported stay, as do most of their objects
            made = vars(instance)
            if self._name not in made:
                made[self._name] = self._make(instance)
            return made[self._name]


def make_all(owner: object) -> None:
    """Make those lazy properties of an object that are not made yet."""
    for kind in type(owner).__mro__:
        for name, attribute in vars(kind).items():
            if isinstance(attribute, lazy_property):
                getattr(owner, name)
