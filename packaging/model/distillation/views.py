"""Views of photos: crops at many scales, mirrored, recoloured, greyed, blurred, compressed and blended.

All random numbers come from one generator on the CPU, so that a run can be resumed; the pixels are processed on the
device of the networks, so that a GPU does not wait for the CPU.
"""

from __future__ import annotations

import math

import torch
from torch.nn import functional

from distillation.config import ViewConfig
from distillation.photos import PhotoGroup

GREY = 114 / 255
"""The background of PhotoSim's letterbox."""

_LUMA = (0.299, 0.587, 0.114)
_BLUR_SIGMAS = (0.6, 2.0)  # pixels
_QUALITIES = (15, 85)  # of JPEG

# The luminance table of ITU-T T.81, Annex K; also used for chroma, which real files compress a little more.
_QUANTISATION = (
    *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
)


def letterbox(photo_group: PhotoGroup, rows: torch.Tensor, pixels: int, device: torch.device) -> torch.Tensor:
    """Return the photos as PhotoSim embeds them: letterboxed, float32 (N, 3, pixels, pixels) in 0..1."""
    aspects = photo_group.aspects[rows]
    return _sampled(photo_group, rows, _letterbox(aspects), torch.zeros(len(rows), 2), pixels, device)


def augment(
    photo_group: PhotoGroup,
    rows: torch.Tensor,
    config: ViewConfig,
    random: torch.Generator,
    device: torch.device,
) -> torch.Tensor:
    """Return one random view of each photo in `rows`: float32 (N, 3, pixels, pixels) in 0..1."""
    extents, centres = _boxes(photo_group.aspects[rows], config, random)
    views = _sampled(photo_group, rows, extents, centres, config.pixels, device)
    views = _recoloured(views, config, random)
    views = _blurred(views, config.blur, random)
    views = _compressed(views, config.jpeg, random)
    return _blended(views, config.mixup, random)


def _letterbox(aspects: torch.Tensor) -> torch.Tensor:
    """Half extents (N, 2) of the square around the whole photo, in units of half its width and height."""
    return torch.stack([(1 / aspects).clamp(min=1), aspects.clamp(min=1)], dim=1)


