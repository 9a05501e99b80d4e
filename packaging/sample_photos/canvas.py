"""What every scene is painted with: linear light in float32 arrays, noise, blur, masks and the development."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

RNG = np.random.Generator
SUPERSAMPLING = 2  # masks are drawn this many times larger, so that their edges are smooth


def rgb(code: str) -> np.ndarray:
    """A colour written as six hex digits of sRGB, as linear light, float32 (3,)."""
    srgb = np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)], np.float32) / 255
    return srgb**2.2


def smooth(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """A soft step from 0 at `low` to 1 at `high`."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a: np.ndarray, b: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`a` where the mask (H, W) is 0, `b` where it is 1; both colours or pictures."""
    return a + (b - a) * mask[..., None]


def ramp(x: np.ndarray, stops: list[tuple[float, str]]) -> np.ndarray:
    """Colours along `x`, from stops with rising positions, (*x.shape, 3)."""
    at = [position for position, _ in stops]
    colours = np.stack([rgb(code) for _, code in stops])
    return np.stack([np.interp(x, at, colours[:, i]) for i in range(3)], -1).astype(np.float32)


def resize(plane: np.ndarray, width: int, height: int, how: int = Image.Resampling.BICUBIC) -> np.ndarray:
    """A plane (H, W) or a picture (H, W, 3) at another size."""
    if plane.ndim == 3:
        return np.stack([resize(plane[..., i], width, height, how) for i in range(3)], -1)
    return np.asarray(Image.fromarray(np.ascontiguousarray(plane, np.float32)).resize((width, height), how))


def blur(picture: np.ndarray, sigma: float) -> np.ndarray:
    """A Gaussian blur of `sigma` pixels, near enough: made small, softened, made large again."""
    height, width = picture.shape[:2]
    scale = max(1.0, sigma / 1.5)
    small = resize(picture, max(2, round(width / scale)), max(2, round(height / scale)), Image.Resampling.BOX)
    s = sigma / scale
    kernel = np.exp(-(np.arange(-4, 5) ** 2) / (2 * s * s)).astype(np.float32)
    kernel /= kernel.sum()
    for axis in (0, 1):
        pad = [(4, 4) if i == axis else (0, 0) for i in range(picture.ndim)]
        wide = np.pad(small, pad, mode="edge")
        length = small.shape[axis]
        small = sum(k * wide.take(range(i, i + length), axis) for i, k in enumerate(kernel))
    return resize(small, width, height)


def tile(rng: RNG, size: int = 512, first: int = 2, gain: float = 0.5, kind: str = "plain") -> np.ndarray:
    """Fractal noise (sum of octaves of value noise), periodic, mean 0 and deviation 1, (size, size).

    `kind` folds each octave: "ridged" has sharp crests, "billow" round heaps.
    """
    total = np.zeros((size, size), np.float32)
    weight, cells = 1.0, first
    while cells <= size // 2:
        grid = np.pad(rng.normal(size=(cells, cells)).astype(np.float32), 2, mode="wrap")
        box = (2, 2, cells + 2, cells + 2)
        wave = np.asarray(Image.fromarray(grid).resize((size, size), Image.Resampling.BICUBIC, box))
        if kind != "plain":
            wave = np.abs(wave) if kind == "billow" else 1 - np.abs(wave)
        total += weight * wave
        weight, cells = weight * gain, cells * 2
    return (total - total.mean()) / total.std()


def sample(noise: np.ndarray, x: np.ndarray | float, y: np.ndarray | float) -> np.ndarray:
    """A periodic tile read at `x`, `y` (in periods; any shapes that broadcast), bilinear."""
    n = noise.shape[0]
    x, y = np.broadcast_arrays(np.asarray(x, np.float32) * n, np.asarray(y, np.float32) * n)
    x0, y0 = np.floor(x), np.floor(y)
    fx, fy = x - x0, y - y0
    column, row = x0.astype(np.int32) & (n - 1), y0.astype(np.int32) & (n - 1)
    right, below = (column + 1) & (n - 1), ((row + 1) & (n - 1)) * n
    row = row * n
    flat = noise.ravel()
    top = flat.take(row + column) * (1 - fx) + flat.take(row + right) * fx
    bottom = flat.take(below + column) * (1 - fx) + flat.take(below + right) * fx
    return top * (1 - fy) + bottom * fy


def clouds(rng: RNG, width: int, height: int, across: float = 1.0, gain: float = 0.55) -> np.ndarray:
    """Fractal noise over the whole frame, `across` periods along its long side, (height, width)."""
    noise = tile(rng, 512, 2, gain)
    step = across / max(width, height)
    return sample(noise, (np.arange(width) * step + rng.random())[None], np.arange(height)[:, None] * step)


def drawn(
    width: int, height: int, draw: Callable[[ImageDraw.ImageDraw, int], None], soft: float = 0
) -> np.ndarray:
    """A mask 0..1 drawn with Pillow; `draw` gets the pencil and the scale of its coordinates."""
    image = Image.new("L", (width * SUPERSAMPLING, height * SUPERSAMPLING))
    draw(ImageDraw.Draw(image), SUPERSAMPLING)
    image = image.reduce(SUPERSAMPLING)
    if soft:
        image = image.filter(ImageFilter.GaussianBlur(soft))
    return np.asarray(image, np.float32) / 255


def paste(picture: np.ndarray, colour: np.ndarray, mask: np.ndarray, left: int, top: int) -> None:
    """Lays a small mask with its colour (3,) or (h, w, 3) onto the picture, cut at the edges."""
    height, width = mask.shape
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + width, picture.shape[1]), min(top + height, picture.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    inside = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    ink = colour[inside] if colour.ndim == 3 else colour
    target = picture[y0:y1, x0:x1]
    target += (ink - target) * mask[inside][..., None]


def glow(
    picture: np.ndarray, colour: np.ndarray, x: float, y: float, radius: float, power: float = 1
) -> None:
    """Adds light that falls off around a point; `radius` in pixels."""
    r = int(radius * 4)
    x0, y0 = max(int(x) - r, 0), max(int(y) - r, 0)
    part = picture[y0 : max(int(y) + r, 0), x0 : max(int(x) + r, 0)]
    if not part.size:
        return
    rows = (np.arange(part.shape[0], dtype=np.float32) + y0 - y)[:, None]
    columns = (np.arange(part.shape[1], dtype=np.float32) + x0 - x)[None]
    distance = np.sqrt(rows**2 + columns**2) / radius
    part += colour * (np.exp(-distance * 1.5) * np.clip(4 - distance, 0, 1) * power)[..., None]


def glow_disc(
    picture: np.ndarray, colour: np.ndarray, x: float, y: float, radius: float, power: float
) -> None:
    """Adds a disc of light out of focus (bokeh), a little brighter at its rim."""
    r = max(2, int(radius))
    u, v = np.meshgrid(np.linspace(-1.05, 1.05, 2 * r), np.linspace(-1.05, 1.05, 2 * r))
    d = np.hypot(u, v)
    disc = smooth(1.03, 0.94, d) * (0.75 + 0.35 * smooth(0.6, 1, d))
    x0, y0 = int(x) - r, int(y) - r
    ax, ay, bx, by = (
        max(x0, 0),
        max(y0, 0),
        min(x0 + 2 * r, picture.shape[1]),
        min(y0 + 2 * r, picture.shape[0]),
    )
    if ax < bx and ay < by:
        picture[ay:by, ax:bx] += colour * (disc[ay - y0 : by - y0, ax - x0 : bx - x0] * power)[..., None]
