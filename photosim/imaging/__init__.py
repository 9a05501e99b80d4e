"""From bytes to upright sRGB pixels and metadata: the only decoders. Knows no model."""
