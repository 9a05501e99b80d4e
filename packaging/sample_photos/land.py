"""Open country: a camera over height fields, skies with sun and clouds, and water that mirrors them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from canvas import RNG, mix, ramp, resize, rgb, sample, smooth, tile

Height = Callable[[np.ndarray, np.ndarray], np.ndarray]


Paint = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


class View:
    """A camera that looks level: `horizon` as a part of the height, `focal` of the long side."""

    def __init__(self, width: int, height: int, horizon: float = 0.5, focal: float = 1.0) -> None:
        self.width, self.height = width, height
        self.focal = focal * max(width, height)
        self.horizon = int(horizon * height)
        self.a = ((np.arange(width, dtype=np.float32) - width / 2) / self.focal)[None]
        self.e = ((self.horizon - np.arange(height, dtype=np.float32)) / self.focal)[:, None]


def trace(view: View, height: Height, eye: float, near: float, far: float, steps: int = 400) -> np.ndarray:
    """The distance at which each pixel meets the height field, infinite for the sky, (H, W).

    Column by column, front to back, with a running horizon: the "voxel space" way of height fields.
    """
    z = np.geomspace(near, far, steps, dtype=np.float32)[:, None]
    rows = np.arange(view.height, dtype=np.float32)
    y = view.horizon - view.focal * (height(view.a * z, z) - eye) / z
    skyline = np.minimum.accumulate(y, 0)
    first = np.empty((view.height, view.width), np.int32)
    for column in range(view.width):
        first[:, column] = np.searchsorted(-skyline[:, column], -rows)
    sky = first >= steps
    first = np.clip(first, 1, steps - 1)
    y0, y1 = np.take_along_axis(y, first - 1, 0), np.take_along_axis(y, first, 0)
    part = np.clip((y0 - rows[:, None]) / np.where(y0 - y1 == 0, 1, y0 - y1), 0, 1)
    log_z = np.log(z[:, 0])
    distance = np.exp(log_z[first - 1] * (1 - part) + log_z[first] * part)
    return np.where(sky, np.inf, distance).astype(np.float32)


def normals(height: Height, x: np.ndarray, z: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
    """Height and unit normal (x, up, z) of the field at the points, by finite differences."""
    h = height(x, z)
    dx, dz = (height(x + step, z) - h) / step, (height(x, z + step) - h) / step
    length = 1 / np.sqrt(1 + dx * dx + dz * dz)
    return h, -dx * length, length, -dz * length


def shadows(
    height: Height, x: np.ndarray, z: np.ndarray, sun: tuple[float, float, float], reach: float
) -> np.ndarray:
    """How much of the sun reaches each point, 0..1, by a short march towards it at a third of the size."""
    coarse_x, coarse_z = x[::3, ::3], z[::3, ::3]
    base = height(coarse_x, coarse_z)
    light = np.ones_like(base)
    for part in (0.02, 0.06, 0.14, 0.28, 0.5, 0.8):
        d = reach * part
        ground = height(coarse_x + sun[0] * d, coarse_z + sun[2] * d)
        light = np.minimum(light, np.clip(1 - (ground - base - sun[1] * d) / (reach * 0.02), 0, 1))
    return resize(light, x.shape[1], x.shape[0])


def sun_from(azimuth: float, elevation: float) -> tuple[float, float, float]:
    """The unit vector to the sun (x, up, z); azimuth 0 is ahead, in radians."""
    flat = np.cos(elevation)
    return float(np.sin(azimuth) * flat), float(np.sin(elevation)), float(np.cos(azimuth) * flat)


def sky(
    view: View,
    stops: list[tuple[float, str]],
    sun: tuple[float, float] | None,
    light: np.ndarray,
    size: float = 1,
) -> np.ndarray:
    """A sky: colours by elevation, and a sun (azimuth, elevation as tangents) with its glow, (H, W, 3)."""
    picture = np.repeat(ramp(view.e[:, 0], stops)[:, None], view.width, 1)
    if sun is not None:
        distance = np.sqrt((view.a - sun[0]) ** 2 + (view.e - sun[1]) ** 2) / size
        shine = (
            0.5 * np.exp(-distance / 0.22)
            + 1.5 * np.exp(-distance / 0.05)
            + 40 * smooth(0.026, 0.02, distance)
        )
        picture += light * shine[..., None]
    return picture


def cloud_layer(
    view: View,
    rng: RNG,
    picture: np.ndarray,
    cover: float,
    lit: np.ndarray,
    shade: np.ndarray,
    sun: float = 0,
    scale: float = 0.35,
    drift: float = 0,
    stretch: float = 1,
) -> None:
    """Clouds on a plane overhead, seen in perspective; `cover` in deviations, higher is fewer."""
    noise = tile(rng, 512, 2, 0.52)
    rise = np.maximum(view.e[: view.horizon], 0) + 0.10
    x, z = view.a / rise * scale + drift, scale * stretch / rise + rng.random()
    density = sample(noise, x, z)
    towards = sample(noise, x + 0.02 * np.clip(sun - view.a, -1, 1), z + 0.015)
    mask = smooth(cover, cover + 1.3, density) * smooth(0.10, 0.2, rise)
    lightness = np.clip(0.55 + 0.9 * (density - towards) - 0.22 * (density - cover), 0, 1)
    picture[: view.horizon] = mix(picture[: view.horizon], mix(shade, lit, lightness), mask)


def heaps(
    view: View,
    rng: RNG,
    picture: np.ndarray,
    cover: float,
    lit: np.ndarray,
    shade: np.ndarray,
    scale: float = 0.9,
    drift: float = 0,
) -> None:
    """Cumulus: round clouds with a bright side up and a grey base."""
    shape, noise = tile(rng, 512, 3, 0.45, "billow"), tile(rng, 512, 2, 0.5)
    rise = np.maximum(view.e[: view.horizon], 0)
    grow = 1 / (0.35 + rise)
    x, y = view.a * grow * scale * 0.5 + drift, rise * grow * scale + rng.random()
    warp = 0.02 * sample(noise, x * 2, y * 2)

    def density(dx: float, dy: float) -> np.ndarray:
        u, v = x + warp + dx, y + dy
        return 1.1 * sample(noise, u, v) - 0.55 * sample(shape, u * 1.5, v * 1.5)

    here = density(0, 0)
    up = density(0.012, 0.03)
    mask = smooth(cover, cover + 0.35, here)
    lightness = np.clip(0.62 + 0.55 * (here - up) - 0.12 * (here - cover), 0, 1)
    picture[: view.horizon] = mix(
        picture[: view.horizon], mix(shade, lit, lightness), mask * smooth(0.0, 0.06, rise)
    )


def water(
    view: View,
    rng: RNG,
    picture: np.ndarray,
    body: np.ndarray,
    waves: float = 1,
    eye: float = 2,
    top: int | None = None,
    drift: float = 0,
) -> None:
    """Fills the picture below `top` (the horizon) with water that mirrors what stands above it."""
    start = view.horizon if top is None else top
    rows = np.arange(start, view.height)[:, None]
    depth = np.maximum(rows - view.horizon, 0.5) / view.focal
    z = eye / depth
    noise = tile(rng, 512, 4, 0.6)
    fade = 1 / (1 + (z / (eye * 22)) ** 1.4)
    x = view.a * z
    long = sample(noise, x / 14 + z / 31, z / 5 - x / 47 + drift)
    slope = (long + 0.6 * sample(noise, x / 3.1 - z / 9, z / 1.2 + x / 13 + drift)) * fade
    mirrored = (
        start - (rows - start) - slope * waves * view.focal * 0.035 - waves * 8 * smooth(0, 0.05, depth)
    )
    columns = np.arange(view.width)[None] + slope * waves * view.focal * 0.006
    seen = picture[
        np.clip(mirrored, 0, start - 1).astype(np.int32),
        np.clip(columns, 0, view.width - 1).astype(np.int32),
    ]
    grazing = np.clip(1 - depth * 1.6 - slope * 0.10 * min(waves, 2), 0.12, 0.96)
    picture[start:] = mix(body, seen, np.broadcast_to(grazing, seen.shape[:2]))


def haze(picture: np.ndarray, distance: np.ndarray, air: np.ndarray, reach: float) -> np.ndarray:
    """Air between the eye and what it sees; `reach` is where two thirds of the light is air."""
    veil = 1 - np.exp(-np.minimum(distance, 1e9) / reach)
    return mix(picture, air, veil)


WHITE = rgb("ffffff")


def render(
    view: View,
    picture: np.ndarray,
    height: Height,
    paint: Paint,
    *,
    eye: float,
    far: float,
    near: float = 2,
    sun: tuple[float, float, float],
    light: np.ndarray,
    ambient: np.ndarray,
    air: np.ndarray,
    reach: float,
    shadow: float = 0,
) -> np.ndarray:
    """Lays a lit, hazy height field over the sky in `picture`; gives the distance of each pixel."""
    distance = trace(view, height, eye, near, far)
    top = int(np.argmax(np.isfinite(distance).any(1)))
    d = np.minimum(distance[top:], far)
    x, z = view.a * d, d
    h, nx, up, nz = normals(height, x, z, np.maximum(d / view.focal * 1.5, near * 0.01))
    sunny = np.clip(nx * sun[0] + up * sun[1] + nz * sun[2], 0, 1)
    if shadow:
        sunny *= shadows(height, x, z, sun, shadow)
    albedo = paint(x, z, h, up)
    lit = albedo * (light * sunny[..., None] + ambient * (0.35 + 0.65 * up)[..., None])
    lit = haze(lit, d, air, reach)
    ground = np.isfinite(distance[top:]).astype(np.float32)
    picture[top:] = mix(picture[top:], lit, ground)
    return distance
