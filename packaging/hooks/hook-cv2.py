"""Nothing to take: `packaging/stand_ins/cv2.py` stands in for OpenCV, and PyInstaller's own hook would look for it."""
