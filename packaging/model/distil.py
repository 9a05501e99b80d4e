"""Distil a network trained on ImageNet into YOLO11n, on photos without labels.

    python packaging/model/distil.py PHOTOS... [--config distil.toml] [--out build/distil] [--minutes M]

PHOTOS are folders or tar archives. The same command resumes a run that was stopped. Teacher and student get the same
views (Beyer et al., "Knowledge distillation: a good teacher is patient and consistent", 2022); the student
learns the teacher's features before its classifier, and reuses that classifier (Chen et al., "Knowledge
distillation with the reused teacher classifier", SimKD, 2022), so that it names ImageNet's classes too. The head is
trained alone first, so that it does not distort the backbone's features (Kumar et al., LP-FT, 2022). The result,
`photosim-yolo11n.pt`, is a YOLO11n-cls checkpoint as Ultralytics writes it; install it with `photosim models add` and
compare it with `make bench-model`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tarfile
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]

from convert import checkpoint_bytes  # noqa: E402
from distillation import config as configuration  # noqa: E402
from distillation import networks, photos, training  # noqa: E402

from photosim.errors import PhotoSimError  # noqa: E402
from photosim.ml.models.catalog import MAX_POOLED, weights_path  # noqa: E402
from photosim.ml.models.checkpoint import configure_ultralytics  # noqa: E402

ROOT = HERE.parents[1]
MODELS = ROOT / "resources" / "models"
NAME = "photosim-yolo11n.pt"
MAX_BYTES = 8_000_000
"""Largest checkpoint to bundle."""


def main() -> int:
    """Train and write the checkpoint; return exit status 0, or 1 after printing the error."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", metavar="PHOTOS", nargs="+", type=Path, help="folders or tar archives")
    parser.add_argument("--config", type=Path, default=HERE / "distil.toml", help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "distil", help="default: %(default)s")
    parser.add_argument("--minutes", type=float, help="train with as many samples as fit into this time")
    parser.add_argument("--samples", type=int, help="instead of the configuration's")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    arguments = parser.parse_args()
    try:
        run(arguments)
    except (OSError, ValueError, tarfile.TarError, PhotoSimError) as error:
        print(f"distil: {error}", file=sys.stderr)
        return 1
    return 0


def run(arguments: argparse.Namespace) -> None:
    """Train the configured student, and write it when all samples are done."""
    config = configuration.read(arguments.config)
    config = replace(config, samples=arguments.samples or config.samples)
    device = _device(arguments.device)
    torch.manual_seed(config.seed)
    with tempfile.TemporaryDirectory() as config_dir:
        configure_ultralytics(Path(config_dir))
        teacher = networks.load_teacher(config.teacher)
        student = networks.Student(weights_path(MAX_POOLED, MODELS), teacher.classifier, Path(config_dir))
        collection = photos.load(arguments.photos, config.validation_share)
        print(f"{device}: {collection.counts()}", flush=True)
        trainer = training.Trainer(config, collection, teacher, student, device)
        agreement = training.train(trainer, arguments.out, arguments.minutes)
        print(f"{trainer.done:,} of {trainer.samples:,} samples done: {agreement}")
        if trainer.done < trainer.samples:
            print("Stopped early. Run the same command to continue.")
            return
        facts = provenance(config, trainer, agreement, [path.name for path in arguments.photos])
        write(trainer.average, facts, arguments.out / NAME)


def write(student: networks.Student, facts: dict[str, Any], out: Path) -> None:
    """Write the checkpoint and its provenance. Raises ValueError if it is too large."""
    model = student.model.cpu().eval()
    model.names = networks.class_names()
    model.task = "classify"
    model.args = {"task": "classify", "imgsz": facts["pixels"], "data": "imagenet"}
    data = checkpoint_bytes(model, {"date": "", "license": facts["license"], "docs": facts["made_by"]})
    if len(data) > MAX_BYTES:
        raise ValueError(f"the checkpoint has {len(data):,} bytes, more than {MAX_BYTES:,}")
    out.write_bytes(data)
    facts = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), **facts}
    out.with_suffix(".json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    print(f"{out}: {len(data):,} bytes")


def provenance(
    config: configuration.Config, trainer: training.Trainer, agreement: training.Agreement, sources: list[str]
) -> dict[str, Any]:
    """Return the origin of the weights, for a file beside them."""
    teacher = networks.TEACHERS[config.teacher]
    return {
        "what": "YOLO11n-cls, distilled from an EfficientNet-lite, starting from YOLO11n (COCO), in half precision",
        "license": "AGPL-3.0, as the weights that it starts from",
        "made_by": "packaging/model/distil.py",
        "pixels": config.views.pixels,
        "starts_from": {"file": MAX_POOLED.file, "sha256": MAX_POOLED.sha256},
        "teacher": {"package": teacher.package, "sha256": teacher.sha256},
        "photos": {"from": sources, **trainer.photos.counts()},
        "samples": trainer.done,
        "agreement": asdict(agreement),
        "config": asdict(config),
    }


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


if __name__ == "__main__":
    sys.exit(main())
