"""`python -m photosim` is the command `photosim`."""

import sys

from photosim.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