def _boxes(
    aspects: torch.Tensor, config: ViewConfig, random: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return half extents and centres, each (N, 2), of random crops; a negative width mirrors."""
    count = len(aspects)
    area = torch.exp(torch.rand(count, generator=random) * math.log(config.smallest_area)).clamp(max=1)
    aspect = torch.exp((torch.rand(count, generator=random) * 2 - 1) * math.log(4 / 3))
    sides = torch.stack([torch.sqrt(area * aspect / aspects), torch.sqrt(area * aspects / aspect)], dim=1)
    sides = sides.clamp(max=1)
    centres = (torch.rand(count, 2, generator=random) * 2 - 1) * (1 - sides)
    is_letterboxed = torch.rand(count, 1, generator=random) < config.letterboxed
    extents = torch.where(is_letterboxed, _letterbox(aspects), sides)
    centres = torch.where(is_letterboxed, torch.zeros_like(centres), centres)
    mirrored = torch.rand(count, generator=random) < config.mirror
    extents[:, 0] *= torch.where(mirrored, -1.0, 1.0)
    return extents, centres


def _sampled(
    photo_group: PhotoGroup,
    rows: torch.Tensor,
    extents: torch.Tensor,
    centres: torch.Tensor,
    pixels: int,
    device: torch.device,
) -> torch.Tensor:
    """Sample the crops, grey where a crop exceeds its photo."""
    rows = rows.to(photo_group.pixels.device)
    canvases = photo_group.pixels[rows].to(device, non_blocking=True).float().div_(255).sub_(GREY)
    transforms = torch.zeros(len(rows), 2, 3)
    transforms[:, 0, 0], transforms[:, 1, 1] = extents[:, 0], extents[:, 1]
    transforms[:, :, 2] = centres
    grid = functional.affine_grid(transforms.to(device), [len(rows), 3, pixels, pixels], align_corners=False)
    views = functional.grid_sample(canvases, grid, padding_mode="zeros", align_corners=False)
    if canvases.shape[-1] > 1.5 * pixels:
        # Bilinear sampling skips pixels of a large canvas: crops that shrink are sampled from half of it.
        halves = functional.grid_sample(functional.avg_pool2d(canvases, 2), grid, align_corners=False)
        shrunk = extents.abs().amax(dim=1) * canvases.shape[-1] > 1.5 * pixels
        views = torch.where(shrunk.to(device)[:, None, None, None], halves, views)
    return views.add_(GREY)


def _random_mask(count: int, share: float, random: torch.Generator, device: torch.device) -> torch.Tensor:
    return (torch.rand(count, generator=random) < share).to(device)[:, None, None, None]


def _recoloured(views: torch.Tensor, config: ViewConfig, random: torch.Generator) -> torch.Tensor:
    count, device = len(views), views.device
    factors = 1 + config.colour_range * (torch.rand(3, count, 1, 1, 1, generator=random) * 2 - 1).to(device)
    grey = _grey(views)
    changed = torch.lerp(grey.mean(dim=(2, 3), keepdim=True), views * factors[0], factors[1])
    changed = torch.lerp(_grey(changed), changed, factors[2]).clamp(0, 1)
    views = torch.where(_random_mask(count, config.colour, random, device), changed, views)
    return torch.where(_random_mask(count, config.grey, random, device), _grey(views), views)


def _grey(views: torch.Tensor) -> torch.Tensor:
    return (views * views.new_tensor(_LUMA)[:, None, None]).sum(1, keepdim=True).expand_as(views)


def _blurred(views: torch.Tensor, share: float, random: torch.Generator) -> torch.Tensor:
    mask = _random_mask(len(views), share, random, views.device)
    sigma = _BLUR_SIGMAS[0] + (_BLUR_SIGMAS[1] - _BLUR_SIGMAS[0]) * float(torch.rand(1, generator=random))
    reach = math.ceil(2 * sigma)
    kernel = torch.exp(-(torch.arange(-reach, reach + 1) ** 2) / (2 * sigma**2)).to(views.device)
    kernel = (kernel / kernel.sum()).expand(3, 1, 1, -1)
    padded = functional.pad(views, (reach,) * 4, mode="reflect")
    soft = functional.conv2d(functional.conv2d(padded, kernel, groups=3), kernel.transpose(2, 3), groups=3)
    return torch.where(mask, soft, views)


def _compressed(views: torch.Tensor, share: float, random: torch.Generator) -> torch.Tensor:
    mask = _random_mask(len(views), share, random, views.device)
    low, high = _QUALITIES
    quality = low + (high - low) * float(torch.rand(1, generator=random))
    return torch.where(mask, jpeg(views, quality), views)


def jpeg(views: torch.Tensor, quality: float) -> torch.Tensor:
    """Simulate JPEG compression of this quality (1 to 100); the edges must be multiples of 8 pixels."""
    scale = (5000 / quality if quality < 50 else 200 - 2 * quality) / 100
    table = (views.new_tensor(_QUANTISATION).reshape(8, 8) * scale).round().clamp(1, 255)
    to_ycc = views.new_tensor([_LUMA, (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312)])
    cosine = _cosines().to(views)
    count, _, height, width = views.shape
    planes = torch.einsum("dc,nchw->ndhw", to_ycc, views * 255 - 128)
    blocks = planes.reshape(count, 3, height // 8, 8, width // 8, 8).permute(0, 1, 2, 4, 3, 5)
    quantized = (cosine @ blocks @ cosine.T / table).round() * table
    blocks = (cosine.T @ quantized @ cosine).permute(0, 1, 2, 4, 3, 5)
    rgb = torch.einsum("dc,nchw->ndhw", torch.linalg.inv(to_ycc), blocks.reshape(views.shape))
    return ((rgb + 128) / 255).clamp(0, 1)


def _cosines() -> torch.Tensor:
    """Return the orthonormal 8 x 8 matrix of the discrete cosine transform (type II)."""
    order, place = torch.arange(8.0)[:, None], torch.arange(8.0)[None]
    matrix = torch.cos(math.pi * (2 * place + 1) * order / 16) / 2
    matrix[0] /= math.sqrt(2)
    return matrix


def _blended(views: torch.Tensor, share: float, random: torch.Generator) -> torch.Tensor:
    """Apply mixup (Zhang et al., 2018) to the whole batch or not at all, with uniform weights."""
    blend, weights = torch.rand(1, generator=random), torch.rand(len(views), 1, 1, 1, generator=random)
    others = torch.randperm(len(views), generator=random)
    if float(blend) >= share:
        return views
    return torch.lerp(views, views[others.to(views.device)], weights.to(views.device))
