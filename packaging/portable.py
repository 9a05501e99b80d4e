"""Packages that are built from their source for the packaged program, because their wheels do not suit it.

    python packaging/portable.py build/portable

hnswlib's wheel is made where it is installed, for the processor that is there, while the packaged program goes to
other computers. OpenCV's wheel holds modules for video, networks and calibration that are never called: 74 MB. PyInstaller
takes both from the folders made here.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from types import MappingProxyType

import numpy as np

_OPENCV = "opencv-python-headless"
_WIDE = re.compile(r"%[yz]mm\d")
"""Registers that the oldest 64-bit processors do not have (AVX, AVX-512)."""

_OPENCV_MODULES = "core,imgproc,geometry,features,video,imgcodecs,highgui,python3"
"""What duplicates call; Ultralytics names functions of imgcodecs and highgui, which come without formats and windows."""

_OPENCV_WITHOUT = """
    1394 AVIF EIGEN FFMPEG FLATBUFFERS GSTREAMER IMGCODEC_GIF IMGCODEC_HDR IMGCODEC_PFM IMGCODEC_PXM
    IMGCODEC_SUNRASTER IPP ITT JASPER JPEG LAPACK OPENCL OPENEXR OPENJPEG PNG PROTOBUF QUIRC SPNG TIFF UNIFONT V4L WEBP"""
_OPENCV_OPTIONS = {
    "CMAKE_BUILD_TYPE": "Release",
    "BUILD_LIST": _OPENCV_MODULES,
    "BUILD_SHARED_LIBS": "OFF",
    "CPU_DISPATCH": "AVX2",
    "PYTHON3_LIMITED_API": "ON",
    **{f"WITH_{part}": "OFF" for part in _OPENCV_WITHOUT.split()},
}


def built_from_source(folder: Path) -> list[Path]:
    """Build what this system's package needs, below `folder`; return the folders to import from."""
    made = [portable_hnswlib(folder / "hnswlib")]
    if sys.platform == "linux":
        made.append(small_opencv(folder / f"opencv-{metadata.version(_OPENCV)}"))
    return made


def portable_hnswlib(folder: Path) -> Path:
    """Build hnswlib at the version that is installed, in `folder`, for every processor."""
    version = metadata.version("hnswlib")
    if not (folder / f"hnswlib-{version}.dist-info").is_dir():
        made = _emptied(folder)
        # The mark that the linker puts in depends on the name of the folder that pip builds in.
        same = {"LDFLAGS": "-Wl,--build-id=none"} if sys.platform == "linux" else {}
        words = ("--no-cache-dir", "--no-binary=hnswlib", f"--target={made}", f"hnswlib=={version}")
        _pip("install", *words, environment={"HNSWLIB_NO_NATIVE": "1"} | same)
        made.rename(folder)
    for library in folder.glob("hnswlib*.so"):
        if runs_everywhere(library) is False:
            raise SystemExit(f"{library} needs a processor like this one: HNSWLIB_NO_NATIVE was not heeded.")
    return folder


def small_opencv(folder: Path) -> Path:
    """Build the module `cv2` at the version that is installed, in `folder`. It takes ten minutes of a processor."""
    if not folder.is_dir():
        made = _emptied(folder)
        _pip(
            "download", f"--no-binary={_OPENCV}", f"--dest={made}", f"{_OPENCV}=={metadata.version(_OPENCV)}"
        )
        (archive,) = made.glob("*.tar.gz")
        shutil.unpack_archive(archive, made)
        (source,) = made.glob("*/opencv")
        build = made / "build"
        options = _OPENCV_OPTIONS | {
            "PYTHON3_EXECUTABLE": sys.executable,
            "PYTHON3_INCLUDE_DIR": sysconfig.get_path("include"),
            "PYTHON3_LIBRARY": "python3",  # named, and not linked
            "PYTHON3_NUMPY_INCLUDE_DIRS": np.get_include(),
            "CMAKE_MODULE_LINKER_FLAGS": "-Wl,--build-id=none",
        }
        words = ["cmake", "-G", "Ninja", "-S", source, "-B", build, "--log-level=WARNING"]
        subprocess.run([*words, *(f"-D{name}={value}" for name, value in options.items())], check=True)
        subprocess.run(["cmake", "--build", build, "--target", "opencv_python3"], check=True)
        (library,) = build.glob("lib/python3/cv2*.so")
        library.rename(made / library.name)
        for path in (archive, source.parent, build):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        made.rename(folder)
    return folder


def _emptied(folder: Path) -> Path:
    """Give an empty folder beside `folder`, to build in; what is in both goes."""
    made = folder.with_name(f"{folder.name}.new")
    for path in (folder, made):
        shutil.rmtree(path, ignore_errors=True)
    made.mkdir(parents=True)
    return made


def _pip(*words: str, environment: Mapping[str, str] = MappingProxyType({})) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", words[0], "--no-deps"]
    subprocess.run([*command, *words[1:]], env=os.environ | environment, check=True)


def runs_everywhere(library: Path) -> bool | None:
    """Whether no instruction in it needs a newer processor; None where that cannot be seen."""
    if platform.machine() not in {"x86_64", "AMD64"} or shutil.which("objdump") is None:
        return None
    listing = subprocess.run(["objdump", "-d", library], capture_output=True, text=True, check=True).stdout
    return _WIDE.search(listing) is None


if __name__ == "__main__":
    print(*built_from_source(Path(sys.argv[1])), sep="\n")
