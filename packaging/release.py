"""Make a release: `make release VERSION=1.2.3` prepares it, builds, tests and seals what was built.

`prepare` writes the version into the package and the changelog. `seal` writes `SHA256SUMS` of everything that
people download and signs it with the person's OpenPGP key; without a key it says so and ends with status 1.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_VERSION = re.compile(r"\d+\.\d+\.\d+((a|b|rc)\d+)?")
_DOWNLOADS = (".deb", ".tar.xz", ".exe", ".dmg")
_SUMS = "SHA256SUMS"


def main() -> None:
    """One of the two steps."""
    parser = argparse.ArgumentParser(description="Make a release.")
    steps = parser.add_subparsers(required=True)
    first = steps.add_parser("prepare", help="write the version into the package and the changelog")
    first.add_argument("version")
    first.set_defaults(step=lambda arguments: prepare(ROOT, arguments.version))
    last = steps.add_parser("seal", help="write and sign the checksums of what was built")
    last.set_defaults(step=lambda _: seal(ROOT / "dist"))
    arguments = parser.parse_args()
    arguments.step(arguments)


def prepare(root: Path, version: str) -> None:
    """Name the version where it is written: once in the package, once over its changes."""
    if not _VERSION.fullmatch(version):
        raise SystemExit(f"“{version}” is no version such as 1.2.3 or 1.2.3rc1.")
    package, changelog = root / "photosim" / "__init__.py", root / "CHANGELOG.md"
    changes = changelog.read_text(encoding="utf-8")
    if f"\n## {version}\n" in changes or f"\n## {version} " in changes:
        raise SystemExit(f"The changelog already has a version {version}.")
    notes = re.search(r"^## Unreleased\n(.*?)(?=^## |\Z)", changes, re.MULTILINE | re.DOTALL)
    if notes is None or not notes[1].strip():
        raise SystemExit("The changelog says nothing under “Unreleased”: there is nothing to release.")
    today = datetime.now(UTC).date().isoformat()
    changelog.write_text(
        changes.replace("## Unreleased\n", f"## Unreleased\n\n## {version} – {today}\n", 1), encoding="utf-8"
    )
    text = package.read_text(encoding="utf-8")
    package.write_text(
        re.sub(r'^__version__ = ".*"$', f'__version__ = "{version}"', text, flags=re.MULTILINE),
        encoding="utf-8",
    )


def seal(folder: Path) -> None:
    """Write the checksums of the downloads in `folder`, as `sha256sum -c` reads them, and sign them."""
    downloads = sorted(path for path in folder.iterdir() if path.name.endswith(_DOWNLOADS))
    if not downloads:
        raise SystemExit(f"There is nothing to download in {folder}.")
    sums = folder / _SUMS
    lines = [f"{_sha256(path)}  {path.name}\n" for path in downloads]
    sums.write_text("".join(lines), encoding="utf-8", newline="\n")
    signature = folder / f"{_SUMS}.asc"
    signature.unlink(missing_ok=True)
    sys.stdout.write("".join(lines))
    if not _sign(sums, signature):
        raise SystemExit(f"{sums} is written but not signed: gpg found no key to sign with.")


def _sign(file: Path, signature: Path) -> bool:
    program = shutil.which("gpg")
    if program is None:
        return False
    words = [program, "--batch", "--armor", "--detach-sign", "--output", str(signature), str(file)]
    return subprocess.run(words, check=False).returncode == 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
