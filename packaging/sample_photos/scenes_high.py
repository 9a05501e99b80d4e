"""High country: mountains, their lakes, snow, and clouds from above, as height fields."""

from __future__ import annotations

import numpy as np
from canvas import RNG, mix, ramp, rgb, sample, smooth, tile
from develop import Shot
from land import WHITE, View, cloud_layer, heaps, render, sky, sun_from, water
from trees import clumps, fir, stand


def mountains(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """High mountains with snow above forests and meadows."""
    view = View(w, h, rng.uniform(0.6, 0.68), rng.uniform(1.2, 1.7))
    ridge, rough = tile(rng, 1024, 3, 0.5, "ridged"), tile(rng, 512, 2, 0.62)
    low = rng.uniform(0.35, 0.85)
    sun = sun_from(rng.choice([-1, 1]) * rng.uniform(1.0, 1.9) + 0.3 * shot.t, low - 0.12 * shot.t)
    snowline, start = rng.uniform(1000, 2300), rng.uniform(2500, 5000)
    warm = ramp(np.array([low - 0.15 * shot.t]), [(0.2, "ffc890"), (0.5, "fff0dc")])[0]

    def height(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        rise = smooth(start, start + 9000, z)
        return rise * (1250 + 640 * sample(ridge, x / 19000, z / 19000)) + (9 + 60 * rise) * sample(
            rough, x / 2600, z / 2600
        )

    def paint(x: np.ndarray, z: np.ndarray, y: np.ndarray, up: np.ndarray) -> np.ndarray:
        speckle = sample(rough, x / 900, z / 900)
        fine = sample(rough, x / 110, z / 110) * smooth(9000, 1500, z)
        meadow = ramp(speckle + 0.3 * fine, [(-2, "4a5a2a"), (0, "6d7a3c"), (2, "9a9c5e")])
        forest = rgb("1f2b1c") * (1 + 0.5 * fine + 0.15 * speckle)[..., None]
        rock = ramp(speckle, [(-2, "4c4a48"), (2, "8c847a")])
        colour = mix(meadow, forest, smooth(-0.1, 0.25, speckle + 0.4 * fine + y / 500 - 0.6))
        colour = mix(colour, rock, np.maximum(smooth(950, 1350, y + 160 * speckle), smooth(0.72, 0.6, up)))
        return mix(
            colour,
            rgb("f2f6fb"),
            smooth(snowline, snowline + 300, y + 180 * speckle) * smooth(0.45, 0.65, up),
        )

    picture = sky(view, [(0, "c9dcea"), (0.12, "8fb8de"), (0.5, "3f78b8"), (0.9, "2a5c9c")], None, WHITE)
    heaps(view, rng, picture, rng.uniform(0.1, 1.4), WHITE * 1.1, rgb("9aa6b4"), drift=0.04 * shot.t)
    render(
        view,
        picture,
        height,
        paint,
        eye=160,
        near=60,
        far=42000,
        sun=sun,
        light=warm * 1.5,
        ambient=rgb("93b0d4") * 0.5,
        air=rgb("b4cce4"),
        reach=rng.uniform(22000, 40000),
        shadow=5000,
    )
    return picture


def lake(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Mountains mirrored in a still lake."""
    picture = mountains(rng, w, h, shot)
    shore = int(0.62 * h)
    view = View(w, h, 0.62)
    water(view, rng, picture, rgb("0c2a33"), waves=rng.uniform(0.06, 0.4), eye=3, drift=shot.t)
    noise = tile(rng, 512, 2, 0.6)
    line = np.abs(np.arange(h)[:, None] - shore - 1.5 * sample(noise, np.arange(w)[None] / w, 0)) / h
    return mix(picture, rgb("27301f"), np.broadcast_to(smooth(0.006, 0.001, line), (h, w)) * 0.8)


def snow(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Snowy slopes with fir trees."""
    view = View(w, h, rng.uniform(0.4, 0.5), 1.1)
    soft, rough = tile(rng, 512, 2, 0.3), tile(rng, 512, 3, 0.5)
    sun = sun_from(rng.choice([-1, 1]) * 1.0 + 0.2 * shot.t, rng.uniform(0.2, 0.5))

    def height(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        slope = 0.07 * z * smooth(0, 900, z) + 12 * smooth(10, 200, z) * sample(soft, x / 700, z / 700)
        return slope + 0.05 * sample(rough, x / 22, z / 22)

    air = rgb("d6e2ee")
    picture = sky(view, [(0, "dce6f0"), (0.2, "9fc0e2"), (0.6, "4c86c4")], None, WHITE)
    cloud_layer(view, rng, picture, rng.uniform(-0.4, 1.2), WHITE, rgb("aeb6c4"), drift=0.1 * shot.t)
    distance = render(
        view,
        picture,
        height,
        lambda x, *_: np.broadcast_to(rgb("eef3fa"), (*x.shape, 3)),
        eye=6,
        near=2,
        far=3000,
        sun=sun,
        light=rgb("fff0d8") * 1.1,
        ambient=rgb("a8bfe4") * 0.5,
        air=air,
        reach=2600,
        shadow=60,
    )
    shapes = [fir(rng) for _ in range(6)]
    spots = clumps(rng, 3000, 70, 2200, 500, 0.3)
    frost = rng.choice(["6f7f86", "aab4bc", "46564e"])
    stand(
        view,
        picture,
        height,
        6,
        distance,
        spots,
        lambda: rng.uniform(8, 17),
        lambda: shapes[rng.integers(6)],
        ("141f1a", frost),
        air,
        1500,
    )
    return picture


def cloud_sea(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Clouds from above, as from a plane."""
    view = View(w, h, rng.uniform(0.3, 0.5), 1.0)
    heap, soft = tile(rng, 512, 3, 0.48, "billow"), tile(rng, 512, 2, 0.5)
    side = rng.uniform(-0.35, 0.35)
    low = rng.uniform(0.03, 0.3)
    sun = sun_from(side * 2.5, low + 0.12)

    def height(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        x = x + 900 * shot.t
        return (
            260
            * sample(heap, x / 9000, z / 9000)
            * np.clip(0.6 + 0.5 * sample(soft, x / 22000, z / 22000), 0, 1.6)
        )

    warm = ramp(np.array([low]), [(0.03, "ff9a5c"), (0.14, "ffc48c"), (0.3, "fff0dc")])[0]
    blue = ramp(np.array([low]), [(0.03, "3a4a78"), (0.3, "3f7cc4")])[0]
    picture = sky(
        view,
        [(0, "f2d8c0" if low < 0.15 else "d8e8f4"), (0.1, "b4c4d8"), (0.45, "4a7cb8"), (0.9, "28508c")],
        (side, low),
        warm,
    )
    picture *= 0.6 + 0.4 * smooth(0, 0.3, np.array(low))
    render(
        view,
        picture,
        height,
        lambda x, *_: np.broadcast_to(WHITE, (*x.shape, 3)),
        eye=1500,
        near=500,
        far=90000,
        sun=sun,
        light=warm * 1.3,
        ambient=mix(blue, WHITE * blue.mean(), np.array(0.45)) * 0.75,
        air=mix(rgb("c8d4e0"), warm, np.array(0.3)),
        reach=50000,
        shadow=1800,
    )
    return picture
