"""Models and embeddings: the only package that imports torch and ultralytics."""
