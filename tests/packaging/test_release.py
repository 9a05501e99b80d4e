"""A release writes its version once in the package and once in the changelog, and sums up what it built."""

from __future__ import annotations

import hashlib
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
