"""What the map shows: looking up points, and which photos have room for a thumbnail."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QSizeF, Qt
from PySide6.QtGui import QPolygonF

from photosim.clustering.density import colors_of
from photosim.gui.map.camera import MAX_ZOOM, Camera
from photosim.gui.map.data import MapCluster, MapData, Rect
from photosim.gui.map.tiles import tiles_for


def make_data(count: int, seed: int = 0, named: tuple[MapCluster, ...] = ()) -> MapData:
    random = np.random.default_rng(seed)
    ids = random.permutation(count) + 1
    xy = random.random((count, 2)).astype(np.float32)
    clusters = random.integers(0, 4, count)
    return MapData(ids, ids + 1000, xy, clusters, colors_of(clusters), named)


def test_photos_are_found_by_their_file() -> None:
    data = make_data(50)
    for row, file_id in enumerate(data.file_ids.tolist()):
        assert data.row_of(file_id) == row
    assert data.row_of(51) is None
    assert data.rows_of(np.array([99, int(data.file_ids[7])])).tolist() == [7]
    assert MapData.empty().row_of(1) is None
    assert len(MapData.empty().rows_of(np.array([1]))) == 0


@given(st.integers(0, 300), st.tuples(*[st.floats(-0.5, 1.5)] * 4))
def test_a_rectangle_has_the_photos_in_it(count: int, edges: tuple[float, ...]) -> None:
    data = make_data(count)
    left, right = sorted(edges[:2])
    top, bottom = sorted(edges[2:])
    x, y = data.xy.T
    inside = (x >= left) & (x <= right) & (y >= top) & (y <= bottom)
    assert sorted(data.rows_in(Rect(left, top, right, bottom)).tolist()) == np.flatnonzero(inside).tolist()


Points = st.lists(st.tuples(*[st.floats(-0.3, 1.3)] * 2), min_size=1, max_size=40)


@given(st.integers(0, 300), Points)
def test_an_outline_has_the_photos_that_it_goes_around(count: int, points: list[tuple[float, float]]) -> None:
    data = make_data(count)
    polygon = QPolygonF([QPointF(x, y) for x, y in points])
    expected = [
        row
        for row, (x, y) in enumerate(data.xy.astype(np.float64).tolist())
        if polygon.containsPoint(QPointF(x, y), Qt.FillRule.WindingFill)
    ]
    found = data.rows_in_area(np.array(points))
    assert len(set(found.tolist())) == len(found)
    differing = set(found.tolist()) ^ set(expected)
    for row in differing:  # only where a point lies on the line itself, within rounding
        x, y = data.xy[row].astype(np.float64).tolist()
        assert _distance_to(points, x, y) < 1e-6


def _distance_to(points: list[tuple[float, float]], x: float, y: float) -> float:
    starts, point = np.array(points), np.array([x, y])
    sides = np.roll(starts, -1, axis=0) - starts
    along = ((point - starts) * sides).sum(axis=1) / np.maximum((sides**2).sum(axis=1), 1e-300)
    nearest = starts + sides * np.clip(along, 0, 1)[:, None]
    return float(np.linalg.norm(nearest - point, axis=1).min())


def test_an_outline_that_overlaps_itself_has_no_holes() -> None:
    data = make_data(500)
    once = [(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)]
    inside = set(data.rows_in(Rect(0.1, 0.1, 0.9, 0.9)).tolist())
    for outline in (once, once + once, once[::-1]):
        assert set(data.rows_inside(np.array(outline)).tolist()) == inside


def test_the_nearest_photo_is_found_within_a_distance() -> None:
    data = make_data(200)
    x, y = data.xy[17].tolist()
    assert data.nearest(x + 1e-4, y, 0.01) == 17
    assert data.nearest(5.0, 5.0, 0.01) is None


@given(st.integers(0, 400), st.integers(0, 9), st.integers(0, 99))
def test_thumbnails_do_not_overlap(count: int, level: int, seed: int) -> None:
    data = make_data(count, seed)
    rows = data.with_room(level)
    assert len(rows) or not count
    apart = np.abs(data.xy[rows][:, None] - data.xy[rows][None]).max(axis=2)
    np.fill_diagonal(apart, 1)
    assert (apart >= 2.0**-level - 1e-6).all()


def test_covers_of_large_clusters_have_room_first() -> None:
    named = (MapCluster(1, "Dog", 9, 5), MapCluster(2, "", 4, 11))
    data = make_data(300, named=named)
    assert data.with_room(0).tolist() == [5]
    assert data.rank[5] < data.rank[11] < np.delete(data.rank, [5, 11]).min()


@given(st.floats(0.2, 3000), st.floats(0, 900), st.floats(0, 600), st.floats(-500, 500), st.floats(-500, 500))
def test_zooming_keeps_what_is_at_the_pointer(
    factor: float, x: float, y: float, dx: float, dy: float
) -> None:
    camera = Camera.fit(QSizeF(900, 600), Rect(0.1, 0.2, 0.9, 0.7)).zoomed(3).moved(dx, dy)
    zoomed = camera.zoomed(factor, QPointF(x, y))
    assert 1 <= zoomed.zoom * (1 + 1e-9) <= MAX_ZOOM * (1 + 2e-9)
    at = zoomed.to_view(*camera.to_map(QPointF(x, y)))
    bounds = camera.bounds
    if bounds.left < zoomed.x < bounds.right and bounds.top < zoomed.y < bounds.bottom:  # not held back
        assert (at - QPointF(x, y)).manhattanLength() < 1e-3
    point = zoomed.to_map(zoomed.to_view(0.4, 0.5))
    assert point == pytest.approx((0.4, 0.5))


def test_everything_fits_and_still_does_in_a_view_of_another_size() -> None:
    camera = Camera.fit(QSizeF(900, 600), Rect(0.1, 0.2, 0.9, 0.7))
    for shown in (camera, camera.resized(QSizeF(300, 800))):
        left, top, right, bottom = shown.visible
        assert left < 0.1
        assert top < 0.2
        assert right > 0.9
        assert bottom > 0.7
        assert shown.is_fitted
    assert not camera.zoomed(2).resized(QSizeF(300, 800)).is_fitted


def test_squares_cover_what_is_shown() -> None:
    visible = Rect(0.3, 0.4, 0.5, 0.6)
    rects = [key.rect for key in tiles_for(visible, 3000)]
    assert min(rect.left for rect in rects) <= 0.3
    assert max(rect.right for rect in rects) >= 0.5
    assert min(rect.top for rect in rects) <= 0.4
    assert max(rect.bottom for rect in rects) >= 0.6
    assert len(rects) <= 9
