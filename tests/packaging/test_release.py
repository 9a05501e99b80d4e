"""A release writes its version once in the package and once in the changelog, and sums up what it built."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packaging.test_packaging import load

CHANGES = (
    "# Changelog\n\n## Unreleased\n\n### Added\n\n- Something new.\n\n## 0.1.0 – 2025-01-01\n\n- The first.\n"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "photosim").mkdir()
    (tmp_path / "photosim" / "__init__.py").write_text(
        '"""Text."""\n\n__version__ = "0.1.0"\n\nAPP_NAME = "X"\n'
    )
    (tmp_path / "CHANGELOG.md").write_text(CHANGES, encoding="utf-8")
    return tmp_path


def test_a_release_names_its_version_in_the_package_and_over_its_changes(root: Path) -> None:
    load("release").prepare(root, "0.2.0")
    assert '__version__ = "0.2.0"\n\nAPP_NAME = "X"' in (root / "photosim" / "__init__.py").read_text()
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert changes.index("## Unreleased\n") < changes.index("## 0.2.0 – ") < changes.index("- Something new.")


@pytest.mark.parametrize("version", ["0.1.0", "1.2", "next", "1.2.3-rc1"])
def test_a_version_that_was_or_is_none_is_refused(root: Path, version: str) -> None:
    with pytest.raises(SystemExit):
        load("release").prepare(root, version)
    assert (root / "CHANGELOG.md").read_text(encoding="utf-8") == CHANGES


def test_nothing_new_is_no_release(root: Path) -> None:
    (root / "CHANGELOG.md").write_text(
        "# Changelog\n\n## Unreleased\n\n## 0.1.0 – 2025-01-01\n\n- The first.\n"
    )
    with pytest.raises(SystemExit, match="nothing to release"):
        load("release").prepare(root, "0.2.0")


def test_the_checksums_are_those_of_what_people_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.deb", "b.tar.xz", "sizes.md"):
        (tmp_path / name).write_bytes(name.encode())
    release = load("release")
    monkeypatch.setattr(release, "_sign", lambda *_: True)
    release.seal(tmp_path)
    lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
    assert lines == [f"{hashlib.sha256(name.encode()).hexdigest()}  {name}" for name in ("a.deb", "b.tar.xz")]


def test_a_release_that_is_not_signed_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.deb").write_bytes(b"a")
    release = load("release")
    monkeypatch.setattr(release, "_sign", lambda *_: False)
    with pytest.raises(SystemExit, match="not signed"):
        release.seal(tmp_path)
    assert (tmp_path / "SHA256SUMS").exists()


@pytest.fixture
def repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "noreply@photosim.invalid")
    (root / ".gitignore").write_text("dist\nkey*\n")
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "All of it"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    return root


def git(root: Path, *words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=root, capture_output=True, text=True, check=True
    ).stdout.strip()


needs_ssh_keygen = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")


@needs_ssh_keygen
def test_a_release_is_committed_signed_and_tagged(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = load("release")
    key = repository / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key], check=True)
    monkeypatch.setenv("PHOTOSIM_SIGNING_KEY", str(key))
    release.prepare_and_commit(repository, "0.2.0")
    assert git(repository, "log", "-1", "--format=%s") == "Release 0.2.0"
    assert git(repository, "status", "--porcelain") == ""
    (repository / "dist").mkdir()
    (repository / "dist" / "a.deb").write_bytes(b"a")
    release.seal_and_tag(repository)
    assert git(repository, "tag", "--points-at", "HEAD") == "v0.2.0"

    sums = repository / "dist" / "SHA256SUMS"
    (repository / "key.allowed").write_text(f"somebody {key.with_suffix('.pub').read_text()}")
    words = ["ssh-keygen", "-Y", "verify", "-f", "key.allowed", "-I", "somebody", "-n", "file"]
    words += ["-s", str(sums.with_name("SHA256SUMS.sig"))]

    def verified(text: bytes) -> bool:
        return subprocess.run(words, cwd=repository, input=text, check=False).returncode == 0

    assert verified(sums.read_bytes())
    assert not verified(sums.read_bytes().replace(b"a.deb", b"b.deb"))


def test_a_release_that_was_prepared_and_did_not_build_is_gone_on_with(repository: Path) -> None:
    release = load("release")
    release.prepare_and_commit(repository, "0.2.0")
    before = git(repository, "rev-parse", "HEAD")
    release.prepare_and_commit(repository, "0.2.0")
    assert git(repository, "rev-parse", "HEAD") == before


def test_a_release_is_made_of_what_is_committed_and_only_once(repository: Path) -> None:
    release = load("release")
    git(repository, "tag", "v0.3.0")
    with pytest.raises(SystemExit, match="tagged already"):
        release.prepare_and_commit(repository, "0.3.0")
    (repository / "CHANGELOG.md").write_text("changed")
    with pytest.raises(SystemExit, match="not committed"):
        release.prepare_and_commit(repository, "0.2.0")
