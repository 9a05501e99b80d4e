"""PhotoSim: find the photos that look alike."""

__version__ = "0.1.0"

APP_NAME = "PhotoSim"
APP_ID = "io.github.photosim.PhotoSim"
