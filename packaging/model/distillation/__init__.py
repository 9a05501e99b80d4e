"""Distil an ImageNet network into YOLO11n, on augmented views of unlabelled photos."""
