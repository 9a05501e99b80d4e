"""What the packaged program goes without: modules that are never imported, and files that are never opened.

Measured with `sys.modules` after an indexing, a search, the clusters and the window; the smoke test runs all four
on the packaged program, so that a module too many in this list does not go unseen.
"""

from __future__ import annotations

import fnmatch

_LEFT_OUT = {
    "Ultralytics, to train, export and draw": """
        matplotlib pandas polars scipy seaborn thop torchvision tqdm lap onnx onnxruntime openvino tensorflow
        tensorrt anyio clip h11 httpcore httpx mobileclip ultralytics_platform ultralytics.data ultralytics.engine ultralytics.hub
        ultralytics.models ultralytics.solutions ultralytics.trackers ultralytics.utils.autobatch
        ultralytics.utils.callbacks""",
    "PyTorch, to compile, export, test and compute on many machines": """
        amdsmi expecttest fsspec hypothesis jinja2 networkx numba optree pynvml pytest sympy tensorboard triton
        torch._dynamo torch._inductor torch._lazy torch._numpy torch._vendor.quack torch.ao.ns torch.ao.pruning
        torch.contrib torch.distributed._shard torch.distributed._tools torch.distributed.checkpoint
        torch.distributed.elastic torch.distributed.fsdp torch.distributed.pipelining torch.distributed.tensor
        torch.onnx torch.testing._internal.distributed torch.utils._sympy torch.utils.benchmark
        torch.utils.bottleneck torch.utils.hipify torch.utils.tensorboard torch.utils.viz""",
    "NumPy, Pillow, igraph and sqlite-utils, to test, draw and be a command": """
        IPython PIL._imagingft cairo cairocffi click_default_group numpy.distutils numpy.f2py numpy.fft
        numpy.polynomial numpy.testing olefile plotly sqlite_utils.cli tabulate tkinter""",
    "Python, to develop": """
        _pytest ensurepip idlelib lib2to3 pip pydoc_data readline setuptools turtle venv wheel""",
}
"""By who would import them and what for: the modules left out."""

EXCLUDED = [module for modules in _LEFT_OUT.values() for module in modules.split()]

_QT_PLUGINS = {
    "iconengines": ("qsvgicon",),
    "imageformats": ("qgif", "qico", "qjpeg", "qsvg", "qwebp"),
    "platforms": ("qxcb", "qwayland", "qoffscreen", "qwindows", "qcocoa"),
    "platforminputcontexts": ("composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"),
    "platformthemes": ("qxdgdesktopportal",),
    "styles": ("qmodernwindowsstyle", "qmacstyle"),
    "wayland-decoration-client": ("adwaita", "bradient"),
    "wayland-graphics-integration-client": ("qt-plugin-wayland-egl",),
    "wayland-shell-integration": ("xdg-shell",),
}
"""The plugins of Qt that this window uses, by folder; without the marks of a platform: lib, .so, .dll, .dylib."""

_QT_LIBRARIES = (
    "Core",
    "DBus",
    "Gui",
    "Network",
    "OpenGL",
    "Svg",
    "Widgets",
    "XcbQpa",
    "WaylandClient",
    "WaylandEglClientHwIntegration",
)
"""The libraries of Qt that the window and those plugins are linked with."""

_UNOPENED = (
    "resources/screenshots/*",
    "PySide6/Qt/translations/*",
    "PySide6/translations/*",
    "PySide6/opengl32sw.dll",  # a software OpenGL: widgets need none
    "cv2/data/*",  # trained face detectors
    "cv2/opencv_videoio_ffmpeg*.dll",  # opened by name when a video is
    "torch/include/*",
    "torch/share/*",
    "torch/test/*",
    "torch/lib/*.lib",
    "*.dist-info/licenses/*",  # together in THIRD-PARTY.txt
    "*.dist-info/RECORD",
)


def kept(name: str) -> bool:
    """Whether the packaged program needs the file with this name (a path inside the package)."""
    name = name.replace("\\", "/")
    if any(fnmatch.fnmatch(name, pattern) for pattern in _UNOPENED):
        return False
    if not name.startswith("PySide6/"):
        return not name.rpartition("/")[2].startswith("libQt6") or _qt_library_kept(name)
    parts = name.split("/")
    if "plugins" in parts:
        place = parts.index("plugins")
        return _bare(parts[-1]) in _QT_PLUGINS.get(parts[place + 1], ())
    return ("Qt6" not in parts[-1] and not parts[-1].startswith("Qt")) or _qt_library_kept(name)


def _qt_library_kept(name: str) -> bool:
    # libQt6Gui.so.6, Qt6Gui.dll, QtGui.framework/…/QtGui, and the module QtGui.abi3.so (.pyd)
    file = _bare(name.rpartition("/")[2])
    return file.removeprefix("Qt6").removeprefix("Qt") in _QT_LIBRARIES


def _bare(file: str) -> str:
    return file.removeprefix("lib").partition(".")[0]
