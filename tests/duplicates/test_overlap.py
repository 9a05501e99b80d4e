"""Two pictures are correlated where one lies on the other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from photosim.duplicates import overlap
from photosim.duplicates.looks import GreyImage, look_at
from photosim.duplicates.overlap import correlations_of_parts
from tests.support.images import make_detailed_scene


def small(seed: int) -> GreyImage:
    return look_at(np.asarray(make_detailed_scene(seed).convert("L"))).small


def shifted(x: float, y: float, scale: float = 1.0) -> npt.NDArray[np.float64]:
    return np.array([[scale, 0, x], [0, scale, y]], np.float64)


def test_a_picture_correlates_with_its_part_everywhere_whatever_its_brightness_and_contrast() -> None:
    picture = small(1)
    part = (picture[10:80, 20:120] * 0.5 + 60).astype(np.uint8)
    found = correlations_of_parts(picture, part, shifted(-20, -10))
    assert found is not None
    values, weights, share, brighter = found
    assert values @ weights / weights.sum() > 0.95
    assert (weights > 0).all()
    assert share == pytest.approx(1, abs=0.01)
    assert brighter == pytest.approx((part.mean() - picture[10:80, 20:120].mean()) / 255, abs=0.01)


def test_only_what_is_covered_counts() -> None:
    picture = small(1)
    other = picture.copy()
    other[:, :64] = 255 - other[:, :64]
    found = correlations_of_parts(picture[:, 64:], other, shifted(64, 0))
    assert found is not None
    values, weights, share, _ = found
    assert values @ weights / weights.sum() > 0.95
    assert share == pytest.approx(0.5, abs=0.02)


def test_another_picture_does_not_correlate() -> None:
    found = correlations_of_parts(small(1), small(2), shifted(0, 0))
    assert found is not None
    assert found[0].mean() < 0.5


@pytest.mark.parametrize("matrix", [shifted(200, 0), shifted(1e9, -1e9), shifted(126, 94)])
def test_pictures_that_hardly_overlap_have_no_correlations(matrix: npt.NDArray[np.float64]) -> None:
    assert correlations_of_parts(small(1), small(1), matrix) is None


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_other_pixel_tells_what_all_tell(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = np.array([[0.9, 0.1, 3], [-0.1, 0.9, 8]])
    found = correlations_of_parts(small(1), small(seed), matrix)
    monkeypatch.setattr(overlap, "_STEP", 1)
    complete = correlations_of_parts(small(1), small(seed), matrix)
    assert found is not None
    assert complete is not None
    assert found[0].mean() == pytest.approx(complete[0].mean(), abs=0.05)
    assert found[2:] == pytest.approx(complete[2:], abs=0.03)
