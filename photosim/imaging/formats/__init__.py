"""Readers of single file formats, for the decoders."""
