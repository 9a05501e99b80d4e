"""The library on disk: the only package that speaks SQL."""
