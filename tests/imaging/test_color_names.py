"""The colors that pictures have in common."""

from __future__ import annotations

import pytest
from PIL import Image

from photosim.imaging.color_names import ColorName, color_shares, in_common


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((0, 0, 0), "black"),
        ((20, 30, 20), "black"),
        ((128, 128, 130), "grey"),
        ((250, 250, 245), "white"),
        ((200, 20, 30), "red"),
        ((255, 130, 0), "orange"),
        ((120, 70, 20), "brown"),
        ((250, 230, 40), "yellow"),
        ((30, 140, 40), "green"),
        ((40, 90, 220), "blue"),
        ((120, 190, 240), "blue"),
        ((120, 30, 160), "purple"),
        ((250, 120, 190), "pink"),
    ],
)
def test_colors_have_the_names_that_people_give_them(rgb: tuple[int, int, int], name: str) -> None:
    shares = color_shares(Image.new("RGB", (30, 20), rgb))
    assert shares[ColorName(name)] == 1
    assert sum(shares.values()) == pytest.approx(1)


def test_pictures_have_in_common_what_both_have_much_of() -> None:
    beach = Image.new("RGB", (100, 100), (40, 90, 220))
    beach.paste((250, 230, 40), (0, 60, 100, 100))
    meadow = Image.new("RGB", (100, 100), (30, 140, 40))
    meadow.paste((40, 90, 220), (0, 0, 100, 30))
    meadow.paste((250, 230, 40), (0, 97, 100, 100))
    assert in_common(color_shares(beach), color_shares(meadow)) == (ColorName.BLUE,)
    assert in_common(color_shares(beach), color_shares(beach)) == (ColorName.BLUE, ColorName.YELLOW)
