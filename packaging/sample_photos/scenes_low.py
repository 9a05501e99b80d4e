"""Low country: dunes, hills with fields, and layered rock, as height fields."""

from __future__ import annotations

import numpy as np
from canvas import RNG, mix, ramp, rgb, sample, smooth, tile
from develop import Shot
from land import WHITE, View, cloud_layer, heaps, render, sky, sun_from
from trees import crown, stand


def dunes(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Desert dunes with sharp crests and wind ripples."""
    view = View(w, h, rng.uniform(0.3, 0.4), 1.2)
    large, ripple = tile(rng, 512, 2, 0.3), tile(rng, 512, 4, 0.5)
    lean = rng.uniform(0.3, 0.6)
    sun = sun_from(rng.choice([-1, 1]) * (1.3 + 0.3 * rng.random()), rng.uniform(0.22, 0.36) - 0.08 * shot.t)

    def height(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        crest = 1 - np.abs(sample(large, x / 520 + lean * z / 520, z / 760))
        ripples = np.sin(x * 2.1 + z * 0.9 + 3 * sample(ripple, x / 60, z / 60)) * smooth(160, 10, z)
        return 30 * crest * smooth(10, 200, z) + 0.025 * ripples

    def paint(x: np.ndarray, z: np.ndarray, _y: np.ndarray, _up: np.ndarray) -> np.ndarray:
        return ramp(sample(ripple, x / 200, z / 200), [(-2, "bd8350"), (2, "d0996a")])

    picture = sky(view, [(0, "e2d2ba"), (0.1, "b9c6cf"), (0.5, "4f86bd")], None, WHITE)
    if rng.random() < 0.5:
        cloud_layer(view, rng, picture, 0.9, WHITE, rgb("b8b4b8"), drift=0.1 * shot.t, stretch=0.4)
    render(
        view,
        picture,
        height,
        paint,
        eye=52,
        near=6,
        far=7000,
        sun=sun,
        light=rgb("ffd8ae") * 2.2,
        ambient=rgb("98a4b8") * 0.45,
        air=rgb("dccab0"),
        reach=6500,
        shadow=220,
    )
    return picture


def hills(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Green rolling hills with rows of crops and round trees."""
    view = View(w, h, rng.uniform(0.38, 0.5), 1.3)
    soft, rough = tile(rng, 512, 2, 0.22), tile(rng, 512, 3, 0.62)
    sun = sun_from(rng.choice([-1, 1]) * 1.2, rng.uniform(0.25, 0.45) - 0.1 * shot.t)
    season = rng.choice(["6f8f34", "8f9a3c", "b9a24e"])

    def height(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        return 26 * sample(soft, x / 1500, z / 1100) * smooth(20, 500, z) + 0.35 * sample(
            rough, x / 60, z / 60
        )

    def paint(x: np.ndarray, z: np.ndarray, _y: np.ndarray, _up: np.ndarray) -> np.ndarray:
        field = np.round(sample(soft, x / 2600 + 0.3, z / 1900) * 1.6)
        rows = np.sin((x * np.cos(field) + z * np.sin(field)) * 1.1) * smooth(700, 100, z)
        colour = mix(rgb("587a2a") + 0 * x[..., None], rgb(season), smooth(-0.6, 0.6, np.sin(field * 2.4)))
        colour = mix(colour, rgb("c2a860"), smooth(0.8, 1, np.cos(field * 1.7)))
        grain = (
            1
            + 0.16 * sample(rough, x / 40, z / 40)
            + 0.10 * rows
            + 0.14 * sample(rough, x / 7, z / 7) * smooth(200, 20, z)
        )
        return colour * grain[..., None]

    picture = sky(view, [(0, "d6e2e4"), (0.15, "a3c4e0"), (0.6, "4f88c4")], None, WHITE)
    heaps(view, rng, picture, rng.uniform(-0.2, 0.6), WHITE * 1.1, rgb("8e9aa8"), drift=0.05 * shot.t)
    light = rgb("ffdcae") * 1.7
    distance = render(
        view,
        picture,
        height,
        paint,
        eye=34,
        near=10,
        far=9000,
        sun=sun,
        light=light,
        ambient=rgb("90b0d8") * 0.45,
        air=rgb("bed0da"),
        reach=7000,
        shadow=240,
    )
    shapes = {slim: [crown(rng, slim, sun[0]) for _ in range(4)] for slim in (False, True)}
    spots = np.concatenate([line(rng) for _ in range(14)])
    stand(
        view,
        picture,
        height,
        34,
        distance,
        spots,
        lambda: rng.uniform(9, 16),
        lambda: shapes[rng.random() < 0.4][rng.integers(4)],
        ("18240f", "64803a"),
        rgb("bed0da"),
        6000,
    )
    return picture


def line(rng: RNG) -> np.ndarray:
    """A row of trees somewhere on the hills: spots (x, z), (n, 2)."""
    z = np.exp(rng.uniform(np.log(170), np.log(2500)))
    steps = np.arange(rng.integers(1, 12))[:, None] * rng.normal(0, 20, 2)
    spots = np.array([rng.uniform(-0.6, 0.6) * z, z]) + steps + rng.normal(0, 4, (len(steps), 2))
    return spots[spots[:, 1] > 110]


def canyon(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Red rock in layers."""
    view = View(w, h, rng.uniform(0.3, 0.4), 1.1)
    large, rough = tile(rng, 512, 2, 0.5), tile(rng, 512, 4, 0.6)
    sun = sun_from(rng.choice([-1, 1]) * 1.1, rng.uniform(0.35, 0.5) - 0.15 * shot.t)

    def height(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        raw = sample(large, x / 3800 + 0.2, z / 3800) * 1.5 - 0.2 + 0.1 * sample(rough, x / 500, z / 500)
        terrace = np.floor(raw) + smooth(0.3, 0.75, raw - np.floor(raw))
        return (
            115 * np.clip(terrace, -3, 2.4) * smooth(60, 700, z)
            + 14 * raw
            + 3 * sample(rough, x / 150, z / 150)
        )

    def paint(x: np.ndarray, z: np.ndarray, y: np.ndarray, up: np.ndarray) -> np.ndarray:
        band = np.sin(y * 0.11 + 1.5 * sample(rough, x / 900, z / 900)) + 0.6 * np.sin(y * 0.37)
        rock = ramp(band, [(-1.6, "8a4a30"), (0, "b46a45"), (1.6, "d8a47c")])
        bush = smooth(0.8, 1.3, sample(rough, x / 60, z / 60)) * smooth(0.85, 0.95, up)
        return mix(mix(rock, rgb("bb8358"), smooth(0.8, 0.95, up)), rgb("4f5430"), bush * 0.8)

    picture = sky(view, [(0, "d8dfe4"), (0.2, "8fb6dc"), (0.6, "3a74b6")], None, WHITE)
    heaps(view, rng, picture, rng.uniform(0.2, 1.2), WHITE * 1.1, rgb("9aa2b0"), drift=0.04 * shot.t)
    render(
        view,
        picture,
        height,
        paint,
        eye=260,
        near=20,
        far=14000,
        sun=sun,
        light=rgb("ffdcb0") * 1.7,
        ambient=rgb("88a4d0") * 0.45,
        air=rgb("c8d0d8"),
        reach=16000,
        shadow=700,
    )
    return picture
