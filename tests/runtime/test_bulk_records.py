"""Records that are made by the hundred thousand."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError, dataclass, fields, replace

import pytest

from photosim.duplicates.facts import Content
from photosim.duplicates.results import GroupPhoto, JudgedPair
from photosim.records import Photo, PhotoFacts
from photosim.runtime.bulk_records import bulk_constructor


@pytest.mark.parametrize("record", [Photo, PhotoFacts, Content, GroupPhoto, JudgedPair])
def test_a_record_is_the_same_however_it_was_made(record: type) -> None:
    values = [f"value {number}" for number, _ in enumerate(fields(record))]
    made, expected = bulk_constructor(record)(*values), record(*values)
    assert type(made) is record
    assert made == expected
    assert hash(made) == hash(expected)
    assert repr(made) == repr(expected)
    assert copy.copy(made) == expected
    first = fields(record)[0].name
    assert replace(made, **{first: "other"}) == replace(expected, **{first: "other"})
    with pytest.raises(FrozenInstanceError):
        setattr(made, first, "other")


def test_values_of_all_fields_are_needed() -> None:
    with pytest.raises(TypeError):
        bulk_constructor(JudgedPair)(1, 2)


def test_a_record_that_has_something_to_do_when_it_is_made_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Checked:
        value: int

        def __post_init__(self) -> None:
            """Look at the value."""

    with pytest.raises(TypeError, match="Checked"):
        bulk_constructor(Checked)
