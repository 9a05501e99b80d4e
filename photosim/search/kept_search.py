"""Searches that are kept under a name: words, criteria and example photos, and how they are written as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import Any

from photosim.records import DEFAULT_LEVEL, FINEST_LEVEL, SimilarityBand
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.query import Region

_RANGES = ("dates", "days")
_GROUPS = ("like", "more", "less")
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class KeptExample:
    """A photo that a search is by, or a region or object of it; by its digest it is found again after a move.

    `digest` is None for an image file outside the library. With `is_object` the region is the box of an object, and
    `label` what it is, empty where that is not known.
    """

    path: str
    digest: bytes | None = None
    region: Region | None = None
    is_object: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class KeptSearch:
    """What photos must match: all words, all criteria, and the examples that they are similar to.

    Words are understood anew at each search. Results below the band `least` are left out.
    """

    words: str = ""
    criteria: PhotoFilter = field(default_factory=PhotoFilter)
    like: tuple[KeptExample, ...] = ()
    more: tuple[KeptExample, ...] = ()
    less: tuple[KeptExample, ...] = ()
    least: SimilarityBand = SimilarityBand.LESS_SIMILAR

    @property
    def is_empty(self) -> bool:
        """Whether all photos match."""
        return not (self.words.split() or self.criteria.active_facets or self.like)


def to_json(search: KeptSearch) -> str:
    """Return a search as JSON, without what has its default value; names that are not valid Unicode are escaped."""
    data: dict[str, Any] = {"words": search.words} if search.words else {}
    criteria = {
        item.name: _plain(getattr(search.criteria, item.name))
        for item in fields(PhotoFilter)
        if getattr(search.criteria, item.name) != getattr(PhotoFilter(), item.name)
    }
    if criteria:
        data["criteria"] = criteria
    for name in _GROUPS:
        if examples := getattr(search, name):
            data[name] = [_plain_example(example) for example in examples]
    if search.like:
        data["least"] = int(search.least)
    return json.dumps(data, sort_keys=True)


def from_json(text: str) -> KeptSearch:
    """Return the search that `to_json` wrote. Raises ValueError for anything else."""
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or not data.keys() <= {"words", "criteria", "least", *_GROUPS}:
            raise ValueError("not a search")
        groups = {name: tuple(map(_example, _list(data.get(name, [])))) for name in _GROUPS}
        return KeptSearch(
            words=_text(data.get("words", "")),
            criteria=_criteria(data.get("criteria", {})),
            least=SimilarityBand(_number(data.get("least", SimilarityBand.LESS_SIMILAR), 0, 4)),
            **groups,
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a search: {error}") from error


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value


def _plain_example(example: KeptExample) -> dict[str, Any]:
    data: dict[str, Any] = {"path": example.path}
    if example.digest is not None:
        data["digest"] = example.digest.hex()
    if (region := example.region) is not None:
        data["region"] = [region.x, region.y, region.width, region.height]
    if example.is_object:
        data["object"] = example.label
    return data


def _example(data: Any) -> KeptExample:
    digest, region = data.get("digest"), data.get("region")
    if digest is not None and len(digest) != 2 * _DIGEST_BYTES:
        raise ValueError("not a digest")
    return KeptExample(
        _text(data["path"]),
        None if digest is None else bytes.fromhex(digest),
        None if region is None else Region(*map(float, region)),
        is_object="object" in data,
        label=_text(data.get("object", "")),
    )


def _criteria(data: Any) -> PhotoFilter:
    values: dict[str, Any] = {}
    default = PhotoFilter()
    for name, value in data.items():
        before = getattr(default, name)  # an AttributeError for a criterion that is unknown
        if name in _RANGES:
            first, last = (_number(number, 0, 99_999_999) for number in _list(value))
            values[name] = (first, last)
        elif name == "months_of_year":
            values[name] = frozenset(_number(number, 0, 11) for number in _list(value))
        elif name == "cluster_level":
            values[name] = _number(value, 0, FINEST_LEVEL)
        elif isinstance(before, frozenset):
            values[name] = frozenset(map(_text, _list(value)))
        elif isinstance(before, bool):
            values[name] = bool(_number(value, 0, 1))
        else:
            values[name] = _text(value)
    return PhotoFilter(**{"cluster_level": DEFAULT_LEVEL, **values})


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _number(value: Any, lowest: int, highest: int) -> int:
    if not isinstance(value, int) or not lowest <= value <= highest:
        raise ValueError("not a number in its range")
    return int(value)
