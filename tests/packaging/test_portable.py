"""OpenCV is built from its source for the package, once."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"


def test_opencv_is_built_once_and_only_the_module_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(PACKAGING))
    import portable

    commands: list[list[str]] = []

    def run(words: list[str | Path], **_: object) -> None:
        command = [str(word) for word in words]
        commands.append(command)
        if "download" in command:
            (folder,) = (word.removeprefix("--dest=") for word in command if word.startswith("--dest="))
            source = tmp_path / "opencv_python_headless-5"
            (source / "opencv").mkdir(parents=True)
            with tarfile.open(Path(folder) / "opencv_python_headless-5.tar.gz", "w:gz") as archive:
                archive.add(source, source.name)
        elif "--build" in command:
            made = Path(command[command.index("--build") + 1]) / "lib" / "python3"
            made.mkdir(parents=True)
            (made / "cv2.abi3.so").write_bytes(b"library")
        else:
            assert Path(command[command.index("-S") + 1]).is_dir()

    monkeypatch.setattr(subprocess, "run", run)
    folder = tmp_path / "portable" / "opencv-5"
    assert portable.small_opencv(folder) == folder
    assert [path.name for path in folder.iterdir()] == ["cv2.abi3.so"]
    assert [path.name for path in folder.parent.iterdir()] == ["opencv-5"]
    configured = commands[1]
    assert "-DWITH_FFMPEG=OFF" in configured
    assert f"-DPYTHON3_EXECUTABLE={sys.executable}" in configured
    portable.small_opencv(folder)
    assert len(commands) == 3
