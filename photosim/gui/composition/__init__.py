"""Builds the parts of a window: services first, then views, then the controllers that connect them."""
