"""The program with a catalog model from a server of the test: `ADDRESS ARGUMENT…`."""

from __future__ import annotations

import sys

import pytest

from photosim.cli.main import main
from tests.support.model_server import patch_catalog

if __name__ == "__main__":
    address, *words = sys.argv[1:]
    with pytest.MonkeyPatch.context() as patch:
        patch_catalog(patch, address, "yolo11s-cls", None, None)
        sys.exit(main(words))
