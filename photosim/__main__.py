"""`python -m photosim` is the command `photosim`; child processes run this file by its path."""

import sys
from importlib import import_module
from pathlib import Path

if not __package__:
    # Only for the import of this very package: its parent folder may hold modules that hide those of Python.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    import_module("photosim")
    del sys.path[0]

from photosim.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
