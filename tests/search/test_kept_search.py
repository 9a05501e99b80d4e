"""Kept searches as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.records import SimilarityBand
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.kept_search import KeptExample, KeptSearch, from_json, to_json
from photosim.search.query import Region

texts = st.text(st.characters(exclude_categories=()), max_size=8)
"""With lone surrogates, which stand for the bytes of names that are not valid Unicode."""
sets = st.frozensets(texts, max_size=3)
ranges = st.none() | st.tuples(st.integers(0, 30_000), st.integers(0, 99_991_231))
filters = st.builds(
    PhotoFilter,
    text=texts,
    dates=ranges,
    undated=st.booleans(),
    cameras=sets,
    formats=sets,
    orientations=sets,
    sizes=sets,
    labels=sets,
    flags=sets,
    days=ranges,
    months_of_year=st.frozensets(st.integers(0, 11)),
    label_words=sets,
    clusters=sets,
    cluster_level=st.integers(0, 4),
    folders=sets,
)
shares = st.floats(0.01, 0.5)
digests = st.none() | st.binary(min_size=16, max_size=16)
regions = st.builds(Region, shares, shares, shares, shares)
examples = st.builds(KeptExample, texts, digests, st.none() | regions) | st.builds(
    KeptExample, texts, digests, regions, st.just(True), texts
)
groups = st.lists(examples, max_size=2).map(tuple)
searches = st.builds(
    KeptSearch,
    words=texts,
    criteria=filters,
    like=st.lists(examples, min_size=1, max_size=2).map(tuple),
    more=groups,
    less=groups,
    least=st.sampled_from(SimilarityBand),
)


@given(search=searches)
def test_a_search_comes_back_as_it_was(search: KeptSearch) -> None:
    text = to_json(search)
    assert text.isascii(), "SQLite takes no lone surrogates"
    assert from_json(text) == search


@given(criteria=filters)
def test_equal_criteria_are_written_alike(criteria: PhotoFilter) -> None:
    search = KeptSearch(criteria=criteria)
    assert to_json(from_json(to_json(search))) == to_json(search)


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(texts, children, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    ["words", "criteria", "like", "more", "less", "least", "dates", "labels", "text", "undated", "with_value"]
)
odd = st.dictionaries(names, values | st.dictionaries(names, values, max_size=3), max_size=4)


@given(data=odd | values)
def test_anything_else_is_refused_or_is_a_search(data: Any) -> None:
    try:
        search = from_json(json.dumps(data))
    except ValueError:
        return
    assert from_json(to_json(search)) == search


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, '{"of the future": 1}', '{"like": [{}]}'])
def test_a_damaged_kept_search_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a search"):
        from_json(text)


def test_a_search_of_all_photos_is_empty() -> None:
    assert KeptSearch(words="  ").is_empty
    assert not KeptSearch(words="dog").is_empty
    assert not KeptSearch(criteria=PhotoFilter(labels=frozenset({"dog"}))).is_empty
    assert not KeptSearch(like=(KeptExample("/a.jpg"),)).is_empty
