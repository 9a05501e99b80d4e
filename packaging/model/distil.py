"""Teach YOLO11n what looks alike, from a network trained on ImageNet and photos without labels.

    python packaging/model/distil.py PHOTOS... [--config distil.toml] [--out build/distil] [--minutes M]

PHOTOS are folders or tar archives. The same command takes up a run that was stopped. Teacher and student look at the
same views (Beyer et al., "Knowledge distillation: a good teacher is patient and consistent", 2022); the student
learns the teacher's features before its classifier, and takes over that classifier (Chen et al., "Knowledge
distillation with the reused teacher classifier", SimKD, 2022), so that it names ImageNet's classes too. The head is
taught alone first, so that it does not spoil what the backbone knows (Kumar et al., LP-FT, 2022). What comes out,
`photosim-yolo11n.pt`, is a YOLO11n-cls as Ultralytics writes one; `photosim models add` takes it, and
`make bench-model` measures it beside the others.
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
from photosim.ml.catalog import MAX_POOLED, weights_path  # noqa: E402
from photosim.ml.checkpoint import configure_ultralytics  # noqa: E402

ROOT = HERE.parents[1]
MODELS = ROOT / "resources" / "models"
NAME = "photosim-yolo11n.pt"
MAX_BYTES = 8_000_000
"""What the box has room for."""


def main() -> int:
    """Teach and write; exit status 0, or 1 with the reason."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", metavar="PHOTOS", nargs="+", type=Path, help="folders or tar archives")
    parser.add_argument("--config", type=Path, default=HERE / "distil.toml", help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "distil", help="default: %(default)s")
    parser.add_argument("--minutes", type=float, help="show as many samples as these minutes allow")
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
    """Teach the student of the configuration, and write it when every sample has been shown."""
    config = configuration.read(arguments.config)
    config = replace(config, samples=arguments.samples or config.samples)
    device = _device(arguments.device)
    torch.manual_seed(config.seed)
    with tempfile.TemporaryDirectory() as config_dir:
        configure_ultralytics(Path(config_dir))
        teacher = networks.load_teacher(config.teacher)
        student = networks.Student(weights_path(MAX_POOLED, MODELS), teacher.classifier, Path(config_dir))
        collection = photos.load(arguments.photos, config.held_apart)
        print(f"{device}: {collection.counts()}", flush=True)
        lesson = training.Lesson(config, collection, teacher, student, device)
        agreement = training.teach(lesson, arguments.out, arguments.minutes)
        print(f"{lesson.done:,} of {lesson.samples:,} samples shown: {agreement}")
        if lesson.done < lesson.samples:
            print("Stopped before its end: the same command goes on.")
            return
        facts = provenance(config, lesson, agreement, [path.name for path in arguments.photos])
        write(lesson.average, facts, arguments.out / NAME)


def write(student: networks.Student, facts: dict[str, Any], out: Path) -> None:
    """Write the checkpoint and its provenance beside it; ValueError when it is too large for the box."""
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
    config: configuration.Config, lesson: training.Lesson, agreement: training.Agreement, sources: list[str]
) -> dict[str, Any]:
    """What the weights are made of, to lie beside them."""
    teacher = networks.TEACHERS[config.teacher]
    return {
        "what": "YOLO11n-cls, taught by an EfficientNet-lite from YOLO11n (COCO), in half precision",
        "license": "AGPL-3.0, as the weights that it starts from",
        "made_by": "packaging/model/distil.py",
        "pixels": config.views.pixels,
        "starts_from": {"file": MAX_POOLED.file, "sha256": MAX_POOLED.sha256},
        "teacher": {"package": teacher.package, "sha256": teacher.sha256},
        "photos": {"from": sources, **lesson.photos.counts()},
        "samples": lesson.done,
        "agreement": asdict(agreement),
        "config": asdict(config),
    }


def _device(word: str) -> torch.device:
    if word == "auto":
        word = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(word)


if __name__ == "__main__":
    sys.exit(main())
