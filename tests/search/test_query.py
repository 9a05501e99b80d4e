"""Similarity queries and regions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.search.query import Example, Region, SimilarityQuery

_FRACTION = st.floats(0, 1, allow_nan=False)


@given(_FRACTION, _FRACTION, _FRACTION, _FRACTION, st.integers(1, 5000), st.integers(1, 5000))
def test_a_region_is_always_inside_the_image(
    x: float, y: float, right: float, bottom: float, width: int, height: int
) -> None:
    x, right, y, bottom = min(x, right), max(x, right), min(y, bottom), max(y, bottom)
    if right - x <= 0 or bottom - y <= 0:
        return
    box = Region(x, y, right - x, bottom - y).pixel_box(width, height)
    assert 0 <= box[0] < box[2] <= width
    assert 0 <= box[1] < box[3] <= height


@pytest.mark.parametrize(
    "text", ["", "0,0,1", "0,0,0,1", "0.5,0,0.6,1", "-0.1,0,1,1", "a,b,c,d", "nan,0,1,1"]
)
def test_what_is_no_rectangle_inside_a_photo_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Region.parse(text)


def test_a_query_names_each_example_once() -> None:
    one, two = Example("a.jpg"), Example("a.jpg", Region(0, 0, 0.5, 0.5))
    assert SimilarityQuery((one, two), (one,), (two,)).examples == (one, two)
    with pytest.raises(ValueError, match="at least one"):
        SimilarityQuery((), (one,))
