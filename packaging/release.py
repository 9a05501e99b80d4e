"""Make a release: `make release VERSION=1.2.3` prepares it, builds, tests and seals what was built.

`prepare` writes the version into the package and the changelog and commits both. `seal` writes `SHA256SUMS` of
everything that people download and signs it: with the key that the environment variable PHOTOSIM_SIGNING_KEY names,
the file of an SSH key or the name of an OpenPGP key, or with the person's own OpenPGP key; then it tags the commit.
Nothing is sent anywhere. Without a key it says so and ends with status 1.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_VERSION = re.compile(r"\d+\.\d+\.\d+((a|b|rc)\d+)?")
_WRITTEN = re.compile(r'^__version__ = "(.*)"$', re.MULTILINE)
_DOWNLOADS = (".deb", ".tar.xz", ".exe", ".dmg")
_SUMS = "SHA256SUMS"
_NAMESPACE = "file"
"""What an SSH signature is for, as ssh-keygen's manual proposes for files."""


def main() -> None:
    """One of the two steps."""
    parser = argparse.ArgumentParser(description="Make a release.")
    steps = parser.add_subparsers(required=True)
    first = steps.add_parser("prepare", help="write the version into the package and the changelog")
    first.add_argument("version")
    first.set_defaults(step=lambda arguments: prepare_and_commit(ROOT, arguments.version))
    last = steps.add_parser("seal", help="write and sign the checksums of what was built")
    last.set_defaults(step=lambda _: seal_and_tag(ROOT))
    arguments = parser.parse_args()
    arguments.step(arguments)


def prepare_and_commit(root: Path, version: str) -> None:
    """Name the version and commit that; a release that was prepared before is gone on with."""
    if _git(root, "status", "--porcelain", "--untracked-files=no"):
        raise SystemExit("There are changes that are not committed: a release is made of what is committed.")
    if _git(root, "tag", "--list", f"v{version}"):
        raise SystemExit(f"The version {version} is tagged already.")
    if _git(root, "log", "-1", "--format=%s") == _title(version):
        return
    prepare(root, version)
    _git(root, "commit", "--quiet", "--all", "--message", _title(version))


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
    package.write_text(_WRITTEN.sub(f'__version__ = "{version}"', text), encoding="utf-8")


def seal_and_tag(root: Path) -> None:
    """Sign the checksums of what was built, and tag the commit that it was built from."""
    written = _WRITTEN.search((root / "photosim" / "__init__.py").read_text(encoding="utf-8"))
    assert written is not None
    seal(root / "dist")
    if _git(root, "log", "-1", "--format=%s") == _title(written[1]):
        _git(root, "tag", "--annotate", f"v{written[1]}", "--message", _title(written[1]))


def seal(folder: Path) -> None:
    """Write the checksums of the downloads in `folder`, as `sha256sum -c` reads them, and sign them."""
    downloads = sorted(path for path in folder.iterdir() if path.name.endswith(_DOWNLOADS))
    if not downloads:
        raise SystemExit(f"There is nothing to download in {folder}.")
    sums = folder / _SUMS
    for before in folder.glob(f"{_SUMS}*"):
        before.unlink()
    lines = [f"{_sha256(path)}  {path.name}\n" for path in downloads]
    sums.write_text("".join(lines), encoding="utf-8", newline="\n")
    sys.stdout.write("".join(lines))
    if not _sign(sums):
        raise SystemExit(f"{sums} is written but not signed: no key was found to sign with.")


def _sign(file: Path) -> bool:
    """Sign a file beside it: .sig of an SSH key, .asc of an OpenPGP key."""
    key = os.environ.get("PHOTOSIM_SIGNING_KEY", "")
    if Path(key).expanduser().is_file():
        signing = ["ssh-keygen", "-Y", "sign", "-q", "-n", _NAMESPACE, "-f", str(Path(key).expanduser())]
    else:
        signing = ["gpg", "--batch", "--armor", "--detach-sign"]
        signing += ["--local-user", key] if key else []
    if shutil.which(signing[0]) is None:
        return False
    return subprocess.run([*signing, str(file)], check=False).returncode == 0


def _title(version: str) -> str:
    return f"Release {version}"


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"git {words[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
