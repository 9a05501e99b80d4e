"""Making hundreds of thousands of frozen records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, make_dataclass
from typing import Any, TypeVar

_Record = TypeVar("_Record")


def bulk_constructor(record: type[_Record]) -> Callable[..., _Record]:
    """Return a constructor of a frozen dataclass with slots that takes a quarter of the time.

    It takes the values of all fields by position. The dataclass's own sets each through `object.__setattr__`; this one
    makes an object of a class with the same slots that is not frozen, and then makes it one of the record's class.
    Raises TypeError for a class that is not a dataclass, or that has something to do after it is made.
    """
    if hasattr(record, "__post_init__"):
        raise TypeError(f"{record.__name__} has a __post_init__")
    names = [field.name for field in fields(record)]  # type: ignore[arg-type]
    mutable: Any = make_dataclass(f"Mutable{record.__name__}", names, slots=True, eq=False, repr=False)

    def construct(*values: Any) -> _Record:
        made = mutable(*values)
        made.__class__ = record
        return made  # type: ignore[no-any-return]

    return construct
