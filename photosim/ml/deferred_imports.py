"""Import PyTorch without those of its parts that neither loading nor running a network needs."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

DEFERRED = frozenset(
    {
        "pynvml",  # usage of GPUs
        "torch._higher_order_ops",
        "torch._meta_registrations",  # shapes of operators, for the compiler
        "torch._native",  # kernels for GPUs in other languages
        "torch.ao",
        "torch.compiler",
        "torch.distributions",
        "torch.export",
        "torch.func",
        "torch.masked",
        "torch.nn.intrinsic",
        "torch.nn.qat",
        "torch.nn.quantizable",
        "torch.nn.quantized",
        "torch.optim",
        "torch.profiler",
        "torch.quantization",
        "torch.testing",
        "torch.utils.data",
        "torchgen.model",
        "unittest.mock",  # imports asyncio
    }
)
"""PyTorch imports these and uses none of them; they take half of its start and 60 MB.

Of what PyTorch offers only `torch.Generator` needs one without naming it: none can be created then.
"""

STAND_INS = {"torch._higher_order_ops": ("cond", "while_loop"), "torch.func": ("vmap",)}
"""Functions of deferred modules that PyTorch offers by other names; each loads its module when it is called."""

_FIRST = "torch.fx.passes"
"""It and `torch.fx.experimental.proxy_tensor` import each other, which only works if this one comes first."""

_LIBRARIES = {"linux": "libtorch_cpu.so", "darwin": "libtorch_cpu.dylib"}

_LOADER = "__deferred_loader__"

_lock = threading.RLock()


class _DeferredModule(ModuleType):
    """A module whose code runs when an attribute is first used that the import itself does not set."""

    def __getattr__(self, name: str) -> Any:
        _load(self)
        return ModuleType.__getattribute__(self, name)


def _load(module: ModuleType) -> None:
    """Run the code of a deferred module if it has not run yet."""
    with _lock:
        if _LOADER not in module.__dict__:
            return
        if module.__name__.startswith("torch.") and _FIRST not in sys.modules:
            importlib.import_module(_FIRST)  # may load this module, too
        loader = module.__dict__.pop(_LOADER, None)
        if loader is not None:
            loader.exec_module(module)
            module.__class__ = ModuleType


def _stand_in(module: ModuleType, name: str) -> Callable[..., Any]:
    """Return a function that loads a deferred module and calls its function of this name."""

    def call(*arguments: Any, **keywords: Any) -> Any:
        _load(module)
        return getattr(module, name)(*arguments, **keywords)

    return call


class _DeferringLoader(Loader):
    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        module.__dict__[_LOADER] = self._loader
        for name in STAND_INS.get(module.__name__, ()):
            module.__dict__[name] = _stand_in(module, name)
        module.__class__ = _DeferredModule


class _Finder:
    """Finds the modules to defer, by the other finders."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in DEFERRED:
            return None
        for finder in sys.meta_path:
            if finder is not self and (spec := finder.find_spec(name, path, target)) is not None:
                if spec.loader is not None:
                    spec.loader = _DeferringLoader(spec.loader)
                return spec
        return None


def import_torch() -> None:
    """Import PyTorch; do nothing if it is imported already."""
    if "torch" in sys.modules:
        return
    load_library()
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        importlib.import_module("torch")
    finally:
        sys.meta_path.remove(finder)


def load_library() -> None:
    """Load PyTorch's largest library ahead without Python's lock, which `import` would hold for 0.15 s.

    Other threads decode photos meanwhile. If it fails, the import loads the library, or says what is missing.
    """
    name = _LIBRARIES.get(sys.platform)
    spec = importlib.util.find_spec("torch")
    if name is None or spec is None or spec.origin is None:
        return
    dlopen = ctypes.CDLL(None).dlopen  # called through ctypes, so that the lock is released
    dlopen.argtypes, dlopen.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    dlopen(os.fsencode(Path(spec.origin).parent / "lib" / name), os.RTLD_NOW)
