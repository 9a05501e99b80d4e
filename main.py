"""Start PhotoSim: `python main.py [FOLDER]`; also the entry of the packaged program."""

import multiprocessing
import sys

if __name__ == "__main__":
    multiprocessing.freeze_support()
    from photosim.cli.main import main

    sys.exit(main())
