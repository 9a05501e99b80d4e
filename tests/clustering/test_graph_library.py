"""igraph is imported alone."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from photosim.clustering.graph_library import load_igraph
igraph = load_igraph()
assert igraph.Graph(n=2, edges=[(0, 1)]).ecount() == 1
assert load_igraph() is igraph
assert "matplotlib" not in sys.modules
try:
    import matplotlib
except ModuleNotFoundError as error:
    assert "import of" not in str(error), error
"""


def test_igraph_is_imported_without_matplotlib_which_can_be_imported_later() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
