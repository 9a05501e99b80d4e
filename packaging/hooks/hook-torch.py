"""What PyInstaller takes of PyTorch: the modules that are imported, and the libraries they load.

The hook that comes with PyInstaller takes all of PyTorch, its tests and headers too. What is found by following
the imports is enough here, but for the libraries that are opened by name.
"""

import re
import sys
from pathlib import Path

from PyInstaller.utils.hooks import collect_dynamic_libs, get_module_file_attribute

_root = Path(get_module_file_attribute("torch")).parent
_TESTS = ("backend_with_compiler", "jitbackend_test", "torchbind_test", "aoti_custom_ops")

binaries = [
    (source, target)
    for source, target in collect_dynamic_libs(
        "torch", search_patterns=["*.dll", "*.dylib", "lib*.so", "lib*.so.*"]
    )
    if Path(source).parent == _root / "lib" and not any(word in Path(source).name for word in _TESTS)
]
if sys.platform != "win32":  # importing PyTorch fails without it, though nothing here starts it
    binaries.append((str(_root / "bin" / "torch_shm_manager"), "torch/bin"))

hiddenimports = ["torch._C"]

# While they are imported, PyTorch reads the source of the modules that do one of these.
_SOURCE_READ = re.compile(r"\b_overload(_method)?\b|^_?install_config_module\(", re.MULTILINE)
module_collection_mode = {"torch": "pyz"}
for _file in sorted(set(_root.rglob("*.py")) - {_root / "__init__.py"}):
    if _SOURCE_READ.search(_file.read_text(encoding="utf-8", errors="replace")):
        _name = ".".join(_file.relative_to(_root.parent).with_suffix("").parts)
        module_collection_mode[_name.removesuffix(".__init__")] = "pyz+py"

# PyTorch finds its libraries beside each other; links to them from elsewhere mislead it.
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
