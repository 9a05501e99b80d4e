"""Teach YOLO11n likeness: an ImageNet teacher and the student look at the same views of unlabelled photos."""
