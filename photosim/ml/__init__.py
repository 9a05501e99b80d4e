"""Models and embeddings. The only package that imports torch and ultralytics."""
